import type { Note, SessionRecord } from '../mailbox/message.ts';

/** Who said a line of the transcript: the client, the server, or nobody: it tells what happened to the connection. */
export type Side = 'C' | 'S' | '-';

/** Characters of a line that are kept, and of all the lines of one stretch. */
const MAX_LINE = 1000;
const MAX_STRETCH = 32 * 1024;
/** Notes of one stretch: what goes on beyond that, says nothing new. */
const MAX_NOTES = 50;

// eslint-disable-next-line no-control-regex -- control characters are what it is there to find
const controlCharacters = /[\x00-\x1f\x7f]/g;
const escape = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** Lines and notes, of which the first and the last are kept when there are too many. */
class Stretch {
  /** One string that grows: most stretches need no more, and nothing is cheaper. */
  #first = '';
  readonly #last: string[] = [];
  #lastLength = 0;
  #leftOut = 0;
  readonly notes = new Map<string, Note>();

  add(line: string): void {
    if (this.#first.length < MAX_STRETCH / 2) {
      this.#first = this.#first === '' ? line : `${this.#first}\n${line}`;
      return;
    }
    this.#last.push(line);
    this.#lastLength += line.length;
    while (this.#lastLength > MAX_STRETCH / 2) {
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

/** What was said in a session: its beginning, and what was said since the last message that was accepted. */
export class Recording {
  readonly #beginning = new Stretch();
  #current = this.#beginning;
  #refusal: string | null = null;
  #lastAt = 0;
  #lastStamp = '0';

  /** The first reply, since the last message that was accepted, that refused something. */
  get refusal(): string | null {
    return this.#refusal;
  }

  /**
   * @param at milliseconds since the epoch
   * @param text one line; what is too long of it is cut off
   */
  add(at: number, side: Side, text: string): void {
    // The beginning is what all messages of the session have in common.
    if (this.#current === this.#beginning && side === 'C' && /^MAIL\b/i.test(text)) this.#current = new Stretch();
    const kept = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
    this.#current.add(`${this.#stamp(at)} ${side} ${kept.replace(controlCharacters, escape)}`);
  }

  /** @param text a reply as it stands on the wire */
  addReply(at: number, text: string, isRefusal: boolean): void {
    const end = text.length - 2;
    if (text.indexOf('\r\n') === end) this.add(at, 'S', text.slice(0, end));
    else for (const line of text.slice(0, end).split('\r\n')) this.add(at, 'S', line);
    if (isRefusal) this.refuse(text.trimEnd().replaceAll('\r\n', ' '));
  }

  refuse(reason: string): void {
    this.#refusal ??= reason;
  }

  note(note: Note): void {
    this.#current.note(note);
  }

  /**
   * The last message was accepted: what follows belongs to another.
   * @param at milliseconds since the epoch
   */
  beginTransaction(at: number): void {
    this.#current = new Stretch();
    this.#refusal = null;
    this.add(at, '-', '(what was said of earlier messages is left out)');
  }

  /** @returns the beginning, and all since the last message that was accepted */
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
