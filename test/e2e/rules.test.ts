import type { Locator, Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rule, RuleDefaults } from '../../preload/contract.ts';
import { SmtpClient } from '../unit/support/smtp-client.ts';
import { expect, type Mailmitt, row, rows, test } from './mailmitt.ts';

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
  await save(page);
}

const save = (page: Page): Promise<void> => page.getByRole('button', { name: 'Save', exact: true }).click();
const openRules = (page: Page): Promise<void> => page.getByRole('button', { name: /^Rules/ }).click();
const openInbox = (page: Page): Promise<void> => page.getByRole('button', { name: /^Inbox/ }).click();

/** The rows of the rules, without those around them. */
const ruleRows = (page: Page): Locator =>
  page
    .getByRole('table', { name: 'Rules' })
    .getByRole('row')
    .filter({ has: page.getByRole('switch') });

const allowAll: RuleDefaults = { host: 'allow', sender: 'allow', recipient: 'allow' };

const deny = (id: string): Rule => ({
  ...{ id, enabled: true, stage: 'recipient', pattern: `${id}@*`, action: 'deny', reason: '', reply: null },
});

/** The rules page with rules that deny these local parts. */
async function openWith(mailmitt: Mailmitt, ...ids: string[]): Promise<Page> {
  const page = await mailmitt.page();
  await mailmitt.call('rules.save', { rules: ids.map(deny), defaults: allowAll });
  await openRules(page);
  await expect(ruleRows(page)).toHaveCount(ids.length);
  return page;
}

const saved = async (mailmitt: Mailmitt): Promise<Rule[]> => (await mailmitt.call('rules.get', undefined)).rules;
const patterns = async (mailmitt: Mailmitt): Promise<string[]> =>
  (await saved(mailmitt)).map(({ pattern }) => pattern.replace('@*', ''));

test('a sender that a rule denies is told 553, and the message does not appear', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await addRule(page, { stage: 'sender', pattern: '*@spam.test', reason: 'we know them' });
  await expect(page.getByRole('table', { name: 'Rules' })).toContainText('*@spam.test');

  await expect(mailmitt.send({ from: 'win@spam.test', subject: 'You won' })).rejects.toMatchObject({
    responseCode: 553,
    response: '553 5.7.1 Requested action not taken: mailbox name not allowed',
  });
  await expect(ruleRows(page)).toContainText('553 5.7.1 Requested action not taken: mailbox name not allowed');
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
  await expect.poll(() => saved(mailmitt)).toHaveLength(2);
  expect(await command('RCPT TO:<anna@customer.test>')).toBe(553);
  await page
    .getByRole('button', { name: /^Move .*up/i })
    .nth(1)
    .click();
  await expect.poll(() => command('RCPT TO:<anna@customer.test>')).toBe(250);
  client.destroy();
});

test('how often a rule decided is shown as it happens', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, 'bogus');
  await expect(ruleRows(page)).toContainText('never');
  await expect(mailmitt.send({ to: 'bogus@x.test' })).rejects.toThrow();
  await expect(ruleRows(page).getByRole('cell', { name: '1', exact: true })).toHaveCount(2);
  await expect(ruleRows(page)).not.toContainText('never');
});

test('a greylist puts off the first attempt, and begins anew when told to', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByLabel('Start from').selectOption('greylisting');
  await save(page);
  await expect(ruleRows(page)).toContainText('Greylists grey@*: the first attempt, for at most 60 s');
  await expect(mailmitt.send({ to: 'grey@customer.test' })).rejects.toMatchObject({ responseCode: 451 });
  await mailmitt.send({ to: 'grey@customer.test' });
  await page.getByRole('button', { name: 'Begin anew' }).click();
  await expect(page.getByText('Rule 1 begins anew.')).toBeVisible();
  await expect(mailmitt.send({ to: 'grey@customer.test' })).rejects.toMatchObject({ responseCode: 451 });
});

