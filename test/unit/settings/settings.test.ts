import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { JsonFile } from '../../../main/settings/json-file.ts';
import { isLoopback, settingsSchema } from '../../../main/settings/settings.ts';
import { temporaryFolder } from '../support/folder.ts';

const defaults = settingsSchema.parse({});
const numberMessage = (from: number, to: number): string => `A whole number from ${from} to ${to}.`;
const accountsOf = (count: number): { user: string; password: string }[] =>
  Array.from({ length: count }, (_, index) => ({ user: `user${index}`, password: '' }));

describe.each([
  { name: 'port', from: 1, to: 65_535 },
  { name: 'tlsPort', from: 1, to: 65_535 },
  { name: 'maxMessageMiB', from: 1, to: 1024 },
  { name: 'maxRecipients', from: 1, to: 100_000 },
  { name: 'maxConnections', from: 1, to: 10_000 },
  { name: 'maxErrors', from: 1, to: 10_000 },
  { name: 'maxLineLength', from: 512, to: 65_536 },
  { name: 'maxAuthLineLength', from: 512, to: 65_536 },
  { name: 'idleSeconds', from: 1, to: 86_400 },
  { name: 'messageSeconds', from: 1, to: 86_400 },
  { name: 'keepMessages', from: 1, to: 100_000_000 },
  { name: 'keepDays', from: 1, to: 36_500 },
  { name: 'keepMebibytes', from: 1, to: 10_000_000 },
])('$name', ({ name, from, to }) => {
  test.each([from, to])('%d is taken', (value) => {
    expect(settingsSchema.parse({ [name]: value })).toEqual({ ...defaults, [name]: value });
  });

  test.each([from - 1, to + 1, from + 0.5, NaN, Infinity, String(from), true])('%s is refused', (value) => {
    expect(settingsSchema.safeParse({ [name]: value }).error?.issues).toMatchObject([
      { path: [name], message: numberMessage(from, to) },
    ]);
  });
});

test.each([
  { host: 'localhost' },
  { host: '::1' },
  { tlsPort: null },
  { hostName: 'mail.example.test' },
  { banner: '' },
  { banner: 'ESMTP ready (test)' },
  { switchedOff: ['STARTTLS', 'AUTH'] },
  { accounts: [{ user: 'anna', password: '' }] },
  { accounts: [{ user: 'Anna Bäcker', password: 'a:b c' }] },
  { accounts: accountsOf(1000) },
  { tlsCertificate: '/keys/own.pem', tlsKey: '/keys/own.key' },
])('taken: %j', (values) => {
  expect(settingsSchema.parse(values)).toEqual({ ...defaults, ...values });
});

describe('what does not fit is refused in words that can stand beside its field', () => {
  const host = 'An IP address of this machine, or localhost.';
  const ascii = 'ASCII without control characters.';
  test.each<[values: object, path: (string | number)[], message: string]>([
    [{ host: '' }, ['host'], host],
    [{ host: 'mail.example.test' }, ['host'], host],
    [{ host: '127.0.0.1:1025' }, ['host'], host],
    [{ host: '999.0.0.1' }, ['host'], host],
    [{ port: 1465, tlsPort: 1465 }, ['tlsPort'], 'Another port than the first.'],
    [{ hostName: 'two names' }, ['hostName'], 'No spaces.'],
    [{ hostName: 'bücher.test' }, ['hostName'], ascii],
    [{ hostName: 'a'.repeat(256) }, ['hostName'], 'At most 255 characters.'],
    [{ banner: 'two\r\nlines' }, ['banner'], ascii],
    [{ banner: 'Grüße' }, ['banner'], ascii],
    [{ banner: 'a'.repeat(201) }, ['banner'], 'At most 200 characters.'],
    [
      { accounts: [{ user: 'a:b', password: '' }] },
      ['accounts', 0, 'user'],
      'No colon and no control characters in a name.',
    ],
    [{ accounts: [{ user: '', password: 'anna' }] }, ['accounts', 0, 'user'], 'A name, a colon and a password.'],
    [
      { accounts: [...accountsOf(3), { user: 'anna', password: 'a\0b' }] },
      ['accounts', 3, 'password'],
      'No control characters.',
    ],
    [
      { accounts: [{ user: 'an\tna', password: '' }] },
      ['accounts', 0, 'user'],
      'No colon and no control characters in a name.',
    ],
    [
      { accounts: [{ user: 'a'.repeat(256), password: '' }] },
      ['accounts', 0, 'user'],
      'At most 255 characters for a name.',
    ],
    [
      { accounts: [{ user: 'anna', password: 'a'.repeat(256) }] },
      ['accounts', 0, 'password'],
      'At most 255 characters for a password.',
    ],
    [{ accounts: [...accountsOf(2), ...accountsOf(1)] }, ['accounts', 2, 'user'], 'Each name only once.'],
    [{ accounts: accountsOf(1001) }, ['accounts'], 'At most 1000 accounts.'],
    [{ tlsCertificate: '/own.pem' }, ['tlsKey'], 'The key that belongs to the certificate.'],
    [{ tlsKey: '/own.key' }, ['tlsCertificate'], 'The certificate that belongs to the key.'],
  ])('%j', (values, path, message) => {
    expect(settingsSchema.safeParse(values).error?.issues).toMatchObject([{ path, message }]);
  });
});

test.each<[values: object, path: (string | number)[]]>([
  [{ switchedOff: ['EHLO'] }, ['switchedOff', 0]],
  [{ switchedOff: 'AUTH' }, ['switchedOff']],
  [{ authRequired: 'yes' }, ['authRequired']],
  [{ accounts: [{ user: 'anna', password: '', admin: true }] }, ['accounts', 0]],
  [{ theme: 'sepia' }, ['theme']],
  [{ colour: 'red' }, []],
])('what no field can hold is refused as well: %j', (values, path) => {
  expect(settingsSchema.safeParse(values).error?.issues).toMatchObject([{ path }]);
});

test('a file of the version before still loads, and the rest has its defaults', () => {
  const folder = temporaryFolder();
  const old = { host: '::1', port: 2525, maxMessageMiB: 7, theme: 'dark' };
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(old));
  const file = new JsonFile(folder, 'settings', settingsSchema);
  expect([file.value, file.setAside]).toEqual([{ ...defaults, ...old }, null]);
  expect(defaults).toEqual({
    host: '127.0.0.1',
    port: 1025,
    tlsPort: null,
    hostName: '',
    banner: 'Mailmitt',
    maxMessageMiB: 50,
    maxRecipients: 1000,
    maxConnections: 2000,
    maxErrors: 50,
    maxLineLength: 4096,
    maxAuthLineLength: 12_288,
    idleSeconds: 300,
    messageSeconds: 1800,
    switchedOff: [],
    authRequired: false,
    accounts: [],
    keepMessages: null,
    keepDays: null,
    keepMebibytes: 4096,
    tlsCertificate: '',
    tlsKey: '',
    theme: 'system',
  });
});

test.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.20', false],
])('only this machine reaches what listens on %s: %s', (host, only) => {
  expect(isLoopback(host)).toBe(only);
});
