import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The mailbox of committing.ts, in its folder for temporary files. */
export const databaseName = 'mailbox.sqlite';

/** @returns the messages that are committed there, seen from another process */
export function committedMessages(folder: string): number {
  const database = new DatabaseSync(join(folder, databaseName), { readOnly: true });
  try {
    return Number(database.prepare('SELECT count(*) AS count FROM message').get()?.['count']);
  } finally {
    database.close();
  }
}
