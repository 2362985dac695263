import { createHash, randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync } from 'node:zlib';
import { envelope } from '../mailbox/envelope.ts';
import { sessions, tables } from '../mailbox/older.ts';
import type { Kept, Messages } from './ledger.ts';

/**
 * Writes a database of version 3 with so much in it that it takes a while to bring it to the newest, and with bytes of
 * messages that never came, which are to be swept.
 * @returns the messages in it
 */
export function writeOlderDatabase(file: string): Messages {
  const database = new DatabaseSync(file);
  database.exec(`
    ${tables}
    ${sessions}
    CREATE TABLE refused_session (
      id INTEGER PRIMARY KEY AUTOINCREMENT, started_at INTEGER NOT NULL, remote_address TEXT NOT NULL,
      client_name TEXT NOT NULL, reply TEXT NOT NULL, transcript TEXT NOT NULL, notes TEXT NOT NULL
    ) STRICT;
    PRAGMA user_version = 3;
    BEGIN;
  `);
  const insert = database.prepare(
    'INSERT INTO message (content_id, received_at, size, unread, envelope) VALUES (?, 1000, ?, ?, ?)',
  );
  const insertContent = database.prepare('INSERT INTO content VALUES (?, 0, ?)');
  const insertSession = database.prepare("INSERT INTO message_session VALUES (?, '', '[]')");
  const insertRefused = database.prepare(
    "INSERT INTO refused_session VALUES (?, 1000, '192.0.2.1', 'x', '', '', '[]')",
  );
  const messages = new Map<number, Kept>();
  for (let id = 1; id <= 1000; id++) {
    const bytes = Buffer.from(`Subject: d${id}\r\n\r\n`);
    const user = id % 4 === 0 ? null : `user-${id % 4}`;
    insert.run(id, bytes.length, id % 2, JSON.stringify({ ...envelope, user }));
    insertContent.run(id, zstdCompressSync(bytes));
    insertSession.run(id);
    const hash = createHash('sha256').update(bytes).digest('hex');
    messages.set(id, { hash, user, unread: id % 2 === 1, starred: false });
  }
  for (let id = 1; id <= 20_000; id++) insertRefused.run(id);
  for (let orphan = 1; orphan <= 200; orphan++) insertContent.run(1_000_000 + orphan, randomBytes(100_000));
  database.exec('COMMIT');
  database.close();
  return messages;
}
