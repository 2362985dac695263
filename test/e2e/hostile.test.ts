import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SmtpClient } from '../unit/support/smtp-client.ts';
import { expect, row, rows, test } from './mailmitt.ts';

const transaction = 'EHLO client.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n';

test.beforeEach(async ({ mailmitt }) => {
  await mailmitt.send({ subject: 'Stored before' });
});

test.afterEach(async ({ mailmitt }) => {
  // Whatever came: what was stored is there, and the next message is caught.
  await mailmitt.send({ subject: 'Caught after' });
  const page = await mailmitt.page();
  await expect(row(page, 'Caught after')).toBeVisible();
  await expect(row(page, 'Stored before')).toBeVisible();
});

test('garbage on the port is answered with errors and cut off', async ({ mailmitt }) => {
  const client = await SmtpClient.connect(await mailmitt.port());
  for (let count = 0; count < 100; count++)
    client.send(`${randomBytes(100).toString('latin1').replaceAll('\n', '')}\n`);
  const codes = (await client.end()).map(({ code }) => code);
  expect([codes[0], codes.at(-1), ...new Set(codes.slice(1, -1))]).toEqual([220, 421, 500]);
});

test('of a client that vanishes in the middle of DATA nothing appears', async ({ mailmitt }) => {
  const client = await SmtpClient.connect(await mailmitt.port());
  client.send(`${transaction}Subject: Half\r\n\r\n${'x'.repeat(2_000_000)}`);
  for (let count = 0; count < 5; count++) await client.reply();
  client.destroy();
  await mailmitt.send({ subject: 'Next' });
  const page = await mailmitt.page();
  await expect(rows(page)).toHaveText([/Next/, /Stored before/]);
});

test('a message that is no MIME at all is listed, and its source is there', async ({ mailmitt }) => {
  const client = await SmtpClient.connect(await mailmitt.port());
  client.send(`${transaction}\x00\x01\x02 no headers: at all\r\n\xff\xfe\r\n.\r\nQUIT\r\n`);
  expect((await client.end()).map(({ code }) => code)).toEqual([220, 250, 250, 250, 354, 250, 221]);
  const page = await mailmitt.page();
  await expect(rows(page)).toHaveCount(2);
  await rows(page).first().click();
  await page.getByRole('tab', { name: 'Source' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('no headers: at all');
});

test('an empty message is listed, and says that it is empty', async ({ mailmitt }) => {
  const client = await SmtpClient.connect(await mailmitt.port());
  client.send(`${transaction}.\r\nQUIT\r\n`);
  expect((await client.end()).map(({ code }) => code)).toEqual([220, 250, 250, 250, 354, 250, 221]);
  const page = await mailmitt.page();
  await expect(rows(page)).toHaveCount(2);
  await rows(page).first().click();
  await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toHaveText(/no subject/i);
  await expect(page.getByRole('main')).toContainText('0 B');
});

test('an attachment of 30 MB is listed, opened and saved as it was', async ({ mailmitt, userData }) => {
  const content = randomBytes(30_000_000);
  await mailmitt.send({ subject: 'Large', attachments: [{ filename: 'large.bin', content }] });
  const page = await mailmitt.page();
  await row(page, 'Large').click();
  await page.getByRole('tab', { name: /^Attachments/ }).click();
  await expect(page.getByRole('tabpanel')).toContainText('30 MB');
  const file = join(userData, 'large.bin');
  await mailmitt.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, file);
  await page.getByRole('button', { name: 'Save large.bin' }).click();
  await expect(page.getByText(file)).toBeVisible();
  expect(readFileSync(file).equals(content)).toBe(true);
  await page.getByRole('tab', { name: 'Source' }).click();
  await expect(page.getByRole('button', { name: /Show more/ })).toBeVisible();
});

test('a message over the limit is refused, and the sender is told the limit', async ({ mailmitt }) => {
  await mailmitt.call('settings.save', { maxMessageMiB: 1 });
  await expect(mailmitt.send({ text: 'x'.repeat(2_000_000) })).rejects.toMatchObject({ responseCode: 552 });
});

test('what the parser cannot take is listed all the same, and others are not held up', async ({ mailmitt }) => {
  const depth = 20_000;
  const nested = Array.from(
    { length: depth },
    (_, level) => `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n`,
  );
  const client = await SmtpClient.connect(await mailmitt.port());
  client.send(`${transaction}Subject: Deep\r\n${nested.join('')}\r\n.\r\nQUIT\r\n`);
  expect((await client.end()).at(-2)?.code).toBe(250);
  const page = await mailmitt.page();
  await mailmitt.send({ subject: 'Not held up' });
  await expect(row(page, 'Not held up')).toContainText('The code is 482 913.');
  await rows(page).nth(1).click();
  await page.getByRole('tab', { name: 'Source' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('Subject: Deep');
});
