import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ChangeFeed, type ListChange } from '../../../main/mailbox/change-feed.ts';
import { chosenMessages, countMessages } from '../../../main/mailbox/chosen.ts';
import { MailboxConnection } from '../../../main/mailbox/connection.ts';
import type { StoreResult } from '../../../main/mailbox/delivery.ts';
import { Mailbox } from '../../../main/mailbox/mailbox.ts';
import type { MessageSummary, RefusedSession } from '../../../main/mailbox/message.ts';
import { canMakeReadOnly, canMount, readOnlyFolder, smallDisk } from '../support/disk.ts';
import { temporaryFolder } from '../support/folder.ts';
import { gather } from '../support/gather.ts';
import { dyingMailboxWorker, mailboxWorker } from '../support/workers.ts';
import { envelope, everything, record, searchedText } from './envelope.ts';

function open(file = join(temporaryFolder(), 'mailbox.sqlite')): { mailbox: Mailbox; file: string } {
  const mailbox = new Mailbox(mailboxWorker, file);
  onTestFinished(() => mailbox.close());
  return { mailbox, file };
}

async function deliver(mailbox: Mailbox, ...chunks: Uint8Array[]): Promise<number> {
  const delivery = mailbox.receive(envelope);
  for (const chunk of chunks) await delivery.write(chunk);
  const result = await delivery.store(record);
  if (!('id' in result)) throw new Error(result.failed);
  return Number(result.id);
}

/** Another process's view of the database. */
function look(file: string): DatabaseSync {
  const other = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => other.close());
  return other;
}

/** Takes the room that is left on a disk. @returns the path of the file that takes it */
function fill(folder: string): string {
  const path = join(folder, 'filler');
  const file = openSync(path, 'wx');
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(file);
  }
  return path;
}

/** Makes the stored bytes of a message ones that cannot be read. */
function damage(file: string, id: number): void {
  const other = new DatabaseSync(file);
  const sql = "UPDATE content SET bytes = x'bad0' WHERE content_id = (SELECT content_id FROM message WHERE id = ?)";
  expect(other.prepare(sql).run(id).changes).toBe(1);
  other.close();
}

/** Overwrites where a table begins in a database that nobody has open. */
function damagePage(file: string, table: string): void {
  const database = new DatabaseSync(file);
  const page = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)?.['rootpage'];
  const size = database.prepare('PRAGMA page_size').get()?.['page_size'];
  database.close();
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(Number(size), 0xff), 0, Number(size), (Number(page) - 1) * Number(size));
  closeSync(descriptor);
}

async function source(mailbox: Mailbox, id: number): Promise<Buffer> {
  return Buffer.from((await mailbox.source(id, 0, 1 << 30))?.bytes ?? []);
}

describe('what was said on the wire', () => {
  test('is kept with the message, and with it what its bytes give to note', async () => {
    const { mailbox } = open();
    const id = await deliver(mailbox, Buffer.from('Date: today\r\n'), Buffer.from('\r\nbare\n'));
    const kept = await mailbox.sessionRecord(id);
    expect(kept?.transcript).toBe(record.transcript);
    expect(kept?.notes.slice(0, 2)).toEqual([
      ...record.notes,
      { text: 'The message holds a LF without a CR before it.', source: 'RFC 5322 section 2.3' },
    ]);
  });

  test('is looked at also where a message comes in many pieces', async () => {
    const { mailbox } = open();
    const line = `${'x'.repeat(78)}\r\n`;
    const id = await deliver(mailbox, Buffer.from(line.repeat(5000)), Buffer.from('bare\rCR\r\n'), Buffer.from(line));
    expect((await mailbox.sessionRecord(id))?.notes.map(({ text }) => text)).toContain(
      'The message holds a CR without a LF behind it.',
    );
  });
});

const refusal = { at: 1, stage: 'host', mailbox: '', reply: '550 no', rule: null } as const;
const summary = {
  startedAt: 1,
  remoteAddress: '192.0.2.1',
  clientName: 'x',
  reversePath: null,
  refusals: [refusal],
};
const refused: RefusedSession = { ...summary, ...record };

