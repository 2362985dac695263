import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem, say } from './messages.mjs';

/** Whether windows can only be opened on a display that we bring along. */
export const hasNoDisplay = process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY'];

/**
 * An entry of an Xauthority file (Xau(3)) that holds for every display: only who can read it gets in.
 * @param {Buffer} cookie 16 bytes
 */
function authority(cookie) {
  const anyFamily = Buffer.from([0xff, 0xff]);
  const fields = [Buffer.alloc(0), Buffer.alloc(0), Buffer.from('MIT-MAGIC-COOKIE-1'), cookie];
  return Buffer.concat([anyFamily, ...fields.flatMap((field) => [Buffer.from([0, field.length]), field])]);
}

/**
 * Starts Xvfb for as long as this process lives. Not `xvfb-run`: that leaves Xvfb and the program behind when it is
 * stopped by a signal.
 * @returns {Promise<NodeJS.ProcessEnv>} what to change in the environment of programs that are to open windows there
 */
export async function openXvfb() {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-xvfb-'));
  const XAUTHORITY = join(folder, 'authority');
  writeFileSync(XAUTHORITY, authority(randomBytes(16)), { mode: 0o600 });

  const server = spawn(
    'Xvfb',
    ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-noreset', '-nolisten', 'tcp', '-auth', XAUTHORITY],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  );
  process.once('exit', () => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  let errors = '';
  server.stderr?.on('data', (text) => (errors += String(text)));
  /** @type {string} */
  const display = await new Promise((resolve, reject) => {
    server.stdio[3]?.once('data', (number) => resolve(String(number).trim()));
    server.once('error', (error) => reject(new Problem(`Xvfb could not be started: ${error.message}`, todo)));
    server.once('close', () => reject(new Problem(`Xvfb could not be started:\n${errors}`, todo)));
  });
  // It serves until the end of this process and must not hold it up.
  server.unref();
  for (const stream of [server.stderr, server.stdio[3]]) {
    if (stream && 'unref' in stream) /** @type {import('node:net').Socket} */ (stream).unref();
  }
  return { DISPLAY: `:${display}`, XAUTHORITY, WAYLAND_DISPLAY: undefined, XDG_SESSION_TYPE: 'x11' };
}

const todo = 'Install Xvfb, or run this where DISPLAY or WAYLAND_DISPLAY is set.';

/**
 * The environment to run the app in: the desktop's, or with a display of its own where there is none.
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function desktopEnvironment() {
  // Editors that are Electron apps themselves leave it set in their terminals.
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: undefined };
  if (!hasNoDisplay) return env;
  const display = await openXvfb();
  say(`No display here: the app runs under Xvfb (DISPLAY=${display['DISPLAY']} XAUTHORITY=${display['XAUTHORITY']}).`);
  return { ...env, ...display };
}
