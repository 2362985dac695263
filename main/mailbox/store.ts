import { existsSync, renameSync } from 'node:fs';
import { ContentStore } from './content-store.ts';
import { Database, type SqlValue, isDamaged } from './database.ts';
import { DeletionStore, type MessageRange, and, valuesOf } from './deletion-store.ts';
import { packEnvelope, unpackEnvelope } from './envelope.ts';
import type {
  Envelope,
  MailCounts,
  MailboxSummary,
  MessageDigest,
  MessageFilter,
  MessagePage,
  MessageSummary,
  Placement,
  Retention,
  SearchedText,
  SessionRecord,
  SourcePiece,
} from './message.ts';
import { RefusedStore } from './refused-store.ts';
import { RetentionStore } from './retention-store.ts';
import { INBOX, NewerVersion, searchIndex } from './schema.ts';
import { indexRow } from './search/fold.ts';
import { type QueryError, parseQuery } from './search/query.ts';
import { type Condition, planOf } from './search/sql.ts';
import { Vocabulary } from './search/vocabulary.ts';
import { TagStore } from './tag-store.ts';

/** A message whose pieces are written, about to become visible. */
export interface NewMessage {
  /** Of its pieces, see {@link ContentStore}. */
  contentId: number;
  /** What the pieces that are written leave. */
  rest: Uint8Array;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  size: number;
  envelope: Envelope;
  record: SessionRecord;
  placement?: Placement | undefined;
}

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
  tags: string;
}

const toSummary = (row: MessageRow): MessageSummary => ({
  id: row.id,
  receivedAt: row.received_at,
  size: row.size,
  unread: row.unread === 1,
  starred: row.starred === 1,
  mailbox: row.mailbox_id,
  tags: JSON.parse(row.tags) as number[],
  envelope: unpackEnvelope(row.envelope),
  digest: row.digest === null ? null : (JSON.parse(row.digest) as MessageDigest),
});

const unreadable: SearchedText = { subject: '', from: '', to: '', cc: '', body: '', attachment: '', headers: [] };

const MATCHING = 'SELECT 1 FROM search WHERE search MATCH ?';

const SUMMARY_COLUMNS =
  'message.id, received_at, size, unread, starred, mailbox_id, envelope, digest, ' +
  '(SELECT json_group_array(tag_id) FROM message_tag WHERE message_id = message.id) AS tags';

/** A list, as the FROM and WHERE of a statement. */
interface Selection {
  from: string;
  /** The column with the message's id. */
  key: string;
  conditions: Condition[];
  /** Between which ids they all lie. SQLite looks for one bound of each kind only, and tries the others row by row. */
  first: number;
  last: number;
}

/** What was caught, in a {@link Database}. Synchronous: it lives in a worker thread. */
export class MailStore {
  readonly content: ContentStore;
  readonly refused: RefusedStore;
  readonly deletions: DeletionStore;
  readonly tags: TagStore;
  readonly retention: RetentionStore;

  readonly #database: Database;
  readonly #vocabulary: Vocabulary;
  /** Milliseconds since the epoch, of the latest message. */
  #latest: number;
  readonly #few: number;

