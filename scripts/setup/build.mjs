import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Problem } from '../run/messages.mjs';
import { step } from '../run/step.mjs';
import { root } from './project.mjs';

/** What the build is made of: folders and files. */
const sources = [
  'main',
  'preload',
  'renderer',
  'electron.vite.config.ts',
  'svelte.config.js',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
];

const stamp = join(root, 'out/built-from');

/**
 * @param {string} path a folder, a file, or nothing
 * @returns {string[]} the files there
 */
function filesIn(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  return found.isDirectory() ? readdirSync(path).flatMap((name) => filesIn(join(path, name))) : [path];
}

/**
 * Two trees have the same fingerprint when they hold the same files. By content, not by time: a file that went away
 * counts, a fresh checkout of the same does not. Takes some milliseconds for what a project of this size has.
 * @param {string} folder
 * @param {readonly string[]} names folders and files in it
 * @returns {string}
 */
export function fingerprint(folder, names) {
  const sum = createHash('sha256');
  for (const file of names.flatMap((name) => filesIn(join(folder, name))).sort()) {
    const content = readFileSync(file);
    sum.update(`${relative(folder, file)}\0${content.length}\0`).update(content);
  }
  return sum.digest('hex');
}

/** Says that what is in out/ must not be taken for a build any more. */
export function forgetBuild() {
  rmSync(stamp, { force: true });
}

/** Builds the app into out/, unless what is there was built from the sources as they are. */
export async function build() {
  const wanted = fingerprint(root, sources);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  // All of it: electron-vite ends well also where it could not build the window, and an older one would stand in.
  rmSync(join(root, 'out'), { recursive: true, force: true });
  const builder = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
  await step('Building', process.execPath, [builder, 'build'], { todo: 'Mend what it names, then run this again.' });
  if (!existsSync(join(root, 'out/renderer/index.html'))) {
    throw new Problem(
      'The window could not be built.',
      '`npx electron-vite build` says why. Mend it, then run this again.',
    );
  }
  writeFileSync(stamp, wanted);
}
