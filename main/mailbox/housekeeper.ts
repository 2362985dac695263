import { type Some, UNDO_TIME } from './deletion-store.ts';
import type { Retention } from './message.ts';
import type { MailStore } from './store.ts';

/** Removed in one go: some milliseconds. */
const SOME: Some = { messages: 40, octets: 4 * 1024 * 1024 };
/** Of the time, what this may take at most: with nobody else there, and while others want something of the thread. */
const SHARE = 0.5;
const SHARE_WHEN_WANTED = 0.1;
/** Milliseconds between two looks at whether anything is too old. */
const LOOK_AGAIN = 10 * 60_000;
/** Milliseconds in which deliveries gather before it is looked whether there are too many. */
const SETTLE = 200;
/** Milliseconds before something that could not be done is tried again, however much happens until then. */
const REST = 10_000;

export interface HousekeeperEvents {
  /** Messages are gone because there is more than is kept. */
  onOutlived: (ids: number[]) => void;
  /** Something could not be done; it is tried again later. */
  onProblem: (error: Error) => void;
}

/**
 * What the mailbox's thread does when nobody wants anything of it: removes what was deleted, and what is more than is to
 * be kept, and gives the room back to the disk. Little by little, and for a tenth of the time while others want something,
 * so that whoever delivers or asks comes first.
 */
export class Housekeeper {
  /** Who has it in hand may put another one in its place. */
  store: MailStore;
  readonly #events: HousekeeperEvents;
  #retention: Retention = { messages: null, days: null, octets: null };
  #timer: NodeJS.Timeout | null = null;
  /** Whether somebody wanted something since the last piece of work. */
  #isWanted = false;
  #due = Infinity;
  /** Until when nothing is tried. */
  #restsUntil = -Infinity;

  constructor(store: MailStore, events: HousekeeperEvents) {
    this.store = store;
    this.#events = events;
  }

  /** What is kept of all mailboxes together, from now on. */
  set retention(retention: Retention) {
    this.#retention = retention;
    this.wake();
  }

  /** Says that somebody wanted something, and something may have changed. */
  wake(): void {
    this.#isWanted = true;
    this.#wakeIn(Math.max(SETTLE, this.#restsUntil - performance.now()));
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#due = -Infinity;
  }

  #wakeIn(milliseconds: number): void {
    const due = performance.now() + milliseconds;
    if (due >= this.#due) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => {
      this.#due = Infinity;
      this.#wakeIn(this.#work());
    }, milliseconds);
  }

  /** @returns milliseconds to rest */
  #work(): number {
    const begun = performance.now();
    const share = this.#isWanted ? SHARE_WHEN_WANTED : SHARE;
    this.#isWanted = false;
    try {
      if (this.#doSome(Date.now())) return Math.max(5, (performance.now() - begun) * (1 / share - 1));
      const oldest = this.store.deletions.oldest();
      // Where the clock was set back, that is far off, and longer than a timer can wait.
      return oldest === null ? LOOK_AGAIN : Math.min(LOOK_AGAIN, Math.max(SETTLE, oldest + UNDO_TIME - Date.now()));
    } catch (error) {
      this.store.rollback();
      this.#restsUntil = performance.now() + REST;
      this.#events.onProblem(error as Error);
      return REST;
    }
  }

  /** @returns whether there is more to do */
  #doSome(now: number): boolean {
    const removed = this.store.deletions.remove(now - UNDO_TIME, SOME);
    const outlived = removed === null ? this.store.retention.trim(this.#retention, now, SOME) : [];
    this.store.commit();
    if (outlived.length > 0) this.#events.onOutlived(outlived);
    return removed !== null || outlived.length > 0 || this.store.shrink();
  }
}
