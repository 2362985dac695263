import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { zstdCompressSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MessageDigest } from '../../../main/mailbox/message.ts';
import { PIECE_SIZE } from '../../../main/mailbox/content-store.ts';
import { isFull } from '../../../main/mailbox/database.ts';
import { MailStore, openStore } from '../../../main/mailbox/store.ts';
import { canMount, smallDisk } from '../support/disk.ts';
import { temporaryFolder } from '../support/folder.ts';
import { envelope, everything, record, searchedText } from './envelope.ts';
import { sessions, tables } from './older.ts';

function open(file = ':memory:'): MailStore {
  const store = new MailStore(file);
  onTestFinished(() => store.close());
  return store;
}

/** Puts a message in, as its pieces come. @returns its id */
function put(store: MailStore, bytes: Uint8Array = Buffer.from('text')): number {
  const contentId = store.content.newId();
  let position = 0;
  for (; (position + 1) * PIECE_SIZE <= bytes.length; position++) {
    store.content.write(contentId, position, bytes.subarray(position * PIECE_SIZE, (position + 1) * PIECE_SIZE));
  }
  const rest = bytes.subarray(position * PIECE_SIZE);
  const id = store.insert({ contentId, rest, receivedAt: 1000, size: bytes.length, envelope, record });
  store.commit();
  return id;
}

/** Deletes messages. @returns the deletion */
function hide(store: MailStore, ...ids: number[]): number {
  const deletion = store.deletions.begin();
  store.deletions.add(deletion, ids);
  return deletion;
}

/** @returns what another process sees: the pieces that are there, those of one message side by side */
function pieces(file: string): { content_id: number; position: number }[] {
  const reader = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => reader.close());
  const rows = reader.prepare('SELECT content_id, position FROM content ORDER BY content_id, position').all();
  return rows as { content_id: number; position: number }[];
}

const ids = (store: MailStore): number[] => store.list(everything, undefined, 500).messages.map(({ id }) => id);
const digest: MessageDigest = { subject: 'Hello', from: null, to: [], snippet: 'text', attachmentCount: 0 };

describe('what was put in', () => {
  test('is there when the database is opened again', () => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const first = new MailStore(file);
    const id = put(first, Buffer.from('kept'));
    first.close();
    const second = open(file);
    expect(second.list(everything, undefined, 10)).toEqual({
      messages: [
        { id, receivedAt: 1000, size: 4, unread: true, starred: false, mailbox: 1, tags: [], envelope, digest: null },
      ],
      counts: {
        ...{ total: 1, unread: 1, tags: [] },
        mailboxes: [{ id: 1, name: 'Inbox', total: 1, unread: 1, size: 4, retention: null }],
      },
      error: null,
    });
    expect(Buffer.from(second.source(id, 0, 100)?.bytes ?? []).toString()).toBe('kept');
  });

  test('is not there when it was not committed', () => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const first = new MailStore(file);
    put(first);
    const contentId = first.content.newId();
    first.insert({ contentId, rest: Buffer.alloc(0), receivedAt: 0, size: 0, envelope, record });
    first.close();
    expect(open(file).counts().total).toBe(1);
  });

  test('never gives its id to another message, also when it is deleted', () => {
    const store = open();
    const first = put(store);
    hide(store, first);
    expect(put(store)).toBeGreaterThan(first);
  });
});

describe('the stored bytes', () => {
  const large = randomBytes(3 * PIECE_SIZE + 17);

  test.each([0, 1, PIECE_SIZE - 1, PIECE_SIZE, PIECE_SIZE + 1, large.length])(
    '%i octets come out as they went in',
    (size) => {
      const store = open();
      const bytes = large.subarray(0, size);
      const id = put(store, bytes);
      expect(store.source(id, 0, size + 1)).toEqual({ bytes: new Uint8Array(bytes), size });
    },
  );

  test.each([
    [0, 10],
    [PIECE_SIZE - 5, 10],
    [PIECE_SIZE, PIECE_SIZE],
    [5, 2 * PIECE_SIZE],
    [large.length - 3, 100],
    [large.length + 3 * PIECE_SIZE, 10],
  ])('can be read from %i on, %i octets', (offset, length) => {
    const store = open();
    const id = put(store, large);
    const expected = new Uint8Array(large.subarray(offset, offset + length));
    expect(store.source(id, offset, length)).toEqual({ bytes: expected, size: large.length });
  });

  test('of no message are null', () => {
    expect(open().source(7, 0, 10)).toBeNull();
  });

  test('of a message that never came are swept when the database is opened', () => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const first = new MailStore(file);
    const kept = put(first, Buffer.from('kept'));
    first.content.write(first.content.newId(), 0, large.subarray(0, PIECE_SIZE));
    first.commit();
    first.close();
    const second = open(file);
    expect(second.source(kept, 0, 10)?.bytes).toEqual(new Uint8Array(Buffer.from('kept')));
    expect(pieces(file)).toHaveLength(1);
  });
});

