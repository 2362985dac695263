import type { Digested } from './parse.ts';
import { ParserClosed } from './parser.ts';

type Outcome = { id: number } & (Digested | { error: string });

/** Where messages wait that nobody read yet, and where what was read is kept. */
export interface Unread {
  /** @returns at most `limit` messages that were not read yet, oldest first */
  unindexed(limit: number): Promise<number[]>;
  /** Messages that arrived since the start. */
  readonly arrived: number;
  saveParsed(outcomes: Outcome[]): Promise<void>;
}

interface Reader {
  digest(id: number): Promise<Digested>;
}

/** Messages read between two writes. */
const BATCH = 64;
/**
 * Messages that arrive in a second from which on the reader rests half of the time: it could not keep up anyway, and who
 * delivers wants the processor as well.
 */
const RUSH = 500;
/** Milliseconds that what was read waits at most to be kept. */
const SAVE_INTERVAL = 100;

/**
 * Reads the messages that arrived, in the order in which they did. What waits is asked of the store and not remembered
 * here, so that after a crash it goes on where it stopped.
 */
export class Digester {
  readonly #unread: Unread;
  readonly #reader: Reader;
  readonly #onError: (error: Error) => void;
  #running = false;
  #more = false;

  /** @param onError hears why the store could not be asked; {@link wake} tries again */
  constructor(unread: Unread, reader: Reader, onError: (error: Error) => void) {
    this.#unread = unread;
    this.#reader = reader;
    this.#onError = onError;
  }

  /** Says that messages may be waiting. */
  wake(): void {
    this.#more = true;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      while (this.#more) {
        this.#more = false;
        const ids = await this.#unread.unindexed(BATCH);
        if (ids.length === 0) continue;
        this.#more = true;
        await this.#pace(() => this.#readAndSave(ids));
      }
    } catch (error) {
      // What was not read is read after the next start.
      if (!(error instanceof ParserClosed)) this.#onError(error as Error);
    } finally {
      this.#running = false;
    }
  }

  async #pace(work: () => Promise<void>): Promise<void> {
    const [begun, arrived] = [performance.now(), this.#unread.arrived];
    await work();
    const taken = performance.now() - begun;
    const isRush = (this.#unread.arrived - arrived) / taken > RUSH / 1000;
    if (isRush) await new Promise((resolve) => setTimeout(resolve, taken));
  }

  /** What is read is kept while others are still being read: one of them may take long. */
  async #readAndSave(ids: number[]): Promise<void> {
    let outcomes: Outcome[] = [];
    const save = async (): Promise<void> => {
      const ready = outcomes;
      outcomes = [];
      if (ready.length > 0) await this.#unread.saveParsed(ready);
    };
    const timer = setInterval(() => void save().catch(this.#onError), SAVE_INTERVAL);
    try {
      const readOne = async (id: number): Promise<void> => {
        const outcome = await this.#read(id);
        outcomes.push(outcome);
      };
      await Promise.all(ids.map(readOne));
    } finally {
      clearInterval(timer);
    }
    await save();
  }

  async #read(id: number): Promise<Outcome> {
    try {
      return { id, ...(await this.#reader.digest(id)) };
    } catch (error) {
      if (error instanceof ParserClosed) throw error;
      return { id, error: (error as Error).message };
    }
  }
}
