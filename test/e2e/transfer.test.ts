import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { type Mailmitt, answerDialogs, expect, row, rows, test } from './mailmitt.ts';

const asked = (mailmitt: Mailmitt): Promise<{ defaultPath: string; properties: string[] }> =>
  mailmitt.app.evaluate(
    () => (globalThis as unknown as { asked: { defaultPath: string; properties: string[] } }).asked,
  );

const transfers = (page: Page) => page.getByRole('list', { name: 'Transfers' }).getByRole('listitem');

async function chooseOf(page: Page, mailbox: string, item: string): Promise<void> {
  const entry = page.getByRole('navigation').getByRole('button', { name: mailbox, exact: true });
  await entry.hover();
  await entry.locator('..').getByRole('button', { name: 'Mailbox menu' }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

const order = 'Subject: Order 1182/7\r\nFrom: a@x.test\r\n\r\nThank you.\r\n';

test('a message is saved as it came in, with how it came in on top', async ({ mailmitt, userData }) => {
  const page = await mailmitt.page();
  await mailmitt.send({ raw: order, envelope: { from: 'a@x.test', to: ['b@y.test'] } });
  const file = join(userData, 'saved.eml');
  await answerDialogs(mailmitt, file);
  await row(page, 'Order 1182').click();
  await page.getByRole('button', { name: 'Save as .eml…' }).click();
  await expect(transfers(page)).toContainText(/Saved Order 1182\/7\s+to saved\.eml/);
  await expect(page.getByRole('status', { name: 'Transfers' })).toHaveText('Saved Order 1182/7, to saved.eml');
  expect((await asked(mailmitt)).defaultPath).toMatch(/[\\/]Order 1182_7\.eml$/);
  const saved = readFileSync(file, 'latin1');
  expect(saved).toMatch(
    /^Return-Path: <a@x\.test>\r\nReceived: from .* \(\[127\.0\.0\.1\]\)\r\n by .* with ESMTP id 1\r\n/,
  );
  expect(saved.endsWith(`+0000\r\n${order}`)).toBe(true);
  await page.getByRole('button', { name: 'Dismiss: Saved Order 1182/7' }).click();
  await expect(transfers(page)).toHaveCount(0);
});

test('a mailbox is exported, and what was exported is imported again', async ({ mailmitt, userData }) => {
  const page = await mailmitt.page();
  for (const subject of ['one', 'two', 'three']) await mailmitt.send({ subject });
  await expect(rows(page)).toHaveCount(3);
  const file = join(userData, 'Inbox.mbox');
  await answerDialogs(mailmitt, file);
  await chooseOf(page, 'Inbox', 'Export as mbox…');
  await expect(transfers(page)).toContainText(/3 messages exported\s+to Inbox\.mbox/);
  expect((await asked(mailmitt)).defaultPath).toMatch(/[\\/]Inbox\.mbox$/);
  expect(readFileSync(file, 'latin1').match(/^Subject: .*$/gm)).toEqual([
    'Subject: one',
    'Subject: two',
    'Subject: three',
  ]);

  await chooseOf(page, 'Inbox', 'Import files…');
  await expect(transfers(page).first()).toContainText(/3 messages imported\s+into Inbox/);
  expect((await asked(mailmitt)).properties).toEqual(['openFile', 'multiSelections']);
  await expect(rows(page)).toHaveText([/three/, /two/, /one/, /three/, /two/, /one/]);
});

test('what a search found is exported, and nothing else', async ({ mailmitt, userData }) => {
  const page = await mailmitt.page();
  for (const subject of ['Invoice one', 'Newsletter', 'Invoice two']) await mailmitt.send({ subject });
  await page.getByRole('searchbox').fill('subject:invoice');
  await expect(rows(page)).toHaveCount(2);
  const file = join(userData, 'found.zip');
  await answerDialogs(mailmitt, file);
  await page.getByRole('button', { name: 'Export what was found' }).click();
  await page.getByRole('menuitem', { name: 'Export as .eml files (zip)…' }).click();
  await expect(transfers(page)).toContainText('2 messages exported');
  expect((await asked(mailmitt)).defaultPath).toMatch(/[\\/]Search in Inbox\.zip$/);
  const names = spawnSync('python3', ['-m', 'zipfile', '-l', file]).stdout.toString();
  expect(names).toMatch(/1 Invoice one\.eml .*\n3 Invoice two\.eml /);
});

test('a message that came from a file says so, and nothing that it does not know', async ({ mailmitt, userData }) => {
  const page = await mailmitt.page();
  const folder = join(userData, 'mail');
  for (const part of ['cur', 'new', 'tmp']) mkdirSync(join(folder, part), { recursive: true });
  writeFileSync(join(folder, 'cur', '1:2,FS'), order.replaceAll('\r\n', '\n'));
  writeFileSync(join(folder, 'cur', '2:2,S'), '');
  await answerDialogs(mailmitt, folder);
  await chooseOf(page, 'Inbox', 'Import a folder…');
  await expect(transfers(page)).toContainText(/1 message imported\s+into Inbox\s+1 could not be imported…/);
  await page.getByRole('button', { name: '1 could not be imported…' }).click();
  await expect(page.getByRole('dialog')).toContainText(/2:2,S\s+It is empty\./);
  await page.keyboard.press('Escape');

  const { messages } = await mailmitt.call('messages.list', { limit: 1 });
  expect(messages).toMatchObject([{ unread: false, starred: true, envelope: { protocol: null } }]);
  await row(page, 'Order 1182').click();
  const main = page.getByRole('main');
  await expect(main.getByRole('button', { name: 'Refuse…' })).toHaveCount(0);
  await expect(main.getByText('Envelope')).toHaveCount(0);
  await page.getByRole('tab', { name: 'Session' }).click();
  const panel = page.getByRole('tabpanel');
  await expect(panel).toContainText('Imported from 1:2,FS');
  await expect(panel).not.toContainText('calls itself');
  await page.getByRole('tab', { name: 'Notes' }).click();
  await expect(panel).toContainText('came from a file');
});

test('files that are dropped on the window are imported into the mailbox that is shown', async ({
  mailmitt,
  userData,
}) => {
  const page = await mailmitt.page();
  const file = join(userData, 'dropped.eml');
  writeFileSync(file, order);
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
  }
  await expect(page.getByText('Drop mail to import it into Inbox')).toBeVisible();
  await session.send('Input.dispatchDragEvent', { type: 'drop', x: 600, y: 400, data });
  await expect(row(page, 'Order 1182')).toBeVisible();
  await expect(page.getByText('Drop mail to import it')).toHaveCount(0);
  expect(page.url()).toMatch(/^app:/);
});

test('a page cannot name files to import', async ({ mailmitt, userData }) => {
  const page = await mailmitt.page();
  writeFileSync(join(userData, 'secret.eml'), order);
  await page.evaluate(
    async (path) => {
      const file = new File(['Subject: x\r\n\r\n'], path);
      await (
        globalThis as unknown as { mailmitt: { importDropped: (files: File[], to: number) => Promise<void> } }
      ).mailmitt.importDropped([file], 1);
    },
    join(userData, 'secret.eml'),
  );
  expect(await mailmitt.call('transfers.list', undefined)).toEqual([]);
});

test('a row that is dragged becomes a file, which is gone when the app is', async ({ mailmitt, userData }) => {
  const page = await mailmitt.page();
  await mailmitt.send({ raw: order, envelope: { from: 'a@x.test', to: ['b@y.test'] } });
  await mailmitt.app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (contents === undefined) throw new Error('no window');
    // A drag of the system's own would wait for a mouse.
    contents.startDrag = ({ file, files, icon }) => {
      Object.assign(globalThis, { dragged: { file, files, isIcon: !(icon as Electron.NativeImage).isEmpty() } });
    };
  });
  const dragged = (): Promise<{ files: string[]; isIcon: boolean } | undefined> =>
    mailmitt.app.evaluate(() => (globalThis as unknown as { dragged?: { files: string[]; isIcon: boolean } }).dragged);
  const box = await row(page, 'Order 1182').boundingBox();
  if (box === null) throw new Error('no row');
  await page.mouse.move(box.x + 100, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 60, { steps: 5 });
  await expect
    .poll(dragged)
    .toMatchObject({ files: [join(userData, 'dragged', '1', '1 Order 1182_7.eml')], isIcon: true });
  await page.mouse.up();
  const file = (await dragged())?.files[0] ?? '';
  expect(readFileSync(file, 'latin1').endsWith(`\r\n${order}`)).toBe(true);
  await mailmitt.quit();
  expect(existsSync(join(userData, 'dragged'))).toBe(false);
});

test('a long import shows how far it is, and can be cancelled', async ({ mailmitt, userData }) => {
  const page = await mailmitt.page();
  const file = join(userData, 'many.mbox');
  writeFileSync(file, `From x\nSubject: many\n\n${'text\n'.repeat(200_000)}\n`.repeat(300));
  await answerDialogs(mailmitt, file);
  await chooseOf(page, 'Inbox', 'Import files…');
  const bar = page.getByRole('progressbar', { name: 'Importing many.mbox' });
  await expect(bar).toHaveAttribute('aria-valuenow', /^\d+$/);
  await page.getByRole('button', { name: 'Cancel: Importing many.mbox' }).click();
  await expect(transfers(page)).toContainText('many.mbox was not imported');
  await expect(bar).toHaveCount(0);
  expect(readdirSync(userData).filter((name) => name.endsWith('.part'))).toEqual([]);
});
