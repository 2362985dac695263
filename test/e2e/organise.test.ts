/** Read and unread, stars, tags and undo: for one message, for several, and for all that a list holds. */
import type { Locator, Page } from '@playwright/test';
import { createTransport } from 'nodemailer';
import { type Mailmitt, expect, row, rows, test } from './mailmitt.ts';

const list = (page: Page): Locator => page.getByRole('listbox', { name: 'Messages' });
const entry = (page: Page, name: string): Locator =>
  page.getByRole('navigation').getByRole('button', { name, exact: true });
const selected = (page: Page): Locator => list(page).getByRole('option', { selected: true });
const panel = (page: Page): Locator => page.getByRole('region', { name: 'Selection' });
const toast = (page: Page): Locator => page.getByRole('status', { name: 'Last change' });
const picker = (page: Page): Locator => page.getByRole('combobox', { name: 'Tag' });
const option = (page: Page, name: string): Locator => page.getByRole('dialog').getByRole('option', { name });
const field = (page: Page): Locator => page.getByRole('searchbox', { name: 'Search messages' });

/** Messages of these subjects, the first of them the oldest; the list has the keyboard, at the newest. */
async function openWith(mailmitt: Mailmitt, ...subjects: string[]): Promise<Page> {
  const page = await mailmitt.page();
  for (const subject of subjects) await mailmitt.send({ subject });
  await expect(rows(page)).toHaveCount(subjects.length);
  await list(page).focus();
  await page.keyboard.press('Home');
  return page;
}

/** Sends many at once. */
async function sendMany(mailmitt: Mailmitt, subjects: string[]): Promise<void> {
  const pool = { host: '127.0.0.1', port: await mailmitt.port(), ignoreTLS: true, pool: true, maxMessages: Infinity };
  const transport = createTransport(pool);
  const message = { from: 'no-reply@orchard.test', to: 'maria@customer.test', text: 'Hello' };
  await Promise.all(subjects.map((subject) => transport.sendMail({ ...message, subject })));
  transport.close();
}

