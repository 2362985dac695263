import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SmtpClient } from '../unit/support/smtp-client.ts';
import { type Mailmitt, appArguments, electronBinary, expect, row, rows, test } from './mailmitt.ts';

/** What a client sends as mail data for a message (RFC 5321 section 4.5.2). The message ends with CRLF. */
const stuffed = (message: Buffer): string => message.toString('latin1').replace(/(^|\r\n)\./g, '$1..');

/** Delivers one message in a session that said hello. @returns the id that the server gave it; null without a 250 */
async function deliver(client: SmtpClient, message: Buffer): Promise<number | null> {
  client.send(`MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n`);
  for (let count = 0; count < 3; count++) if ((await client.reply()) === null) return null;
  client.send(`${stuffed(message)}.\r\n`);
  const id = /^250 2\.0\.0 (\d+) /.exec((await client.reply())?.text ?? '')?.[1];
  return id === undefined ? null : Number(id);
}

async function hello(port: number): Promise<SmtpClient> {
  const client = await SmtpClient.connect(port);
  await client.reply();
  client.send('EHLO client.test\r\n');
  await client.reply();
  return client;
}

/** The stored bytes, asked for in steps and put together where they are, so that only their hash crosses over. */
async function storedHash(mailmitt: Mailmitt, id: number): Promise<string> {
  const page = await mailmitt.page();
  return page.evaluate(async (message) => {
    const { mailmitt: bridge } = globalThis as unknown as {
      mailmitt: { call: (name: string, argument: unknown) => Promise<{ bytes: Uint8Array; size: number } | null> };
    };
    const step = 4 * 1024 * 1024;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let offset = 0, size = Infinity; offset < size; offset += step) {
      const piece = await bridge.call('messages.source', { id: message, offset, length: step });
      if (piece === null) return 'no such message';
      parts.push(piece.bytes as Uint8Array<ArrayBuffer>);
      size = piece.size;
    }
    const hash = await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer());
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }, id);
}

