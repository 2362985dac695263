import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { decompress } from '../../../main/mailbox/content-store.ts';
import { expect } from 'vitest';
import type { SessionRecord } from '../../../main/mailbox/message.ts';
import { openStore } from '../../../main/mailbox/store.ts';
import type { Kept, Messages } from './ledger.ts';

/** Whether a message is there for people, and not about to be removed. */
const isVisible = `
  NOT EXISTS (SELECT 1 FROM deleted WHERE message_id = message.id) AND NOT EXISTS (
    SELECT 1 FROM deletion WHERE message.id <= through AND (mailbox_id IS NULL OR mailbox_id = message.mailbox_id)
  )`;

/** What holds of every database once it is open: queries that find what breaks it. */
const faults = {
  'bytes of no message': 'SELECT content_id FROM content WHERE content_id NOT IN (SELECT content_id FROM message)',
  'messages in no mailbox': 'SELECT id FROM message WHERE mailbox_id NOT IN (SELECT id FROM mailbox)',
  'deletions of no message': 'SELECT * FROM deleted WHERE message_id NOT IN (SELECT id FROM message)',
  'messages hidden by no deletion': 'SELECT * FROM deleted WHERE deletion_id NOT IN (SELECT id FROM deletion)',
  'counts that are not those of the messages': `
    SELECT id, total, unread, size FROM mailbox WHERE (total, unread, size) IS NOT (
      SELECT count(*), coalesce(sum(unread), 0), coalesce(sum(size), 0) FROM message
      WHERE mailbox_id = mailbox.id AND ${isVisible}
    )`,
  'messages that are read and cannot be searched':
    'SELECT id FROM message WHERE indexed = 1 AND id NOT IN (SELECT id FROM search_docsize)',
  'what is searched and is not there':
    'SELECT id FROM search_docsize WHERE id NOT IN (SELECT id FROM message WHERE indexed = 1)',
  'messages that are neither read nor given up':
    'SELECT id FROM message WHERE indexed = 1 AND digest IS NULL AND parse_error IS NULL',
  'refusals that cannot be read': 'SELECT id FROM refused WHERE NOT json_valid(refusals) OR NOT json_valid(notes)',
};

/** What is in a database. */
export interface Found {
  messages: Messages;
  /** No message that comes gets this id or one before it. */
  lastId: number;
  /** How many messages the parser gave up. */
  givenUp: number;
}

/**
 * Looks at a database that a killed server left behind, as the next start finds it; fails where it does not open or is not
 * sound. It looks at a copy: the next server gets the files as the kill left them, too.
 * @param folder the database lies there, or none yet
 */
export function look(folder: string): Found {
  const copy = mkdtempSync(join(tmpdir(), 'mailmitt-'));
  try {
    return lookAt(copyOf(folder, copy));
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function copyOf(folder: string, copy: string): string {
  const file = join(copy, 'mailbox.sqlite');
  for (const suffix of ['', '-wal', '-journal']) {
    const original = join(folder, `mailbox.sqlite${suffix}`);
    if (existsSync(original)) copyFileSync(original, file + suffix);
  }
  return file;
}

function lookAt(file: string): Found {
  const { store, setAside } = openStore(file);
  const listed = store.matching({ mailbox: null, search: '' }, 0, Infinity, 1_000_000);
  store.close();
  expect(setAside).toBeNull();

  const database = new DatabaseSync(file);
  try {
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    database.exec("INSERT INTO search (search) VALUES ('integrity-check')");
    for (const [fault, sql] of Object.entries(faults)) expect(database.prepare(sql).all(), fault).toEqual([]);
    expect(unsearchable(database)).toEqual([]);
    const rows = rowsOf(database);
    const messages = new Map(rows.map((row) => [row.id, read(database, row)]));
    expect(listed).toEqual(Array.from(messages.keys()));
    const one = (sql: string): number => (database.prepare(sql).get() as { n: number } | undefined)?.n ?? 0;
    return {
      messages,
      lastId: one("SELECT seq AS n FROM sqlite_sequence WHERE name = 'message'"),
      givenUp: one('SELECT count(*) AS n FROM message WHERE parse_error IS NOT NULL'),
    };
  } finally {
    database.close();
  }
}

interface Row {
  id: number;
  content_id: number;
  size: number;
  unread: number;
  starred: number;
  user: string | null;
}

function rowsOf(database: DatabaseSync): Row[] {
  const sql =
    'SELECT message.id, content_id, message.size, message.unread, starred, user ' +
    `FROM message JOIN mailbox ON mailbox.id = message.mailbox_id WHERE ${isVisible} ORDER BY message.id`;
  return database.prepare(sql).all() as unknown as Row[];
}

function read(database: DatabaseSync, { id, content_id, size, unread, starred, user }: Row): Kept {
  const sql = 'SELECT position, bytes FROM content WHERE content_id = ? ORDER BY position';
  const rows = database.prepare(sql).all(content_id) as unknown as { position: number; bytes: Uint8Array }[];
  expect(rows.map(({ position }) => position)).toEqual(Array.from(rows.keys()));
  // What was said stands behind the message.
  const bytes = Buffer.concat(rows.map((row) => decompress(row.bytes)));
  const record = JSON.parse(bytes.toString('utf8', size)) as SessionRecord;
  expect(record, `what was said of message ${id}`).toEqual({
    transcript: expect.any(String) as string,
    notes: expect.any(Array) as [],
  });
  const hash = createHash('sha256').update(bytes.subarray(0, size)).digest('hex');
  return { hash, user, unread: unread === 1, starred: starred === 1 };
}

/** @returns the subjects by which not exactly the message is found that has it: in these tests no two are the same */
function unsearchable(database: DatabaseSync): string[] {
  const sql = "SELECT id, digest ->> '$.subject' AS subject FROM message WHERE digest IS NOT NULL";
  const search = database.prepare('SELECT rowid AS id FROM search WHERE search MATCH ?');
  const subjects = database.prepare(sql).all() as { id: number; subject: string }[];
  return subjects
    .filter(({ id, subject }) => {
      const ids = search.all(`subject : "${subject}"`).map((row) => row['id']);
      return ids.length !== 1 || ids[0] !== id;
    })
    .map(({ subject }) => subject);
}
