/** Every action once: set in the window, seen by a real client. */
import type { Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SmtpClient } from '../unit/support/smtp-client.ts';
import { type Mailmitt, expect, test } from './mailmitt.ts';

interface Fields {
  Stage: string;
  Pattern: string;
  Action: string;
  [name: string]: string;
}

async function addRule(page: Page, fields: Fields): Promise<void> {
  await page.getByRole('button', { name: /^Rules/ }).click();
  await page.getByRole('button', { name: 'Add rule' }).click();
  const form = page.getByRole('dialog');
  for (const [name, value] of Object.entries(fields)) {
    const field = form.getByLabel(name, { exact: true });
    if (['Stage', 'Action', 'Moment'].includes(name)) await field.selectOption(value);
    else await field.fill(value);
  }
  await form.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(form).toBeHidden();
}

/** @returns what the client is told that sends a message: `250` or the reply that refuses it */
const answer = (mailmitt: Mailmitt, to: string): Promise<string> =>
  mailmitt.send({ to }).then(
    () => '250',
    (error: unknown) => (error as { response?: string }).response ?? (error as Error).message,
  );

test('allow: before a rule that refuses', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await addRule(page, { Stage: 'recipient', Pattern: 'anna@*', Action: 'allow' });
  await addRule(page, { Stage: 'recipient', Pattern: '*', Action: 'deny' });
  expect(await answer(mailmitt, 'anna@x.test')).toBe('250');
  expect(await answer(mailmitt, 'bert@x.test')).toBe('553 5.7.1 Requested action not taken: mailbox name not allowed');
});

test('deny: with words of its own', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await addRule(page, {
    ...{ Stage: 'recipient', Pattern: 'gone@*', Action: 'deny' },
    ...{ 'Reply code': '550', 'Enhanced code': '5.1.1', 'Reply text': 'User unknown' },
  });
  expect(await answer(mailmitt, 'gone@x.test')).toBe('550 5.1.1 User unknown');
});

test('defer: recipients of one message get different answers', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  const full = { 'Reply code': '452', 'Enhanced code': '4.2.2', 'Reply text': 'Mailbox full' };
  await addRule(page, { Stage: 'recipient', Pattern: 'full@*', Action: 'defer', ...full });
  await addRule(page, { Stage: 'recipient', Pattern: 'bogus@*', Action: 'deny' });
  const sent = await mailmitt.send({ to: ['full@x.test', 'anna@x.test', 'bogus@x.test'] });
  const told = (sent['rejectedErrors'] as { response: string }[]).map(({ response }) => response);
  expect([sent.accepted, told]).toEqual([
    ['anna@x.test'],
    ['452 4.2.2 Mailbox full', '553 5.7.1 Requested action not taken: mailbox name not allowed'],
  ]);
});

test('greylist: the first attempts are put off, and a restart changes nothing', async ({ start }) => {
  const first = await start();
  const page = await first.page();
  await addRule(page, {
    Stage: 'recipient',
    Pattern: '*@partner.test',
    Action: 'greylist',
    Attempts: '2',
    Seconds: '',
  });
  expect(await answer(first, 'anna@partner.test')).toBe('451 4.7.1 Greylisted, try again later');
  await first.quit();
  const second = await start();
  expect(await answer(second, 'anna@partner.test')).toMatch(/^451 /);
  expect(await answer(second, 'anna@partner.test')).toBe('250');
  await (await second.page()).getByRole('button', { name: /^Rules/ }).click();
  await expect((await second.page()).getByRole('table', { name: 'Rules' })).toContainText('3');
});

test('limit: what is too much is put off', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await addRule(page, { Stage: 'recipient', Pattern: '*', Action: 'limit', Messages: '1', Seconds: '3600' });
  expect(await answer(mailmitt, 'anna@x.test')).toBe('250');
  expect(await answer(mailmitt, 'anna@x.test')).toBe('450 4.7.0 Too many messages, try again later');
});

test('delay: the answer comes late', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await addRule(page, { Stage: 'recipient', Pattern: 'slow@*', Action: 'delay', Seconds: '1.5' });
  const begun = performance.now();
  expect(await answer(mailmitt, 'slow@x.test')).toBe('250');
  expect(performance.now() - begun).toBeGreaterThan(1450);
});

test('drop: the connection breaks before the reply, or in the middle of it', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await addRule(page, { Stage: 'sender', Pattern: 'before@*', Action: 'drop', Moment: 'before reply' });
  await addRule(page, { Stage: 'sender', Pattern: 'amid@*', Action: 'drop', Moment: 'amid reply' });
  const say = async (sender: string): Promise<unknown> => {
    const client = await SmtpClient.connect(await mailmitt.port());
    client.send(`EHLO client.test\r\nMAIL FROM:<${sender}>\r\n`);
    await client.reply();
    await client.reply();
    return client.end();
  };
  expect(await say('before@x.test')).toEqual([]);
  // The client tells what it got of a reply that is cut off.
  await expect(say('amid@x.test')).rejects.toThrow('"250 2.1.0 ');
});

test('a default: what no rule matches is refused', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await addRule(page, { Stage: 'recipient', Pattern: '*@ours.test', Action: 'allow' });
  await page.getByLabel('Other recipients').selectOption('deny');
  await expect.poll(async () => (await mailmitt.call('rules.get', undefined)).defaults.recipient).toBe('deny');
  expect(await answer(mailmitt, 'anna@ours.test')).toBe('250');
  expect(await answer(mailmitt, 'anna@theirs.test')).toMatch(/^553 /);
});

test('rules that this version cannot use are kept and shown', async ({ start, userData }) => {
  const deny = {
    id: 'a',
    enabled: true,
    stage: 'recipient',
    pattern: 'bogus@*',
    action: 'deny',
    reason: '',
    reply: null,
  };
  const newer = { ...deny, id: 'b', action: 'quarantine', days: 3 };
  writeFileSync(join(userData, 'rules.json'), JSON.stringify({ rules: [newer, deny] }));
  const mailmitt = await start();
  const page = await mailmitt.page();
  await page.getByRole('button', { name: /^Rules/ }).click();
  await expect(page.getByText('quarantine')).toBeVisible();
  expect(await answer(mailmitt, 'bogus@x.test')).toMatch(/^553 /);
  await page.getByRole('switch').click();
  await expect.poll(async () => (await mailmitt.call('rules.get', undefined)).rules[0]?.enabled).toBe(false);
  const kept = JSON.parse(readFileSync(join(userData, 'rules.json'), 'utf8')) as { aside: { json: unknown }[] };
  expect(kept.aside.map(({ json }) => json)).toEqual([newer]);
});
