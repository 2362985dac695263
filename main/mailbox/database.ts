import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { migrate } from './schema.ts';

/** Octets of the file that may stand empty. */
const FREE_ROOM = 16 * 1024 * 1024;
/** Given back in one go: some milliseconds. */
const PAGES_AT_A_TIME = 256;

export type SqlValue = string | number | null | Uint8Array;

/**
 * The SQLite database of the mailbox. Nothing is visible to a next process before {@link commit}; between two commits
 * everything is one transaction, so that many deliveries share one.
 */
export class Database {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #inTransaction = false;
  #isShrinking = false;

  /**
   * Opens the database, or begins it where there is none, and brings it to the newest schema.
   * @param file a path, or `:memory:`
   * @throws Error when the file is no database, is damaged, or comes from a newer version
   */
  constructor(file: string) {
    // Others may look into the file, or copy it; that takes moments.
    this.#database = new DatabaseSync(file, { timeout: 5000 });
    try {
      // Has to be said before there is a table; what is deleted can then be given back to the disk bit by bit.
      this.exec('PRAGMA auto_vacuum = INCREMENTAL');
      // With a write-ahead log a commit survives the death of the process without an fsync; that one, which only guards
      // against the death of the machine, is left to the checkpoints (https://www.sqlite.org/wal.html). Each costs several
      // milliseconds, so they come once in 32 MiB and not, as by default, in 4. What a large change made of the log is cut.
      this.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
      this.exec('PRAGMA wal_autocheckpoint = 8192; PRAGMA journal_size_limit = 67108864');
      migrate(this.#database);
      this.#makeShrinkable();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get(sql: string, ...values: SqlValue[]): unknown {
    return this.#statement(sql).get(...values);
  }

  all(sql: string, ...values: SqlValue[]): unknown[] {
    return this.#statement(sql).all(...values);
  }

  /** As {@link all}, for SQL that is made of what people type: there is too much of it to keep the statement. */
  allOnce(sql: string, ...values: SqlValue[]): unknown[] {
    return this.#database.prepare(sql).all(...values);
  }

  /** Changes something, in the transaction that goes on until {@link commit}. */
  run(sql: string, ...values: SqlValue[]): { changes: number; lastId: number } {
    this.#begin();
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes: Number(changes), lastId: Number(lastInsertRowid) };
  }

  /** Runs statements in a transaction of their own. */
  execTogether(sql: string): void {
    this.exec(`BEGIN IMMEDIATE; ${sql}; COMMIT;`);
  }

  /** Runs SQL as it is, outside of the transaction. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** @returns what a PRAGMA answers with a number */
  pragma(name: string): number {
    return Number(Object.values(this.#database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  }

  /**
   * Gives some of the file's room that nothing stands in any more back to the disk, where that is a good part of it: what
   * comes in would only need it again.
   * @returns whether there may be more
   */
  shrink(): boolean {
    const free = this.pragma('freelist_count');
    this.#isShrinking &&= free > 0;
    this.#isShrinking ||= free * this.pragma('page_size') > FREE_ROOM && free > this.pragma('page_count') / 4;
    if (!this.#isShrinking) return false;
    this.exec(`PRAGMA incremental_vacuum(${PAGES_AT_A_TIME})`);
    if (free > PAGES_AT_A_TIME) return true;
    this.#isShrinking = false;
    // The file is cut when the log is written into it.
    this.exec('PRAGMA wal_checkpoint(PASSIVE)');
    return false;
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

  /** A file that an older version began is written anew once. Where that cannot be, for want of room, it only grows. */
  #makeShrinkable(): void {
    if (this.pragma('auto_vacuum') !== 0) return;
    try {
      this.exec('VACUUM');
    } catch (error) {
      if (isDamaged(error)) throw error;
    }
  }

  #begin(): void {
    if (this.#inTransaction) return;
    this.#database.exec('BEGIN IMMEDIATE');
    this.#inTransaction = true;
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    return statement;
  }
}

// https://www.sqlite.org/rescode.html
const SQLITE_CORRUPT = 11;
const SQLITE_CORRUPT_VTAB = 267;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** @returns SQLite's result code; null for what is no error of SQLite */
function resultCode(error: unknown): number | null {
  const code = (error as { errcode?: number }).errcode;
  return code === undefined ? null : code & 0xff;
}

/** Whether a write failed because there was no room for it. */
export const isFull = (error: unknown): boolean => resultCode(error) === SQLITE_FULL;

/** Whether it is the file itself that cannot be read; a lock, a full disk or missing rights are another matter. */
export const isDamaged = (error: unknown): boolean =>
  resultCode(error) === SQLITE_CORRUPT || resultCode(error) === SQLITE_NOTADB;

/** Whether it is the full-text index, which can be made again. */
export const isIndexDamaged = (error: unknown): boolean =>
  (error as { errcode?: number }).errcode === SQLITE_CORRUPT_VTAB;
