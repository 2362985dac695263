import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packagesMatch } from '../../../scripts/setup/packages.mjs';

type Lock = Parameters<typeof packagesMatch>[0];

const root = join(import.meta.dirname, '../../..');
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Lock;

/** What the project locks, and what is installed where this test runs. */
const locked = () => read('package-lock.json');
const installed = () => read('node_modules/.package-lock.json');

test('what npm ci installed matches', () => {
  expect(packagesMatch(locked(), installed())).toBe(true);
});

test.each<[what: string, lock: Lock['packages'], match: boolean]>([
  ['the project itself changed its version', { '': { version: '99.0.0' } }, true],
  [
    'a package that is for another platform was added',
    { 'node_modules/new': { version: '1.0.0', optional: true } },
    true,
  ],
  ['a package was added', { 'node_modules/new': { version: '1.0.0' } }, false],
  ['a package changed its version', { 'node_modules/svelte': { version: '99.0.0' } }, false],
  [
    'a package changed its content',
    { 'node_modules/svelte': { ...locked().packages['node_modules/svelte'], integrity: 'sha512-other' } },
    false,
  ],
])('%s in the lock: node_modules still matches: %s', (_, packages, match) => {
  expect(packagesMatch({ packages: { ...locked().packages, ...packages } }, installed())).toBe(match);
});