describe('what was refused', () => {
  test('is kept, newest first, and only so many of them', async () => {
    const { mailbox, file } = open();
    for (let count = 1; count <= 10_005; count++)
      void mailbox.keepRefused(count, { ...refused, startedAt: count }, true);
    expect(await mailbox.refusedList(undefined, 2)).toEqual({
      sessions: [
        { ...summary, id: 10_005, startedAt: 10_005, unread: true },
        { ...summary, id: 10_004, startedAt: 10_004, unread: true },
      ],
      counts: { total: 10_000, unread: 10_000 },
    });
    expect(look(file).prepare('SELECT count(*) AS count FROM refused').get()).toEqual({ count: 10_000 });
    expect((await mailbox.refusedList(7, 10)).sessions.map(({ id }) => id)).toEqual([6]);
  });

  test('takes its own place when more is known of it', async () => {
    const { mailbox } = open();
    const changed: number[] = [];
    mailbox.on('refusedChanged', (ids) => changed.push(...ids));
    const whole = { ...refused, reversePath: 'a@x.test', refusals: [refusal, refusal], transcript: 'all of it' };
    void mailbox.keepRefused(1, refused, false);
    void mailbox.keepRefused(2, refused, true);
    await mailbox.setRefusedUnread([1], false);
    void mailbox.keepRefused(1, whole, true);
    expect(await mailbox.refusedSession(1)).toEqual({ ...whole, id: 1, unread: false });
    expect(await mailbox.refusedSession(2)).toEqual({ ...refused, id: 2, unread: true });
    expect(changed).toEqual([1, 2, 1, 1]);
  });

  test('begins anew with a part that is over', async () => {
    const { mailbox } = open();
    for (const name of ['x', 'y']) void mailbox.keepRefused(1, { ...refused, clientName: name }, true);
    expect((await mailbox.refusedList(undefined, 10)).sessions.map(({ id }) => id)).toEqual([2, 1]);
  });

  test('makes its sessions wait when there is too much of it', async () => {
    const { mailbox } = open();
    const large = { ...refused, transcript: 'x'.repeat(1024 * 1024) };
    const waits = [1, 2, 3, 4, 5].map((part) => mailbox.keepRefused(part, large, true));
    expect(waits.map((wait) => wait !== undefined)).toEqual([false, false, false, false, true]);
    await waits[4];
    expect((await mailbox.refusedCounts()).total).toBe(5);
  });

  test.skipIf(!canMount)('takes nobody else’s place after a disk was full (needs root)', async () => {
    const mailbox = new Mailbox(mailboxWorker, join(smallDisk('4m'), 'mailbox.sqlite'));
    onTestFinished(() => mailbox.close());
    await mailbox.opened();
    const delivery = mailbox.receive(envelope);
    void mailbox.keepRefused(1, refused, false);
    await delivery.write(randomBytes(8 * 1024 * 1024));
    expect(await delivery.store(record)).toEqual({ failed: 'no space' });
    void mailbox.keepRefused(2, { ...refused, clientName: 'second' }, true);
    void mailbox.keepRefused(1, { ...refused, clientName: 'first' }, true);
    const { sessions } = await mailbox.refusedList(undefined, 10);
    expect(sessions.map(({ clientName }) => clientName)).toEqual(['first', 'second']);
  });

  test('can be deleted, also while it goes on', async () => {
    const { mailbox } = open();
    for (const part of [1, 2, 3, 4]) void mailbox.keepRefused(part, refused, false);
    await mailbox.deleteRefused([4]);
    await mailbox.deleteRefusedThrough(2);
    void mailbox.keepRefused(4, refused, true);
    const { sessions, counts } = await mailbox.refusedList(undefined, 10);
    expect([sessions.map(({ id }) => id), counts]).toEqual([[3], { total: 1, unread: 1 }]);
    expect(await mailbox.refusedSession(4)).toBeNull();
  });
});

