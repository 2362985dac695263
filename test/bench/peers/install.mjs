import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { step } from '../../../scripts/run/step.mjs';
import { npm, packagesMatch } from '../../../scripts/setup/packages.mjs';
import { readJson } from '../../../scripts/setup/project.mjs';
import { peersFolder } from './folder.mjs';

/** @typedef {import('../../../scripts/setup/packages.mjs').Lock} Lock */

const locked = fileURLToPath(new URL('package-lock.json', import.meta.url));
const installed = join(peersFolder, 'node_modules/.package-lock.json');

/** Installs the packages that package-lock.json beside this file names, unless the cache holds them. */
export async function installPeers() {
  const isThere =
    existsSync(installed) &&
    packagesMatch(/** @type {Lock} */ (readJson(locked)), /** @type {Lock} */ (readJson(installed)));
  if (isThere) return;
  mkdirSync(peersFolder, { recursive: true });
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(fileURLToPath(new URL(name, import.meta.url)), join(peersFolder, name));
  }
  const [command, ...args] = npm();
  const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await step(
    'Installing what to measure against (npm ci)',
    command,
    [...args, 'ci', '--prefix', peersFolder, ...quietly],
    {
      todo: 'Check the network and what npm says above, then run this again.',
    },
  );
}
