import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';

/** A message in the mailbox. */
export interface Kept {
  /** Of its bytes. */
  hash: string;
  /** Whose mailbox it lies in; null: the first one. */
  user: string | null;
  unread: boolean;
  starred: boolean;
}

/** Messages by their ids. */
export type Messages = ReadonlyMap<number, Kept>;

/** What a change makes of a message; null: it is gone. */
export type Change = (id: number, message: Kept) => Kept | null;

function changed(messages: Messages, change: Change): Map<number, Kept> {
  const entries = Array.from(messages, ([id, message]) => [id, change(id, message)] as const);
  return new Map(entries.filter((entry): entry is [number, Kept] => entry[1] !== null));
}

/** What a mailbox owes: told what was sent, asked and answered, it says whether what is found later is that. */
export class Ledger {
  /** What has to be there. */
  #owed: Messages = new Map();
  /** What may be there, whole: by hash, since what was not answered has no id that is known. */
  readonly #unanswered = new Map<string, Kept>();
  /** Those that were answered since the last look. */
  #changes: Change[] = [];
  /** One that is not answered: it is there, or nothing of it. */
  #pending: Change | null = null;
  /** Every id that was ever given to a message. */
  readonly #ids = new Set<number>();
  acknowledged = 0;

  /** What is known to be there. */
  get owed(): Messages {
    return this.#owed;
  }

  /** The highest id that was ever given to a message. */
  get lastId(): number {
    return Math.max(0, ...this.#ids);
  }

  /** Somebody sends a message. @returns as what it would be kept */
  sends(hash: string, user: string | null): Kept {
    const message = { hash, user, unread: true, starred: false };
    this.#unanswered.set(hash, message);
    return message;
  }

  /** A message was answered with 250. */
  acknowledges(id: number, message: Kept): void {
    this.#unanswered.delete(message.hash);
    this.#enter(id, message);
    this.acknowledged++;
    // The answer may have come later than that to a change of everything up to some message.
    const owed = this.#changes.reduce<Kept | null>((kept, change) => kept && change(id, kept), message);
    if (owed !== null) this.#owed = new Map(this.#owed).set(id, owed);
  }

  /** A change is asked for: one at a time. */
  asks(change: Change): void {
    this.#pending = change;
  }

  /** The change that was asked for is answered. */
  answers(): void {
    if (this.#pending === null) throw new Error('No change was asked for.');
    this.#changes.push(this.#pending);
    this.#owed = changed(this.#owed, this.#pending);
    this.#pending = null;
  }

  /** Compares what is owed with what is there now that nobody asks for anything; what is there is owed from now on. */
  settle(found: Messages): void {
    const owed = new Map(this.#owed);
    for (const [id, { hash }] of found) {
      if (owed.has(id)) continue;
      const message = this.#unanswered.get(hash);
      if (message === undefined) throw new Error(`Message ${id} is there, and was deleted, or is none that was sent`);
      this.#unanswered.delete(hash);
      this.#enter(id, message);
      owed.set(id, message);
    }
    const pending = this.#pending === null ? owed : changed(owed, this.#pending);
    const [first] = Array.from(owed.keys()).filter((id) => !isDeepStrictEqual(owed.get(id), pending.get(id)));
    const isDone = first !== undefined && isDeepStrictEqual(found.get(first), pending.get(first));
    expect(inOrder(found)).toEqual(inOrder(isDone ? pending : owed));

    this.#owed = found;
    this.#unanswered.clear();
    this.#changes = [];
    this.#pending = null;
  }

  #enter(id: number, { hash }: Kept): void {
    if (this.#ids.has(id)) throw new Error(`The id ${id} was given twice, now to a message with the hash ${hash}`);
    this.#ids.add(id);
  }
}

const inOrder = (messages: Messages): [number, Kept][] => [...messages].sort(([a], [b]) => a - b);