describe('a delivery', () => {
  test('is committed when it is answered: another process sees it', async () => {
    const { mailbox, file } = open();
    const id = await deliver(mailbox, Buffer.from('text'));
    expect(look(file).prepare('SELECT id, size FROM message').all()).toEqual([{ id, size: 4 }]);
  });

  test('of many pieces is stored whole, also when many come in at once', async () => {
    const { mailbox } = open();
    const messages = Array.from({ length: 5 }, (_, index) => randomBytes(700_000 + index * 100_000));
    const ids = await Promise.all(
      messages.map((bytes) => {
        const chunks = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, at) =>
          bytes.subarray(at * 65_536, (at + 1) * 65_536),
        );
        return deliver(mailbox, ...chunks);
      }),
    );
    for (const [index, id] of ids.entries()) {
      expect((await source(mailbox, id)).equals(messages[index] as Buffer)).toBe(true);
    }
  });

  test('that is discarded leaves nothing', async () => {
    const { mailbox, file } = open();
    const delivery = mailbox.receive(envelope);
    await delivery.write(randomBytes(600_000));
    delivery.discard();
    expect((await mailbox.counts()).total).toBe(0);
    expect(look(file).prepare('SELECT count(*) AS n FROM content').get()).toEqual({ n: 0 });
  });

  test('waits when the mailbox is behind, and goes on', async () => {
    const { mailbox } = open();
    const delivery = mailbox.receive(envelope);
    const waits: (Promise<void> | undefined)[] = [];
    for (let count = 0; count < 64; count++) waits.push(delivery.write(randomBytes(256 * 1024)));
    expect(waits.some((wait) => wait !== undefined)).toBe(true);
    for (const wait of waits) await wait;
    expect(await delivery.store(record)).toHaveProperty('id');
  });

  test('is told as an event once', async () => {
    const { mailbox } = open();
    const told: number[][] = [];
    mailbox.on('changed', (ids) => told.push(ids));
    const id = await deliver(mailbox, Buffer.from('text'));
    await mailbox.counts();
    expect(told).toEqual([[id]]);
  });

  test('takes a copy: what the caller does with its bytes afterwards changes nothing', async () => {
    const { mailbox } = open();
    const delivery = mailbox.receive(envelope);
    const chunk = Buffer.alloc(100_000);
    const sent: Buffer[] = [];
    for (let count = 0; count < 7; count++) {
      sent.push(randomBytes(chunk.length));
      chunk.set(sent[count] as Buffer);
      await delivery.write(chunk);
    }
    chunk.fill(0);
    const stored = delivery.store(record);
    chunk.fill(1);
    const id = Number(((await stored) as { id: string }).id);
    expect((await source(mailbox, id)).equals(Buffer.concat(sent))).toBe(true);
  });

  test('of crumbs is stored whole', async () => {
    const { mailbox } = open();
    const bytes = randomBytes(600_000);
    const crumbs = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) => bytes.subarray(at * 7, at * 7 + 7));
    expect((await source(mailbox, await deliver(mailbox, ...crumbs))).equals(bytes)).toBe(true);
  });
});

