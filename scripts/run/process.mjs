import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Problem, say } from './messages.mjs';

const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const onWindows = process.platform === 'win32';

/** A child has this long to obey the first signal before a second one kills it. In milliseconds. */
const patience = 1000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();

/** @type {{ signal: NodeJS.Signals, at: number } | null} */
let interruption = null;

/**
 * Electron quits gracefully at the first signal and dies at the second, and one Ctrl-C arrives here twice: from the
 * terminal and from npm. So children live in process groups that the terminal does not reach, and hear it once.
 * @param {NodeJS.Signals} signal
 */
function passOn(signal) {
  if (interruption === null) {
    interruption = { signal, at: Date.now() };
    if (children.size === 0) process.exit(exitCodeOf(signal));
    // Windows: the console told every process in it, and `kill` would not let them finish.
    if (!onWindows) for (const child of children) child.kill(signal);
  } else if (Date.now() - interruption.at > patience) {
    for (const child of children) kill(child);
  }
}

/**
 * Kills a child and, where there are process groups, all that it started.
 * @param {import('node:child_process').ChildProcess} child
 */
export function kill(child) {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (onWindows) child.kill();
  else process.kill(-child.pid, 'SIGKILL');
}

/** @param {NodeJS.Signals} signal */
const exitCodeOf = (signal) => 128 + constants.signals[signal];

/**
 * A signal to npm kills the shell that it put between itself and us, and nobody tells us: the shell's end has to do.
 */
function watchShellOfNpm() {
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    if (interruption === null) passOn('SIGTERM');
  }, 250);
  watch.unref();
}

/** The user or the system asked the script to stop: nothing to say. */
class Interrupted extends Error {}

/**
 * Runs a script: its body gives the exit code, what it throws is shown, and signals that reach it are passed on to the
 * programs that it runs.
 * @param {() => Promise<number>} body
 */
export async function main(body) {
  for (const signal of signals) process.on(signal, passOn);
  if (process.env['npm_lifecycle_event']) watchShellOfNpm();
  try {
    process.exitCode = await body();
  } catch (error) {
    if (error instanceof Interrupted && interruption !== null) {
      process.exitCode = exitCodeOf(interruption.signal);
      return;
    }
    say(`\n${error instanceof Problem ? error.message : String(error instanceof Error ? error.stack : error)}`);
    process.exitCode = 1;
  }
}

/**
 * Starts a program.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, stdio?: import('node:child_process').StdioOptions }} [options] by default with
 *   this process' environment, and its output goes where ours goes
 * @returns {{ child: import('node:child_process').ChildProcess, ended: Promise<number> }} `ended` gives the exit code,
 *   128 + the number of the signal that ended it, or 127 where it could not be started
 */
export function start(command, args, { env = process.env, stdio = ['ignore', 'inherit', 'inherit'] } = {}) {
  const child = spawn(command, args, { env, stdio, detached: !onWindows, windowsHide: true });
  children.add(child);
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => {
    child.once('error', (error) => {
      children.delete(child);
      console.error(`${command} could not be started: ${error.message}`);
      resolve(127);
    });
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve(code ?? (signal === null ? 1 : exitCodeOf(signal)));
    });
  });
  return { child, ended };
}

/**
 * Runs a program to its end, as {@link start} starts it.
 * @param {Parameters<typeof start>} args
 * @returns {Promise<number>} the exit code
 */
export const run = (...args) => start(...args).ended;

/**
 * To be called between programs that belong together: the next one is not to start after Ctrl-C.
 * @throws {Interrupted}
 */
export function stopIfInterrupted() {
  if (interruption !== null) throw new Interrupted();
}
