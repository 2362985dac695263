import { createHash } from 'node:crypto';

/** What is known of somebody who is greylisted. */
export interface GreylistEntry {
  attempts: number;
  /** Milliseconds since the epoch. */
  firstAt: number;
}

/** How often a rule decided, and when last: milliseconds since the epoch. */
export interface Decisions {
  count: number;
  lastAt: number;
}

/** What is kept over a restart. */
export interface RuleMemorySnapshot {
  /** Rule, key, attempts, time of the first. */
  greylist: [rule: string, key: string, attempts: number, firstAt: number][];
  decisions: Record<string, Decisions>;
}

/** Characters of a key that is kept as it is; of a longer one the hash is. */
const MAX_KEY = 200;
/** Entries of all greylists together; beyond that, the ones that were not seen for the longest time are forgotten. */
const MAX_GREYLISTED = 20_000;

/** What the rules remember from one question to the next. Rules are known by their ids. */
export class RuleMemory {
  readonly #greylist = new Map<string, GreylistEntry>();
  /** When each rule with a limit allowed something, oldest first. */
  readonly #allowed = new Map<string, number[]>();
  readonly #decisions = new Map<string, Decisions>();

  /** @returns one that remembers the same, and goes its own way from here */
  copy(): RuleMemory {
    const copy = new RuleMemory();
    for (const [place, entry] of this.#greylist) copy.#greylist.set(place, entry);
    for (const [rule, times] of this.#allowed) copy.#allowed.set(rule, [...times]);
    for (const [rule, known] of this.#decisions) copy.#decisions.set(rule, known);
    return copy;
  }

  /**
   * Counts an attempt.
   * @param key whose attempt it is
   * @param now milliseconds since the epoch
   * @returns what is known with it
   */
  attempt(rule: string, key: string, now: number): GreylistEntry {
    const place = `${rule}\n${key.length > MAX_KEY ? createHash('sha256').update(key).digest('base64') : key}`;
    const known = this.#greylist.get(place);
    // A clock that was set back must not make anybody wait for it to come again.
    const entry = { attempts: (known?.attempts ?? 0) + 1, firstAt: Math.min(known?.firstAt ?? now, now) };
    // Deleted first, so that it comes last.
    this.#greylist.delete(place);
    this.#greylist.set(place, entry);
    for (const oldest of this.#greylist.keys()) {
      if (this.#greylist.size <= MAX_GREYLISTED) break;
      this.#greylist.delete(oldest);
    }
    return entry;
  }

  /**
   * Takes one of those that a rule allows.
   * @param count how many it allows
   * @param milliseconds in which time
   * @returns whether there was one left
   */
  take(rule: string, count: number, milliseconds: number, now: number): boolean {
    let times = this.#allowed.get(rule);
    if (times === undefined) this.#allowed.set(rule, (times = []));
    while (times[0] !== undefined && (now - times[0] >= milliseconds || times[0] > now)) times.shift();
    const isLeft = times.length < count;
    if (isLeft) times.push(now);
    return isLeft;
  }

  decided(rule: string, now: number): void {
    this.#decisions.set(rule, { count: (this.#decisions.get(rule)?.count ?? 0) + 1, lastAt: now });
  }

  decisions(): Record<string, Decisions> {
    return Object.fromEntries(this.#decisions);
  }

  /** Begins anew with one rule: nobody is known to its greylist, nothing of its limit is used. */
  forget(rule: string): void {
    for (const place of this.#greylist.keys()) if (place.startsWith(`${rule}\n`)) this.#greylist.delete(place);
    this.#allowed.delete(rule);
  }

  /** @param rules those of which something is worth keeping */
  snapshot(rules: ReadonlySet<string>): RuleMemorySnapshot {
    const greylist: RuleMemorySnapshot['greylist'] = [];
    for (const [place, { attempts, firstAt }] of this.#greylist) {
      const end = place.indexOf('\n');
      const rule = place.slice(0, end);
      if (rules.has(rule)) greylist.push([rule, place.slice(end + 1), attempts, firstAt]);
    }
    const decisions = Object.fromEntries([...this.#decisions].filter(([rule]) => rules.has(rule)));
    return { greylist, decisions };
  }

  restore({ greylist, decisions }: RuleMemorySnapshot): void {
    for (const [rule, key, attempts, firstAt] of greylist) this.#greylist.set(`${rule}\n${key}`, { attempts, firstAt });
    for (const [rule, known] of Object.entries(decisions)) this.#decisions.set(rule, known);
  }
}
