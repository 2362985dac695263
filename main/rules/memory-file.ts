import { existsSync, readFileSync, renameSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { RuleMemory } from './memory.ts';

const count = z.int().min(0);
const snapshotSchema = z.strictObject({
  greylist: z.array(z.tuple([z.string(), z.string(), count, count])),
  decisions: z.record(z.string(), z.strictObject({ count, lastAt: count })),
});

/** Milliseconds in which changes gather before they are written. */
const INTERVAL = 1000;

/**
 * Keeps what rules remember in a file, beside them: it changes with every question, so it is written behind, and the last
 * second of it may be lost when the process dies.
 */
export class RuleMemoryFile {
  readonly #path: string;
  readonly #memory: RuleMemory;
  readonly #rules: () => Iterable<{ id: string }>;
  readonly #onError: (error: Error) => void;
  #timer: NodeJS.Timeout | null = null;
  #writing = Promise.resolve();
  /** A file that could not be read: where it lies now, and why. */
  readonly setAside: { path: string; reason: string } | null = null;

  /**
   * Reads what the file holds into the memory.
   * @param rules those that there are: what is remembered of others is not kept
   * @param onError the file could not be written
   * @throws Error when it is there and cannot be read or moved
   */
  constructor(
    path: string,
    memory: RuleMemory,
    rules: () => Iterable<{ id: string }>,
    onError: (error: Error) => void,
  ) {
    this.#path = path;
    this.#memory = memory;
    this.#rules = rules;
    this.#onError = onError;
    if (!existsSync(path)) return;
    const text = readFileSync(path, 'utf8');
    try {
      memory.restore(snapshotSchema.parse(JSON.parse(text)));
    } catch (error) {
      const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
      this.setAside = { path: `${path}.broken-${new Date().toISOString().replaceAll(':', '-')}`, reason };
      renameSync(path, this.setAside.path);
    }
  }

  /** Something new is remembered: it is written soon. */
  readonly touch = (): void => {
    this.#timer ??= setTimeout(() => void this.flush(), INTERVAL);
  };

  /** Writes what is not written yet. Never rejects. */
  flush(): Promise<void> {
    if (this.#timer === null) return this.#writing;
    clearTimeout(this.#timer);
    this.#timer = null;
    // One after the other: both use the same temporary file.
    this.#writing = this.#writing.then(() => this.#write()).catch(this.#onError);
    return this.#writing;
  }

  async #write(): Promise<void> {
    const snapshot = this.#memory.snapshot(new Set([...this.#rules()].map(({ id }) => id)));
    const temporary = `${this.#path}.new`;
    // Whom mail was for may be nobody else's business.
    await writeFile(temporary, JSON.stringify(snapshot), { mode: 0o600 });
    await rename(temporary, this.#path);
  }
}
