import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ChangeFeed, type MessagesChange } from '../../../main/mailbox/change-feed.ts';
import { Mailbox } from '../../../main/mailbox/mailbox.ts';
import { canMakeReadOnly, canMount, readOnlyFolder, smallDisk } from '../support/disk.ts';
import { temporaryFolder } from '../support/folder.ts';
import { mailboxWorker } from '../support/workers.ts';
import { envelope } from './envelope.ts';

function open(file = join(temporaryFolder(), 'mailbox.sqlite')): { mailbox: Mailbox; file: string } {
  const mailbox = new Mailbox(mailboxWorker, file);
  onTestFinished(() => mailbox.close());
  return { mailbox, file };
}

async function deliver(mailbox: Mailbox, ...chunks: Uint8Array[]): Promise<number> {
  const delivery = mailbox.receive(envelope);
  for (const chunk of chunks) await delivery.write(chunk);
  const result = await delivery.store();
  if (!('id' in result)) throw new Error(result.failed);
  return Number(result.id);
}

async function source(mailbox: Mailbox, id: number): Promise<Buffer> {
  return Buffer.from((await mailbox.source(id, 0, 1 << 30))?.bytes ?? []);
}

describe('a delivery', () => {
  test('is committed when it is answered: another process sees it', async () => {
    const { mailbox, file } = open();
    const id = await deliver(mailbox, Buffer.from('text'));
    const other = new DatabaseSync(file, { readOnly: true });
    onTestFinished(() => other.close());
    expect(other.prepare('SELECT id, size FROM message').all()).toEqual([{ id, size: 4 }]);
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
    for (const [index, id] of ids.entries()) expect(await source(mailbox, id)).toEqual(messages[index]);
  });

  test('that is discarded leaves nothing', async () => {
    const { mailbox, file } = open();
    const delivery = mailbox.receive(envelope);
    await delivery.write(randomBytes(600_000));
    delivery.discard();
    expect((await mailbox.counts()).total).toBe(0);
    const other = new DatabaseSync(file, { readOnly: true });
    onTestFinished(() => other.close());
    expect(other.prepare('SELECT count(*) AS n FROM content').get()).toEqual({ n: 0 });
  });

  test('waits when the mailbox is behind, and goes on', async () => {
    const { mailbox } = open();
    const delivery = mailbox.receive(envelope);
    const waits: (Promise<void> | undefined)[] = [];
    for (let count = 0; count < 64; count++) waits.push(delivery.write(randomBytes(256 * 1024)));
    expect(waits.some((wait) => wait !== undefined)).toBe(true);
    for (const wait of waits) await wait;
    expect(await delivery.store()).toHaveProperty('id');
  });

  test('is told as an event once', async () => {
    const { mailbox } = open();
    const changed = once(mailbox, 'changed');
    const id = await deliver(mailbox, Buffer.from('text'));
    expect(await changed).toEqual([[id]]);
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
      expect(await delivery.store()).toEqual({ failed: 'no space' });
      expect(await source(mailbox, kept)).toEqual(Buffer.from('kept'));
      expect((await mailbox.list(undefined, 10)).messages.map(({ id }) => id)).toEqual([kept]);
      await deliver(mailbox, Buffer.from('small'));
      expect((await mailbox.counts()).total).toBe(2);
    },
  );

  test('because the folder is missing are refused, and it is told', async () => {
    const { mailbox } = open(join(temporaryFolder(), 'missing', 'mailbox.sqlite'));
    const failed = once(mailbox, 'failed');
    await expect(mailbox.opened()).rejects.toThrow(/unable to open/);
    expect(await failed).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/unable to open/) as string }),
    ]);
    expect(await mailbox.receive(envelope).store()).toEqual({ failed: 'error' });
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

describe('what the window is told', () => {
  function listen(mailbox: Mailbox): { next: () => Promise<MessagesChange>; told: MessagesChange[] } {
    const told: MessagesChange[] = [];
    let wake: (() => void) | null = null;
    new ChangeFeed(
      mailbox,
      (change) => {
        told.push(change);
        wake?.();
      },
      (error) => {
        throw error;
      },
    );
    const next = async (): Promise<MessagesChange> => {
      if (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return told.shift() as MessagesChange;
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
    await mailbox.setUnread([a], false);
    await mailbox.delete([b]);
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
    await mailbox.deleteThrough(through);
    expect(await next()).toMatchObject({ reload: true, counts: { total: 1 } });
    expect((await mailbox.list(undefined, 10)).messages.map(({ id }) => id)).toEqual([later]);
  });
});

test('what was asked before closing is done before closing', async () => {
  const { mailbox, file } = open();
  const stored = deliver(mailbox, Buffer.from('text'));
  await mailbox.close();
  await stored;
  const other = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => other.close());
  expect(other.prepare('SELECT count(*) AS n FROM message').get()).toEqual({ n: 1 });
});

test.skipIf(!canMakeReadOnly)('a read-only folder is told, and clients are told to try again', async () => {
  const { mailbox } = open(join(readOnlyFolder(), 'mailbox.sqlite'));
  await expect(mailbox.opened()).rejects.toThrow(/unable to open/);
  expect(await mailbox.receive(envelope).store()).toEqual({ failed: 'error' });
});