  /**
   * @param file a path, or `:memory:`
   * @param few messages that are better looked at one by one than searched for, at most
   * @throws Error as {@link Database} does
   */
  constructor(file: string, few = 1000) {
    this.#few = few;
    this.#database = new Database(file);
    this.#vocabulary = new Vocabulary(this.#database);
    try {
      this.content = new ContentStore(this.#database);
      this.refused = new RefusedStore(this.#database);
      this.deletions = new DeletionStore(this.#database);
      this.tags = new TagStore(this.#database, this.deletions);
      this.retention = new RetentionStore(this.#database, this.deletions);
      const sql = 'SELECT coalesce(max(received_at), 0) AS latest FROM message';
      this.#latest = (this.#database.get(sql) as { latest: number }).latest;
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** @returns the new message's id */
  insert({ contentId, rest, receivedAt, size, envelope, record, placement = {} }: NewMessage): number {
    this.#keepClock(receivedAt);
    const { unread = true, starred = false } = placement;
    const mailbox = this.#existing(placement.mailbox) ?? this.#mailboxOf(envelope.user);
    const sql =
      'INSERT INTO message (content_id, received_at, size, envelope, mailbox_id, unread, starred) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?)';
    const flags = [Number(unread), Number(starred)];
    this.content.writeLast(contentId, size, rest, record);
    return this.#database.run(sql, contentId, receivedAt, size, packEnvelope(envelope), mailbox, ...flags).lastId;
  }

  /** See `clock` in the schema. */
  #keepClock(receivedAt: number): void {
    const back = this.#latest - receivedAt;
    if (back > 0) this.#database.run('UPDATE clock SET set_back = ? WHERE set_back < ?', back, back);
    else this.#latest = receivedAt;
  }

  /** @returns what was said when the message came in; null when nothing is known of it */
  sessionRecord(id: number): SessionRecord | null {
    const message = this.#contentOf(id);
    return message === undefined ? null : this.content.record(message.content, message.size);
  }

  /** The mailbox of an AUTH user; made on first mail. */
  #mailboxOf(user: string | null): number {
    if (user === null || user === '') return INBOX;
    const known = this.#database.get('SELECT id FROM mailbox WHERE user = ?', user) as { id: number } | undefined;
    return known?.id ?? this.#database.run('INSERT INTO mailbox (user, name) VALUES (?, ?)', user, user).lastId;
  }

  /** It may have been deleted since it was chosen. */
  #existing(mailbox: number | undefined): number | undefined {
    if (mailbox === undefined) return undefined;
    return this.#database.get('SELECT 1 FROM mailbox WHERE id = ?', mailbox) === undefined ? undefined : mailbox;
  }

  renameMailbox(id: number, name: string): void {
    this.#database.run('UPDATE mailbox SET name = ? WHERE id = ?', name, id);
  }

  /** @param retention null: as for all */
  setRetention(id: number, retention: Retention | null): void {
    const json = retention === null ? null : JSON.stringify(retention);
    this.#database.run('UPDATE mailbox SET retention = ? WHERE id = ?', json, id);
  }

  /** Deletes a mailbox with the mail in it, for good; the first one stays. Mail of the same user begins a new one. */
  deleteMailbox(id: number): void {
    this.deletions.addRange({ through: Number.MAX_SAFE_INTEGER, mailbox: id }, 0);
    if (id !== INBOX) this.#database.run('DELETE FROM mailbox WHERE id = ?', id);
  }

  /** @returns at most `limit` messages older than the message `before`, newest first */
  list(filter: MessageFilter, before: number | undefined, limit: number): MessagePage {
    const counts = this.counts();
    const selection = this.#select(filter);
    if ('error' in selection) return { messages: [], counts, error: selection.error };
    const { from, key, conditions, first, last } = selection;
    const sql =
      `SELECT ${SUMMARY_COLUMNS} FROM ${from} ` +
      `WHERE ${key} BETWEEN ? AND ?${and(conditions)} ORDER BY ${key} DESC LIMIT ?`;
    const end = before === undefined ? last : Math.min(before - 1, last);
    const values = [first, end, ...valuesOf(conditions), limit];
    const rows = filter.search === '' ? this.#database.all(sql, ...values) : this.#database.allOnce(sql, ...values);
    return { messages: (rows as MessageRow[]).map(toSummary), counts, error: null };
  }

  /**
   * What a list holds, part by part.
   * @returns at most `limit` ids newer than `after`, up to and with `through`, oldest first
   * @throws Error when the search is wrong
   */
  matching(filter: MessageFilter, after: number, through: number, limit: number): number[] {
    const { from, key, conditions, first, last } = this.#selectOrThrow(filter);
    const sql = `SELECT ${key} AS id FROM ${from} WHERE ${key} BETWEEN ? AND ?${and(conditions)} ORDER BY ${key} LIMIT ?`;
    const values = [Math.max(after + 1, first), Math.min(through, last), ...valuesOf(conditions), limit];
    const rows = this.#database.allOnce(sql, ...values) as { id: number }[];
    return rows.map(({ id }) => id);
  }

  /**
   * How much a list holds, part by part.
   * @returns the messages from `first` on, up to and with `last`
   * @throws Error when the search is wrong
   */
  countMatching(filter: MessageFilter, first: number, last: number): number {
    const { from, key, conditions, ...all } = this.#selectOrThrow(filter);
    const sql = `SELECT count(*) AS count FROM ${from} WHERE ${key} BETWEEN ? AND ?${and(conditions)}`;
    const values = [Math.max(first, all.first), Math.min(last, all.last), ...valuesOf(conditions)];
    const [row] = this.#database.allOnce(sql, ...values) as { count: number }[];
    return row?.count ?? 0;
  }

  /** @returns the ids of the oldest and the newest message; null where there is none */
  ends(): { first: number; last: number } | null {
    const sql = 'SELECT (SELECT min(id) FROM message) AS first, (SELECT max(id) FROM message) AS last';
    const { first, last } = this.#database.get(sql) as { first: number | null; last: number | null };
    return first === null || last === null ? null : { first, last };
  }

  #selectOrThrow(filter: MessageFilter): Selection {
    const selection = this.#select(filter);
    if ('error' in selection) throw new Error(selection.error.message);
    return selection;
  }

  #select({ mailbox, search }: MessageFilter): Selection | { error: QueryError } {
    const parsed = parseQuery(search, Date.now());
    if ('error' in parsed) return parsed;
    const { match, conditions } = planOf(parsed.terms, mailbox, (prefix, limit) =>
      this.#vocabulary.beginningWith(prefix, limit),
    );
    const visible = this.deletions.visibleBeyond(mailbox);
    const few = conditions.map((condition) => this.#fewThatMeet(condition)).find((ids) => ids !== null);
    const above = [this.deletions.hiddenThrough(mailbox), ...conditions.map((condition) => this.#above(condition))];
    const below = conditions.map((condition) => this.#below(condition));
    const bounds = { first: Math.max(...above) + 1, last: Math.min(...below, Number.MAX_SAFE_INTEGER) - 1 };
    if (few !== undefined) {
      const one =
        match === null ? [] : [{ sql: `EXISTS (${MATCHING} AND search.rowid = message.id)`, values: [match] }];
      // The index row by row of those few: it might have to be gone through to its end to find one of them.
      return {
        from: 'message',
        key: 'message.id',
        conditions: [inList(few), ...conditions, ...visible, ...one],
        ...bounds,
      };
    }
    if (match === null)
      return { from: 'message', key: 'message.id', conditions: [...conditions, ...visible], ...bounds };
    return {
      from: 'search CROSS JOIN message ON message.id = search.rowid',
      key: 'search.rowid',
      conditions: [{ sql: 'search MATCH ?', values: [match] }, ...conditions, ...visible],
      ...bounds,
    };
  }

  #above({ above, values }: Condition): number {
    return above === undefined ? 0 : (this.#idOf(above, values) ?? 0);
  }

  #below({ below, values }: Condition): number {
    return below === undefined ? Infinity : (this.#idOf(below, values) ?? Infinity);
  }

  #idOf(sql: string, values: SqlValue[]): number | null {
    const row = this.#database.get(`SELECT (${sql}) AS id`, ...values) as { id: number | null };
    return row.id;
  }

  /** @returns which messages meet a condition, where there is an index and they are few; null where not */
  #fewThatMeet({ ids, values }: Condition): number[] | null {
    if (ids === undefined) return null;
    const rows = this.#database.allOnce(`${ids} LIMIT ?`, ...values, this.#few + 1) as { id: number }[];
    return rows.length > this.#few ? null : rows.map(({ id }) => id);
  }

  /** @returns those of the messages that are there, newest first */
  summaries(ids: number[]): MessageSummary[] {
    const visible = this.deletions.visible();
    const sql =
      `SELECT ${SUMMARY_COLUMNS} FROM message WHERE id IN (SELECT value FROM json_each(?))${and(visible)} ` +
      'ORDER BY id DESC';
    return (this.#database.all(sql, JSON.stringify(ids), ...valuesOf(visible)) as MessageRow[]).map(toSummary);
  }

  counts(): MailCounts {
    const sql =
      'SELECT id, name, total, unread, size, retention FROM mailbox ' + `ORDER BY id <> ${INBOX}, name COLLATE NOCASE`;
    const rows = this.#database.all(sql) as (Omit<MailboxSummary, 'retention'> & { retention: string | null })[];
    const mailboxes = rows.map(({ retention, ...row }) => ({
      ...row,
      retention: retention === null ? null : (JSON.parse(retention) as Retention),
    }));
    const sum = (of: 'total' | 'unread'): number => mailboxes.reduce((total, mailbox) => total + mailbox[of], 0);
    return { total: sum('total'), unread: sum('unread'), mailboxes, tags: this.tags.list() };
  }

  /**
   * @param length octets, at most
   * @returns the stored bytes from `offset` on; null when there is no such message
   */
  source(id: number, offset: number, length: number): SourcePiece | null {
    const message = this.#contentOf(id);
    if (message === undefined) return null;
    return { bytes: this.content.read(message.content, message.size, offset, length), size: message.size };
  }

  #contentOf(id: number): { content: number; size: number } | undefined {
    const sql = 'SELECT content_id AS content, size FROM message WHERE id = ?';
    return this.#database.get(sql, id) as { content: number; size: number } | undefined;
  }

  /** @returns at most `limit` messages that are not indexed yet, oldest first */
  unindexed(limit: number): number[] {
    const sql = 'SELECT id FROM message WHERE indexed = 0 ORDER BY id LIMIT ?';
    return (this.#database.all(sql, limit) as { id: number }[]).map(({ id }) => id);
  }

  /** Keeps what the parser read, and indexes it; messages that are gone meanwhile are left out. */
  saveParsed(outcomes: ParseOutcome[]): void {
    for (const outcome of outcomes) {
      const { id } = outcome;
      const row = this.#database.get('SELECT envelope, mailbox_id AS mailbox FROM message WHERE id = ?', id) as
        { envelope: string; mailbox: number } | undefined;
      if (row === undefined) continue;
      const [column, value] =
        'error' in outcome ? ['parse_error', outcome.error] : ['digest', JSON.stringify(outcome.digest)];
      this.#database.run(`UPDATE message SET ${column} = ?, indexed = 1 WHERE id = ?`, value, id);
      const { forwardPaths, reversePath } = unpackEnvelope(row.envelope);
      // What cannot be read is found all the same by whom it was for.
      const read = 'error' in outcome ? unreadable : outcome.text;
      // The row shows the reverse-path where the message says nobody.
      const text = read.from === '' ? { ...read, from: reversePath } : read;
      const indexed = indexRow(text, forwardPaths, row.mailbox);
      this.#vocabulary.learn(indexed);
      const { subject, from, to, cc, bcc, body, attachment, header } = indexed;
      const sql =
        'INSERT OR REPLACE INTO search (rowid, subject, sender, recipient, cc, bcc, body, attachment, header) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
      this.#database.run(sql, id, subject, from, to, cc, bcc, body, attachment, header);
    }
  }

  /** Begins the full-text index anew; the parser has to read all messages again for it. */
  rebuildIndex(): void {
    this.#vocabulary.forget();
    this.#database.execTogether(`DROP TABLE search; DELETE FROM word; ${searchIndex}; UPDATE message SET indexed = 0`);
  }

  setUnread(ids: number[], unread: boolean): void {
    this.#set('unread', ids, unread);
  }

  setStarred(ids: number[], starred: boolean): void {
    this.#set('starred', ids, starred);
  }

  /** What is deleted stays as it was counted. */
  #set(column: 'unread' | 'starred', ids: number[], value: boolean): void {
    const visible = this.deletions.visible();
    const sql = `UPDATE message SET ${column} = ? WHERE id IN (SELECT value FROM json_each(?))${and(visible)}`;
    this.#database.run(sql, value ? 1 : 0, JSON.stringify(ids), ...valuesOf(visible));
  }

  /** @returns the deletion's id, and how many messages it hides */
  deleteThrough({ through, mailbox }: MessageRange): { deletion: number; count: number } {
    const before = this.counts().total;
    const deletion = this.deletions.addRange({ through, mailbox });
    return { deletion, count: before - this.counts().total };
  }

  /** Gives room that nothing needs any more back to the disk. @returns whether there may be more */
  shrink(): boolean {
    if (this.ends() === null) this.#vocabulary.empty();
    return this.#database.shrink();
  }

  /** Makes everything since the last commit permanent. */
  commit(): void {
    this.#database.commit();
  }

  /** Forgets everything since the last commit. */
  rollback(): void {
    this.#database.rollback();
    this.#vocabulary.forget();
  }

  close(): void {
    this.#database.close();
  }
}

const inList = (ids: readonly number[]): Condition => ({
  ...{ sql: 'message.id IN (SELECT value FROM json_each(?))', values: [JSON.stringify(ids)] },
});

/** A database that is kept under another name, as it could not be used. */
export interface SetAside {
  /** Where it lies now. */
  path: string;
  reason: string;
}

/**
 * Opens the database; where it cannot be opened, sets it aside under another name and begins a new one.
 * @returns the store, and what was set aside; mostly null
 * @throws Error when a new one cannot be begun either: the folder is missing or read-only
 */
export function openStore(file: string): { store: MailStore; setAside: SetAside | null } {
  try {
    return { store: new MailStore(file), setAside: null };
  } catch (error) {
    if (!existsSync(file) || !(isDamaged(error) || error instanceof NewerVersion)) throw error;
    return beginAnew(file, error as Error);
  }
}

/**
 * Sets a database aside that nobody has open, and begins a new one.
 * @param error what is the matter with it
 */
export function beginAnew(file: string, { message }: Error): { store: MailStore; setAside: SetAside } {
  const path = `${file}.broken-${new Date().toISOString().replaceAll(':', '-')}`;
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, path + suffix);
  }
  return { store: new MailStore(file), setAside: { path, reason: message } };
}
