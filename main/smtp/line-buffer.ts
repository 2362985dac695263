const LF = 0x0a;
const EMPTY = Buffer.alloc(0);

/** A line. */
export interface Line {
  /** Without the line end. */
  bytes: Buffer;
  /** Or else with a bare LF. */
  endedWithCrLf: boolean;
}

/** A line, `too long` (once for each such line), or null while its end is not there yet. */
export type NextLine = Line | 'too long' | null;

/**
 * The bytes that came and are not used yet. It remembers how far it looked for a line end, so that no byte is looked at
 * twice, and it forgets a line that grows past the limit.
 */
export class LineBuffer {
  #bytes: Buffer = EMPTY;
  #searched = 0;
  #skipping = false;

  append(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Whether the next line begins with this word; the word is ASCII in upper case, and case does not matter. */
  startsWith(word: string): boolean {
    if (this.#skipping && !this.#skipToLineEnd()) return false;
    return this.#bytes.toString('latin1', 0, word.length).toUpperCase() === word;
  }

  /**
   * Takes the next line. It ends at LF; a CR before it is part of the line end.
   * @param limit octets of a line with its line end (RFC 5321 section 4.5.3.1.4)
   */
  takeLine(limit: number): NextLine {
    if (this.#skipping && !this.#skipToLineEnd()) return null;

    const end = this.#bytes.indexOf(LF, this.#searched);
    const length = end === -1 ? this.#bytes.length : end + 1;
    if (length > limit) {
      this.#skipping = true;
      this.#skipToLineEnd();
      return 'too long';
    }
    if (end === -1) {
      this.#searched = this.#bytes.length;
      return null;
    }
    const endedWithCrLf = end > 0 && this.#bytes[end - 1] === 0x0d;
    const bytes = this.#bytes.subarray(0, endedWithCrLf ? end - 1 : end);
    this.#drop(end + 1);
    return { bytes, endedWithCrLf };
  }

  /** Takes everything that is there. */
  takeAll(): Buffer {
    const bytes = this.#bytes;
    this.#drop(bytes.length);
    return bytes;
  }

  /** Puts bytes back in front that were taken and not used. */
  putBack(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([bytes, this.#bytes]);
    this.#searched = 0;
  }

  /** @returns whether the end of the line was found and the bytes up to it are gone */
  #skipToLineEnd(): boolean {
    const end = this.#bytes.indexOf(LF);
    this.#drop(end === -1 ? this.#bytes.length : end + 1);
    this.#skipping = end === -1;
    return end !== -1;
  }

  #drop(count: number): void {
    this.#bytes = count === this.#bytes.length ? EMPTY : this.#bytes.subarray(count);
    this.#searched = 0;
  }
}