describe('the list', () => {
  test('is newest first, in pages that begin after a message', () => {
    const store = open();
    const [a, b, c, d] = [put(store), put(store), put(store), put(store)];
    expect(store.list(everything, undefined, 2).messages.map(({ id }) => id)).toEqual([d, c]);
    expect(store.list(everything, c, 2).messages.map(({ id }) => id)).toEqual([b, a]);
    expect(store.list(everything, a, 2).messages).toEqual([]);
  });

  test('counts what is there and what is unread', () => {
    const store = open();
    const [a, b] = [put(store), put(store), put(store)];
    store.setUnread([a, b], false);
    expect(store.counts()).toMatchObject({ total: 3, unread: 1 });
    store.setUnread([b], true);
    expect(store.counts()).toMatchObject({ total: 3, unread: 2 });
  });
});

describe('deleting', () => {
  test('takes the message and its bytes, and no other', () => {
    const store = open();
    const [a, b, c] = [put(store), put(store), put(store)];
    hide(store, b, 999);
    expect(ids(store)).toEqual([c, a]);
    while (store.deletions.remove(Date.now(), { messages: 1, octets: 1 }) !== null);
    expect([store.source(b, 0, 1), store.source(a, 0, 4)?.size]).toEqual([null, 4]);
  });

  test.each<[string, (store: MailStore, first: number, second: number) => unknown]>([
    ['by id', hide],
    ['up to one', (store, _first, second) => store.deleteThrough({ through: second, mailbox: null })],
  ])('leaves no bytes of them behind: %s', (_title, remove) => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const store = open(file);
    const [a, b] = [put(store, randomBytes(2 * PIECE_SIZE + 1)), put(store)];
    const before = pieces(file);
    put(store, randomBytes(PIECE_SIZE + 1));
    const kept = pieces(file).slice(before.length);
    remove(store, a, b);
    while (store.deletions.remove(Date.now(), { messages: 1, octets: 1 }) !== null);
    store.commit();
    expect([before.length, pieces(file)]).toEqual([4, kept]);
  });

  test('all up to a message keeps what arrived after it', () => {
    const store = open();
    const [, b, c] = [put(store), put(store), put(store)];
    store.deleteThrough({ through: b, mailbox: null });
    expect(ids(store)).toEqual([c]);
    expect(store.source(c, 0, 4)?.bytes.length).toBe(4);
  });
});

describe('what the parser read', () => {
  test('goes with the row, and the message waits no longer', () => {
    const store = open();
    const [a, b] = [put(store), put(store)];
    expect(store.unindexed(10)).toEqual([a, b]);
    store.saveParsed([{ id: a, digest, text: searchedText() }]);
    store.saveParsed([{ id: b, error: 'too deep' }]);
    expect(store.unindexed(10)).toEqual([]);
    expect(store.summaries([a, b]).map((row) => row.digest)).toEqual([null, digest]);
  });
});

describe('a database of an older version is brought to the newest, with everything in it', () => {
  const first = { reversePath: 'a@x.test', forwardPaths: ['b@y.test', 'c@y.test'], clientName: 'x', protocol: 'SMTP' };
  const second = { ...first, parameters: { RET: 'FULL' }, forwardPathParameters: [{ NOTIFY: 'NEVER' }, {}] };

  test.each([
    [1, first, { parameters: {}, forwardPathParameters: [{}, {}] }],
    [2, second, {}],
  ])('version %i', (version, said, added) => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const older = new DatabaseSync(file);
    older.exec(`${tables} PRAGMA user_version = ${version};`);
    const insert = 'INSERT INTO message (content_id, received_at, size, envelope, digest) VALUES (1, 1000, 4, ?, ?)';
    older.prepare(insert).run(JSON.stringify(said), JSON.stringify(digest));
    older.close();
    const store = open(file);
    expect(store.list(everything, undefined, 10).messages).toEqual([
      {
        id: 1,
        receivedAt: 1000,
        size: 4,
        unread: true,
        starred: false,
        mailbox: 1,
        tags: [],
        digest,
        envelope: { ...said, ...added, tls: null, user: null },
      },
    ]);
    expect(store.sessionRecord(1)).toBeNull();
    const id = put(store);
    expect(store.sessionRecord(id)).toEqual(record);
  });
});