describe('deliveries that cannot be kept', () => {
  test.skipIf(!canMount)(
    'on a full disk are answered so, what was kept stays, and later ones fit again (needs root)',
    async () => {
      const { mailbox } = open(join(smallDisk('4m'), 'mailbox.sqlite'));
      const kept = await deliver(mailbox, Buffer.from('kept'));
      const delivery = mailbox.receive(envelope);
      await delivery.write(randomBytes(8 * 1024 * 1024));
      expect(await delivery.store(record)).toEqual({ failed: 'no space' });
      expect(await source(mailbox, kept)).toEqual(Buffer.from('kept'));
      expect((await mailbox.list(everything, undefined, 10)).messages.map(({ id }) => id)).toEqual([kept]);
      await deliver(mailbox, Buffer.from('small'));
      expect((await mailbox.counts()).total).toBe(2);
    },
  );

  test.skipIf(!canMount)(
    'are in no database, and those that are answered are, at that moment (needs root)',
    async () => {
      const { mailbox, file } = open(join(smallDisk('4m'), 'mailbox.sqlite'));
      await mailbox.opened();
      const select = look(file).prepare('SELECT id FROM message WHERE id = ?');
      const kept: number[] = [];
      const missing: number[] = [];
      const send = async (): Promise<StoreResult> => {
        const delivery = mailbox.receive(envelope);
        await delivery.write(randomBytes(10_000 + (kept.length % 10) * 1000));
        const result = await delivery.store(record);
        if ('id' in result) (select.get(result.id) === undefined ? missing : kept).push(Number(result.id));
        return result;
      };
      let refused: StoreResult[] = [];
      while (refused.length === 0) {
        const results = await Promise.all(Array.from({ length: 20 }, send));
        refused = results.filter((result) => 'failed' in result);
      }
      expect(missing).toEqual([]);
      expect(new Set(refused.map((result) => JSON.stringify(result)))).toEqual(new Set(['{"failed":"no space"}']));
      const there = look(file).prepare('SELECT id FROM message ORDER BY id').all();
      expect(there.map(({ id }) => id)).toEqual(kept);
    },
  );

  test.skipIf(!canMount)('whole stay refused, also when there is room again (needs root)', async () => {
    const folder = smallDisk('4m');
    const { mailbox } = open(join(folder, 'mailbox.sqlite'));
    await mailbox.opened();
    const filler = fill(folder);
    const delivery = mailbox.receive(envelope);
    await delivery.write(randomBytes(300_000));
    // A batch is what was asked in one turn: the piece that does not fit is in one before this.
    await setImmediate();
    await mailbox.counts();
    rmSync(filler);
    expect(await delivery.store(record)).toEqual({ failed: 'no space' });
    expect((await mailbox.counts()).total).toBe(0);
    await deliver(mailbox, randomBytes(300_000));
  });

  test('because the folder is missing are refused, and it is told', async () => {
    const { mailbox } = open(join(temporaryFolder(), 'missing', 'mailbox.sqlite'));
    const failed = once(mailbox, 'failed');
    await expect(mailbox.opened()).rejects.toThrow(/unable to open/);
    expect(await failed).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/unable to open/) as string }),
    ]);
    expect(await mailbox.receive(envelope).store(record)).toEqual({ failed: 'error' });
    await expect(mailbox.counts()).rejects.toThrow(/stopped working/);
  });
});

test('a database that cannot be opened is named, and the new one works', async () => {
  const file = join(temporaryFolder(), 'mailbox.sqlite');
  writeFileSync(file, 'not a database at all, not even nearly one'.repeat(50));
  const { mailbox } = open(file);
  const setAside = await mailbox.opened();
  expect(readdirSync(dirname(file))).toContain(setAside?.path.slice(dirname(file).length + 1));
  expect(await deliver(mailbox, Buffer.from('text'))).toBe(1);
});

describe('a thread that dies', () => {
  test.each([
    ['ends', /^The mailbox stopped working: it ended$/],
    ['throws', /^The mailbox stopped working: out of order$/],
  ])('keeps nobody waiting, and is told once: it %s', async (way, message) => {
    const created = once(process, 'worker') as Promise<[Worker]>;
    const mailbox = new Mailbox(dyingMailboxWorker, way);
    const failures: Error[] = [];
    mailbox.on('failed', (error) => failures.push(error));
    const [worker] = await created;
    const exited = new Promise((resolve) => worker.once('exit', resolve));

    const delivery = mailbox.receive(envelope);
    const waits = Array.from({ length: 40 }, () => delivery.write(new Uint8Array(256 * 1024)));
    expect(waits).toContainEqual(expect.any(Promise));
    const counts = expect(mailbox.counts()).rejects.toThrow(message);
    expect(await delivery.store(record)).toEqual({ failed: 'error' });
    await counts;
    for (const wait of waits) await wait;

    await exited;
    expect(failures.map((error) => error.message)).toEqual([expect.stringMatching(message)]);
    expect(mailbox.receive(envelope).write(new Uint8Array(20 * 1024 * 1024))).toBeUndefined();
    expect(await mailbox.receive(envelope).store(record)).toEqual({ failed: 'error' });
    await expect(mailbox.counts()).rejects.toThrow(message);
    await mailbox.close();
  });
});

