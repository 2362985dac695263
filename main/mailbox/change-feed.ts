import type { MessageCounts } from './message.ts';

/** What changed in a list since the last time that this was told. */
export interface ListChange<T, C = MessageCounts> {
  /** New rows, and rows that changed, each as it is now, newest first. */
  changed: T[];
  /** Rows that are gone, by their ids. */
  removed: number[];
  /** Set when more changed than is worth telling one by one: ask for the list again. */
  reload: boolean;
  counts: C;
}

/** A list of which changes are told. */
export interface ChangingList<T, C> {
  summaries(ids: number[]): Promise<T[]>;
  counts(): Promise<C>;
}

/** Milliseconds in which changes gather. Long enough for a parser to be done with a message that just arrived. */
const INTERVAL = 40;
/** Rows told one by one. */
const MAX_ROWS = 200;

/** Coalesces what happens to a list: a thousand deliveries a second are two dozen calls of `tell`. */
export class ChangeFeed<T, C = MessageCounts> {
  readonly #list: ChangingList<T, C>;
  readonly #tell: (change: ListChange<T, C>) => void;
  readonly #onError: (error: Error) => void;
  #changed = new Set<number>();
  #removed = new Set<number>();
  #cleared = false;
  #isWaiting = false;

  constructor(list: ChangingList<T, C>, tell: (change: ListChange<T, C>) => void, onError: (error: Error) => void) {
    this.#list = list;
    this.#tell = tell;
    this.#onError = onError;
  }

  /** Rows are new, or other than they were. */
  readonly changed = (ids: number[]): void => this.#note(() => ids.forEach((id) => this.#changed.add(id)));
  readonly removed = (ids: number[]): void => this.#note(() => ids.forEach((id) => this.#removed.add(id)));
  /** More is gone than is named one by one. */
  readonly cleared = (): void => this.#note(() => (this.#cleared = true));

  #note(add: () => void): void {
    add();
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    setTimeout(() => void this.#flush(), INTERVAL);
  }

  async #flush(): Promise<void> {
    const changed = [...this.#changed];
    const removed = [...this.#removed];
    const reload = this.#cleared || changed.length + removed.length > MAX_ROWS;
    this.#changed.clear();
    this.#removed.clear();
    this.#cleared = false;
    this.#isWaiting = false;
    try {
      const [summaries, counts] = await Promise.all([reload ? [] : this.#list.summaries(changed), this.#list.counts()]);
      this.#tell({ changed: summaries, removed: reload ? [] : removed, reload, counts });
    } catch (error) {
      this.#onError(error as Error);
    }
  }
}
