import { Problem, say } from './messages.mjs';
import { kill, start, stopIfInterrupted } from './process.mjs';

const shown = process.stderr.isTTY;
/** How often a long step shows that it is alive, in seconds. In a log each time is a line, so seldom. */
const interval = shown ? 1 : 10;

/**
 * Runs a step of the set-up: its label and that it still runs are shown, its output only when it fails.
 * @param {string} label what is done, such as `Installing packages`
 * @param {string} command
 * @param {readonly string[]} args
 * @param {object} options
 * @param {string} options.todo what to do when it fails
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {() => string} [options.progress] how far it is, for people
 * @param {number} [options.stuckAfter] seconds without progress after which it is stopped and has failed
 * @throws {Problem} with the end of its output
 */
export async function step(label, command, args, { todo, env, progress = () => '', stuckAfter = Infinity }) {
  say(`${label} …`);
  let output = '';
  const { child, ended } = start(command, args, { ...(env && { env }), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
  }

  let seconds = 0;
  let last = { progress: '', at: 0 };
  const ticker = setInterval(() => {
    seconds += interval;
    const now = progress();
    if (now !== last.progress) last = { progress: now, at: seconds };
    if (seconds - last.at >= stuckAfter) {
      output += `\nno progress for ${stuckAfter} seconds`;
      kill(child);
    }
    const line = `  … ${seconds} s${now && `, ${now}`}`;
    process.stderr.write(shown ? `\r\x1b[K${line}` : `${line}\n`);
  }, interval * 1000);

  const code = await ended;
  clearInterval(ticker);
  if (shown && seconds > 0) process.stderr.write('\r\x1b[K');
  stopIfInterrupted();
  if (code !== 0) {
    const end = output.trim().split('\n').slice(-20).join('\n  ');
    throw new Problem(`${label} failed (exit code ${code}):\n  ${end}`, todo);
  }
}