test('what version 3 knew of refused sessions is kept', () => {
  const file = join(temporaryFolder(), 'mailbox.sqlite');
  const older = new DatabaseSync(file);
  older.exec(`
    ${tables}
    CREATE TABLE refused_session (
      id INTEGER PRIMARY KEY AUTOINCREMENT, started_at INTEGER NOT NULL, remote_address TEXT NOT NULL,
      client_name TEXT NOT NULL, reply TEXT NOT NULL, transcript TEXT NOT NULL, notes TEXT NOT NULL
    ) STRICT;
    ${sessions}
    INSERT INTO refused_session VALUES (7, 1000, '192.0.2.1', 'x', '550 no', '1000 S 550 no', '[]');
    PRAGMA user_version = 3;
  `);
  older.close();
  expect(open(file).refused.session(7)).toEqual({
    ...{ id: 7, unread: false, startedAt: 1000, remoteAddress: '192.0.2.1', clientName: 'x', reversePath: null },
    refusals: [{ at: 1000, stage: null, mailbox: '', reply: '550 no', rule: null }],
    transcript: '1000 S 550 no',
    notes: [],
  });
});

test('mail of version 4 goes to the mailboxes of its users, and waits to be indexed', () => {
  const file = join(temporaryFolder(), 'mailbox.sqlite');
  const older = new DatabaseSync(file);
  older.exec(`
    ${tables}
    ${sessions}
    CREATE TABLE refused (
      id INTEGER PRIMARY KEY AUTOINCREMENT, started_at INTEGER NOT NULL, remote_address TEXT NOT NULL,
      client_name TEXT NOT NULL, reverse_path TEXT, refusals TEXT NOT NULL, unread INTEGER NOT NULL DEFAULT 1,
      transcript TEXT NOT NULL, notes TEXT NOT NULL
    ) STRICT;
    PRAGMA user_version = 4;
  `);
  const insert = older.prepare(
    'INSERT INTO message (content_id, received_at, size, unread, envelope) VALUES (?, 1000, 4, ?, ?)',
  );
  for (const [index, user] of ['shop', null, 'shop', 'other'].entries()) {
    insert.run(index + 1, index % 2, JSON.stringify({ ...envelope, user }));
  }
  older.close();
  const store = open(file);
  expect(store.counts().mailboxes.map(({ name, total, unread }) => [name, total, unread])).toEqual([
    ['Inbox', 1, 1],
    ['other', 1, 1],
    ['shop', 2, 0],
  ]);
  expect(store.unindexed(10)).toEqual([1, 2, 3, 4]);
});

test('what version 5 knew of the sessions of its messages is kept, and its file shrinks from now on', () => {
  const file = join(temporaryFolder(), 'mailbox.sqlite');
  const older = new DatabaseSync(file);
  older.exec(`
    ${tables}
    ${sessions}
    CREATE TABLE refused (id INTEGER PRIMARY KEY, unread INTEGER) STRICT;
    CREATE TABLE mailbox (
      id INTEGER PRIMARY KEY, user TEXT UNIQUE, name TEXT NOT NULL, total INTEGER NOT NULL DEFAULT 0,
      unread INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    INSERT INTO mailbox VALUES (1, NULL, 'Inbox', 5, 5);
    ALTER TABLE message ADD COLUMN mailbox_id INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE message ADD COLUMN starred INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE message ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX message_received ON message (received_at);
    CREATE TRIGGER message_came AFTER INSERT ON message BEGIN SELECT 1; END;
    CREATE TRIGGER message_went AFTER DELETE ON message BEGIN SELECT 1; END;
    CREATE TRIGGER message_marked AFTER UPDATE OF unread ON message BEGIN SELECT 1; END;
    CREATE VIRTUAL TABLE search USING fts5 (
      subject, sender, recipient, cc, bcc, body, attachment, header,
      content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
    );
    PRAGMA user_version = 5;
  `);
  const sizes = [0, 4, PIECE_SIZE, PIECE_SIZE + 7, 3 * PIECE_SIZE];
  const messages = sizes.map((size) => randomBytes(size));
  for (const [index, bytes] of messages.entries()) {
    const insert = 'INSERT INTO message (content_id, received_at, size, envelope) VALUES (?, ?, ?, ?)';
    older.prepare(insert).run(index + 1, 5000 - 1000 * index, bytes.length, JSON.stringify(envelope));
    const session = 'INSERT INTO message_session VALUES (?, ?, ?)';
    older.prepare(session).run(index + 1, `${record.transcript} ${index}`, JSON.stringify(record.notes));
    for (let position = 0; position * PIECE_SIZE < bytes.length; position++) {
      const piece = zstdCompressSync(bytes.subarray(position * PIECE_SIZE, (position + 1) * PIECE_SIZE));
      older.prepare('INSERT INTO content VALUES (?, ?, ?)').run(index + 1, position, piece);
    }
  }
  older.close();

  const store = open(file);
  for (const [index, bytes] of messages.entries()) {
    expect(store.source(index + 1, 0, bytes.length + 1)?.bytes).toEqual(new Uint8Array(bytes));
    expect(store.sessionRecord(index + 1)).toEqual({ ...record, transcript: `${record.transcript} ${index}` });
  }
  const [inbox] = store.counts().mailboxes;
  expect(inbox?.size).toBe(sizes.reduce((sum, size) => sum + size));
  const other = new DatabaseSync(file, { readOnly: true });
  onTestFinished(() => other.close());
  expect([other.prepare('PRAGMA auto_vacuum').get(), other.prepare('SELECT set_back FROM clock').get()]).toEqual([
    { auto_vacuum: 2 },
    { set_back: 4000 },
  ]);
});