test('very many messages are changed part by part, so that deliveries come between', async () => {
  const { mailbox } = open();
  const parts: number[][] = [];
  mailbox.on('changed', (ids) => parts.push(ids)).on('removed', (ids) => parts.push(ids));
  const ids = Array.from({ length: 4500 }, (_, index) => index + 1);
  await mailbox.setUnread({ ids }, false);
  await mailbox.delete({ ids });
  expect(parts.map(({ length }) => length)).toEqual([2000, 2000, 500, 2000, 2000, 500]);
  expect(parts.flat()).toEqual([...ids, ...ids]);
});

test('a tag cannot take the name of another, which refuses nothing that was asked in the same turn', async () => {
  const { mailbox } = open();
  const [a] = await Promise.all([mailbox.createTag('a', 'red'), mailbox.createTag('b', 'red')]);
  const [renamed, stored] = await Promise.allSettled([
    mailbox.changeTag(a, 'B', 'red'),
    mailbox.receive(envelope).store(record),
  ]);
  expect(renamed).toMatchObject({ status: 'rejected', reason: { message: 'There is a tag B already.' } });
  expect(stored).toMatchObject({ status: 'fulfilled', value: { id: '1' } });
});

describe('bytes that cannot be read', () => {
  test('fail the one who asked for them, and nothing that was asked in the same turn', async () => {
    const { mailbox, file } = open();
    const damaged = await deliver(mailbox, Buffer.from('damaged'));
    damage(file, damaged);
    const read = mailbox.source(damaged, 0, 100);
    const [outcome, id] = await Promise.all([Promise.allSettled([read]), deliver(mailbox, Buffer.from('whole'))]);
    expect(outcome).toMatchObject([{ status: 'rejected', reason: { message: expect.stringMatching(/\w/) as string } }]);
    expect(await source(mailbox, id)).toEqual(Buffer.from('whole'));
    await mailbox.delete({ ids: [damaged] });
    expect((await mailbox.list(everything, undefined, 10)).messages.map((row) => row.id)).toEqual([id]);
  });

  test('are an error at a source port, which goes on', async () => {
    const { mailbox, file } = open();
    const [damaged, whole] = [await deliver(mailbox, Buffer.from('x')), await deliver(mailbox, Buffer.from('whole'))];
    damage(file, damaged);
    const { port1, port2 } = new MessageChannel();
    onTestFinished(() => port2.close());
    mailbox.serveSource(port1);
    const answers: unknown[] = [];
    port2.on('message', (answer) => answers.push(answer));
    for (const id of [damaged, whole]) port2.postMessage({ id, offset: 0, length: 10 });
    while (answers.length < 2) await once(port2, 'message');
    expect(answers).toEqual([
      { error: expect.stringMatching(/\w/) as string },
      { bytes: new Uint8Array(Buffer.from('whole')), size: 5 },
    ]);
    expect((await mailbox.counts()).total).toBe(2);
  });
});

