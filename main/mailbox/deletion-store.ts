import type { Database, SqlValue } from './database.ts';
import type { Condition } from './search/sql.ts';

/** Milliseconds for which a deletion can be undone. */
export const UNDO_TIME = 60_000;

/** All messages up to and with `through`, of one mailbox or (null) of all. */
export interface MessageRange {
  through: number;
  mailbox: number | null;
}

/** How much is removed in one go, so that nobody waits for it. */
export interface Some {
  messages: number;
  /** Of those messages; the first one goes however large it is. */
  octets: number;
}

interface Sized {
  id: number;
  size: number;
}

/** What some messages add to a count that is kept: of a mailbox, or of a tag, which has but a total. */
interface Count {
  of: 'mailbox' | 'tag';
  id: number;
  total: number;
  unread: number;
  size: number;
}

/**
 * What was deleted and is not gone yet. A deletion hides its messages at once, and until {@link remove} comes to them they
 * are there unseen: so nothing that is deleted, and were it a million messages, holds up a delivery, and for a while it
 * can be undone.
 */
export class DeletionStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Begins one that {@link add} fills. @param now milliseconds since the epoch @returns its id */
  begin(now = Date.now()): number {
    return this.#database.run('INSERT INTO deletion (deleted_at) VALUES (?)', now).lastId;
  }

  /**
   * Hides messages. Those that another deletion hides already stay that one's.
   * @param now milliseconds since the epoch: what comes in parts can be undone for as long after the last of them
   * @returns how many it hid
   */
  add(deletion: number, ids: readonly number[], now = Date.now()): number {
    const visible = this.visible();
    const chosen = `FROM message WHERE id IN (SELECT value FROM json_each(?))${and(visible)}`;
    // Where all that it held is gone for good by now, so is what it gets.
    this.#database.run('INSERT OR IGNORE INTO deletion (id, deleted_at) VALUES (?, 0)', deletion);
    const sql = `INSERT INTO deleted (message_id, deletion_id) SELECT id, ? ${chosen}`;
    const counts = this.#countsOf(`SELECT id ${chosen}`, [JSON.stringify(ids), ...valuesOf(visible)]);
    const { changes } = this.#database.run(sql, deletion, JSON.stringify(ids), ...valuesOf(visible));
    this.#subtract(deletion, counts);
    this.#database.run('UPDATE deletion SET deleted_at = ? WHERE id = ? AND deleted_at > 0', now, deletion);
    return changes;
  }

  /**
   * Hides a range of messages. What was deleted before can be brought back no more: it may lie in the range.
   * @param now milliseconds since the epoch; 0: for good
   * @returns the deletion's id
   */
  addRange({ through, mailbox }: MessageRange, now = Date.now()): number {
    this.#database.run('UPDATE deletion SET deleted_at = 0');
    const before = this.#kept();
    // What arrives later is not in it, whatever was asked for.
    const sql =
      'INSERT INTO deletion (deleted_at, through, mailbox_id) ' +
      'SELECT ?, min(?, coalesce(max(id), 0)), ? FROM message';
    const { lastId } = this.#database.run(sql, now, through, mailbox);
    // Other mailboxes lose nothing.
    const counts = before.filter(({ of, id }) => of === 'tag' || mailbox === null || id === mailbox);
    const left = counts.map((count) => this.#countLeft(count));
    this.#subtract(lastId, addUp(counts, left, -1));
    return lastId;
  }

  /**
   * Brings back what a deletion hid.
   * @param since milliseconds since the epoch: what was deleted before is gone for good
   * @returns whether it could be
   */
  restore(deletion: number, since = Date.now() - UNDO_TIME): boolean {
    const row = this.#database.get('SELECT counts FROM deletion WHERE id = ? AND deleted_at > ?', deletion, since) as
      { counts: string } | undefined;
    if (row === undefined) return false;
    this.#database.run('DELETE FROM deletion WHERE id = ?', deletion);
    this.#database.run('DELETE FROM deleted WHERE deletion_id = ?', deletion);
    this.#add(JSON.parse(row.counts) as Count[], 1);
    return true;
  }

  /** What a message has to meet to be there for people; mostly nothing. @param mailbox the only one that is asked about */
  visible(mailbox: number | null = null): Condition[] {
    const through = this.hiddenThrough(mailbox);
    const range = through === 0 ? [] : [{ sql: 'message.id > ?', values: [through] }];
    return [...range, ...this.visibleBeyond(mailbox)];
  }

  /** @returns an id: up to and with it, everything is hidden */
  hiddenThrough(mailbox: number | null = null): number {
    const whole = this.#ranges().filter((range) => range.mailbox === null || range.mailbox === mailbox);
    return Math.max(0, ...whole.map(({ through }) => through));
  }

  /** As {@link visible}, for messages beyond {@link hiddenThrough}. */
  visibleBeyond(mailbox: number | null = null): Condition[] {
    const conditions: Condition[] = [];
    for (const range of mailbox === null ? this.#ranges() : []) {
      if (range.mailbox === null) continue;
      const values = [range.through, range.mailbox];
      conditions.push({ sql: 'NOT (message.id <= ? AND message.mailbox_id = ?)', values });
    }
    if (this.#database.get('SELECT 1 FROM deleted LIMIT 1') !== undefined) {
      conditions.push({ sql: 'NOT EXISTS (SELECT 1 FROM deleted WHERE message_id = message.id)', values: [] });
    }
    return conditions;
  }

  /**
   * Removes some of what was deleted.
   * @param until milliseconds since the epoch: what was deleted later stays, and can be brought back
   * @param some how much goes in one go
   * @returns how many messages went; null when there is nothing left to do
   */
  remove(until: number, some: Some): number | null {
    const oldest = this.#database.get(
      'SELECT id, through, mailbox_id AS mailbox FROM deletion WHERE deleted_at <= ? ORDER BY deleted_at, id LIMIT 1',
      until,
    ) as ({ id: number } & MessageRange) | undefined;
    if (oldest === undefined) return null;
    // From here on it cannot be brought back, whatever the clock says.
    this.#database.run('UPDATE deletion SET deleted_at = 0 WHERE id = ?', oldest.id);
    const messages = this.#messagesOf(oldest, some.messages);
    const ids = takeSome(messages, some).map(({ id }) => id);
    this.#database.run('DELETE FROM message WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
    if (messages.length === 0) this.#database.run('DELETE FROM deletion WHERE id = ?', oldest.id);
    return ids.length;
  }

  /** @returns when the oldest deletion was made: milliseconds since the epoch; null when there is none */
  oldest(): number | null {
    return (this.#database.get('SELECT min(deleted_at) AS at FROM deletion') as { at: number | null }).at;
  }

  #ranges(): MessageRange[] {
    const sql = 'SELECT through, mailbox_id AS mailbox FROM deletion WHERE through > 0';
    return this.#database.all(sql) as MessageRange[];
  }

  #messagesOf({ id, through, mailbox }: { id: number } & MessageRange, limit: number): Sized[] {
    const [where, values] =
      through === 0
        ? ['id IN (SELECT message_id FROM deleted WHERE deletion_id = ?)', [id]]
        : mailbox === null
          ? ['id <= ?', [through]]
          : ['id <= ? AND mailbox_id = ?', [through, mailbox]];
    return this.#database.all(`SELECT id, size FROM message WHERE ${where} LIMIT ?`, ...values, limit) as Sized[];
  }

  #kept(): Count[] {
    const sql =
      'SELECT \'mailbox\' AS "of", id, total, unread, size FROM mailbox ' +
      "UNION ALL SELECT 'tag', id, total, 0, 0 FROM tag";
    return this.#database.all(sql) as Count[];
  }

  /** @param ids SQL that selects messages */
  #countsOf(ids: string, values: SqlValue[]): Count[] {
    const sql =
      'SELECT \'mailbox\' AS "of", mailbox_id AS id, count(*) AS total, sum(unread) AS unread, sum(size) AS size ' +
      `FROM message WHERE id IN (${ids}) GROUP BY mailbox_id ` +
      `UNION ALL SELECT 'tag', tag_id, count(*), 0, 0 FROM message_tag WHERE message_id IN (${ids}) GROUP BY tag_id`;
    return this.#database.allOnce(sql, ...values, ...values) as Count[];
  }

  /** Counts what a range left: mostly the little that arrived since it was asked for. */
  #countLeft({ of, id }: Count): Count {
    const visible = this.visible(of === 'mailbox' ? id : null);
    const from =
      of === 'mailbox'
        ? 'FROM message WHERE mailbox_id = ?'
        : 'FROM message_tag JOIN message ON message.id = message_tag.message_id WHERE tag_id = ?';
    const sql =
      'SELECT count(*) AS total, coalesce(sum(unread), 0) AS unread, coalesce(sum(size), 0) AS size ' +
      `${from}${and(visible)}`;
    const [left] = this.#database.allOnce(sql, id, ...valuesOf(visible)) as Omit<Count, 'of' | 'id'>[];
    return { of, id, ...(left as Omit<Count, 'of' | 'id'>) };
  }

  #subtract(deletion: number, counts: Count[]): void {
    this.#add(counts, -1);
    const row = this.#database.get('SELECT counts FROM deletion WHERE id = ?', deletion) as { counts: string };
    const sum = JSON.stringify(addUp(JSON.parse(row.counts) as Count[], counts));
    this.#database.run('UPDATE deletion SET counts = ? WHERE id = ?', sum, deletion);
  }

  #add(counts: Count[], sign: 1 | -1): void {
    for (const { of, id, total, unread, size } of counts) {
      if (of === 'tag') this.#database.run('UPDATE tag SET total = total + ? WHERE id = ?', sign * total, id);
      else {
        const sql = 'UPDATE mailbox SET total = total + ?, unread = unread + ?, size = size + ? WHERE id = ?';
        this.#database.run(sql, sign * total, sign * unread, sign * size, id);
      }
    }
  }
}

/** Further conditions of a WHERE. */
export const and = (conditions: readonly Condition[]): string => conditions.map(({ sql }) => ` AND (${sql})`).join('');
export const valuesOf = (conditions: readonly Condition[]): (string | number)[] =>
  conditions.flatMap(({ values }) => values);

function addUp(some: readonly Count[], more: readonly Count[], sign: 1 | -1 = 1): Count[] {
  const sums = new Map(some.map((count) => [`${count.of} ${count.id}`, { ...count }]));
  for (const count of more) {
    const sum = sums.get(`${count.of} ${count.id}`) ?? { ...count, total: 0, unread: 0, size: 0 };
    for (const what of ['total', 'unread', 'size'] as const) sum[what] += sign * count[what];
    sums.set(`${count.of} ${count.id}`, sum);
  }
  return [...sums.values()];
}

/** @returns the first of the messages, as many as go in one go */
export function takeSome<T extends Sized>(messages: readonly T[], some: Some): T[] {
  let octets = 0;
  const isEnough = (message: T, index: number): boolean => {
    octets += message.size;
    return index >= some.messages || (index > 0 && octets > some.octets);
  };
  const end = messages.findIndex(isEnough);
  return end === -1 ? [...messages] : messages.slice(0, end);
}