test('a list is edited by keyboard alone', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, 'a', 'b');
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.getByRole('button', { name: 'Add rule' }).focus();
  await press('Enter');
  await expect(page.getByLabel('Start from')).toBeFocused();
  await press('Tab', 'Tab', 'Tab');
  await expect(page.getByLabel('Pattern')).toBeFocused();
  await page.keyboard.type('c@*');
  await press('Enter');
  // The new rule has the focus, so that it can be moved at once.
  const edit = ruleRows(page).nth(2).getByRole('button', { name: 'Edit' });
  await expect(edit).toBeFocused();
  await expect(page.getByText('Rule 3 was added.')).toBeVisible();

  await press('Alt+ArrowUp');
  await expect(page.getByText('Rule 3 is now 2nd of 3.')).toBeVisible();
  await expect(ruleRows(page).nth(1).getByRole('button', { name: 'Edit' })).toBeFocused();
  await press('Alt+ArrowUp', 'Alt+ArrowUp');
  await expect.poll(() => patterns(mailmitt)).toEqual(['c', 'a', 'b']);
  await press('Alt+ArrowDown');
  await expect.poll(() => patterns(mailmitt)).toEqual(['a', 'c', 'b']);

  await press('Enter');
  await expect(page.getByLabel('Stage')).toBeFocused();
  await press('Tab', 'Tab');
  await expect(page.getByLabel('Pattern')).toBeFocused();
  await press('ControlOrMeta+a');
  await page.keyboard.type('d@*');
  await press('Enter');
  await expect.poll(() => patterns(mailmitt)).toEqual(['a', 'd', 'b']);

  await press('Tab', 'Enter');
  await expect.poll(() => patterns(mailmitt)).toEqual(['a', 'd', 'd', 'b']);
  await expect(ruleRows(page).nth(2).getByRole('button', { name: 'Duplicate' })).toBeFocused();
  await press('Tab', 'Enter');
  await expect.poll(() => patterns(mailmitt)).toEqual(['a', 'd', 'b']);
  await expect(ruleRows(page).nth(2).getByRole('button', { name: 'Delete' })).toBeFocused();
  await press('Tab', 'Shift+Tab', 'Enter');
  await expect.poll(() => patterns(mailmitt)).toEqual(['a', 'd']);
  await expect(ruleRows(page).nth(1).getByRole('button', { name: 'Delete' })).toBeFocused();
  for (let step = 0; step < 5; step++) await press('Shift+Tab');
  await expect(ruleRows(page).nth(1).getByRole('switch')).toBeFocused();
  await press('Space');
  await expect(page.getByText('Rule 2 is off.')).toBeVisible();

  for (const undone of ['switch rule 2 off', 'delete rule 3', 'delete rule 3', 'duplicate rule 2', 'edit rule 2']) {
    await press('ControlOrMeta+z');
    await expect(page.getByText(`Undone: ${undone}.`)).toBeVisible();
  }
  await expect.poll(() => patterns(mailmitt)).toEqual(['a', 'c', 'b']);
  for (let step = 0; step < 4; step++) await press('ControlOrMeta+z');
  await expect.poll(() => patterns(mailmitt)).toEqual(['a', 'b']);
  await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
});

test('undo leaves a text field to itself', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, 'a', 'b');
  await page.getByRole('button', { name: 'Delete' }).first().click();
  await expect.poll(() => patterns(mailmitt)).toEqual(['b']);
  await page.getByLabel('Sender', { exact: true }).fill('x');
  await page.keyboard.press('ControlOrMeta+z');
  expect(await patterns(mailmitt)).toEqual(['b']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => patterns(mailmitt)).toEqual(['a', 'b']);
});

for (const { what, from, to, place, after } of [
  { what: 'down', from: 0, to: 2, place: 'below', after: ['b', 'c', 'a', 'd'] },
  { what: 'up', from: 3, to: 1, place: 'above', after: ['a', 'd', 'b', 'c'] },
  { what: 'to the end', from: 0, to: 3, place: 'below', after: ['b', 'c', 'd', 'a'] },
] as const) {
  test(`a rule is dragged ${what}`, async ({ mailmitt }) => {
    const page = await openWith(mailmitt, 'a', 'b', 'c', 'd');
    // The display's own pointer lies still somewhere in the window, and now and then ends a drag by saying so.
    await expect(async () => {
      const target = await ruleRows(page).nth(to).boundingBox();
      if (target === null) throw new Error('no such row');
      await ruleRows(page).nth(from).getByTitle('Drag to move').hover();
      await page.mouse.down();
      await page.mouse.move(target.x + 100, target.y + (place === 'below' ? target.height - 4 : 4), { steps: 5 });
      await page.mouse.up();
      await expect.poll(() => patterns(mailmitt), { timeout: 1000 }).toEqual(after);
    }).toPass();
    await expect(ruleRows(page)).toContainText(after.map((local) => `${local}@*`));
  });
}

test('a drag that is broken off moves nothing', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, 'a', 'b');
  await ruleRows(page).nth(0).getByTitle('Drag to move').hover();
  await page.mouse.down();
  await ruleRows(page).nth(1).hover();
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await expect(ruleRows(page)).toContainText(['a@*', 'b@*']);
  await expect(page.getByRole('button', { name: 'Undo' })).toBeDisabled();
});

test('what is no rule is told beside its field, and nothing that was typed is lost', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await addRule(page, { stage: 'host', pattern: 'mail.example.com', reason: 'kept' });
  await expect(page.getByLabel('Pattern')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByLabel('Pattern')).toHaveAccessibleDescription(/IP address/);
  await expect(page.getByLabel('Pattern')).toBeFocused();
  await expect(page.getByLabel('Reason')).toHaveValue('kept');
  expect(await saved(mailmitt)).toEqual([]);
  await page.getByLabel('Pattern').fill('10.0.0.0/8');
  await save(page);
  await expect.poll(() => saved(mailmitt)).toHaveLength(1);
});

