import type { Database } from './database.ts';
import { type DeletionStore, type Some, and, takeSome, valuesOf } from './deletion-store.ts';
import type { Retention } from './message.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Mail that limits hold for. */
interface Scope {
  /** Null: all mailboxes together. */
  mailbox: number | null;
  retention: Retention;
  total: number;
  size: number;
}

/** Removes the oldest messages where there are more than are to be kept. What is starred stays, and counts. */
export class RetentionStore {
  readonly #database: Database;
  readonly #deletions: DeletionStore;

  constructor(database: Database, deletions: DeletionStore) {
    this.#database = database;
    this.#deletions = deletions;
  }

  /**
   * Removes some of what is too much, for good.
   * @param all what is kept of all mailboxes together
   * @param now milliseconds since the epoch
   * @param some how much goes in one go
   * @returns the messages that went; none when nothing is too much
   */
  trim(all: Retention, now: number, some: Some): number[] {
    for (const scope of this.#scopes(all)) {
      const ids = this.#excess(scope, now, some);
      if (ids.length === 0) continue;
      this.#database.run('DELETE FROM message WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
      return ids;
    }
    return [];
  }

  #scopes(all: Retention): Scope[] {
    const mailboxes = this.#database.all('SELECT id AS mailbox, total, size, retention FROM mailbox') as {
      mailbox: number;
      total: number;
      size: number;
      retention: string | null;
    }[];
    const sum = (of: 'total' | 'size'): number => mailboxes.reduce((so, mailbox) => so + mailbox[of], 0);
    const own = mailboxes.flatMap(({ retention, ...mailbox }) =>
      retention === null ? [] : [{ ...mailbox, retention: JSON.parse(retention) as Retention }],
    );
    return [{ mailbox: null, retention: all, total: sum('total'), size: sum('size') }, ...own];
  }

  #excess({ mailbox, retention, total, size }: Scope, now: number, some: Some): number[] {
    const { messages, octets, days } = retention;
    const tooMany = messages === null ? 0 : total - messages;
    const tooLarge = octets === null ? 0 : size - octets;
    if (tooMany <= 0 && tooLarge <= 0 && days === null) return [];
    const expiry = days === null ? -Infinity : now - days * DAY;
    let taken = 0;
    const oldest = this.#oldest(mailbox, some.messages);
    const end = oldest.findIndex((message, index) => {
      const isKept = index >= tooMany && taken >= tooLarge && message.receivedAt >= expiry;
      taken += message.size;
      return isKept;
    });
    return takeSome(end === -1 ? oldest : oldest.slice(0, end), some).map(({ id }) => id);
  }

  #oldest(mailbox: number | null, limit: number): { id: number; size: number; receivedAt: number }[] {
    const visible = this.#deletions.visible(mailbox);
    const [only, values] = mailbox === null ? ['', []] : [' AND mailbox_id = ?', [mailbox]];
    const sql =
      `SELECT id, size, received_at AS receivedAt FROM message WHERE starred = 0${only}${and(visible)} ` +
      'ORDER BY id LIMIT ?';
    return this.#database.all(sql, ...values, ...valuesOf(visible), limit) as {
      id: number;
      size: number;
      receivedAt: number;
    }[];
  }
}
