import type { Locator, Page } from '@playwright/test';
import { createTransport } from 'nodemailer';
import { type Mailmitt, expect, row, rows, test } from './mailmitt.ts';

const field = (page: Page): Locator => page.getByRole('searchbox', { name: 'Search messages' });
const list = (page: Page): Locator => page.getByRole('listbox', { name: 'Messages' });
const entry = (page: Page, name: string): Locator =>
  page.getByRole('navigation').getByRole('button', { name, exact: true });
const title = (page: Page): Locator => page.getByRole('main').getByRole('heading', { level: 2 });

/** Sends as an app does that says who it is. */
async function sendAs(mailmitt: Mailmitt, user: string, subject: string): Promise<void> {
  const port = await mailmitt.port();
  const transport = createTransport({ host: '127.0.0.1', port, auth: { user, pass: 'x' }, ignoreTLS: true });
  await transport.sendMail({ from: `${user}@orchard.test`, to: 'maria@customer.test', subject, text: 'Hello' });
  transport.close();
}

/** Chooses from the menu of a mailbox. */
async function chooseFor(page: Page, mailbox: string, item: string): Promise<void> {
  await entry(page, mailbox).hover();
  await page.getByRole('button', { name: 'Mailbox menu', description: mailbox }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

test.describe('to search', () => {
  test.beforeEach(async ({ mailmitt }) => {
    await mailmitt.send({ subject: 'Invoice 1182', text: 'Thank you for your order.' });
    await mailmitt.send({ subject: 'Invoice 1183', text: 'Your order, thank you for it.' });
    await mailmitt.send({ from: 'Anna Berg <anna@shop.test>', subject: 'Réservation', text: 'See you on Monday.' });
    await expect(rows(await mailmitt.page())).toHaveCount(3);
  });

  test('words, senders and phrases find what they say, as they are typed', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await page.keyboard.press('/');
    await expect(field(page)).toBeFocused();
    await page.keyboard.type('invoi');
    await expect(rows(page)).toHaveText([/Invoice 1183/, /Invoice 1182/]);
    await expect(title(page)).toHaveText('Search in Inbox');
    await expect(page.getByRole('main')).toContainText('2 found');
    await expect(page.getByRole('status', { name: 'Search' })).toHaveText('2 found in Inbox.');
    await expect(page.getByRole('button', { name: 'Delete all' })).toBeHidden();

    await field(page).fill('from:anna');
    await expect(rows(page)).toHaveText([/Réservation/]);
    await field(page).fill('"thank you for your"');
    await expect(rows(page)).toHaveText([/Invoice 1182/]);
    await expect(row(page, 'Invoice 1182').locator('mark')).toHaveText(['Thank you for your']);
    await field(page).fill('reservation');
    await expect(row(page, 'Réservation').locator('mark')).toHaveText('Réservation');
  });

  test('marks what it found in the opened message as well', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    const html = '<style>invoice { color: red }</style><p>Your <b>invoice</b> for March. <a href="#a">Invoices</a></p>';
    const attachments = [{ filename: 'invoice-1182.pdf', content: 'x' }];
    await mailmitt.send({
      from: 'Invoice Team <team@shop.test>',
      subject: 'The Invoice',
      html,
      text: 'An invoice.',
      attachments,
    });
    await field(page).fill('invoice ');
    await row(page, 'The Invoice').click();
    await expect(page.frameLocator('iframe').getByText('Invoices')).toHaveAttribute('href', 'about:srcdoc#a');
    const article = page.getByRole('article');
    await expect(article.getByRole('heading').locator('mark')).toHaveText('Invoice');
    await expect(page.frameLocator('iframe').locator('mark')).toHaveText('invoice');
    await expect(article.locator('dl mark')).toHaveText(['Invoice']);
    await page.getByRole('tab', { name: 'Text' }).click();
    await expect(article.locator('pre mark')).toHaveText('invoice');
    await page.getByRole('tab', { name: 'Attachments' }).click();
    await expect(article.locator('li mark')).toHaveText('invoice');
    await field(page).fill('subject:invoice ');
    await expect(article.getByRole('heading').locator('mark')).toHaveText('Invoice');
    await expect(article.locator('li mark')).toHaveCount(0);
  });

  test('marks it also where it stands very often', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    const text = 'invoice '.repeat(30_000);
    await mailmitt.send({ subject: 'Many', text, html: `<p>${text.repeat(10)}</p><p>${text}</p>` });
    await field(page).fill('subject:many invoice ');
    await row(page, 'Many').click();
    await expect(page.frameLocator('iframe').locator('mark')).toHaveCount(1000);
    await page.getByRole('tab', { name: 'Text' }).click();
    await expect(page.locator('pre mark')).toHaveCount(1000);
  });

  test('says how much it finds in all', async ({ mailmitt }) => {
    test.setTimeout(120_000);
    const page = await mailmitt.page();
    const port = await mailmitt.port();
    const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true, pool: true, maxMessages: Infinity });
    const message = { from: 'a@x.test', to: 'b@y.test', subject: 'Walrus', text: 'walrus' };
    await Promise.all(Array.from({ length: 230 }, () => transport.sendMail(message)));
    transport.close();
    await field(page).fill('walrus');
    await expect(page.getByRole('main')).toContainText('230 found');
    await expect(page.getByRole('status', { name: 'Search' })).toHaveText('230 found in Inbox.');
  });

  test('Escape shows everything again and leads back to the list', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await field(page).fill('invoice');
    await expect(rows(page)).toHaveCount(2);
    await page.keyboard.press('Escape');
    await expect(rows(page)).toHaveCount(3);
    await expect(field(page)).toHaveValue('');
    await expect(list(page)).toBeFocused();
  });

  test('what is wrong is told with the part that is, and the rows stay', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await field(page).fill('invoice');
    await expect(rows(page)).toHaveCount(2);
    await field(page).fill('invoice larger:huge');
    await expect(page.getByText('larger:huge “larger:” wants a size')).toBeVisible();
    await expect(field(page)).toHaveAttribute('aria-invalid', 'true');
    await expect(field(page)).toHaveAccessibleDescription(/^larger:huge/);
    await expect(rows(page)).toHaveCount(2);
    await field(page).fill('invoice smaller:1m 1183');
    await expect(rows(page)).toHaveText([/Invoice 1183/]);
    await expect(field(page)).not.toHaveAttribute('aria-invalid');
  });

  test('that finds nothing says so, and how to go on', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await field(page).fill('walrus');
    await expect(page.getByText('No message in Inbox matches walrus.')).toBeVisible();
    await expect(page.getByRole('status', { name: 'Search' })).toHaveText('Nothing found in Inbox.');
    await page.getByRole('main').getByRole('button', { name: 'Clear search' }).click();
    await expect(rows(page)).toHaveCount(3);
    await expect(list(page)).toBeFocused();
  });

  test('goes on while mail arrives, and keeps what is being read', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await field(page).fill('invoice is:unread');
    await expect(rows(page)).toHaveCount(2);
    await page.keyboard.press('ArrowDown');
    await expect(page.getByRole('heading', { name: 'Invoice 1183' })).toBeVisible();
    await mailmitt.send({ subject: 'Invoice 1184' });
    await mailmitt.send({ subject: 'Newsletter' });
    await mailmitt.send({ subject: 'Invoice 1185' });
    await expect(rows(page)).toHaveText([/Invoice 1185/, /Invoice 1184/, /Invoice 1183/, /Invoice 1182/]);
    await expect(page.getByRole('heading', { name: 'Invoice 1183' })).toBeVisible();
  });

  test('from another view leads to the inbox', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await entry(page, 'Rules').click();
    await page.keyboard.press('/');
    await page.keyboard.type('anna');
    await expect(rows(page)).toHaveText([/Réservation/]);
    await expect(field(page)).toBeFocused();
  });
});