describe('a database that turns out to be damaged', () => {
  test('is set aside as it is, and a new one begun; what could not be kept is refused', async () => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const before = new Mailbox(mailboxWorker, file);
    const kept = await deliver(before, Buffer.from('kept'));
    await before.close();
    damagePage(file, 'refused');

    const { mailbox } = open(file);
    expect(await mailbox.opened()).toBeNull();
    expect(await source(mailbox, kept)).toEqual(Buffer.from('kept'));
    const told = once(mailbox, 'setAside') as Promise<[{ path: string; reason: string }]>;
    const cleared = once(mailbox, 'cleared');
    // Both in one batch.
    const lost = mailbox.receive(envelope).store(record);
    void mailbox.keepRefused(1, refused, true);
    expect(await lost).toEqual({ failed: 'error' });
    const [{ path, reason }] = await told;
    await cleared;
    expect(reason).toMatch(/malformed/);
    expect(look(path).prepare('SELECT size FROM message').all()).toEqual([{ size: 4 }]);

    const id = await deliver(mailbox, Buffer.from('new'));
    void mailbox.keepRefused(2, refused, true);
    expect([await source(mailbox, id), await mailbox.counts()]).toMatchObject([Buffer.from('new'), { total: 1 }]);
    expect((await mailbox.refusedCounts()).total).toBe(1);
  });

  test('in its full-text index alone has that made again', async () => {
    const { mailbox, file } = open();
    const id = await deliver(mailbox, Buffer.from('text'));
    const digest = { subject: 'Hello', from: null, to: [], snippet: '', attachmentCount: 0 };
    const outcome = { id, digest, text: searchedText({ subject: 'Hello' }) };
    await mailbox.saveParsed([outcome]);
    const other = new DatabaseSync(file, { defensive: false });
    other.exec("UPDATE search_data SET block = x'bad0bad0bad0bad0'");
    other.close();
    const problem = once(mailbox, 'problem');
    await expect(mailbox.list({ mailbox: null, search: 'hello' }, undefined, 10)).rejects.toThrow(/malformed|corrupt/);
    await problem;
    expect(await mailbox.unindexed(10)).toEqual([id]);
    await mailbox.saveParsed([outcome]);
    expect((await mailbox.list({ mailbox: null, search: 'hello' }, undefined, 10)).messages).toMatchObject([{ id }]);
    await mailbox.delete({ ids: [id] });
  });
});

test('a source port answers in order, and null for what is not there', async () => {
  const { mailbox } = open();
  const id = await deliver(mailbox, Buffer.from('0123456789'));
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port2.close());
  mailbox.serveSource(port1);
  const answers: unknown[] = [];
  port2.on('message', (answer) => answers.push(answer));
  port2.postMessage({ id, offset: 2, length: 3 });
  port2.postMessage({ id: 99, offset: 0, length: 3 });
  port2.postMessage({ id, offset: 8, length: 30 });
  while (answers.length < 3) await once(port2, 'message');
  expect(answers).toEqual([
    { bytes: new Uint8Array(Buffer.from('234')), size: 10 },
    null,
    { bytes: new Uint8Array(Buffer.from('89')), size: 10 },
  ]);
});

describe('a connection of another thread', () => {
  function connect(mailbox: Mailbox): MailboxConnection {
    const port = mailbox.openPort();
    onTestFinished(() => port.close());
    return new MailboxConnection(port);
  }

  test('delivers, places what it delivers, and the main thread hears of it', async () => {
    const { mailbox } = open();
    await mailbox.receive({ ...envelope, user: 'shop' }).store(record);
    const heard = once(mailbox, 'changed');
    const delivery = connect(mailbox).receive({ ...envelope, protocol: null });
    await delivery.write(Buffer.from('bare\n'));
    const result = await delivery.store(record, { mailbox: 2, unread: false, starred: true });
    expect(await heard).toEqual([[2]]);
    expect(result).toEqual({ id: '2' });
    expect((await mailbox.counts()).mailboxes).toMatchObject([
      { id: 1, total: 0 },
      { id: 2, total: 2, unread: 1 },
    ]);
    expect(await mailbox.summaries([2])).toMatchObject([{ mailbox: 2, unread: false, starred: true }]);
    // What came from a file was said by no client.
    expect(await mailbox.sessionRecord(2)).toEqual(record);
  });

  test('names what a list holds, oldest first, up to the newest one that is wanted', async () => {
    const { mailbox } = open();
    for (let count = 0; count < 5; count++) await deliver(mailbox, Buffer.from('text'));
    const connection = connect(mailbox);
    const chosen = await gather(chosenMessages(connection, { ...everything, through: 4 }));
    expect(chosen).toEqual([[1, 2, 3, 4]]);
    expect(await gather(chosenMessages(connection, { ids: [5, 2] }))).toEqual([[2, 5]]);
    const { signal } = new AbortController();
    expect(await countMessages(connection, everything, signal, 4)).toBe(4);
  });

  test('is closed where the mailbox does not work', async () => {
    const mailbox = new Mailbox(dyingMailboxWorker, 'ends');
    const failed = once(mailbox, 'failed');
    await expect(mailbox.counts()).rejects.toThrow(/stopped working/);
    await failed;
    await once(
      mailbox.openPort().on('message', () => undefined),
      'close',
    );
  });
});

