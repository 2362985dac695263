import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { kill, start as startProcess } from '../../scripts/run/process.mjs';
import { rule } from '../unit/rules/rule.ts';
import { acceptedAs, deliver, hello, ignoreReset } from '../unit/support/delivery.ts';
import { type Mailmitt, appArguments, electronBinary, expect, row, rows, test } from './mailmitt.ts';

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

/** @returns the port that the app says it listens on; null when it ends before */
async function portOf(child: ChildProcess): Promise<number | null> {
  const lines = createInterface(child.stdout as NodeJS.ReadableStream);
  const [line] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string?];
  return line === undefined ? null : Number(/:(\d+)$/.exec(line)?.[1]);
}

/** Starts the app without a window or a driver, as the fastest way to have it listen. */
async function startHidden(userData: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(electronBinary(), appArguments(userData, '--hidden', '--smtp-port=0'), {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { child, port: (await portOf(child)) as number };
}

/** What SQLite says of the database, asked in the app: whatever Node runs the tests may have none. */
const integrity = (mailmitt: Mailmitt, userData: string): Promise<unknown> =>
  mailmitt.app.evaluate(
    (_electron, file) => {
      const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
      const database = new DatabaseSync(file, { readOnly: true });
      const row = database.prepare('PRAGMA integrity_check').get();
      database.close();
      return row?.['integrity_check'];
    },
    join(userData, 'mailbox.sqlite'),
  );

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
        const id = acceptedAs(await deliver(client, message));
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

/** Writes a mailbox of an older version, in the app's own Node. @returns how many messages are in it */
function writeOlderMailbox(userData: string): number {
  const module = JSON.stringify(new URL('../unit/killed/older.ts', import.meta.url));
  const file = JSON.stringify(join(userData, 'mailbox.sqlite'));
  const script = `import(${module}).then(({ writeOlderDatabase }) => process.stdout.write(String(writeOlderDatabase(${file}).size)))`;
  const { stdout } = spawnSync(electronBinary(), ['-e', script], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    encoding: 'utf8',
  });
  return Number(stdout);
}

test('killed with all its helpers, also while it starts, it opens again with everything that got 250', async ({
  start,
  userData,
}) => {
  test.setTimeout(120_000);
  const older = writeOlderMailbox(userData);
  // One that remembers, so that a file is written all the time.
  const limit = rule('limit', 'sender', '*@x.test', { count: 10_000 });
  writeFileSync(join(userData, 'rules.json'), JSON.stringify({ rules: [limit] }));

  const acknowledged = new Map<number, string>();
  // How far it comes in so many milliseconds is the machine's affair.
  const moments: { milliseconds?: number; deliveries?: number }[] = [
    ...[200, 400, 600, 800, 1000].map((milliseconds) => ({ milliseconds })),
    ...[1, 100].map((deliveries) => ({ deliveries })),
  ];
  for (const { milliseconds, deliveries } of moments) {
    const { child, ended } = startProcess(electronBinary(), appArguments(userData, '--hidden', '--smtp-port=0'), {
      env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let count = 0;
    const stream = async (port: number, size: number): Promise<void> => {
      const client = await hello(port);
      for (;;) {
        const message = Buffer.from(`Subject: ${randomBytes(size / 2).toString('hex')}\r\n\r\n`);
        const id = acceptedAs(await deliver(client, message));
        if (id === null) return;
        acknowledged.set(id, hash(message));
        if (++count === deliveries) kill(child);
      }
    };
    const streams = portOf(child).then((port) =>
      Promise.all(port === null ? [] : [500, 20_000, 700_000].map((size) => stream(port, size).catch(ignoreReset))),
    );
    if (milliseconds !== undefined) {
      await setTimeout(milliseconds);
      kill(child);
    }
    await Promise.all([ended, streams]);
  }

  const mailmitt = await start();
  expect(await mailmitt.call('notices.list', undefined)).toEqual([]);
  const { counts } = await mailmitt.call('messages.list', { limit: 1 });
  expect(counts.total).toBeGreaterThanOrEqual(older + acknowledged.size);
  expect(acknowledged.size).toBeGreaterThanOrEqual(101);
  for (const [id, sent] of acknowledged) expect(await storedHash(mailmitt, id)).toBe(sent);
  expect(await integrity(mailmitt, userData)).toBe('ok');
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
      const id = acceptedAs(await deliver(client, message));
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
    const id = acceptedAs(await deliver(client, message));
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
