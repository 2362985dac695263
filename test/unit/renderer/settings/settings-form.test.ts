import { beforeEach, expect, test } from 'vitest';
import type { Settings } from '../../../../preload/contract.ts';
import { SettingsForm } from '../../../../renderer/settings/settings-form.svelte.ts';
import { TestBridge } from '../support/test-bridge.ts';

const settings: Settings = { host: '127.0.0.1', port: 1025, maxMessageMiB: 50, theme: 'system' };

let bridge: TestBridge;
let form: SettingsForm;

beforeEach(async () => {
  bridge = new TestBridge().answer('settings.get', () => settings).answer('settings.save', () => ({ saved: true }));
  form = new SettingsForm(bridge);
  await form.load();
});

test('the fields show what holds', () => {
  expect([form.value('host'), form.value('port'), form.value('maxMessageMiB')]).toEqual(['127.0.0.1', '1025', '50']);
  expect(form.changed).toBe(false);
});

test('only what was typed is saved', async () => {
  form.type('host', ' 0.0.0.0 ');
  form.type('port', '2525');
  await form.save();
  expect(bridge.asked('settings.save')).toEqual([{ host: '0.0.0.0', port: 2525 }]);
  expect(form.saved).toEqual({ ...settings, host: '0.0.0.0', port: 2525 });
  expect(form.changed).toBe(false);
  expect(form.justSaved).toBe(true);
});

test.each([
  { typed: '', sent: 0 },
  { typed: 'smtp', sent: NaN },
])('“$typed” is no port, and that is for the main process to say', async ({ typed, sent }) => {
  form.type('port', typed);
  await form.save();
  expect(bridge.asked('settings.save')).toEqual([{ port: sent }]);
});

test('what is wrong stands beside its field, and what was typed stays', async () => {
  bridge.answer('settings.save', () => ({ saved: false, errors: [{ path: ['port'], message: '1 to 65535.' }] }));
  form.type('port', '99999');
  await form.save();
  expect(form.errors).toEqual({ port: '1 to 65535.' });
  expect(form.value('port')).toBe('99999');
  expect(form.saved).toEqual(settings);
  expect(form.justSaved).toBe(false);
});

test('a setting that changes elsewhere shows where nothing was typed', () => {
  form.type('host', '::1');
  bridge.tell('settings.changed', { ...settings, host: '0.0.0.0', port: 1026 });
  expect([form.value('host'), form.value('port')]).toEqual(['::1', '1026']);
});

test('the theme is saved at once, whatever else is being typed', async () => {
  form.type('port', '99999');
  await form.setTheme('dark');
  expect(bridge.asked('settings.save')).toEqual([{ theme: 'dark' }]);
  expect(form.saved?.theme).toBe('dark');
  expect(form.value('port')).toBe('99999');
});