test('what is wrong is told while typing, but not of a field that nobody was in', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await page.getByRole('button', { name: 'Add rule' }).click();
  const pattern = page.getByLabel('Pattern');
  await page.getByLabel('Reason').fill('spam');
  await expect(page.getByLabel('Reply code')).toHaveAttribute('placeholder', '553');
  await expect(pattern).not.toHaveAttribute('aria-invalid');
  await pattern.focus();
  await page.getByLabel('Reason').focus();
  await expect(pattern).toHaveAccessibleDescription(/A pattern is needed/);
  await pattern.fill('/(/');
  await expect(pattern).toHaveAccessibleDescription(/Not a regular expression/);
  await pattern.fill('bulk@*');
  await expect(pattern).not.toHaveAttribute('aria-invalid');

  await page.getByLabel('Action').selectOption('limit');
  for (const text of ['1e3', 'abc', '', '0']) {
    await page.getByLabel('Messages', { exact: true }).fill(text);
    await expect(page.getByLabel('Messages', { exact: true })).toHaveAccessibleDescription(
      'A whole number from 1 to 10,000.',
    );
  }
  await page.getByLabel('Messages', { exact: true }).fill('7');
  await expect(page.getByLabel('Messages', { exact: true })).not.toHaveAttribute('aria-invalid');
  await page.getByLabel('Enhanced code').fill('5.7.1');
  await expect(page.getByLabel('Enhanced code')).toHaveAccessibleDescription(/with 4/);
  await page.getByLabel('Enhanced code').fill('4.7.2');
  await expect(page.getByRole('dialog')).toContainText('450 4.7.2 Too many messages, try again later');
  await save(page);
  await expect
    .poll(() => saved(mailmitt))
    .toMatchObject([{ action: 'limit', count: 7, seconds: 60, reply: { enhanced: '4.7.2' } }]);
});

test('a new rule starts from a preset', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByLabel('Start from').selectOption('mailbox full');
  await page.getByLabel('Pattern').fill('maria@*');
  await expect(page.getByRole('dialog')).toContainText('452 4.2.2 Mailbox full');
  await save(page);
  await expect(ruleRows(page)).toContainText('Puts off mail to maria@*');
  await expect(mailmitt.send()).rejects.toMatchObject({ response: '452 4.2.2 Mailbox full' });
});

test('what no rule matches can be refused', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await openRules(page);
  await expect(page.getByText('What no rule matches is accepted.')).toBeVisible();
  await page.getByLabel('Other recipients').selectOption('refused');
  await expect(
    page.getByText('Where no rule matches, recipients are refused, hosts and senders accepted.'),
  ).toBeVisible();
  await expect(mailmitt.send()).rejects.toMatchObject({ responseCode: 553 });
  await addRule(page, { stage: 'recipient', pattern: 'maria@*', action: 'allow' });
  await mailmitt.send();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByLabel('Other recipients')).toHaveValue('allow');
  await mailmitt.send();
});

test('what would happen can be asked, and follows what is typed and what is changed', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, 'bogus', 'anna');
  await page.getByLabel('Sender', { exact: true }).fill('shop@x.test');
  await page.getByLabel('Recipients', { exact: true }).fill('bogus@x.test, maria@x.test\npostmaster');
  const forecast = page.getByRole('list', { name: 'Forecast' });
  const entries = forecast.locator('> li');
  await expect(entries).toHaveCount(0);
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  await expect(entries).toContainText([
    /127\.0\.0\.1.*accepted.*no rule matches/s,
    /shop@x\.test.*accepted/s,
    /bogus@x\.test.*553 5\.7\.1.*rule 1: Refuses mail to bogus@\*/s,
    /maria@x\.test.*accepted.*no rule matches/s,
    /postmaster.*accepted/s,
  ]);
  await entries.nth(3).getByText('2 rules passed over').click();
  await expect(entries.nth(3)).toContainText('Rule 2 does not match');

  await page.getByLabel('Recipients', { exact: true }).fill('anna@x.test');
  await expect(entries.nth(2)).toContainText('rule 2: Refuses mail to anna@*');
  await page.getByRole('switch').nth(1).click();
  await expect(entries.nth(2)).toContainText('no rule matches');
  await page.getByLabel('Host', { exact: true }).fill('localhost');
  await expect(page.getByLabel('Host', { exact: true })).toHaveAccessibleDescription(/An IP address/);
  expect(await mailmitt.call('rules.decisions', undefined)).toEqual({});
});

/** Lets Electron's dialogs answer with a file. */
async function choose(mailmitt: Mailmitt, path: string): Promise<void> {
  await mailmitt.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [filePath] });
  }, path);
}

