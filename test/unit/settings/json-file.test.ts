import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { JsonFile } from '../../../main/settings/json-file.ts';
import { settingsSchema } from '../../../main/settings/settings.ts';
import { canMakeReadOnly, readOnlyFolder } from '../support/disk.ts';
import { temporaryFolder } from '../support/folder.ts';

const defaults = settingsSchema.parse({});
const open = (folder: string): JsonFile<ReturnType<typeof settingsSchema.parse>> =>
  new JsonFile(folder, 'settings', settingsSchema);

test('without a file the defaults hold', () => {
  const file = open(temporaryFolder());
  expect(file.value).toEqual(defaults);
  expect(file.setAside).toBeNull();
});

test('what is set is there when the file is opened again', () => {
  const folder = temporaryFolder();
  const first = open(folder);
  first.set({ ...first.value, port: 2525, theme: 'dark' });
  expect(open(folder).value).toEqual({ ...defaults, port: 2525, theme: 'dark' });
});

test('what is missing in the file has its default', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'settings.json'), '{"port": 2525}');
  expect(open(folder).value).toMatchObject({ host: '127.0.0.1', port: 2525 });
});

test('what does not fit is refused, and what held goes on to hold', () => {
  const folder = temporaryFolder();
  const file = open(folder);
  file.set({ ...file.value, port: 2525 });
  expect(() => file.set({ ...file.value, port: 0 })).toThrow(/1 to 65535/);
  expect([file.value.port, open(folder).value.port]).toEqual([2525, 2525]);
});

describe('a file that cannot be used is set aside as it is, and the defaults hold', () => {
  test.each([
    ['no JSON', '{"port": 25', /JSON/],
    ['nothing in it', '', /JSON/],
    ['no object', '[1, 2]', /no object/],
    ['a value that does not fit', '{"port": "many"}', /port: A whole number/],
    ['a setting that nobody knows', '{"colour": "red"}', /colour/],
    ['garbage', '\0\x01\xff', /JSON/],
  ])('%s', (_title, content, reason) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'settings.json'), content);
    const file = open(folder);
    expect(file.value.port).toBe(1025);
    expect(file.setAside?.reason).toMatch(reason);
    expect(readFileSync(file.setAside?.path ?? '', 'utf8')).toBe(content);
    expect(readdirSync(folder)).toEqual([file.setAside?.path.slice(folder.length + 1)]);
  });
});

test.skipIf(!canMakeReadOnly)(
  'in a read-only folder the defaults hold, and a change is an error that changes nothing',
  () => {
    const file = open(readOnlyFolder());
    expect(() => file.set({ ...file.value, port: 2525 })).toThrow(/EROFS|EACCES/);
    expect([file.value.port, file.setAside]).toEqual([1025, null]);
  },
);
