import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { step } from '../run/step.mjs';
import { readJson, root } from './project.mjs';

/**
 * A lock file of npm, as far as it matters here: packages by their place in node_modules.
 * @typedef {{ packages: Record<string, { version?: string, integrity?: string, optional?: boolean }> }} Lock
 */

/**
 * Whether what is installed is what is locked. Optional packages may be absent: most are for other platforms.
 * @param {Lock} locked package-lock.json
 * @param {Lock} installed node_modules/.package-lock.json, which npm writes last of all
 * @returns {boolean}
 */
export function packagesMatch(locked, installed) {
  return Object.entries(locked.packages).every(([place, wanted]) => {
    if (place === '') return true;
    const found = installed.packages[place];
    if (!found) return wanted.optional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** @param {string} file */
const readLock = (file) => /** @type {Lock} */ (readJson(join(root, file)));

/**
 * How to run npm: the one that runs this script, or where that is not known the one that came with Node.
 * @returns {[command: string, ...args: string[]]}
 */
export function npm() {
  const running = process.env['npm_execpath'];
  if (running && basename(running) === 'npm-cli.js') return [process.execPath, running];
  if (process.platform !== 'win32') return ['npm'];
  return [process.execPath, join(dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js')];
}

/** Installs the packages that package-lock.json names, unless node_modules holds them. */
export async function installPackages() {
  const installed = 'node_modules/.package-lock.json';
  if (existsSync(join(root, installed)) && packagesMatch(readLock('package-lock.json'), readLock(installed))) return;
  const [command, ...args] = npm();
  // No package needs its install script; Electron's runtime is had in a step of its own. The dev packages are what
  // builds the app, so NODE_ENV=production must not leave them out.
  const quietly = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await step('Installing packages (npm ci, about a minute the first time)', command, [...args, ...quietly], {
    todo: 'Check the network and what npm says above (behind a proxy: npm config set proxy …), then run this again.',
  });
}
