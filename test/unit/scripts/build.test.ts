import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprint } from '../../../scripts/setup/build.mjs';

let folder = '';
const names = ['main', 'package.json', 'not-there.json'];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fingerprint-'));
  await mkdir(join(folder, 'main/smtp'), { recursive: true });
  await writeFile(join(folder, 'main/app.ts'), 'app');
  await writeFile(join(folder, 'main/smtp/server.ts'), 'server');
  await writeFile(join(folder, 'package.json'), '{}');
});
afterEach(() => rm(folder, { recursive: true }));

const at = (path: string) => join(folder, path);

test.each<[what: string, change: () => Promise<unknown>]>([
  ['a file that changed', () => writeFile(at('main/smtp/server.ts'), 'Server')],
  ['a file that came', () => writeFile(at('main/smtp/tls.ts'), '')],
  ['a file that went', () => rm(at('main/smtp/server.ts'))],
  ['a file that was renamed', () => rename(at('main/app.ts'), at('main/main.ts'))],
  ['a config that changed', () => writeFile(at('package.json'), '{"type":"module"}')],
  ['a config that came', () => writeFile(at('not-there.json'), '{}')],
])('%s makes the build stale', async (_, change) => {
  const before = fingerprint(folder, names);
  await change();
  expect(fingerprint(folder, names)).not.toBe(before);
});

test.each<[what: string, change: () => Promise<unknown>]>([
  ['the same content, written again', () => writeFile(at('main/app.ts'), 'app')],
  ['another time', () => utimes(at('main/app.ts'), 0, 0)],
  ['a file that is no source', () => writeFile(at('README.md'), 'new')],
])('%s does not', async (_, change) => {
  const before = fingerprint(folder, names);
  await change();
  expect(fingerprint(folder, names)).toBe(before);
});
