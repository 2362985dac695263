import { renameSync } from 'node:fs';
import { join } from 'node:path';
import Store from 'electron-store';
import type { z } from 'zod';

/** A file that could not be used. */
export interface SetAside {
  /** Where it lies now. */
  path: string;
  /** What is wrong with it. */
  reason: string;
}

/**
 * A value that is kept in a JSON file and held in memory: checked against a schema when it is read, written atomically.
 * A file that cannot be used is set aside under another name, and the schema's defaults hold.
 */
export class JsonFile<T extends object> {
  readonly #store: Store;
  readonly #schema: z.ZodType<T>;
  #value: T;
  readonly setAside: SetAside | null = null;

  /**
   * @param folder where the file lies; an absolute path
   * @param name the file's, without `.json`
   * @param schema has a default for everything: `{}` must fit
   * @throws Error when the folder cannot be read or written
   */
  constructor(folder: string, name: string, schema: z.ZodType<T>) {
    this.#schema = schema;
    try {
      [this.#store, this.#value] = open(folder, name, schema);
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error;
      const file = join(folder, `${name}.json`);
      const path = `${file}.broken-${new Date().toISOString().replaceAll(':', '-')}`;
      renameSync(file, path);
      this.setAside = { path, reason: error.message };
      [this.#store, this.#value] = open(folder, name, schema);
    }
  }

  get value(): T {
    return this.#value;
  }

  /** Keeps a new value. @throws Error when it does not fit the schema or cannot be written; the old one then holds */
  set(value: T): void {
    const checked = this.#schema.parse(value);
    this.#store.store = checked as Record<string, unknown>;
    this.#value = checked;
  }
}

class UnusableFile extends Error {}

/** As electron-store does by itself, but for what is JSON and no object: that it would take for an empty one. */
function deserialize(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('no object');
  return value as Record<string, unknown>;
}

function open<T extends object>(folder: string, name: string, schema: z.ZodType<T>): [Store, T] {
  let store: Store;
  try {
    // Passwords may be in it.
    store = new Store({ cwd: folder, name, deserialize, configFileMode: 0o600 });
  } catch (error) {
    if (error instanceof SyntaxError) throw new UnusableFile(`it is no JSON object: ${error.message}`);
    throw error;
  }
  const result = schema.safeParse(store.store);
  if (result.success) return [store, result.data];
  const [issue] = result.error.issues;
  throw new UnusableFile(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
