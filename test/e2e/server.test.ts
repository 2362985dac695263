import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { appArguments, electronBinary, expect, row, rows, run, test } from './mailmitt.ts';

test('the server stops and starts from the window', async ({ mailmitt }) => {
  const page = await mailmitt.page();
  const status = page.getByRole('status', { name: 'SMTP server' });
  await expect(status).toContainText(`127.0.0.1:${await mailmitt.port()}`);
  const port = await mailmitt.port();
  await page.getByRole('button', { name: 'Stop server' }).click();
  await expect(status).toContainText('stopped');
  const successor = createServer().listen(port, '127.0.0.1');
  await once(successor, 'listening');
  successor.close();
  await page.getByRole('button', { name: 'Start server' }).click();
  await expect(status).toContainText('listening');
  await mailmitt.send();
});

test('a port in use is told in the window, another is offered, taken, and kept', async ({ start, userData }) => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as AddressInfo;
  writeFileSync(join(userData, 'settings.json'), JSON.stringify({ port }));
  const first = await start('--smtp-host=127.0.0.1');
  const page = await first.page();
  await expect(page.getByRole('alert')).toContainText(`Port ${port} on 127.0.0.1 is in use by another program`);
  await page.getByRole('button', { name: /^Use port \d+/ }).click();
  await expect(page.getByRole('status', { name: 'SMTP server' })).toContainText('listening');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await first.send();
  await expect(row(page, 'Your sign-in code')).toBeVisible();
  const other = await first.port();
  expect(other).not.toBe(port);
  await first.quit();
  const second = await start('--smtp-host=127.0.0.1');
  expect(await second.port()).toBe(other);
  blocker.close();
});

test('a start that cannot be is told, and ends', async ({ userData }) => {
  mkdirSync(join(userData, 'settings.json'));
  const { code, output } = await run(electronBinary(), appArguments(userData, '--smtp-port=0'));
  expect(code).toBe(1);
  expect(output).toMatch(/mailmitt: Mailmitt cannot start: .*EISDIR/);
});

test('host and port are set in the window and hold at once', async ({ mailmitt, userData }) => {
  const page = await mailmitt.page();
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  await page.getByRole('button', { name: 'Settings' }).click();
  await expect(page.getByLabel('Port', { exact: true })).toHaveValue('1025');
  await page.getByLabel('Host', { exact: true }).fill('0.0.0.0');
  await expect(page.getByText(/network/i).first()).toBeVisible();
  await page.getByLabel('Host', { exact: true }).fill('127.0.0.1');
  await page.getByLabel('Port', { exact: true }).fill('70000');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByLabel('Port', { exact: true })).toHaveAccessibleDescription(/1 to 65535/);
  await page.getByLabel('Port', { exact: true }).fill(String(port));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status', { name: 'SMTP server' })).toContainText(`127.0.0.1:${port}`);
  expect(JSON.parse(readFileSync(join(userData, 'settings.json'), 'utf8'))).toMatchObject({ port });
});

test('messages, rules and settings are there after a restart', async ({ start }) => {
  const first = await start();
  await first.send({ subject: 'Kept' });
  await first.call('rules.save', {
    rules: [
      {
        id: 'a',
        enabled: true,
        stage: 'sender',
        pattern: '*@spam.test',
        action: 'deny',
        reason: 'we know them',
        reply: null,
      },
    ],
  });
  await first.call('settings.save', { theme: 'dark', maxMessageMiB: 7 });
  const page = await first.page();
  await row(page, 'Kept').click();
  await expect(page.getByRole('button', { name: 'Mark unread' })).toBeVisible();
  await first.quit();

  const second = await start();
  const again = await second.page();
  await row(again, 'Kept').click();
  await expect(again.getByRole('tabpanel')).toContainText('The code is 482 913.');
  expect(await second.call('settings.get', undefined)).toMatchObject({ theme: 'dark', maxMessageMiB: 7 });
  await expect(second.send({ from: 'win@spam.test' })).rejects.toMatchObject({ responseCode: 553 });
  expect(await second.call('messages.list', { limit: 5 })).toMatchObject({ counts: { total: 1, unread: 0 } });
});

test('a settings file that is no JSON is kept aside and told, and the defaults hold', async ({ start, userData }) => {
  writeFileSync(join(userData, 'settings.json'), '{"port": 25');
  writeFileSync(join(userData, 'rules.json'), 'no rules');
  const mailmitt = await start();
  const page = await mailmitt.page();
  await expect(page.getByText('The settings could not be read')).toBeVisible();
  await expect(page.getByText('The rules could not be read')).toBeVisible();
  const aside = readdirSync(userData).filter((name) => name.includes('.broken-'));
  expect(aside.map((name) => readFileSync(join(userData, name), 'utf8')).sort()).toEqual(['no rules', '{"port": 25']);
  for (const name of aside) await expect(page.getByText(name)).toBeVisible();
  expect(await mailmitt.call('settings.get', undefined)).toMatchObject({ port: 1025 });
  await mailmitt.send();
  await expect(rows(page)).toHaveCount(1);
});

test('a mailbox that is no database is kept aside and told, and new mail is caught', async ({ start, userData }) => {
  writeFileSync(join(userData, 'mailbox.sqlite'), 'not a database, not even nearly one'.repeat(100));
  const mailmitt = await start();
  const page = await mailmitt.page();
  await expect(page.getByText('The mailbox could not be opened')).toBeVisible();
  await mailmitt.send();
  await expect(rows(page)).toHaveCount(1);
  expect(existsSync(join(userData, 'mailbox.sqlite'))).toBe(true);
  expect(readdirSync(userData).some((name) => name.startsWith('mailbox.sqlite.broken-'))).toBe(true);
});