const numbered = (subject: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${subject} ${index + 1}`);

/** Chooses from the menu of a tag. */
async function openMenu(page: Page, tag: string): Promise<void> {
  await entry(page, tag).hover();
  await page.getByRole('button', { name: 'Tag menu', description: tag }).click();
}

async function deleteAll(page: Page, meanwhile?: () => Promise<void>): Promise<void> {
  await page.getByRole('button', { name: 'Delete all' }).click();
  await meanwhile?.();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete all' }).click();
}

test('by keyboard alone: several are selected, marked, starred, tagged, deleted and brought back', async ({
  mailmitt,
}) => {
  const page = await openWith(mailmitt, 'one', 'two', 'three', 'four', 'five');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Control+ArrowDown');
  await page.keyboard.press('Control+ArrowDown');
  await page.keyboard.press('Control+Space');
  await expect(selected(page)).toHaveText([/five/, /four/, /two/]);
  await expect(panel(page).getByRole('heading')).toHaveText('3 messages selected');
  await expect(page.getByRole('status', { name: 'Selection' })).toHaveText('3 messages selected');
  await expect(list(page)).toHaveAttribute('aria-multiselectable', 'true');
  expect(await row(page, 'two').getAttribute('id')).toBe(await list(page).getAttribute('aria-activedescendant'));

  await page.keyboard.press('Shift+I');
  await expect(entry(page, 'Inbox')).toHaveAccessibleDescription('2 unread');
  await page.keyboard.press('Shift+U');
  await expect(entry(page, 'Inbox')).toHaveAccessibleDescription('5 unread');
  await page.keyboard.press('s');
  await expect(list(page).getByRole('option', { name: /starred/ })).toHaveText([/five/, /four/, /two/]);

  await page.keyboard.press('t');
  await expect(picker(page)).toBeFocused();
  await page.keyboard.type('check out');
  await page.keyboard.press('Enter');
  await expect(option(page, 'check out')).toBeChecked();
  await page.keyboard.press('Escape');
  await expect(list(page)).toBeFocused();
  await expect(list(page).getByRole('option', { name: /tagged check out/ })).toHaveCount(3);
  await expect(entry(page, 'check out')).toHaveAccessibleDescription('3 messages');

  await page.keyboard.press('Delete');
  await expect(rows(page)).toHaveText([/three/, /one/]);
  await expect(toast(page)).toContainText('3 messages deleted.');
  await expect(selected(page)).toHaveText([/one/]);
  await page.keyboard.press('z');
  await expect(rows(page)).toHaveCount(5);
  await expect(selected(page)).toHaveText([/five/, /four/, /two/]);
  await expect(toast(page)).toBeEmpty();

  await page.keyboard.press('Escape');
  await expect(selected(page)).toHaveText([/two/]);
  await expect(page.getByRole('article', { name: 'Message' }).getByRole('heading')).toHaveText('two');
});

test('by mouse: several are selected with Ctrl and Shift, and the panel acts on them', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, 'one', 'two', 'three', 'four', 'five');
  await row(page, 'five').click();
  await row(page, 'three').click({ modifiers: ['Shift'] });
  await row(page, 'one').click({ modifiers: ['ControlOrMeta'] });
  await row(page, 'four').click({ modifiers: ['ControlOrMeta'] });
  await expect(selected(page)).toHaveText([/five/, /three/, /one/]);

  await panel(page).getByRole('button', { name: 'Star' }).click();
  await expect(list(page).getByRole('option', { name: /starred/ })).toHaveCount(3);
  const tagButton = panel(page).getByRole('button', { name: 'Tag…' });
  await tagButton.click();
  await expect(picker(page)).toBeFocused();
  await page.keyboard.type('later');
  await option(page, 'Create later').click();
  await expect(option(page, 'later')).toBeChecked();
  await page.keyboard.press('Escape');
  await expect(tagButton).toBeFocused();
  await expect(list(page).getByRole('option', { name: /tagged later/ })).toHaveCount(3);

  await mailmitt.send({ subject: 'six' });
  await expect(rows(page)).toHaveCount(6);
  await expect(selected(page)).toHaveText([/five/, /three/, /one/]);
  await panel(page).getByRole('button', { name: 'Delete' }).click();
  await expect(rows(page)).toHaveText([/six/, /four/, /two/]);
  await expect(list(page)).toBeFocused();
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await expect(selected(page)).toHaveText([/five/, /three/, /one/]);
  await panel(page).getByRole('button', { name: 'Clear selection' }).click();
  await expect(selected(page)).toHaveCount(1);
  await expect(list(page)).toBeFocused();
});

test.describe('a tag', () => {
  test('is made in the opened message, shows its messages, and comes off again', async ({ mailmitt }) => {
    const page = await openWith(mailmitt, 'one', 'two');
    const message = page.getByRole('article', { name: 'Message' });
    await row(page, 'one').click();
    const button = message.getByRole('button', { name: 'Tag…' });
    await button.click();
    await expect(picker(page)).toBeFocused();
    await button.click();
    await expect(picker(page)).toBeHidden();
    await button.click();
    await expect(picker(page)).toBeFocused();
    await page.keyboard.type('two words');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await expect(button).toBeFocused();
    await expect(page.getByRole('heading', { name: 'Tags', level: 2 })).toBeVisible();

    await entry(page, 'two words').click();
    await expect(field(page)).toHaveValue('tag:"two words"');
    await expect(rows(page)).toHaveText([/one/]);
    await expect(entry(page, 'two words')).toHaveAttribute('aria-current', 'page');
    await expect(entry(page, 'Inbox')).not.toHaveAttribute('aria-current');

    await message.getByRole('button', { name: 'Remove tag two words' }).click();
    await expect(entry(page, 'two words')).toHaveAccessibleDescription('0 messages');
    await entry(page, 'Inbox').click();
    await expect(rows(page)).toHaveText([/two/, /one/]);
    await expect(field(page)).toHaveValue('');
  });

  test('is renamed, coloured and deleted by its menu', async ({ mailmitt }) => {
    const page = await openWith(mailmitt, 'one', 'two', 'three');
    await page.keyboard.press('t');
    for (const tag of ['checkout', 'onboarding']) {
      await expect(picker(page)).toBeFocused();
      await page.keyboard.type(tag);
      await page.keyboard.press('Enter');
      await expect(option(page, tag)).toBeChecked();
    }
    await page.keyboard.press('Escape');
    await entry(page, 'checkout').click();

    await openMenu(page, 'checkout');
    await page.getByRole('menuitem', { name: 'Rename…' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('onboarding');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveAccessibleDescription(
      'There is a tag onboarding already.',
    );
    await page.getByRole('textbox', { name: 'Name' }).fill('payment');
    await page.keyboard.press('Enter');
    await expect(field(page)).toHaveValue('tag:payment');
    await expect(list(page).getByRole('option', { name: /tagged onboarding, tagged payment/ })).toBeVisible();

    // By keyboard: the entry, its menu, the colours.
    await entry(page, 'payment').focus();
    await page.keyboard.press('Tab');
    for (const key of ['Enter', 'ArrowDown', 'ArrowRight']) await page.keyboard.press(key);
    await expect(page.getByRole('menuitemradio')).toHaveCount(8);
    await expect(page.getByRole('menuitemradio', { name: 'Blue' })).toBeChecked();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('menuitemradio')).toHaveCount(0);
    await expect
      .poll(async () => (await mailmitt.call('messages.list', { limit: 1 })).counts.tags)
      .toContainEqual(expect.objectContaining({ name: 'payment', color: 'teal' }));
    await expect(page.getByRole('button', { name: 'Tag menu', description: 'payment' })).toBeFocused();

    await openMenu(page, 'payment');
    await page.getByRole('menuitem', { name: 'Delete…' }).click();
    await expect(page.getByRole('alertdialog')).toContainText('1 message will lose it for good, and stay.');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(entry(page, 'payment')).toHaveCount(0);
    await expect(rows(page)).toHaveCount(3);
    await expect(entry(page, 'Inbox')).toBeFocused();
  });

  test('that some of several have is set on all of them', async ({ mailmitt }) => {
    const page = await openWith(mailmitt, 'one', 'two', 'three');
    const tag = await mailmitt.call('tags.create', { name: 'checkout', color: 'red' });
    const { messages } = await mailmitt.call('messages.list', { limit: 1 });
    await mailmitt.call('messages.tag', { messages: { ids: messages.map(({ id }) => id) }, tag, on: true });
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('t');
    await expect(option(page, 'checkout')).toHaveAttribute('aria-checked', 'mixed');
    await page.keyboard.press('Enter');
    await expect(option(page, 'checkout')).toBeChecked();
    await expect(entry(page, 'checkout')).toHaveAccessibleDescription('2 messages');
    await page.keyboard.press('Enter');
    await expect(option(page, 'checkout')).not.toBeChecked();
    await expect(entry(page, 'checkout')).toHaveAccessibleDescription('0 messages');
  });

  test('never makes a row higher, nor leaves the window, however many and long they are', async ({ mailmitt }) => {
    const page = await openWith(mailmitt, 'one', 'two');
    const plain = await row(page, 'one').boundingBox();
    const { messages } = await mailmitt.call('messages.list', { limit: 1 });
    for (const name of ['W'.repeat(100), 'للمراجعة '.repeat(11), 'x', 'y']) {
      const tag = await mailmitt.call('tags.create', { name, color: 'grey' });
      await mailmitt.call('messages.tag', { messages: { ids: messages.map(({ id }) => id) }, tag, on: true });
    }
    await expect(row(page, 'two')).toHaveAccessibleName(/tagged y/);
    await expect(row(page, 'two')).toContainText('+2');
    expect((await row(page, 'two').boundingBox())?.height).toBe(plain?.height);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(await list(page).evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
  });
});

test.describe('to undo', () => {
  test('one message comes back to where it was, and opens', async ({ mailmitt }) => {
    const page = await openWith(mailmitt, 'one', 'two', 'three');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Delete');
    await expect(rows(page)).toHaveText([/three/, /one/]);
    await page.keyboard.press('Control+z');
    await expect(rows(page)).toHaveText([/three/, /two/, /one/]);
    await expect(page.getByRole('article', { name: 'Message' }).getByRole('heading')).toHaveText('two');
    await expect(list(page)).toBeFocused();
  });

  test('a delete of all brings back what it deleted; what came after the click was never gone', async ({
    mailmitt,
  }) => {
    const page = await openWith(mailmitt, 'one', 'two', 'three');
    await deleteAll(page, async () => {
      await expect(page.getByRole('alertdialog')).toContainText('can be undone for a minute');
      await mailmitt.send({ subject: 'after the click' });
      await expect(row(page, 'after the click')).toBeAttached();
    });
    await expect(rows(page)).toHaveText([/after the click/]);
    await expect(toast(page)).toContainText('3 messages deleted.');
    await mailmitt.send({ subject: 'later' });
    await page.keyboard.press('z');
    await expect(rows(page)).toHaveText([/later/, /after the click/, /three/, /two/, /one/]);
  });

  test('goes on from an empty inbox, and not while somebody writes', async ({ mailmitt }) => {
    const page = await openWith(mailmitt, 'one', 'two');
    await deleteAll(page);
    await expect(page.getByText('Ready to catch')).toBeVisible();
    await field(page).focus();
    await page.keyboard.type('z');
    await page.keyboard.press('Control+z');
    await expect(toast(page)).toContainText('2 messages deleted.');
    await page.keyboard.press('Escape');
    await page.keyboard.press('z');
    await expect(rows(page)).toHaveText([/two/, /one/]);
  });

  test('is the rules’ own where rules are shown', async ({ mailmitt }) => {
    const page = await openWith(mailmitt, 'one', 'two');
    await page.keyboard.press('Delete');
    await expect(toast(page)).toContainText('1 message deleted.');
    await entry(page, 'Rules').click();
    await page.keyboard.press('Control+z');
    await expect(toast(page)).toContainText('1 message deleted.');
    await entry(page, 'Settings').click();
    await page.keyboard.press('z');
    await entry(page, 'Inbox').click();
    await expect(rows(page)).toHaveCount(2);
  });

  test('is offered until it is dismissed, and then goes by key alone', async ({ mailmitt }) => {
    const page = await openWith(mailmitt, 'one', 'two');
    await page.keyboard.press('Delete');
    await toast(page).getByRole('button', { name: 'Dismiss' }).click();
    await expect(toast(page)).toBeEmpty();
    await page.keyboard.press('z');
    await expect(rows(page)).toHaveCount(2);
  });
});

test('all that match a search, on more than one page, are acted on at once; what arrives then is not', async ({
  mailmitt,
}) => {
  const page = await mailmitt.page();
  await sendMany(mailmitt, [...numbered('Invoice', 450), ...numbered('Newsletter', 10)]);
  await expect(entry(page, 'Inbox')).toHaveAccessibleDescription('460 unread');
  await field(page).fill('invoice');
  await expect(page.getByRole('main')).toContainText('450 found');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Control+a');
  await expect(panel(page).getByRole('heading')).toHaveText('All 450 messages selected');

  await mailmitt.send({ subject: 'Invoice that comes late' });
  await expect(row(page, 'Invoice that comes late')).toHaveAttribute('aria-selected', 'false');
  await page.keyboard.press('Shift+I');
  await expect(entry(page, 'Inbox')).toHaveAccessibleDescription('11 unread');
  await page.keyboard.press('t');
  await expect(picker(page)).toBeFocused();
  await page.keyboard.type('paid');
  await page.keyboard.press('Enter');
  await expect(entry(page, 'paid')).toHaveAccessibleDescription('450 messages');
  await page.keyboard.press('Escape');
  await page.keyboard.press('s');
  await expect.poll(async () => await mailmitt.call('messages.count', { search: 'is:starred tag:paid' })).toBe(450);

  await page.keyboard.press('Delete');
  await expect(toast(page)).toContainText('450 messages deleted.');
  await expect(rows(page)).toHaveText([/Invoice that comes late/]);
  await page.keyboard.press('z');
  await expect(page.getByRole('main')).toContainText('451 found');
  await expect(panel(page).getByRole('heading')).toHaveText('All 450 messages selected');
  expect(await mailmitt.call('messages.list', { limit: 1 })).toMatchObject({ counts: { total: 461 } });
});

test('where there is no room for both, the list says what is selected, and offers the same', async ({ mailmitt }) => {
  const page = await openWith(mailmitt, 'one', 'two', 'three');
  await mailmitt.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(700, 700));
  await page.getByRole('button', { name: 'Back' }).click();
  await page.keyboard.press('Shift+ArrowDown');
  await expect(page.getByRole('heading', { name: '2 messages selected' })).toBeVisible();
  await page.getByRole('button', { name: 'Tag…' }).click();
  await expect(picker(page)).toBeFocused();
  await page.keyboard.type('later');
  await page.keyboard.press('Enter');
  await expect(option(page, 'later')).toBeChecked();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(rows(page)).toHaveText([/one/]);
  await expect(list(page)).toBeFocused();
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('heading', { name: '2 messages selected' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear selection' }).click();
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible();
});
