import type { Page } from '@playwright/test';
import { SmtpClient } from '../unit/support/smtp-client.ts';
import { expect, row, rows, test } from './mailmitt.ts';

async function addRule(
  page: Page,
  fields: { stage: string; pattern: string; action?: string; reason?: string; code?: string; text?: string },
): Promise<void> {
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByLabel('Stage').selectOption(fields.stage);
  await page.getByLabel('Pattern').fill(fields.pattern);
  await page.getByLabel('Action').selectOption(fields.action ?? 'deny');
  if (fields.reason !== undefined) await page.getByLabel('Reason').fill(fields.reason);
  if (fields.code !== undefined) await page.getByLabel('Reply code').fill(fields.code);
  if (fields.text !== undefined) await page.getByLabel('Reply text').fill(fields.text);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
}

const openRules = (page: Page): Promise<void> => page.getByRole('button', { name: /^Rules/ }).click();
const openInbox = (page: Page): Promise<void> => page.getByRole('button', { name: /^Inbox/ }).click();

test('a sender that a rule denies is told 553, and the message does not appear', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await addRule(page, { stage: 'sender', pattern: '*@spam.test', reason: 'we know them' });
  await expect(page.getByRole('list', { name: 'Rules' }).or(page.getByRole('table', { name: 'Rules' }))).toContainText(
    '*@spam.test',
  );

  await expect(mailmitt.send({ from: 'win@spam.test', subject: 'You won' })).rejects.toMatchObject({
    responseCode: 553,
    response: '553 5.7.1 Requested action not taken: mailbox name not allowed',
  });
  await mailmitt.send({ subject: 'Welcome' });
  await openInbox(page);
  await expect(rows(page)).toHaveText([/Welcome/]);
});

test('a recipient that a rule denies is left out, the others get the message', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await addRule(page, { stage: 'recipient', pattern: 'bogus*@*', code: '550', text: 'No such user here' });
  const sent = await mailmitt.send({ to: ['bogus7@customer.test', 'maria@customer.test'], subject: 'Both' });
  expect(sent.rejected).toEqual(['bogus7@customer.test']);
  expect(String((sent['rejectedErrors'] as Error[])[0])).toContain('550 5.7.1 No such user here');
  await openInbox(page);
  await expect(row(page, 'Both')).toBeVisible();
  const { messages } = await mailmitt.call('messages.list', { limit: 1 });
  expect(messages[0]?.envelope.forwardPaths).toEqual(['maria@customer.test']);
});

test('a host that a rule denies is told the reason, and is welcome again without the rule', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await addRule(page, { stage: 'host', pattern: '127.0.0.0/8', reason: 'not from the lab' });
  await expect(mailmitt.send()).rejects.toMatchObject({ response: '550 Access denied: not from the lab' });
  await page.getByRole('switch').click();
  await expect(page.getByRole('switch')).not.toBeChecked();
  await mailmitt.send();
});

test('the order decides, and a change holds at the next command of a session that runs', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  const client = await SmtpClient.connect(await mailmitt.port());
  const command = async (line: string): Promise<number | undefined> => {
    client.send(`${line}\r\n`);
    return (await client.reply())?.code;
  };
  await client.reply();
  await command('EHLO client.test');
  await command('MAIL FROM:<a@x.test>');
  expect(await command('RCPT TO:<anna@customer.test>')).toBe(250);
  await addRule(page, { stage: 'recipient', pattern: '*@customer.test' });
  await expect.poll(() => command('RCPT TO:<anna@customer.test>')).toBe(553);
  await addRule(page, { stage: 'recipient', pattern: 'anna@*', action: 'allow' });
  await expect.poll(() => mailmitt.call('rules.list', undefined)).toHaveLength(2);
  expect(await command('RCPT TO:<anna@customer.test>')).toBe(553);
  await page
    .getByRole('button', { name: /^Move .*up/i })
    .nth(1)
    .click();
  await expect.poll(() => command('RCPT TO:<anna@customer.test>')).toBe(250);
  client.destroy();
});

test('what is no rule is told beside its field, and nothing that was typed is lost', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await addRule(page, { stage: 'host', pattern: 'mail.example.com', reason: 'kept' });
  await expect(page.getByLabel('Pattern')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Pattern')).toHaveAccessibleDescription(/IP address/);
  await expect(page.getByLabel('Reason')).toHaveValue('kept');
  expect(await mailmitt.call('rules.list', undefined)).toEqual([]);
  await page.getByLabel('Pattern').fill('10.0.0.0/8');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect.poll(() => mailmitt.call('rules.list', undefined)).toHaveLength(1);
});