describe('a database that cannot be opened', () => {
  test.each([
    ['no database', 'this is no database, but it is long enough to look at'.repeat(100)],
    ['cut short', 'SQLite format 3\0'],
  ])('is set aside, whole, and a new one begun: %s', (_title, content) => {
    const folder = temporaryFolder();
    const file = join(folder, 'mailbox.sqlite');
    writeFileSync(file, content);
    const { store, setAside } = openStore(file);
    onTestFinished(() => store.close());
    expect([store.counts().total, setAside?.reason]).toEqual([0, expect.stringMatching(/\w/)]);
    expect(readdirSync(folder)).toContain(setAside?.path.slice(folder.length + 1));
    expect(readFileSync(setAside?.path ?? '', 'latin1')).toBe(content);
  });

  test('is set aside when a newer version wrote it', () => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const newer = new DatabaseSync(file);
    newer.exec("PRAGMA user_version = 1000; CREATE TABLE later (what TEXT); INSERT INTO later VALUES ('kept')");
    newer.close();
    const { store, setAside } = openStore(file);
    onTestFinished(() => store.close());
    expect(setAside?.reason).toMatch(/newer version/);
    const kept = new DatabaseSync(setAside?.path ?? '');
    onTestFinished(() => kept.close());
    expect(kept.prepare('SELECT what FROM later').all()).toEqual([{ what: 'kept' }]);
  });

  test('is left alone when it is the folder that is wrong', () => {
    expect(() => openStore(join(temporaryFolder(), 'missing', 'mailbox.sqlite'))).toThrow(/unable to open/);
  });

  test('is left alone when something else is the matter than what it holds', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'mailbox.sqlite'));
    expect(() => openStore(join(folder, 'mailbox.sqlite'))).toThrow(/unable to open/);
    expect(readdirSync(folder)).toEqual(['mailbox.sqlite']);
  });

  // The moment is long enough for whoever does not wait to fail, and nothing hangs on how long it is.
  test('is waited for when somebody else has it locked for a moment', async () => {
    const file = join(temporaryFolder(), 'mailbox.sqlite');
    const first = new MailStore(file);
    const id = put(first);
    first.close();
    const script = `
      const { parentPort, workerData } = require('node:worker_threads');
      const database = new (require('node:sqlite').DatabaseSync)(workerData);
      database.exec('BEGIN EXCLUSIVE');
      parentPort.postMessage('locked');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      database.close();`;
    const holder = new Worker(script, { eval: true, workerData: file });
    onTestFinished(() => holder.terminate().then(() => undefined));
    await once(holder, 'message');
    const { store, setAside } = openStore(file);
    onTestFinished(() => store.close());
    expect([setAside, ids(store)]).toEqual([null, [id]]);
  });
});

test.skipIf(!canMount)(
  'a full disk is told from other errors, and what was committed before stays (needs root)',
  () => {
    const store = open(join(smallDisk('2m'), 'mailbox.sqlite'));
    let kept = 0;
    const fill = (): void => {
      for (;;) {
        put(store, randomBytes(PIECE_SIZE));
        kept++;
      }
    };
    expect(fill).toThrow(expect.toSatisfy(isFull));
    store.rollback();
    expect(kept).toBeGreaterThan(0);
    expect(store.counts().total).toBe(kept);
  },
);
