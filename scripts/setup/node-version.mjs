/** Imported first by every script: an old Node stops here, before anything that it could not run. */
import { join } from 'node:path';
import { readJson, root } from './project.mjs';

const { engines } = /** @type {{ engines: { node: string } }} */ (readJson(join(root, 'package.json')));

/**
 * @param {string} version the Node that runs, such as `20.19.1`
 * @param {string} range as in package.json: `>=major.minor`
 * @returns {string | null} what is wrong with it and what to do, for people
 */
export function nodeVersionProblem(version, range) {
  const wanted = range.replace('>=', '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return null;
  return `Mailmitt needs Node ${wanted} or newer; this is Node ${version}. Install a newer Node, then run this again.`;
}

const problem = nodeVersionProblem(process.versions.node, engines.node);
if (problem !== null) {
  console.error(problem);
  process.exit(1);
}
