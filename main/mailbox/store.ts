import { existsSync, renameSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type {
  Envelope,
  MailCounts,
  MailboxSummary,
  MessageCounts,
  MessageDigest,
  MessageFilter,
  MessagePage,
  MessageSummary,
  Note,
  RefusedPage,
  RefusedSession,
  RefusedSummary,
  Refusal,
  SearchedText,
  SessionRecord,
  SourcePiece,
} from './message.ts';
import { INBOX, PIECE_SIZE, migrate } from './schema.ts';
import { indexRow } from './search/fold.ts';
import { parseQuery } from './search/query.ts';
import { type Condition, planOf } from './search/sql.ts';

/** A message whose pieces are written, about to become visible. */
export interface NewMessage {
  contentId: number;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  size: number;
  envelope: Envelope;
  record: SessionRecord;
}

/** Refused sessions that are kept: the newest ones. */
const MAX_REFUSED_SESSIONS = 10_000;

/** What came of asking the parser about one message. */
export type ParseOutcome = { id: number } & ({ digest: MessageDigest; text: SearchedText } | { error: string });

interface MessageRow {
  id: number;
  received_at: number;
  size: number;
  unread: number;
  starred: number;
  mailbox_id: number;
  envelope: string;
  digest: string | null;
}

const toSummary = (row: MessageRow): MessageSummary => ({
  id: row.id,
  receivedAt: row.received_at,
  size: row.size,
  unread: row.unread === 1,
  starred: row.starred === 1,
  mailbox: row.mailbox_id,
  envelope: JSON.parse(row.envelope) as Envelope,
  digest: row.digest === null ? null : (JSON.parse(row.digest) as MessageDigest),
});

/** Octets from which on it is worth to free a buffer by hand; smaller ones may share Node's pool. */
const FREED_AT_ONCE = 16 * 1024;

/** Frees a buffer's memory: the garbage collector would let tens of megabytes gather first. */
export function free(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer.byteLength > FREED_AT_ONCE && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

interface RefusedRow {
  id: number;
  started_at: number;
  remote_address: string;
  client_name: string;
  reverse_path: string | null;
  refusals: string;
  unread: number;
}

const toRefusedSummary = (row: RefusedRow): RefusedSummary => ({
  id: row.id,
  startedAt: row.started_at,
  remoteAddress: row.remote_address,
  clientName: row.client_name,
  reversePath: row.reverse_path,
  refusals: JSON.parse(row.refusals) as Refusal[],
  unread: row.unread === 1,
});

const unreadable: SearchedText = { subject: '', from: '', to: '', cc: '', body: '', attachment: '', headers: [] };

const REFUSED_COLUMNS = 'id, started_at, remote_address, client_name, reverse_path, refusals, unread';
/** Messages that are better looked at one by one than searched for. */
const FEW = 1000;

const SUMMARY_COLUMNS = 'id, received_at, size, unread, starred, mailbox_id, envelope, digest';

/**
 * The mailbox's SQLite database, synchronous: it lives in a worker thread. Nothing is visible to a next process before
 * {@link commit}; between two commits everything is one transaction, so that many deliveries share one.
 */
export class MailStore {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #inTransaction = false;
  #nextContentId: number;

  /**
   * Opens the database, or begins it where there is none.
   * @param file a path, or `:memory:`
   * @throws Error when the file is no database, is damaged, or comes from a newer version
   */
  constructor(file: string) {
    // Others may look into the file, or copy it; that takes moments.
    this.#database = new DatabaseSync(file, { timeout: 5000 });
    try {
      // With a write-ahead log a commit survives the death of the process without an fsync; that one, which only guards
      // against the death of the machine, is left to the checkpoints (https://www.sqlite.org/wal.html). Each costs several
      // milliseconds, so they come once in 32 MiB and not, as by default, in 4.
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8192;');
      migrate(this.#database);
      this.#database.exec('DELETE FROM content WHERE content_id NOT IN (SELECT content_id FROM message)');
      this.#nextContentId =
        (this.#get('SELECT coalesce(max(content_id), 0) AS last FROM message') as { last: number }).last + 1;
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** @returns a key for the pieces of a message to come */
  newContentId(): number {
    return this.#nextContentId++;
  }

  /** @param bytes the piece `position` of the content: {@link PIECE_SIZE} octets, the last one fewer */
  writePiece(contentId: number, position: number, bytes: Uint8Array): void {
    const compressed = zstdCompressSync(bytes, {
      // Room for all of the result at once: what does not compress grows by a few octets.
      chunkSize: Math.max(bytes.length + 1024, constants.Z_MIN_CHUNK),
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    });
    this.#write('INSERT INTO content (content_id, position, bytes) VALUES (?, ?, ?)', contentId, position, compressed);
    free(compressed);
  }

  discardPieces(contentId: number): void {
    this.#write('DELETE FROM content WHERE content_id = ?', contentId);
  }

  /** @returns the new message's id */
  insert({ contentId, receivedAt, size, envelope, record }: NewMessage): number {
    const sql = 'INSERT INTO message (content_id, received_at, size, envelope, mailbox_id) VALUES (?, ?, ?, ?, ?)';
    const mailbox = this.#mailboxOf(envelope.user);
    const id = this.#write(sql, contentId, receivedAt, size, JSON.stringify(envelope), mailbox);
    const { transcript, notes } = record;
    const session = 'INSERT INTO message_session (message_id, transcript, notes) VALUES (?, ?, ?)';
    this.#write(session, id, transcript, JSON.stringify(notes));
    return id;
  }

  /** @returns what was said when the message came in; null when nothing is known of it */
  sessionRecord(id: number): SessionRecord | null {
    const row = this.#get('SELECT transcript, notes FROM message_session WHERE message_id = ?', id) as
      { transcript: string; notes: string } | undefined;
    return row === undefined ? null : { transcript: row.transcript, notes: JSON.parse(row.notes) as Note[] };
  }

  /** Keeps a session in which something was refused; the oldest ones make room for it. @returns its id */
  insertRefused(session: RefusedSession): number {
    const { startedAt, remoteAddress, clientName, reversePath, refusals, transcript, notes } = session;
    const sql =
      'INSERT INTO refused (started_at, remote_address, client_name, reverse_path, refusals, transcript, notes) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?)';
    const kept = [startedAt, remoteAddress, clientName, reversePath, JSON.stringify(refusals), transcript];
    const id = this.#write(sql, ...kept, JSON.stringify(notes));
    this.#write('DELETE FROM refused WHERE id <= ?', id - MAX_REFUSED_SESSIONS);
    return id;
  }

  /** More is known of a refused session; where it was deleted meanwhile, nothing is done. */
  updateRefused(id: number, { clientName, reversePath, refusals, transcript, notes }: RefusedSession): void {
    const sql =
      'UPDATE refused SET client_name = ?, reverse_path = ?, refusals = ?, transcript = ?, notes = ? WHERE id = ?';
    this.#write(sql, clientName, reversePath, JSON.stringify(refusals), transcript, JSON.stringify(notes), id);
  }

  /** @returns at most `limit` refused sessions older than `before`, newest first */
  refusedList(before: number | undefined, limit: number): RefusedPage {
    const sql = `SELECT ${REFUSED_COLUMNS} FROM refused WHERE id < ? ORDER BY id DESC LIMIT ?`;
    const rows = this.#all(sql, before ?? Number.MAX_SAFE_INTEGER, limit) as unknown as RefusedRow[];
    return { sessions: rows.map(toRefusedSummary), counts: this.refusedCounts() };
  }

  /** @returns those of the refused sessions that are there, newest first */
  refusedSummaries(ids: number[]): RefusedSummary[] {
    const sql = `SELECT ${REFUSED_COLUMNS} FROM refused WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC`;
    return (this.#all(sql, JSON.stringify(ids)) as unknown as RefusedRow[]).map(toRefusedSummary);
  }

  refusedCounts(): MessageCounts {
    const sql =
      'SELECT (SELECT count(*) FROM refused) AS total, (SELECT count(*) FROM refused WHERE unread = 1) AS unread';
    return { ...(this.#get(sql) as MessageCounts) };
  }

  /** @returns one with what was said; null when there is no such session */
  refusedSession(id: number): (RefusedSummary & SessionRecord) | null {
    const row = this.#get(`SELECT ${REFUSED_COLUMNS}, transcript, notes FROM refused WHERE id = ?`, id) as
      (RefusedRow & { transcript: string; notes: string }) | undefined;
    if (row === undefined) return null;
    return { ...toRefusedSummary(row), transcript: row.transcript, notes: JSON.parse(row.notes) as Note[] };
  }

  setRefusedUnread(ids: number[], unread: boolean): void {
    const sql = 'UPDATE refused SET unread = ? WHERE id IN (SELECT value FROM json_each(?))';
    this.#write(sql, unread ? 1 : 0, JSON.stringify(ids));
  }

  deleteRefused(ids: number[]): void {
    this.#write('DELETE FROM refused WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
  }

  /** Deletes every refused session up to and with `through`. */
  deleteRefusedThrough(through: number): void {
    this.#write('DELETE FROM refused WHERE id <= ?', through);
  }

  /** The mailbox of an AUTH user; made on first mail. */
  #mailboxOf(user: string | null): number {
    if (user === null || user === '') return INBOX;
    const known = this.#get('SELECT id FROM mailbox WHERE user = ?', user) as { id: number } | undefined;
    return known?.id ?? this.#write('INSERT INTO mailbox (user, name) VALUES (?, ?)', user, user);
  }

  renameMailbox(id: number, name: string): void {
    this.#write('UPDATE mailbox SET name = ? WHERE id = ?', name, id);
  }

  /** Deletes a mailbox with the mail in it; the first one stays. Mail of the same user begins a new one. */
  deleteMailbox(id: number): void {
    this.#deleteWhere('mailbox_id = ?', id);
    if (id !== INBOX) this.#write('DELETE FROM mailbox WHERE id = ?', id);
  }

  /** @returns at most `limit` messages older than the message `before`, newest first */
  list({ mailbox, search }: MessageFilter, before: number | undefined, limit: number): MessagePage {
    const parsed = parseQuery(search, Date.now());
    const counts = this.counts();
    if ('error' in parsed) return { messages: [], counts, error: parsed.error };
    const { conditions, ...plan } = planOf(parsed.terms, mailbox);
    let { match } = plan;
    if (match !== null && plan.isStarred && this.#areFewStarred()) {
      // Row by row of those few: the index might have to be gone through to its end to find one of them.
      const sql = 'EXISTS (SELECT 1 FROM search WHERE search MATCH ? AND search.rowid = message.id)';
      conditions.push({ sql, values: [match] });
      match = null;
    }
    let end = before ?? Number.MAX_SAFE_INTEGER;
    for (const condition of conditions.filter(({ hasIndex }) => hasIndex === true)) {
      const { last, narrower } = this.#bounds(condition);
      end = Math.min(end, last + 1);
      conditions.push(narrower);
    }
    const [from, key] =
      match === null ? ['message', 'id'] : ['search CROSS JOIN message ON message.id = search.rowid', 'search.rowid'];
    const where = [`${key} < ?`, ...conditions.map(({ sql }) => `(${sql})`)];
    if (match !== null) where.unshift('search MATCH ?');
    const sql = `SELECT ${SUMMARY_COLUMNS} FROM ${from} WHERE ${where.join(' AND ')} ORDER BY ${key} DESC LIMIT ?`;
    const values = [
      ...(match === null ? [] : [match]),
      end,
      ...conditions.flatMap((condition) => condition.values),
      limit,
    ];
    // What people type makes too many statements to keep them all.
    const statement = search === '' ? this.#statement(sql) : this.#database.prepare(sql);
    const rows = statement.all(...values) as unknown as MessageRow[];
    return { messages: rows.map(toSummary), counts, error: null };
  }

  /**
   * Where those begin and end that meet a condition, and, where they are few, which they are: else all the others would be
   * looked at that come before them.
   */
  #bounds({ sql, values }: Condition): { last: number; narrower: Condition } {
    const ids = this.#database.prepare(`SELECT id FROM message WHERE ${sql} LIMIT ?`).all(...values, FEW + 1);
    if (ids.length <= FEW) {
      const list = JSON.stringify(ids.map((row) => row['id']));
      return { last: Infinity, narrower: { sql: 'message.id IN (SELECT value FROM json_each(?))', values: [list] } };
    }
    const ends = `SELECT min(id) AS first, max(id) AS last FROM message WHERE ${sql}`;
    const { first, last } = this.#database.prepare(ends).get(...values) as { first: number; last: number };
    return { last, narrower: { sql: 'message.id >= ?', values: [first] } };
  }

  #areFewStarred(): boolean {
    const sql = 'SELECT count(*) AS count FROM (SELECT 1 FROM message WHERE starred = 1 LIMIT ?)';
    return (this.#get(sql, FEW + 1) as { count: number }).count <= FEW;
  }

  /** @returns those of the messages that are there, newest first */
  summaries(ids: number[]): MessageSummary[] {
    const sql = `SELECT ${SUMMARY_COLUMNS} FROM message WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC`;
    return (this.#all(sql, JSON.stringify(ids)) as unknown as MessageRow[]).map(toSummary);
  }

  counts(): MailCounts {
    const sql = `SELECT id, name, total, unread FROM mailbox ORDER BY id <> ${INBOX}, name COLLATE NOCASE`;
    const mailboxes = (this.#all(sql) as unknown as MailboxSummary[]).map((row) => ({ ...row }));
    const sum = (of: 'total' | 'unread'): number => mailboxes.reduce((total, mailbox) => total + mailbox[of], 0);
    return { total: sum('total'), unread: sum('unread'), mailboxes };
  }

  /**
   * @param length octets, at most
   * @returns the stored bytes from `offset` on; null when there is no such message
   */
  source(id: number, offset: number, length: number): SourcePiece | null {
    const message = this.#get('SELECT content_id, size FROM message WHERE id = ?', id) as
      { content_id: number; size: number } | undefined;
    if (message === undefined) return null;
    const first = Math.floor(offset / PIECE_SIZE);
    const last = Math.floor((offset + length - 1) / PIECE_SIZE);
    const sql = 'SELECT bytes FROM content WHERE content_id = ? AND position BETWEEN ? AND ? ORDER BY position';
    const rows = this.#all(sql, message.content_id, first, last) as unknown as { bytes: Uint8Array<ArrayBuffer> }[];
    // Room for more than there is: where there is none left, zlib makes some more.
    const pieces = rows.map((row) => zstdDecompressSync(row.bytes, { chunkSize: PIECE_SIZE + 1024 }));
    const bytes = Buffer.concat(pieces);
    const start = offset - first * PIECE_SIZE;
    // A copy of its own, so that it can be handed to another thread without the rest of Node's pool.
    const result = { bytes: new Uint8Array(bytes.subarray(start, start + length)), size: message.size };
    for (const used of [bytes, ...pieces, ...rows.map((row) => row.bytes)]) free(used);
    return result;
  }

  /** @returns at most `limit` messages that are not indexed yet, oldest first */
  unindexed(limit: number): number[] {
    const sql = 'SELECT id FROM message WHERE indexed = 0 ORDER BY id LIMIT ?';
    return (this.#all(sql, limit) as { id: number }[]).map(({ id }) => id);
  }

  /** Keeps what the parser read, and indexes it; messages that are gone meanwhile are left out. */
  saveParsed(outcomes: ParseOutcome[]): void {
    for (const outcome of outcomes) {
      const { id } = outcome;
      const row = this.#get('SELECT envelope, mailbox_id AS mailbox FROM message WHERE id = ?', id) as
        { envelope: string; mailbox: number } | undefined;
      if (row === undefined) continue;
      const [column, value] =
        'error' in outcome ? ['parse_error', outcome.error] : ['digest', JSON.stringify(outcome.digest)];
      this.#write(`UPDATE message SET ${column} = ?, indexed = 1 WHERE id = ?`, value, id);
      const { forwardPaths } = JSON.parse(row.envelope) as Envelope;
      // What cannot be read is found all the same by whom it was for.
      const text = 'error' in outcome ? unreadable : outcome.text;
      const { subject, from, to, cc, bcc, body, attachment, header } = indexRow(text, forwardPaths, row.mailbox);
      const sql =
        'INSERT OR REPLACE INTO search (rowid, subject, sender, recipient, cc, bcc, body, attachment, header) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
      this.#write(sql, id, subject, from, to, cc, bcc, body, attachment, header);
    }
  }

  setUnread(ids: number[], unread: boolean): void {
    const sql = 'UPDATE message SET unread = ? WHERE id IN (SELECT value FROM json_each(?))';
    this.#write(sql, unread ? 1 : 0, JSON.stringify(ids));
  }

  setStarred(ids: number[], starred: boolean): void {
    const sql = 'UPDATE message SET starred = ? WHERE id IN (SELECT value FROM json_each(?))';
    this.#write(sql, starred ? 1 : 0, JSON.stringify(ids));
  }

  delete(ids: number[]): void {
    this.#deleteWhere('id IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
  }

  /** Deletes every message up to and with `through`. @param mailbox null: of all of them */
  deleteThrough(through: number, mailbox: number | null = null): void {
    if (mailbox === null) this.#deleteWhere('id <= ?', through);
    else this.#deleteWhere('id <= ? AND mailbox_id = ?', through, mailbox);
  }

  #deleteWhere(condition: string, ...values: (string | number)[]): void {
    const chosen = `FROM message WHERE ${condition}`;
    this.#write(`DELETE FROM content WHERE content_id IN (SELECT content_id ${chosen})`, ...values);
    this.#write(`DELETE FROM message_session WHERE message_id IN (SELECT id ${chosen})`, ...values);
    this.#write(`DELETE ${chosen}`, ...values);
  }

  /** Makes everything since the last commit permanent. */
  commit(): void {
    if (!this.#inTransaction) return;
    this.#database.exec('COMMIT');
    this.#inTransaction = false;
  }

  /** Forgets everything since the last commit. */
  rollback(): void {
    this.#inTransaction = false;
    // After some errors (a full disk is one) SQLite has rolled back by itself.
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
  }

  close(): void {
    this.#database.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }

  #get(sql: string, ...values: (string | number)[]): unknown {
    return this.#statement(sql).get(...values);
  }

  #all(sql: string, ...values: (string | number)[]): unknown[] {
    return this.#statement(sql).all(...values);
  }

  /** @returns the row id of an inserted row */
  #write(sql: string, ...values: (string | number | null | Uint8Array)[]): number {
    if (!this.#inTransaction) {
      this.#database.exec('BEGIN IMMEDIATE');
      this.#inTransaction = true;
    }
    return Number(this.#statement(sql).run(...values).lastInsertRowid);
  }
}

/**
 * Opens the database; where it cannot be opened, sets it aside under another name and begins a new one.
 * @returns the store, and where the old file lies now; null when it was opened
 * @throws Error when a new one cannot be begun either: the folder is missing or read-only
 */
export function openStore(file: string): { store: MailStore; setAside: string | null; reason: string | null } {
  try {
    return { store: new MailStore(file), setAside: null, reason: null };
  } catch (error) {
    if (!existsSync(file) || !isUnreadable(error)) throw error;
    const setAside = `${file}.broken-${new Date().toISOString().replaceAll(':', '-')}`;
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(file + suffix)) renameSync(file + suffix, setAside + suffix);
    }
    return { store: new MailStore(file), setAside, reason: (error as Error).message };
  }
}

// https://www.sqlite.org/rescode.html: what is not about the file itself (a lock, a full disk, no rights) is no reason
// to begin anew.
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
function isUnreadable(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  return code === undefined || (code & 0xff) === SQLITE_CORRUPT || (code & 0xff) === SQLITE_NOTADB;
}

const SQLITE_FULL = 13;
/** Whether a write failed because there was no room for it. */
export function isFull(error: unknown): boolean {
  return ((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_FULL;
}