test('rules that were exported can be imported', async ({ mailmitt, userData }) => {
  const page = await openWith(mailmitt, 'a', 'b', 'c');
  const path = join(userData, 'exported.json');
  await choose(mailmitt, path);
  await page.getByRole('button', { name: 'Export' }).click();
  await expect(page.getByText(`Exported to ${path}`)).toBeVisible();

  await page.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByRole('dialog')).toContainText('The file changes nothing');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Import' })).toBeFocused();

  const file = JSON.parse(readFileSync(path, 'utf8')) as { rules: Rule[]; defaults: RuleDefaults };
  const [a, b] = file.rules as [Rule, Rule];
  writeFileSync(
    path,
    JSON.stringify({
      defaults: { ...file.defaults, host: 'deny' },
      rules: [b, { ...a, pattern: 'anna@*' }, { stage: 'sender', pattern: '*@new.test', action: 'defer' }],
    }),
  );
  await page.getByRole('button', { name: 'Import' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Added');
  await expect(dialog).toContainText('Puts off mail from *@new.test');
  await expect(dialog).toContainText(/Refuses mail to a@\*\s*→\s*Refuses mail to anna@\*/);
  await expect(dialog).toContainText('Refuses mail to c@*');
  await expect(dialog).toContainText('in another order');
  await expect(dialog).toContainText('Where no rule matches, hosts are refused');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await patterns(mailmitt)).toEqual(['a', 'b', 'c']);

  await page.getByRole('button', { name: 'Import' }).click();
  await page.getByRole('button', { name: 'Replace rules' }).click();
  await expect.poll(() => patterns(mailmitt)).toEqual(['b', 'anna', '*@new.test']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect
    .poll(() => mailmitt.call('rules.get', undefined))
    .toMatchObject({ rules: [a, b, deny('c')], defaults: allowAll });
});

test('a wrong file changes nothing, and says where it is wrong', async ({ mailmitt, userData }) => {
  const page = await openWith(mailmitt, 'a');
  const path = join(userData, 'wrong.json');
  await choose(mailmitt, path);
  const rule = { ...deny('b'), reply: { code: 250, enhanced: null, text: 'OK' } };
  writeFileSync(path, JSON.stringify({ rules: [deny('c'), rule] }));
  await page.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByRole('dialog')).toContainText('Nothing was changed.');
  await expect(page.getByRole('dialog')).toContainText(/rules\[1\]\.reply\.code.*500 to 599/s);
  await expect(page.getByRole('button', { name: 'Replace rules' })).toBeHidden();
  await page.getByRole('button', { name: 'Close' }).click();
  expect(await saved(mailmitt)).toEqual([deny('a')]);
});

test('rules that this version cannot use are kept aside, shown, and deleted when told to', async ({
  start,
  userData,
}) => {
  writeFileSync(
    join(userData, 'rules.json'),
    JSON.stringify({ rules: [deny('a'), { id: 'b', action: 'teleport' }, { id: 'c', action: 'levitate' }] }),
  );
  const mailmitt = await start();
  const page = await mailmitt.page();
  await openRules(page);
  await expect(ruleRows(page)).toHaveCount(1);
  const aside = page.getByRole('region', { name: 'Kept aside' });
  await expect(aside.getByRole('listitem')).toHaveText([/"teleport"/, /"levitate"/]);
  await aside.getByRole('button', { name: 'Delete' }).first().click();
  await expect(aside.getByRole('listitem')).toHaveText([/"levitate"/]);
  await expect(aside.getByRole('button', { name: 'Delete' })).toBeFocused();
  await aside.getByRole('button', { name: 'Delete' }).click();
  await expect(aside).toBeHidden();
  expect(await saved(mailmitt)).toEqual([deny('a')]);
});

test('a thousand rules are shown, found and moved', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, ...Array.from({ length: 1000 }, (_, index) => `user${index}`));
  await page.getByRole('button', { name: 'Add rule' }).click();
  await page.getByLabel('Pattern').fill('last@*');
  await save(page);
  await expect(ruleRows(page).nth(1000).getByRole('button', { name: 'Edit' })).toBeFocused();
  await expect(ruleRows(page).nth(1000)).toBeInViewport();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(page.getByText('Rule 1,001 is now 1,000th of 1,001.')).toBeVisible();
  await page.getByLabel('Recipients', { exact: true }).fill('user999@x.test');
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  const entry = page.getByRole('list', { name: 'Forecast' }).locator('> li').nth(2);
  await expect(entry).toContainText('rule 1001: Refuses mail to user999@*');
  await entry.getByText('1,000 other rules passed over').click();
  await expect(entry.getByRole('listitem')).toHaveCount(21);
  await expect(entry.getByRole('listitem').last()).toHaveText('and 980 more');
});
