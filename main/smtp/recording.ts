import type { DecidingRule, Note, Refusal, SessionRecord } from '../mailbox/message.ts';

/** Who said a line of the transcript: the client, the server, or nobody: it tells what happened to the connection. */
export type Side = 'C' | 'S' | '-';

/** Whom a reply that refuses turns away, and which rule wants it so. */
export type Refused = Pick<Refusal, 'stage' | 'mailbox' | 'rule'>;

/** Of a refusal that turns nobody away by name. */
export const nobody: Refused = { stage: null, mailbox: '', rule: null };

/** Characters of a line that are kept, of the beginning of a session, and of one transaction. */
const MAX_LINE = 1000;
const MAX_BEGINNING = 4 * 1024;
const MAX_TRANSACTION = 16 * 1024;
/** Notes of one stretch: what goes on beyond that, says nothing new. */
const MAX_NOTES = 50;
/** Refusals of one stretch. */
const MAX_REFUSALS = 100;

// eslint-disable-next-line no-control-regex -- control characters are what it is there to find
const controlCharacters = /[\x00-\x1f\x7f]/g;
const escape = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** Lines, notes and refusals; of the lines the first and the last are kept when there are too many. */
class Stretch {
  readonly #limit: number;
  /** One string that grows: most stretches need no more, and nothing is cheaper. */
  #first = '';
  readonly #last: string[] = [];
  #lastLength = 0;
  #leftOut = 0;
  readonly notes = new Map<string, Note>();

  /** @param limit characters */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(line: string): void {
    if (this.#first.length < this.#limit / 2) {
      this.#first = this.#first === '' ? line : `${this.#first}\n${line}`;
      return;
    }
    this.#last.push(line);
    this.#lastLength += line.length;
    while (this.#lastLength > this.#limit / 2) {
      this.#lastLength -= (this.#last.shift() as string).length;
      this.#leftOut++;
    }
  }

  note(note: Note): void {
    if (this.notes.size < MAX_NOTES) this.notes.set(note.text, note);
  }

  /** @param at milliseconds since the epoch, for what is left out */
  text(at: number): string {
    if (this.#last.length === 0) return this.#first;
    const gap = this.#leftOut === 0 ? [] : [`${at} - (${this.#leftOut} lines left out)`];
    return [this.#first, ...gap, ...this.#last].join('\n');
  }
}

/** What was said in a session: its beginning, and what was said of the mail transaction that goes on or was the last. */
export class Recording {
  readonly #beginning = new Stretch(MAX_BEGINNING);
  #current = this.#beginning;
  #refusals: Refusal[] = [];
  #isInTransaction = false;
  #lastAt = 0;
  #lastStamp = '0';

  /** Whether MAIL was said since the last transaction was over, or since the beginning. */
  get isInTransaction(): boolean {
    return this.#isInTransaction;
  }

  /** What was refused since the last transaction was over, first things first. */
  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  /**
   * @param at milliseconds since the epoch
   * @param text one line; what is too long of it is cut off
   */
  add(at: number, side: Side, text: string): void {
    const kept = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
    this.#current.add(`${this.#stamp(at)} ${side} ${kept.replace(controlCharacters, escape)}`);
  }

  /**
   * @param text a reply as it stands on the wire
   * @param refused whom it turns away; null when it refuses nothing
   */
  addReply(at: number, text: string, refused: Refused | null): void {
    const end = text.length - 2;
    if (text.indexOf('\r\n') === end) this.add(at, 'S', text.slice(0, end));
    else for (const line of text.slice(0, end).split('\r\n')) this.add(at, 'S', line);
    if (refused !== null) this.refuse(at, text.trimEnd().replaceAll('\r\n', ' '), refused);
  }

  /** @param reply what was told, or what happened in place of a reply */
  refuse(at: number, reply: string, refused: Refused = nobody): void {
    if (this.#refusals.length < MAX_REFUSALS) this.#refusals.push({ at, ...refused, reply });
  }

  decided(at: number, { place, text }: DecidingRule): void {
    this.add(at, '-', `Rule ${place} decided: ${text}`);
  }

  note(note: Note): void {
    this.#current.note(note);
  }

  /** A mail transaction begins. The beginning of the session is what all of them have in common. */
  beginTransaction(): void {
    this.#isInTransaction = true;
    if (this.#current === this.#beginning) this.#current = new Stretch(MAX_TRANSACTION);
  }

  /**
   * A mail transaction is over: what follows belongs to another.
   * @param at milliseconds since the epoch
   */
  endTransaction(at: number): void {
    this.#current = new Stretch(MAX_TRANSACTION);
    this.#refusals = [];
    this.#isInTransaction = false;
    this.add(at, '-', '(what was said of earlier messages is left out)');
  }

  /** @returns the beginning, and all since the last transaction was over */
  record(): SessionRecord {
    const [beginning, current] = [this.#beginning, this.#current];
    const text = beginning.text(this.#lastAt);
    if (current === beginning) return { transcript: text, notes: [...beginning.notes.values()] };
    return {
      transcript: text === '' ? current.text(this.#lastAt) : `${text}\n${current.text(this.#lastAt)}`,
      notes: [...new Map([...beginning.notes, ...current.notes]).values()],
    };
  }

  /** Most lines share their time with the one before. */
  #stamp(at: number): string {
    if (at !== this.#lastAt) {
      this.#lastAt = at;
      this.#lastStamp = String(at);
    }
    return this.#lastStamp;
  }
}
