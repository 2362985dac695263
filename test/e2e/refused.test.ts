/** What was refused: shown as it happens, and the way from there to a rule. */
import type { Locator, Page } from '@playwright/test';
import type { Rule } from '../../preload/contract.ts';
import { SmtpClient } from '../unit/support/smtp-client.ts';
import { type Mailmitt, expect, row, rows, test } from './mailmitt.ts';

const deny = (pattern: string, changes: { id?: string; stage?: Rule['stage']; reason?: string } = {}): Rule => ({
  ...{ id: 'deny', enabled: true, stage: 'recipient', pattern, action: 'deny', reason: '', reply: null },
  ...changes,
});

const list = (page: Page): Locator => page.getByRole('listbox', { name: 'Refused sessions' });
const sessions = (page: Page): Locator => list(page).getByRole('option');
const detail = (page: Page): Locator => page.getByRole('article', { name: 'Refused session' });
const entry = (page: Page): Locator => page.getByRole('button', { name: 'Refused', exact: true });
const button = (page: Page, name: string): Locator => detail(page).getByRole('button', { name, exact: true });
const form = (page: Page): Locator => page.getByRole('dialog');

/** The Refused view, with rules that hold. */
async function openWith(mailmitt: Mailmitt, ...rules: Rule[]): Promise<Page> {
  const page = await mailmitt.page();
  await mailmitt.call('rules.save', { rules });
  await entry(page).click();
  return page;
}

async function refuse(mailmitt: Mailmitt, to = 'bogus7@customer.test'): Promise<void> {
  await expect(mailmitt.send({ to })).rejects.toMatchObject({ responseCode: 553 });
}

const save = (page: Page): Promise<void> => form(page).getByRole('button', { name: 'Save', exact: true }).click();

test('before anything is refused it says what would be here, and leads to the rules', async ({ mailmitt }) => {
  const page = await openWith(mailmitt);
  await expect(page.getByRole('heading', { name: 'Nothing was refused' })).toBeVisible();
  await page.getByRole('button', { name: 'Go to the rules' }).click();
  await expect(page.getByRole('heading', { name: 'Rules' })).toBeVisible();
});

test('a refused recipient appears at once, and opens with what was said and by which rule', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, deny('full@*', { id: 'full' }), deny('bogus*@*'));
  await refuse(mailmitt);

  await expect(entry(page)).toHaveAccessibleDescription('1 unread');
  await expect(sessions(page)).toHaveAccessibleName(
    /^RCPT refused: bogus7@customer\.test, from no-reply@orchard\.test, 553, RCPT, deny bogus\*@\*, .*unread$/,
  );
  await sessions(page).click();

  await expect(detail(page).getByRole('heading')).toHaveText('RCPT refused: bogus7@customer.test');
  await expect(detail(page)).toContainText(
    /from 127\.0\.0\.1, calls itself .*, as no-reply@orchard\.test,\s+\d\d:\d\d:\d\d/,
  );
  await expect(detail(page)).toContainText('by rule 2 Refuses mail to bogus*@*');
  const said = detail(page).getByRole('table', { name: 'Session' }).getByRole('row');
  await expect(said.filter({ hasText: 'RCPT TO:<bogus7@customer.test>' })).toBeVisible();
  await expect(said.filter({ hasText: 'Rule 2 decided: deny bogus*@*' })).toBeVisible();
  await expect(said.filter({ hasText: 'Refused' }).first()).toHaveText(/Server\s*553 5\.7\.1 .*\s*Refused/);
  // The session was still running when its row appeared.
  await expect(said.last()).not.toContainText('RCPT');
  await expect(entry(page)).toHaveAccessibleDescription('');

  await button(page, 'Mark unread').click();
  await expect(entry(page)).toHaveAccessibleDescription('1 unread');
  await expect(sessions(page)).toHaveAccessibleName(/unread$/);
});