describe('what the window is told', () => {
  function listen(mailbox: Mailbox): {
    next: () => Promise<ListChange<MessageSummary>>;
    told: ListChange<MessageSummary>[];
  } {
    const told: ListChange<MessageSummary>[] = [];
    let wake: (() => void) | null = null;
    const feed = new ChangeFeed(
      mailbox,
      (change: ListChange<MessageSummary>) => {
        told.push(change);
        wake?.();
      },
      (error) => {
        throw error;
      },
    );
    mailbox.on('changed', feed.changed).on('removed', feed.removed).on('cleared', feed.cleared);
    const next = async (): Promise<ListChange<MessageSummary>> => {
      if (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return told.shift() as ListChange<MessageSummary>;
    };
    return { next, told };
  }

  test('of a hundred deliveries is a few events with every row in them', async () => {
    const { mailbox } = open();
    const { next } = listen(mailbox);
    const ids = await Promise.all(Array.from({ length: 100 }, () => deliver(mailbox, Buffer.from('text'))));
    const rows = new Set<number>();
    let events = 0;
    while (rows.size < ids.length) {
      for (const row of (await next()).changed) rows.add(row.id);
      events++;
    }
    expect(events).toBeLessThan(10);
    expect(rows).toEqual(new Set(ids));
  });

  test('of what was read and deleted has the counts with it', async () => {
    const { mailbox } = open();
    const [a, b] = [await deliver(mailbox, Buffer.from('a')), await deliver(mailbox, Buffer.from('b'))];
    const { next } = listen(mailbox);
    await mailbox.setUnread({ ids: [a] }, false);
    await mailbox.delete({ ids: [b] });
    expect(await next()).toMatchObject({
      changed: [{ id: a, unread: false }],
      removed: [b],
      reload: false,
      counts: { total: 1, unread: 0 },
    });
  });

  test('of a delete of all is to ask again, and what arrived later is there', async () => {
    const { mailbox } = open();
    const through = await deliver(mailbox, Buffer.from('a'));
    const later = await deliver(mailbox, Buffer.from('b'));
    const { next } = listen(mailbox);
    await mailbox.delete({ ...everything, through });
    expect(await next()).toMatchObject({ reload: true, counts: { total: 1 } });
    expect((await mailbox.list(everything, undefined, 10)).messages.map(({ id }) => id)).toEqual([later]);
  });
});

test('what was asked before closing is done before closing', async () => {
  const { mailbox, file } = open();
  const stored = deliver(mailbox, Buffer.from('text'));
  await mailbox.close();
  await stored;
  expect(look(file).prepare('SELECT count(*) AS n FROM message').get()).toEqual({ n: 1 });
});

test.skipIf(!canMakeReadOnly)('a read-only folder is told, and clients are told to try again', async () => {
  const { mailbox } = open(join(readOnlyFolder(), 'mailbox.sqlite'));
  await expect(mailbox.opened()).rejects.toThrow(/unable to open/);
  expect(await mailbox.receive(envelope).store(record)).toEqual({ failed: 'error' });
});
