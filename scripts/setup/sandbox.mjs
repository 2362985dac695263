import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Problem, say } from '../run/messages.mjs';

/** Root on Linux: Electron refuses to run there with its sandbox. */
const asRoot = process.platform === 'linux' && process.getuid?.() === 0;

/** The switches that Electron needs on this machine, by this user. */
export const sandboxSwitches = asRoot ? ['--no-sandbox'] : [];

/**
 * What Chromium's sandbox finds. It wants either of two ways in: namespaces that any user may make, or a helper that
 * belongs to root and is setuid.
 * @typedef {object} Ways
 * @property {{ uid: number, mode: number } | null} helper `chrome-sandbox`; null: not there
 * @property {boolean} namespaces whether this user can make a user namespace and act as root in it
 * @property {boolean} restricted whether AppArmor denies that to programs that it does not know (Ubuntu 23.10 and later)
 */

/** @param {Ways} ways */
export function sandboxWorks({ helper, namespaces, restricted }) {
  const setuid = helper !== null && helper.uid === 0 && (helper.mode & 0o7777) === 0o4755;
  return setuid || (namespaces && !restricted);
}

/**
 * @param {string} electron the binary
 * @throws {Problem} when Electron would not start for want of a sandbox
 */
export function checkSandbox(electron) {
  if (process.platform !== 'linux') return;
  if (asRoot) {
    say('Running as root: Electron is started with --no-sandbox.');
    return;
  }
  const helper = join(dirname(electron), 'chrome-sandbox');
  const restriction = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
  const works = sandboxWorks({
    helper: statSync(helper, { throwIfNoEntry: false }) ?? null,
    // Where there is no such program nothing is known, and Electron says itself what it lacks.
    namespaces: spawnSync('unshare', ['--user', '--map-root-user', '--net', 'true']).status !== 1,
    restricted: existsSync(restriction) && readFileSync(restriction, 'utf8').trim() === '1',
  });
  if (works) return;
  throw new Problem(
    "Electron's sandbox cannot work here: this system lets no ordinary user make namespaces.",
    `Let its helper do it, then run this again:\n\n  sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`,
  );
}
