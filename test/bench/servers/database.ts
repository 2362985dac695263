import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The mailbox of committing.ts and indexing.ts, in their folder for temporary files. */
export const databaseName = 'mailbox.sqlite';

/** @returns the messages that are committed there, seen from another process */
export const committedMessages = (folder: string): number => count(folder, 'message');

/** @returns those of them that the index does not have yet */
export const unindexedMessages = (folder: string): number => count(folder, 'message WHERE indexed = 0');

function count(folder: string, what: string): number {
  const database = new DatabaseSync(join(folder, databaseName), { readOnly: true });
  try {
    return Number(database.prepare(`SELECT count(*) AS count FROM ${what}`).get()?.['count']);
  } finally {
    database.close();
  }
}