test('an open session is followed while it runs', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, deny('bogus*@*'));
  const client = await SmtpClient.connect(await mailmitt.port());
  const say = async (line: string): Promise<number | undefined> => {
    client.send(`${line}\r\n`);
    return (await client.reply())?.code;
  };
  await client.reply();
  for (const line of ['EHLO my_pc', 'MAIL FROM:<a@x.test>']) await say(line);
  expect(await say('RCPT TO:<bogus1@x.test>')).toBe(553);
  await sessions(page).click();
  await expect(detail(page).getByRole('heading')).toHaveText('RCPT refused: bogus1@x.test');
  await expect(button(page, 'Mark unread')).toBeVisible();

  expect(await say('RCPT TO:<bogus2@x.test>')).toBe(553);
  await say('QUIT');
  await client.end();
  await expect(detail(page).getByRole('heading')).toHaveText('RCPT refused: bogus1@x.test and 1 more');
  const all = detail(page).getByRole('list', { name: 'Refused in this session' }).getByRole('listitem');
  await expect(all).toHaveText([/553\s*RCPT refused:\s*bogus1@x\.test/, /553\s*RCPT refused:\s*bogus2@x\.test/]);
  await expect(detail(page).getByRole('row', { name: 'Client QUIT' })).toBeVisible();
  await expect(sessions(page)).toContainText('and 1 more');

  // The arrow keys go through the tabs.
  await detail(page).getByRole('tab', { name: 'Session' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(detail(page).getByRole('listitem').filter({ hasText: 'my_pc' })).toContainText('RFC 5321');
});

test('“Allow this recipient” leads to a rule before the one that refused, and the same mail is accepted', async ({
  mailmitt,
}) => {
  const page = await openWith(mailmitt, deny('full@*', { id: 'full' }), deny('bogus*@*'));
  await refuse(mailmitt);
  await sessions(page).click();
  await button(page, 'Allow this recipient').click();
  await expect(form(page).getByLabel('Stage')).toHaveValue('recipient');
  await expect(form(page).getByLabel('Pattern')).toHaveValue('bogus7@customer.test');
  await expect(form(page).getByLabel('Action')).toHaveValue('allow');
  await save(page);

  await expect(detail(page).getByRole('status').first()).toHaveText(
    'Rule 2 was added: Accepts mail to bogus7@customer.test',
  );
  await expect(button(page, 'Allow this recipient')).toBeFocused();
  await expect(detail(page)).toContainText('by rule 3, rule 2 then');
  await mailmitt.send({ to: 'bogus7@customer.test', subject: 'Now it comes' });
  await refuse(mailmitt, 'bogus8@customer.test');
  await page.getByRole('button', { name: 'Inbox', exact: true }).click();
  await expect(row(page, 'Now it comes')).toBeVisible();
});

test('“Edit rule” opens the rule that refused; of one that is gone it says what it was', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, deny('bogus*@*'));
  await refuse(mailmitt);
  await sessions(page).click();
  await button(page, 'Edit rule 1').click();
  await expect(form(page)).toContainText('Edit rule');
  await form(page).getByLabel('Pattern').fill('bogus8@*');
  await save(page);
  await expect(page.getByRole('table', { name: 'Rules' })).toContainText('bogus8@*');
  await mailmitt.send({ to: 'bogus7@customer.test' });

  await mailmitt.call('rules.save', { rules: [] });
  await entry(page).click();
  await expect(detail(page)).toContainText('by a rule that is gone deny bogus*@*');
  await expect(detail(page).getByRole('button', { name: /^Edit rule/ })).toHaveCount(0);
});

test('a host that is refused at the door', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, deny('127.0.0.0/8', { stage: 'host', reason: 'not from the lab' }));
  await expect(mailmitt.send()).rejects.toThrow('550 Access denied: not from the lab');
  await expect(sessions(page)).toContainText('Host refused at the door');
  await sessions(page).click();
  await expect(detail(page).getByRole('heading')).toHaveText('Host refused: 127.0.0.1');
  await button(page, 'Allow this host').click();
  await expect(form(page).getByLabel('Pattern')).toHaveValue('127.0.0.1');
  await save(page);
  await expect(form(page)).toBeHidden();
  await mailmitt.send();
});

test('what no rule matches is refused by the default; the null sender too', async ({ mailmitt }) => {
  const page = await openWith(mailmitt);
  const defaults = { host: 'allow', sender: 'deny', recipient: 'allow' } as const;
  await mailmitt.call('rules.save', { rules: [], defaults });
  const bounce = { envelope: { from: '', to: ['maria@customer.test'] } };
  await expect(mailmitt.send(bounce)).rejects.toMatchObject({ responseCode: 553 });
  await sessions(page).click();
  await expect(detail(page).getByRole('heading')).toHaveText('MAIL refused: <>');
  await expect(detail(page)).toContainText('by the default, as no rule matched');
  await button(page, 'Allow this sender').click();
  await expect(form(page).getByLabel('Pattern')).toHaveValue('<>');
  await save(page);
  await expect(form(page)).toBeHidden();
  await mailmitt.send(bounce);
});

