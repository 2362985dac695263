import type { Database } from '../database.ts';
import type { IndexRow } from './fold.ts';
import { searchFields } from './query.ts';

/** Letters of a word that is worth to be known; shorter ones begin too much, and longer ones are no words. */
const SHORTEST = 3;
const LONGEST = 24;
/** Words that are known to be kept, before they are forgotten and kept again. */
const MAX_KNOWN = 100_000;

const token = /[\p{L}\p{M}\p{N}\p{Co}]+/gu;
const letters = /^\p{L}+$/u;

/**
 * The words that stand in messages. To find what begins with some letters, FTS5 gathers every place of every such word
 * first, which takes it seconds among a million messages. Words that are named it goes through from the newest message on.
 */
export class Vocabulary {
  readonly #database: Database;
  #known = new Set<string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps the words of a message. */
  learn(row: IndexRow): void {
    for (const field of searchFields) {
      for (const [word] of row[field].toLowerCase().matchAll(token)) {
        if (word.length < SHORTEST || word.length > LONGEST || this.#known.has(word) || !letters.test(word)) continue;
        if (this.#known.size >= MAX_KNOWN) this.#known.clear();
        this.#known.add(word);
        this.#database.run('INSERT OR IGNORE INTO word (word) VALUES (?)', word);
      }
    }
  }

  /** What was learned since the last commit is not kept. */
  forget(): void {
    this.#known.clear();
  }

  /** There are no messages any more, and so no words. */
  empty(): void {
    this.forget();
    if (this.#database.get('SELECT 1 FROM word LIMIT 1') === undefined) return;
    this.#database.run('DELETE FROM word');
    this.#database.commit();
  }

  /** @param prefix in lower case, letters alone @returns at most `limit` longer words that begin so */
  beginningWith(prefix: string, limit: number): string[] {
    const sql = 'SELECT word FROM word WHERE word > ? AND word < ? LIMIT ?';
    const rows = this.#database.all(sql, prefix, `${prefix}\u{10ffff}`, limit) as { word: string }[];
    return rows.map(({ word }) => word);
  }
}
