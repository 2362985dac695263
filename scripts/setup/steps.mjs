import { electron } from './electron.mjs';
import { installPackages } from './packages.mjs';
import { checkSandbox } from './sandbox.mjs';
import { installSystemPackages } from './system.mjs';

/**
 * Gets what is missing to build and run the app on this machine. What is there already costs some milliseconds.
 * @param {{ tests?: boolean, official?: boolean }} [options] `tests`: to run the tests as well; `official`: try for the
 *   official Electron even if another one is at hand
 * @returns {Promise<string>} the Electron to run, an absolute path
 * @throws {import('../run/messages.mjs').Problem}
 */
export async function setUp({ tests = false, official = false } = {}) {
  await installPackages();
  const binary = await electron({ official });
  await installSystemPackages(binary, { tests });
  checkSandbox(binary);
  return binary;
}
