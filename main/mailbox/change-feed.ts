import type { Mailbox } from './mailbox.ts';
import type { MessageCounts, MessageSummary } from './message.ts';

/** What changed in the mailbox since the last time that this was told. */
export interface MessagesChange {
  /** New messages, and messages whose row changed, each as it is now, newest first. */
  changed: MessageSummary[];
  /** Messages that are gone. */
  removed: number[];
  /** Set when more changed than is worth telling one by one: ask for the list again. */
  reload: boolean;
  counts: MessageCounts;
}

/** Milliseconds in which changes gather. Long enough for a parser to be done with a message that just arrived. */
const INTERVAL = 40;
/** Rows told one by one. */
const MAX_ROWS = 200;

/** Coalesces the mailbox's events: a thousand deliveries a second are two dozen calls of `tell`. */
export class ChangeFeed {
  readonly #mailbox: Mailbox;
  readonly #tell: (change: MessagesChange) => void;
  readonly #onError: (error: Error) => void;
  #changed = new Set<number>();
  #removed = new Set<number>();
  #cleared = false;
  #isWaiting = false;

  constructor(mailbox: Mailbox, tell: (change: MessagesChange) => void, onError: (error: Error) => void) {
    this.#mailbox = mailbox;
    this.#tell = tell;
    this.#onError = onError;
    mailbox.on('changed', (ids) => this.#note(() => ids.forEach((id) => this.#changed.add(id))));
    mailbox.on('removed', (ids) => this.#note(() => ids.forEach((id) => this.#removed.add(id))));
    mailbox.on('cleared', () => this.#note(() => (this.#cleared = true)));
  }

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
      const [summaries, counts] = await Promise.all([
        reload ? [] : this.#mailbox.summaries(changed),
        this.#mailbox.counts(),
      ]);
      this.#tell({ changed: summaries, removed: reload ? [] : removed, reload, counts });
    } catch (error) {
      this.#onError(error as Error);
    }
  }
}
