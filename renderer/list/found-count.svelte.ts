import type { ListFilter } from './paged-list.svelte.ts';

/** Milliseconds between two counts of what the same search finds. */
const PAUSE = 1000;

/** How much a search finds in all. That may take a while to count, and changes while mail arrives. */
export class FoundCount {
  /** Null while nobody knows. */
  value = $state<number | null>(null);

  readonly #count: (filter: ListFilter) => Promise<number | null>;
  /** What is counted, or was last. */
  #filter: ListFilter | null = null;
  /** Whether what it finds changed since it was last counted; null where nothing is being counted. */
  #isStale: boolean | null = null;

  /** @param count gives null where something else is counted meanwhile */
  constructor(count: (filter: ListFilter) => Promise<number | null>) {
    this.#count = count;
  }

  /** It is known without counting. */
  know(value: number | null): void {
    this.#filter = null;
    this.#isStale = null;
    this.value = value;
  }

  /** What a search finds is to be counted, or has changed: then it is counted again, but not all the time. */
  async want(filter: ListFilter): Promise<void> {
    if (filter === this.#filter && this.#isStale !== null) {
      this.#isStale = true;
      return;
    }
    if (filter !== this.#filter) this.know(null);
    this.#filter = filter;
    try {
      do {
        this.#isStale = false;
        const value = await this.#count(filter);
        if (filter !== this.#filter) return;
        if (value !== null) this.value = value;
        await this.#rest();
      } while (this.#isStaleStill(filter));
    } finally {
      if (filter === this.#filter) this.#isStale = null;
    }
  }

  #isStaleStill(filter: ListFilter): boolean {
    return filter === this.#filter && this.#isStale === true;
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
