/**
 * What the scripts tell people. All of it goes to standard error: standard output is the app's own, so that
 * `npm start | …` sees what the app prints and nothing else.
 */

/** @param {string} text a line, or several */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Something that stops a script and that people can mend: shown without a stack. */
export class Problem extends Error {
  /**
   * @param {string} what happened
   * @param {string} todo what to do about it
   */
  constructor(what, todo) {
    super(`${what}\n${todo}`);
  }
}