test('a message that is refused in part is in the inbox and in Refused', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, deny('bogus*@*'));
  await mailmitt.send({ to: ['maria@customer.test', 'bogus7@customer.test'], subject: 'In part' });
  await expect(sessions(page)).toContainText('bogus7@customer.test');
  await sessions(page).click();
  await expect(detail(page).getByRole('row', { name: /RCPT TO:<maria@customer\.test>/ })).toBeVisible();
  await page.getByRole('button', { name: 'Inbox', exact: true }).click();
  await expect(rows(page)).toHaveText([/In part/]);
});

test('sessions are gone through by keyboard, deleted one by one, then all; what comes meanwhile stays', async ({
  mailmitt,
}) => {
  const page = await openWith(mailmitt, deny('bogus*@*'));
  for (const name of ['bogus1', 'bogus2', 'bogus3']) await refuse(mailmitt, `${name}@x.test`);
  await expect(sessions(page)).toHaveText([/bogus3/, /bogus2/, /bogus1/]);
  await list(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await expect(detail(page).getByRole('heading')).toHaveText('RCPT refused: bogus2@x.test');
  await page.keyboard.press('Delete');
  await expect(sessions(page)).toHaveText([/bogus3/, /bogus1/]);
  await expect(detail(page).getByRole('heading')).toHaveText('RCPT refused: bogus1@x.test');

  await page.getByRole('button', { name: 'Delete all' }).click();
  await expect(page.getByRole('alertdialog')).toContainText('2 refused sessions will be deleted for good.');
  await refuse(mailmitt, 'bogus4@x.test');
  await expect(sessions(page).first()).toHaveText(/bogus4/);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete all' }).click();
  await expect(sessions(page)).toHaveText([/bogus4/]);

  await sessions(page).click();
  await button(page, 'Delete').click();
  await expect(page.getByRole('heading', { name: 'Nothing was refused' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Go to the rules' })).toBeFocused();
});

test('several are marked and deleted at once, which asks, as nothing brings them back', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, deny('bogus*@*'));
  for (const name of ['bogus1', 'bogus2', 'bogus3']) await refuse(mailmitt, `${name}@x.test`);
  await expect(sessions(page)).toHaveText([/bogus3/, /bogus2/, /bogus1/]);
  await list(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Shift+ArrowDown');
  const several = page.getByRole('region', { name: 'Selection' });
  await expect(several.getByRole('heading')).toHaveText('2 refused sessions selected');
  await several.getByRole('button', { name: 'Mark read' }).click();
  await expect(entry(page)).toHaveAccessibleDescription('1 unread');

  await several.getByRole('button', { name: 'Delete' }).click();
  const dialog = page.getByRole('alertdialog');
  await expect(dialog.getByRole('heading')).toHaveText('Delete 2 refused sessions?');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(sessions(page)).toHaveCount(3);
  await page.keyboard.press('Delete');
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await expect(sessions(page)).toHaveText([/bogus1/]);
});

test('the transcript is copied', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, deny('bogus*@*'));
  await refuse(mailmitt);
  await sessions(page).click();
  await button(page, 'Copy transcript').click();
  await expect(button(page, 'Copy transcript')).toContainText('Copied');
  const copied = await mailmitt.app.evaluate(({ clipboard }) => clipboard.readText());
  expect(copied).toMatch(/^\d\.\d{3} s {2}Client {4}RCPT TO:<bogus7@customer\.test>$/m);
});

test('where there is no room for both, a session takes the list’s place', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, deny('bogus*@*'));
  await mailmitt.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(700, 700));
  await refuse(mailmitt);
  await sessions(page).click();
  await expect(list(page)).toBeHidden();
  await expect(button(page, 'Back')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(list(page)).toBeFocused();
});

test('from a message, “Refuse…” leads to a rule: the same mail is refused then', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await mailmitt.call('rules.save', { rules: [{ ...deny('*@customer.test'), action: 'allow' }] });
  await mailmitt.send({ subject: 'Once' });
  await row(page, 'Once').click();
  const menu = page.getByRole('button', { name: 'Refuse…' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('menuitem')).toHaveText([
    'Mail to maria@customer.test',
    'Mail from no-reply@orchard.test',
    'The host 127.0.0.1',
  ]);
  await page.keyboard.press('Enter');
  await expect(form(page).getByLabel('Pattern')).toHaveValue('maria@customer.test');
  await expect(form(page).getByLabel('Action')).toHaveValue('deny');
  await save(page);

  await expect(page.getByText('Rule 1 was added: Refuses mail to maria@customer.test')).toBeVisible();
  await expect(menu).toBeFocused();
  await refuse(mailmitt, 'maria@customer.test');
  await mailmitt.send({ to: 'anna@customer.test' });
});
