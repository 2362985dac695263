import type { Database } from './database.ts';
import type {
  MessageCounts,
  Note,
  RefusedPage,
  RefusedSession,
  RefusedSummary,
  Refusal,
  SessionRecord,
} from './message.ts';

/** Refused sessions that are kept: the newest ones. */
const MAX_SESSIONS = 10_000;

interface RefusedRow {
  id: number;
  started_at: number;
  remote_address: string;
  client_name: string;
  reverse_path: string | null;
  refusals: string;
  unread: number;
}

const toSummary = (row: RefusedRow): RefusedSummary => ({
  id: row.id,
  startedAt: row.started_at,
  remoteAddress: row.remote_address,
  clientName: row.client_name,
  reversePath: row.reverse_path,
  refusals: JSON.parse(row.refusals) as Refusal[],
  unread: row.unread === 1,
});

const COLUMNS = 'id, started_at, remote_address, client_name, reverse_path, refusals, unread';

/** The sessions in which something was refused. */
export class RefusedStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps a session in which something was refused; the oldest ones make room for it. @returns its id */
  insert(session: RefusedSession): number {
    const { startedAt, remoteAddress, clientName, reversePath, refusals, transcript, notes } = session;
    const sql =
      'INSERT INTO refused (started_at, remote_address, client_name, reverse_path, refusals, transcript, notes) ' +
      'VALUES (?, ?, ?, ?, ?, ?, ?)';
    const kept = [startedAt, remoteAddress, clientName, reversePath, JSON.stringify(refusals), transcript];
    const { lastId } = this.#database.run(sql, ...kept, JSON.stringify(notes));
    this.#database.run('DELETE FROM refused WHERE id <= ?', lastId - MAX_SESSIONS);
    return lastId;
  }

  /** More is known of a refused session; where it was deleted meanwhile, nothing is done. */
  update(id: number, { clientName, reversePath, refusals, transcript, notes }: RefusedSession): void {
    const sql =
      'UPDATE refused SET client_name = ?, reverse_path = ?, refusals = ?, transcript = ?, notes = ? WHERE id = ?';
    const said = [clientName, reversePath, JSON.stringify(refusals), transcript, JSON.stringify(notes)];
    this.#database.run(sql, ...said, id);
  }

  /** @returns at most `limit` refused sessions older than `before`, newest first */
  list(before: number | undefined, limit: number): RefusedPage {
    const sql = `SELECT ${COLUMNS} FROM refused WHERE id < ? ORDER BY id DESC LIMIT ?`;
    const rows = this.#database.all(sql, before ?? Number.MAX_SAFE_INTEGER, limit) as RefusedRow[];
    return { sessions: rows.map(toSummary), counts: this.counts() };
  }

  /** @returns those of the refused sessions that are there, newest first */
  summaries(ids: number[]): RefusedSummary[] {
    const sql = `SELECT ${COLUMNS} FROM refused WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id DESC`;
    return (this.#database.all(sql, JSON.stringify(ids)) as RefusedRow[]).map(toSummary);
  }

  counts(): MessageCounts {
    const sql =
      'SELECT (SELECT count(*) FROM refused) AS total, (SELECT count(*) FROM refused WHERE unread = 1) AS unread';
    return { ...(this.#database.get(sql) as MessageCounts) };
  }

  /** @returns one with what was said; null when there is no such session */
  session(id: number): (RefusedSummary & SessionRecord) | null {
    const row = this.#database.get(`SELECT ${COLUMNS}, transcript, notes FROM refused WHERE id = ?`, id) as
      (RefusedRow & { transcript: string; notes: string }) | undefined;
    if (row === undefined) return null;
    return { ...toSummary(row), transcript: row.transcript, notes: JSON.parse(row.notes) as Note[] };
  }

  setUnread(ids: number[], unread: boolean): void {
    const sql = 'UPDATE refused SET unread = ? WHERE id IN (SELECT value FROM json_each(?))';
    this.#database.run(sql, unread ? 1 : 0, JSON.stringify(ids));
  }

  delete(ids: number[]): void {
    this.#database.run('DELETE FROM refused WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
  }

  /** Deletes every refused session up to and with `through`. */
  deleteThrough(through: number): void {
    this.#database.run('DELETE FROM refused WHERE id <= ?', through);
  }
}
