import { beforeEach, expect, test } from 'vitest';
import type { RuleForecast } from '../../../../preload/contract.ts';
import { Forecast } from '../../../../renderer/rules/forecast.svelte.ts';
import { TestBridge } from '../support/test-bridge.ts';

let bridge: TestBridge;
let forecast: Forecast;

const accepted = (stage: RuleForecast['stage'], subject: string): RuleForecast => ({
  ...{ stage, subject, outcome: 'accepted', reply: null, delay: 0, rule: null, passedOver: [] },
});

beforeEach(() => {
  bridge = new TestBridge().answer('rules.forecast', ({ host, sender, recipients }) =>
    host === ''
      ? { forecasts: [], errors: [{ path: ['host'], message: 'An IP address.' }] }
      : {
          forecasts: [
            accepted('host', host),
            accepted('sender', sender),
            ...recipients.map((recipient) => accepted('recipient', recipient)),
          ],
          errors: [],
        },
  );
  forecast = new Forecast(bridge);
});

const asked = (): number => bridge.asked('rules.forecast').length;
const subjects = (): string[] => forecast.results.map(({ subject }) => subject);
const decide = (): void => bridge.tell('rules.decided', {});

test('asks when it is told to, and follows what is typed and changed from then on', async () => {
  await forecast.type('sender', ' anna@x.test ');
  decide();
  expect(asked()).toBe(0);
  await forecast.test();
  expect(subjects()).toEqual(['127.0.0.1', 'anna@x.test']);
  await forecast.type('sender', 'bob@x.test');
  expect(subjects()).toEqual(['127.0.0.1', 'bob@x.test']);
  decide();
  expect(asked()).toBe(3);
});

test.each([
  { text: '', recipients: [] },
  { text: 'a@x.test, b@x.test', recipients: ['a@x.test', 'b@x.test'] },
  { text: '\na@x.test\n\n b@x.test,\n', recipients: ['a@x.test', 'b@x.test'] },
])('reads $text as $recipients', async ({ text, recipients }) => {
  await forecast.type('recipients', text);
  await forecast.test();
  expect(subjects().slice(2)).toEqual(recipients);
});

test('keeps the last that could be told as long as something is wrong', async () => {
  await forecast.test();
  await forecast.type('host', '');
  expect(forecast.errors).toEqual({ host: 'An IP address.' });
  expect(forecast.isStale).toBe(true);
  expect(subjects()).toEqual(['127.0.0.1', '']);
  await forecast.type('host', '::1');
  expect(forecast.isStale).toBe(false);
  expect(subjects()).toEqual(['::1', '']);
});

test('takes no answer that comes after a newer question', async () => {
  await forecast.test();
  const release = bridge.hold('rules.forecast');
  const older = forecast.type('host', '10.0.0.1');
  await forecast.type('host', '10.0.0.2');
  release();
  await older;
  expect(subjects()).toEqual(['10.0.0.2', '']);
});
