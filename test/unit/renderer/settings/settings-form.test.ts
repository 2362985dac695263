import { beforeEach, describe, expect, test } from 'vitest';
import type { Settings } from '../../../../preload/contract.ts';
import { type FieldName, fields } from '../../../../renderer/settings/fields.ts';
import { SettingsForm } from '../../../../renderer/settings/settings-form.svelte.ts';
import { TestBridge } from '../support/test-bridge.ts';

const settings: Settings = {
  ...{ host: '127.0.0.1', port: 1025, tlsPort: null, hostName: '', banner: 'Mailmitt' },
  ...{ maxMessageMiB: 50, maxRecipients: 1000, maxConnections: 2000, maxErrors: 50 },
  ...{ maxLineLength: 4096, maxAuthLineLength: 12_288, idleSeconds: 300, messageSeconds: 1800 },
  ...{ keepMessages: null, keepDays: null, keepMebibytes: 4096 },
  ...{ switchedOff: [], authRequired: false, accounts: [], tlsCertificate: '', tlsKey: '', theme: 'system' },
};

let bridge: TestBridge;
let form: SettingsForm;

beforeEach(async () => {
  bridge = new TestBridge().answer('settings.get', () => settings).answer('settings.save', () => ({ saved: true }));
  form = new SettingsForm(bridge);
  await form.load();
});

test('every setting is typed into a field, or takes effect at once', () => {
  expect([...Object.keys(fields), 'switchedOff', 'authRequired', 'theme'].sort()).toEqual(Object.keys(settings).sort());
});

test('the fields show what holds', () => {
  expect([form.value('host'), form.value('port'), form.value('maxMessageMiB')]).toEqual(['127.0.0.1', '1025', '50']);
  expect([form.value('tlsPort'), form.value('accounts')]).toEqual(['', '']);
  expect(form.changed).toBe(false);
});

test('only what was typed is saved', async () => {
  form.type('host', ' 0.0.0.0 ');
  form.type('port', '2525');
  expect(form.changed).toBe(true);
  await form.save();
  expect(bridge.asked('settings.save')).toEqual([{ host: '0.0.0.0', port: 2525 }]);
  expect(form.saved).toEqual({ ...settings, host: '0.0.0.0', port: 2525 });
  expect([form.value('host'), form.changed, form.justSaved]).toEqual(['0.0.0.0', false, true]);
});

test.each<{ field: FieldName; typed: string; sent: unknown }>([
  { field: 'port', typed: '2525', sent: 2525 },
  // That these are no ports is for the main process to say.
  { field: 'port', typed: '', sent: 0 },
  { field: 'port', typed: 'smtp', sent: NaN },
  { field: 'tlsPort', typed: '1465', sent: 1465 },
  { field: 'tlsPort', typed: ' ', sent: null },
  { field: 'tlsPort', typed: 'smtps', sent: NaN },
  { field: 'banner', typed: '', sent: '' },
  { field: 'tlsKey', typed: ' /keys/own.key ', sent: '/keys/own.key' },
  { field: 'accounts', typed: '\n \n', sent: [] },
  {
    field: 'accounts',
    typed: 'anna:s3cret\n\nbob::a b:\n',
    sent: [
      { user: 'anna', password: 's3cret' },
      { user: 'bob', password: ':a b:' },
    ],
  },
  { field: 'accounts', typed: 'anna:', sent: [{ user: 'anna', password: '' }] },
  // A line without a colon has no name, which is for the main process to say.
  { field: 'accounts', typed: 'anna', sent: [{ user: '', password: 'anna' }] },
])('$field “$typed” is sent as $sent', async ({ field, typed, sent }) => {
  form.type(field, typed);
  await form.save();
  expect(bridge.asked('settings.save')).toEqual([{ [field]: sent }]);
});

test('accounts show as they are typed', () => {
  bridge.tell('settings.changed', {
    ...settings,
    accounts: [
      { user: 'anna', password: 'a:b' },
      { user: 'bob', password: '' },
    ],
  });
  expect(form.value('accounts')).toBe('anna:a:b\nbob:');
});

test('what is typed back to what holds is no change, and what was wrong with it is gone', async () => {
  bridge.answer('settings.save', () => ({ saved: false, errors: [{ path: ['port'], message: '1 to 65535.' }] }));
  form.type('port', '99999');
  await form.save();
  form.type('port', '1025');
  expect([form.changed, form.errors]).toEqual([false, {}]);
});

test('what was typed can be discarded', async () => {
  bridge.answer('settings.save', () => ({ saved: false, errors: [{ path: ['port'], message: '1 to 65535.' }] }));
  form.type('port', '99999');
  await form.save();
  form.discard();
  expect([form.value('port'), form.changed, form.errors]).toEqual(['1025', false, {}]);
});

