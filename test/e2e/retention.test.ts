import { createTransport } from 'nodemailer';
import { type Mailmitt, expect, rows, test } from './mailmitt.ts';

async function sendAs(mailmitt: Mailmitt, user: string, subject: string): Promise<void> {
  const port = await mailmitt.port();
  const transport = createTransport({ host: '127.0.0.1', port, auth: { user, pass: 'x' }, ignoreTLS: true });
  await transport.sendMail({ from: `${user}@orchard.test`, to: 'maria@customer.test', subject, text: 'Hello' });
  transport.close();
}

test('as much is kept of all mail as the settings say, and the newest', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  for (let number = 1; number <= 4; number++) await mailmitt.send({ subject: `Message ${number}` });
  await expect(rows(page)).toHaveCount(4);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Messages', exact: true }).fill('2');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.getByRole('navigation').getByRole('button', { name: 'Inbox' }).click();
  await expect(rows(page)).toHaveText([/Message 4/, /Message 3/]);
  await mailmitt.send({ subject: 'Message 5' });
  await expect(rows(page)).toHaveText([/Message 5/, /Message 4/]);
});

test('a mailbox has limits of its own, and what has a star stays', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  await mailmitt.send({ subject: 'Anonymous' });
  for (const subject of ['News 1', 'News 2', 'News 3']) await sendAs(mailmitt, 'newsletter', subject);
  await page.getByRole('navigation').getByRole('button', { name: 'newsletter', exact: true }).click();
  await expect(rows(page)).toHaveCount(3);
  await rows(page).filter({ hasText: 'News 1' }).click();
  await page.keyboard.press('s');
  await expect(rows(page).filter({ hasText: 'News 1' })).toHaveAccessibleName(/starred/);

  await page.getByRole('button', { name: 'Mailbox menu', description: 'newsletter' }).click();
  await page.getByRole('menuitem', { name: 'Kept mail…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Kept in newsletter' });
  await dialog.getByRole('textbox', { name: 'Messages', exact: true }).fill('none');
  await page.keyboard.press('Enter');
  await expect(dialog).toContainText('A whole number from 1 on, or nothing.');
  await dialog.getByRole('textbox', { name: 'Messages', exact: true }).fill('2');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(rows(page)).toHaveText([/News 3/, /News 1/]);
  await page.getByRole('navigation').getByRole('button', { name: 'All mail' }).click();
  await expect(rows(page)).toHaveText([/News 3/, /News 1/, /Anonymous/]);
});
