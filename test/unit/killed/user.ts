import type { Change, Kept, Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import type { ServerProcess } from './server-process.ts';

/** Reads, stars and deletes what is there, one thing after the other. */
export class User {
  readonly #server: ServerProcess;
  readonly #ledger: Ledger;
  readonly #random: Random;
  #isOver = false;
  #onDelete: (() => void) | null = null;

  constructor(server: ServerProcess, ledger: Ledger, random: Random) {
    this.#server = server;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Resolves when the server is dead, or can do nothing any more, or {@link stop} was called. */
  async run(): Promise<void> {
    let isAnswered = true;
    while (isAnswered && !this.#isOver) isAnswered = await this.#doSomething();
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Resolves when the user has asked to delete all up to some message, which comes next. */
  deletes(): Promise<void> {
    return new Promise((resolve) => (this.#onDelete = resolve));
  }

  /** @returns whether it was answered */
  #doSomething(): Promise<boolean> {
    const chance = this.#random.fraction();
    if (this.#onDelete !== null || chance < 0.1) return this.#deleteUpToOne();
    if (chance < 0.2) return this.#delete();
    if (chance < 0.5) return this.#star();
    return this.#mark();
  }

  #mark(): Promise<boolean> {
    const ids = this.#some(20);
    const unread = this.#random.fraction() < 0.3;
    const change: Change = (id, message) => (ids.includes(id) ? { ...message, unread } : message);
    return this.#change(change, () => this.#server.ask('setUnread', ids, unread));
  }

  #star(): Promise<boolean> {
    const ids = this.#some(5);
    const starred = this.#random.fraction() < 0.7;
    const change: Change = (id, message) => (ids.includes(id) ? { ...message, starred } : message);
    return this.#change(change, () => this.#server.ask('setStarred', ids, starred));
  }

  #delete(): Promise<boolean> {
    const ids = this.#some(3);
    const change: Change = (id, message) => (ids.includes(id) ? null : message);
    return this.#change(change, () => this.#server.ask('delete', ids));
  }

  /** Of all mailboxes or of one. */
  async #deleteUpToOne(): Promise<boolean> {
    const counts = await this.#server.ask('counts');
    if (counts === null) return false;
    const through = this.#random.pick(this.#ids);
    if (through === undefined) return true;
    const others = counts.value.mailboxes.slice(1).filter(({ total }) => total > 0);
    const mailbox = this.#random.fraction() < 0.5 ? null : (this.#random.pick(others) ?? null);
    const isChosen = (id: number, { user }: Kept): boolean =>
      id <= through && (mailbox === null || user === mailbox.name);
    const change: Change = (id, message) => (isChosen(id, message) ? null : message);
    const done = this.#change(change, () => this.#server.ask('deleteThrough', through, mailbox?.id ?? null));
    this.#onDelete?.();
    this.#onDelete = null;
    return done;
  }

  get #ids(): number[] {
    return Array.from(this.#ledger.owed.keys());
  }

  #some(count: number): number[] {
    return this.#random.some(this.#ids, count);
  }

  async #change(change: Change, ask: () => Promise<unknown>): Promise<boolean> {
    this.#ledger.asks(change);
    const answer = await ask();
    if (answer !== null) this.#ledger.answers();
    return answer !== null;
  }
}
