import type { Database } from './database.ts';
import { type DeletionStore, and, valuesOf } from './deletion-store.ts';
import type { TagColor, TagSummary } from './message.ts';

/** The tags, and which messages have them. */
export class TagStore {
  readonly #database: Database;
  readonly #deletions: DeletionStore;

  constructor(database: Database, deletions: DeletionStore) {
    this.#database = database;
    this.#deletions = deletions;
  }

  /** By name, each with the number of its messages. */
  list(): TagSummary[] {
    const rows = this.#database.all('SELECT id, name, color, total FROM tag ORDER BY name COLLATE NOCASE');
    return (rows as TagSummary[]).map((row) => ({ ...row }));
  }

  /** @returns the id of the tag of that name, which is made where there is none */
  create(name: string, color: TagColor): number {
    const known = this.#database.get('SELECT id FROM tag WHERE name = ?', name) as { id: number } | undefined;
    return known?.id ?? this.#database.run('INSERT INTO tag (name, color) VALUES (?, ?)', name, color).lastId;
  }

  /** @returns false when another one has that name: an error would undo what others asked for as well */
  change(id: number, name: string, color: TagColor): boolean {
    const other = this.#database.get('SELECT name FROM tag WHERE name = ? AND id <> ?', name, id);
    if (other !== undefined) return false;
    this.#database.run('UPDATE tag SET name = ?, color = ? WHERE id = ?', name, color, id);
    return true;
  }

  /** Takes the tag off all messages, and deletes it. */
  delete(id: number): void {
    this.#database.run('DELETE FROM message_tag WHERE tag_id = ?', id);
    this.#database.run('DELETE FROM tag WHERE id = ?', id);
  }

  /** Puts a tag on messages, or takes it off. */
  set(ids: readonly number[], tag: number, isOn: boolean): void {
    const visible = this.#deletions.visible();
    const chosen = `FROM message WHERE id IN (SELECT value FROM json_each(?))${and(visible)}`;
    const values = [JSON.stringify(ids), ...valuesOf(visible)];
    const { changes } = isOn
      ? this.#database.run(
          `INSERT OR IGNORE INTO message_tag (tag_id, message_id) SELECT tag.id, message.id FROM tag, ` +
            `(SELECT id ${chosen}) AS message WHERE tag.id = ?`,
          ...values,
          tag,
        )
      : this.#database.run(
          `DELETE FROM message_tag WHERE message_id IN (SELECT id ${chosen}) AND tag_id = ?`,
          ...values,
          tag,
        );
    const sql = 'UPDATE tag SET total = total + ? WHERE id = ?';
    this.#database.run(sql, isOn ? changes : -changes, tag);
  }
}