describe('what is wrong stands beside its field, and what was typed stays', () => {
  test.each<{ field: FieldName; typed: string; path: (string | number)[]; shown: string }>([
    { field: 'port', typed: '99999', path: ['port'], shown: 'No.' },
    { field: 'accounts', typed: 'a:\nb:\nc:\nd:\x07', path: ['accounts', 3, 'password'], shown: 'Line 4: No.' },
    { field: 'accounts', typed: '\na:\n\n:b', path: ['accounts', 1, 'user'], shown: 'Line 4: No.' },
    { field: 'accounts', typed: 'a:\na:', path: ['accounts'], shown: 'No.' },
    { field: 'tlsCertificate', typed: '/nowhere', path: ['tlsCertificate'], shown: 'No.' },
  ])('$path', async ({ field, typed, path, shown }) => {
    bridge.answer('settings.save', () => ({
      saved: false,
      errors: [
        { path, message: 'No.' },
        { path, message: 'The same in other words.' },
      ],
    }));
    form.type(field, typed);
    await form.save();
    expect(form.errors).toEqual({ [field]: shown });
    expect([form.value(field), form.changed, form.justSaved]).toEqual([typed, true, false]);
    expect(form.saved).toEqual(settings);
  });

  test('also when the main process does not answer', async () => {
    bridge.fail('settings.save', 'The disk is full.');
    form.type('port', '2525');
    await expect(form.save()).rejects.toThrow('The disk is full.');
    expect([form.value('port'), form.changed, form.justSaved]).toEqual(['2525', true, false]);
  });

  test('but what belongs to no field is told as a failure', async () => {
    bridge.answer('settings.save', () => ({ saved: false, errors: [{ path: [], message: 'Unrecognized key' }] }));
    form.type('port', '2525');
    await expect(form.save()).rejects.toThrow('Unrecognized key');
    expect(form.value('port')).toBe('2525');
  });
});

test('what is typed while the rest is being saved stays', async () => {
  form.type('port', '2525');
  form.type('host', '::1');
  const answer = bridge.hold('settings.save');
  const saving = form.save();
  form.type('port', '2526');
  form.type('banner', 'Hi');
  answer();
  await saving;
  expect([form.value('host'), form.value('port'), form.value('banner')]).toEqual(['::1', '2526', 'Hi']);
  expect(form.changed).toBe(true);
  await form.save();
  expect(bridge.asked('settings.save').at(-1)).toEqual({ port: 2526, banner: 'Hi' });
});

test('a setting that changes elsewhere shows where nothing was typed', () => {
  form.type('host', '::1');
  bridge.tell('settings.changed', { ...settings, host: '0.0.0.0', port: 1026 });
  expect([form.value('host'), form.value('port')]).toEqual(['::1', '1026']);
});

describe('what takes effect at once', () => {
  test('is saved alone, whatever else is being typed', async () => {
    form.type('port', '99999');
    await form.setTheme('dark');
    await form.setAuthRequired(true);
    expect(bridge.asked('settings.save')).toEqual([{ theme: 'dark' }, { authRequired: true }]);
    expect(form.saved).toMatchObject({ theme: 'dark', authRequired: true, port: 1025 });
    expect(form.value('port')).toBe('99999');
  });

  test('builds on what was changed a moment before', async () => {
    const answer = bridge.hold('settings.save');
    const changes = [
      form.setExtension('STARTTLS', false),
      form.setExtension('AUTH', false),
      form.setExtension('STARTTLS', true),
    ];
    answer();
    await Promise.all(changes);
    expect(bridge.asked('settings.save')).toEqual([
      { switchedOff: ['STARTTLS'] },
      { switchedOff: ['STARTTLS', 'AUTH'] },
      { switchedOff: ['AUTH'] },
    ]);
    expect(form.saved?.switchedOff).toEqual(['AUTH']);
  });

  test('shows what holds again when it cannot be saved', async () => {
    bridge.fail('settings.save', 'The disk is full.');
    bridge.answer('settings.get', () => ({ ...settings }));
    const before = form.saved;
    await expect(form.setExtension('AUTH', false)).rejects.toThrow('The disk is full.');
    // A new object: the checkbox, which the click has changed already, is told again what holds.
    expect(form.saved).not.toBe(before);
    expect(form.saved).toEqual(settings);
  });

  test('does not wait in vain for a change before it that failed', async () => {
    bridge.fail('settings.save', 'The disk is full.');
    const failing = form.setExtension('AUTH', false);
    const next = form.setExtension('HELP', false);
    await expect(failing).rejects.toThrow('The disk is full.');
    await next;
    expect(form.saved?.switchedOff).toEqual(['HELP']);
  });
});
