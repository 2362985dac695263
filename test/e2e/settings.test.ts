import type { Locator, Page } from '@playwright/test';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createTransport } from 'nodemailer';
import { SmtpClient } from '../unit/support/smtp-client.ts';
import { type Mailmitt, expect, test } from './mailmitt.ts';
import { freePort } from '../unit/support/free-port.ts';

async function openSettings(mailmitt: Mailmitt): Promise<Page> {
  const page = await mailmitt.page();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  return page;
}

const field = (page: Page, label: string): Locator => page.getByLabel(label, { exact: true });

async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
}

/** Types into a field and saves it. */
async function set(page: Page, label: string, text: string): Promise<void> {
  await field(page, label).fill(text);
  await save(page);
  await expect(page.getByText('Saved.')).toBeVisible();
}

/** @returns the replies to these commands in a session of their own, the greeting first */
async function converse(port: number, ...commands: string[]): Promise<string[]> {
  const client = await SmtpClient.connect(port);
  const replies = [(await client.reply())?.text ?? ''];
  for (const command of commands) {
    client.send(`${command}\r\n`);
    replies.push((await client.reply())?.text ?? '');
  }
  client.destroy();
  return replies;
}

test('an extension that is switched off is announced no more, until it is switched on', async ({ mailmitt }) => {
  const page = await openSettings(mailmitt);
  const announced = async (): Promise<boolean> => {
    const [, reply = ''] = await converse(await mailmitt.port(), 'EHLO client.test');
    return reply.includes('STARTTLS');
  };
  expect(await announced()).toBe(true);
  await field(page, 'STARTTLS').uncheck();
  await expect.poll(announced).toBe(false);
  await field(page, 'STARTTLS').check();
  await expect.poll(announced).toBe(true);
});

test('where AUTH is required, mail is taken from the accounts alone', async ({ mailmitt }) => {
  const page = await openSettings(mailmitt);
  await set(page, 'Accounts', 'anna:s3cret\nbob:b:ob');
  await field(page, 'Require AUTH').check();
  await expect.poll(() => mailmitt.call('settings.get', undefined)).toMatchObject({ authRequired: true });

  const port = await mailmitt.port();
  const send = async (auth?: { user: string; pass: string }): Promise<string> => {
    const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true, ...(auth && { auth }) });
    const message = { from: 'app@orchard.test', to: 'maria@customer.test', text: 'Hello.' };
    return (await transport.sendMail(message)).response;
  };
  await expect(send()).rejects.toMatchObject({ responseCode: 530 });
  await expect(send({ user: 'anna', pass: 'wrong' })).rejects.toMatchObject({ responseCode: 535 });
  expect(await send({ user: 'anna', pass: 's3cret' })).toMatch(/^250 /);
  expect(await send({ user: 'bob', pass: 'b:ob' })).toMatch(/^250 /);

  await expect(page.getByText('Nobody can send mail.')).toHaveCount(0);
  await field(page, 'AUTH').uncheck();
  await expect(page.getByRole('alert')).toContainText('Nobody can send mail.');
});

test('a limit holds for the sessions after it', async ({ mailmitt }) => {
  const page = await openSettings(mailmitt);
  await set(page, 'Recipients of a message', '1');
  await set(page, 'Name of the server', 'limits.test');
  const [greeting, , , first, second] = await converse(
    await mailmitt.port(),
    'EHLO client.test',
    'MAIL FROM:<app@orchard.test>',
    'RCPT TO:<maria@customer.test>',
    'RCPT TO:<anna@customer.test>',
  );
  expect(greeting).toBe('220 limits.test ESMTP Mailmitt\r\n');
  expect([first, second]).toEqual([expect.stringMatching(/^250 /), expect.stringMatching(/^452 /)]);
});

test('on the port for TLS the certificate is seen that the window shows, also when it was renewed', async ({
  mailmitt,
  userData,
}) => {
  const page = await openSettings(mailmitt);
  const tlsPort = await freePort();
  await set(page, 'Port for TLS', String(tlsPort));
  await expect(page.getByRole('status', { name: 'SMTP server' })).toContainText(`TLS ${tlsPort}`);
  const seen = async (): Promise<{ greeting: string; fingerprint: string }> => {
    const socket = connect({ host: '127.0.0.1', port: tlsPort, rejectUnauthorized: false }).setEncoding('utf8');
    const [greeting] = (await once(socket, 'data')) as [string];
    const { fingerprint256: fingerprint } = socket.getPeerCertificate();
    socket.destroy();
    return { greeting, fingerprint };
  };
  const first = await seen();
  expect(first.greeting).toMatch(/^220 /);
  await expect(page.getByText(first.fingerprint, { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Renew', exact: true }).click();
  await expect(page.getByText(/^Renewed\./)).toBeVisible();
  const second = await seen();
  expect(second.fingerprint).not.toBe(first.fingerprint);
  await expect(page.getByText(second.fingerprint, { exact: true })).toBeVisible();

  const path = join(userData, 'saved.pem');
  await mailmitt.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, path);
  await page.getByRole('button', { name: 'Save certificate…' }).click();
  await expect(page.getByText(`Saved as ${path}`)).toBeVisible();
  const saved = readFileSync(path, 'utf8');
  expect(new X509Certificate(saved).fingerprint256).toBe(second.fingerprint);
  expect(saved).not.toContain('PRIVATE KEY');
});

test('what is wrong stands beside its field, has the focus, and changes nothing', async ({ mailmitt, userData }) => {
  const page = await openSettings(mailmitt);
  const before = await mailmitt.call('settings.get', undefined);
  const missing = join(userData, 'missing.pem');
  for (const { label, typed, message } of [
    { label: 'Banner', typed: 'Grüße', message: /ASCII/ },
    { label: 'Errors', typed: '0', message: /from 1 to 10000/ },
    { label: 'Silence (seconds)', typed: 'long', message: /from 1 to 86400/ },
    { label: 'Accounts', typed: 'anna:a\nbob:b\n\ncarl', message: /^Line 4: A name, a colon and a password/ },
    { label: 'Certificate file', typed: missing, message: `The certificate file ${missing} does not exist.` },
  ]) {
    await field(page, 'Host').fill('127.0.0.2');
    if (label === 'Certificate file') await field(page, 'Key file').fill(missing);
    await field(page, label).fill(typed);
    await save(page);
    await expect(field(page, label)).toHaveAccessibleDescription(message);
    await expect(field(page, label)).toBeFocused();
    await expect(field(page, label)).toHaveValue(typed);
    await expect(field(page, 'Host')).toHaveValue('127.0.0.2');
    expect(await mailmitt.call('settings.get', undefined)).toEqual(before);
    await page.getByRole('button', { name: 'Discard' }).click();
    await expect(field(page, 'Host')).toHaveValue('127.0.0.1');
  }
});