const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Starts the app without a window or a driver, as the fastest way to have it listen. */
async function startHidden(userData: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(electronBinary(), appArguments(userData, '--hidden', '--smtp-port=0'), {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, port: Number(/:(\d+)$/.exec(line)?.[1]) };
}

test('killed in the middle of a stream of deliveries, it has everything that got 250, once and whole', async ({
  start,
  userData,
}) => {
  test.setTimeout(120_000);
  const acknowledged = new Map<number, string>();
  for (const deliveriesBeforeTheKill of [1, 40, 150, 400]) {
    const { child, port } = await startHidden(userData);
    const exited = once(child, 'exit');
    let count = 0;
    const stream = async (sizes: number[]): Promise<void> => {
      const client = await hello(port);
      for (;;) {
        const size = sizes[count % sizes.length] ?? 1000;
        const message = Buffer.from(`Subject: ${randomBytes(size / 2).toString('hex')}\r\n\r\n.\r\n`);
        const id = await deliver(client, message);
        if (id === null) return;
        expect(acknowledged.has(id)).toBe(false);
        acknowledged.set(id, hash(message));
        if (++count === deliveriesBeforeTheKill) child.kill('SIGKILL');
      }
    };
    // The connection may break off in the middle of anything: then there is no 250, and nothing to hold it to.
    const streams = [[500], [2000, 8000], [40_000], [500, 700_000]].map((sizes) => stream(sizes).catch(ignoreReset));
    await Promise.all(streams);
    await exited;
  }

  const mailmitt = await start();
  const { messages, counts } = await mailmitt.call('messages.list', { limit: 1 });
  expect(counts.total).toBeGreaterThanOrEqual(acknowledged.size);
  expect(acknowledged.size).toBeGreaterThanOrEqual(591);
  for (const [id, sent] of acknowledged) expect(await storedHash(mailmitt, id)).toBe(sent);
  // What was committed and not answered any more is there as well, and whole.
  const last = messages[0]?.id ?? 0;
  for (let id = last; id > last - 5; id--)
    expect(await storedHash(mailmitt, id)).toMatch(/^([0-9a-f]{64}|no such message)$/);
  await mailmitt.send({ subject: 'after all that' });
  await expect(row(await mailmitt.page(), 'after all that')).toBeVisible();
});

test('quitting while clients stream, it answers what is on its way, ends, and has all that it answered', async ({
  start,
  userData,
}) => {
  const { child, port } = await startHidden(userData);
  const acknowledged = new Map<number, string>();
  const exited = once(child, 'exit');
  const stream = async (): Promise<void> => {
    const client = await hello(port);
    for (;;) {
      const message = Buffer.from(`Subject: ${randomBytes(2000).toString('hex')}\r\n\r\n`);
      const id = await deliver(client, message);
      if (id === null) return;
      acknowledged.set(id, hash(message));
      if (acknowledged.size === 100) child.kill('SIGTERM');
    }
  };
  await Promise.all([stream().catch(ignoreReset), stream().catch(ignoreReset), stream().catch(ignoreReset)]);
  expect(await exited).toEqual([0, null]);

  const mailmitt = await start();
  expect(await mailmitt.call('messages.list', { limit: 1 })).toMatchObject({ counts: { total: acknowledged.size } });
  for (const [id, sent] of acknowledged) expect(await storedHash(mailmitt, id)).toBe(sent);
});

test('what was stored and not read yet when it was killed is read after the next start', async ({
  start,
  userData,
}) => {
  const { child, port } = await startHidden(userData);
  const exited = once(child, 'exit');
  const client = await hello(port);
  // Each of these takes the parser longer than the server.
  const attachment = randomBytes(300_000).toString('base64');
  const message = Buffer.from(
    `Subject: Read later\r\nContent-Type: application/x-data\r\nContent-Transfer-Encoding: base64\r\n\r\n${attachment}\r\n`,
  );
  for (let count = 0; count < 60; count++) await deliver(client, message);
  child.kill('SIGKILL');
  await exited;
  const mailmitt = await start();
  await expect
    .poll(async () => (await mailmitt.call('messages.list', { limit: 100 })).messages.map((one) => one.digest?.subject))
    .toEqual(Array.from({ length: 60 }, () => 'Read later'));
});

function ignoreReset(error: NodeJS.ErrnoException): void {
  if (!['ECONNRESET', 'EPIPE', 'ECONNREFUSED'].includes(error.code ?? '')) throw error;
}

const corpus = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));
test('messages that others wrote are stored as they were sent, listed, and opened', async ({ mailmitt }) => {
  test.skip(!existsSync(corpus), 'the corpus does not lie beside the project');
  test.setTimeout(120_000);
  const files = readdirSync(join(corpus, 'mail-gem/emails'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.gitattributes')
    .map((entry) => join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(100);

  const client = await hello(await mailmitt.port());
  for (const file of files) {
    // SMTP clients send CRLF, whatever the line ends of the file.
    const lines = readFileSync(file, 'latin1').replace(/\r?\n/g, '\r\n');
    const message = Buffer.from(lines.endsWith('\r\n') ? lines : `${lines}\r\n`, 'latin1');
    const id = await deliver(client, message);
    if (id === null) throw new Error(`${basename(file)} was not accepted`);
    expect(await storedHash(mailmitt, id), basename(file)).toBe(hash(message));
    const opened = await mailmitt.call('messages.open', { id });
    expect(opened?.parseError, basename(file)).toBeNull();
  }
  client.destroy();

  const page = await mailmitt.page();
  await expect(page.getByText(`${files.length} unread of ${files.length}`)).toBeVisible();
  const list = page.getByRole('listbox', { name: 'Messages' });
  await list.focus();
  await page.keyboard.press('End');
  for (let count = 0; count < files.length; count += 10) {
    await expect(page.getByRole('main').getByRole('heading', { level: 1 })).not.toBeEmpty();
    for (let step = 0; step < 10; step++) await page.keyboard.press('ArrowUp');
  }
  await expect(rows(page).first()).toBeVisible();
});