test('a star is set by keyboard and by mouse, and found', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  for (const subject of ['one', 'two', 'three']) await mailmitt.send({ subject });
  // A row that is still to come moves the others from under the mouse.
  await expect(rows(page)).toHaveCount(3);
  await row(page, 'two').click();
  await list(page).focus();
  await page.keyboard.press('s');
  await expect(row(page, 'two')).toHaveAccessibleName(/starred/);
  await row(page, 'one').hover();
  await row(page, 'one').locator('.star').click();
  await field(page).fill('is:starred');
  await expect(rows(page)).toHaveText([/two/, /one/]);
});

test.describe('mailboxes', () => {
  test.beforeEach(async ({ mailmitt }) => {
    await mailmitt.send({ subject: 'Anonymous' });
    await sendAs(mailmitt, 'shop-api', 'Order 1');
    await sendAs(mailmitt, 'newsletter', 'News 1');
    await sendAs(mailmitt, 'newsletter', 'News 2');
    await expect(rows(await mailmitt.page())).toHaveCount(4);
  });

  test('are there for everybody who authenticates, each with its mail and what of it is unread', async ({
    mailmitt,
  }) => {
    const page = await mailmitt.page();
    await expect(entry(page, 'Inbox')).toHaveAccessibleDescription('1 unread');
    await expect(entry(page, 'newsletter')).toHaveAccessibleDescription('2 unread');
    await expect(entry(page, 'All mail')).toHaveAttribute('aria-current', 'page');

    await entry(page, 'newsletter').click();
    await expect(rows(page)).toHaveText([/News 2/, /News 1/]);
    await expect(title(page)).toHaveText('newsletter');
    await sendAs(mailmitt, 'shop-api', 'Order 2');
    await sendAs(mailmitt, 'newsletter', 'News 3');
    await expect(rows(page)).toHaveText([/News 3/, /News 2/, /News 1/]);

    await field(page).fill('order');
    await expect(page.getByText('No message in newsletter matches order.')).toBeVisible();
    await page.getByRole('button', { name: 'Search in All mail' }).click();
    await expect(rows(page)).toHaveText([/Order 2/, /Order 1/]);
    await expect(title(page)).toHaveText('Search in All mail');
    await expect(list(page)).toBeFocused();
  });

  test('are renamed, and the mail of the same user still goes there', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await chooseFor(page, 'newsletter', 'Rename…');
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('newsletter');
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeFocused();
    await page.keyboard.type('October letter');
    await page.keyboard.press('Enter');
    await entry(page, 'October letter').click();
    await sendAs(mailmitt, 'newsletter', 'News 3');
    await expect(rows(page)).toHaveText([/News 3/, /News 2/, /News 1/]);
  });

  test('are marked read one by one', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await chooseFor(page, 'newsletter', 'Mark all read');
    await expect(entry(page, 'newsletter')).not.toHaveAccessibleDescription(/unread/);
    await expect(entry(page, 'All mail')).toHaveAccessibleDescription('2 unread');
  });

  test('are emptied one by one', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await chooseFor(page, 'newsletter', 'Empty…');
    await expect(page.getByRole('alertdialog')).toContainText(
      '2 messages will be deleted, which can be undone for a minute.',
    );
    await page.getByRole('alertdialog').getByRole('button', { name: 'Empty' }).click();
    await expect(rows(page)).toHaveText([/Order 1/, /Anonymous/]);
    await entry(page, 'newsletter').click();
    await expect(page.getByText('What is sent to newsletter shows up here.')).toBeVisible();

    await entry(page, 'shop-api').click();
    await expect(rows(page)).toHaveText([/Order 1/]);
    await page.getByRole('button', { name: 'Delete all' }).click();
    await expect(page.getByRole('heading', { name: 'Delete all messages in shop-api?' })).toBeVisible();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete all' }).click();
    await expect(rows(page)).toHaveCount(0);
    await entry(page, 'All mail').click();
    await expect(rows(page)).toHaveText([/Anonymous/]);
  });

  test('are deleted with their mail, and what is left is shown', async ({ mailmitt }) => {
    const page = await mailmitt.page();
    await entry(page, 'newsletter').click();
    await chooseFor(page, 'newsletter', 'Delete…');
    await expect(page.getByRole('alertdialog')).toContainText('2 messages in it will be deleted for good.');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(entry(page, 'newsletter')).toHaveCount(0);
    await expect(rows(page)).toHaveText([/Order 1/, /Anonymous/]);
    await expect(entry(page, 'Inbox')).toBeFocused();

    await chooseFor(page, 'shop-api', 'Delete…');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(rows(page)).toHaveText([/Anonymous/]);
    await expect(entry(page, 'All mail')).toHaveCount(0);
    await expect(entry(page, 'Inbox')).toHaveAttribute('aria-current', 'page');
  });
});
