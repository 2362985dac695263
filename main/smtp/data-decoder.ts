const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;
const LINE_START_DOT = Buffer.from('\r\n.');

/** What of the last bytes still decides about the next. */
type Position =
  /** Anywhere in a line. */
  | 'in line'
  /** After a CR that is already given out. */
  | 'after CR'
  /** After CRLF, or at the very start of the data. */
  | 'line start'
  /** After CRLF and a dot, which is held back. */
  | 'after dot'
  /** After CRLF, a dot and a CR, both held back. */
  | 'after dot CR';

/** A stretch of the data as the client meant it. */
export interface Decoded {
  content: Buffer;
  /** Set when CRLF `.` CRLF was seen. */
  ended: boolean;
  /** Octets of the input that are used up: all of them unless the data ended. What follows them is no data. */
  used: number;
}

/**
 * Takes the mail data off the wire (RFC 5321 section 4.5.2). It ends with CRLF `.` CRLF and nothing else, and a dot is
 * removed after CRLF and nowhere else: any other reading lets one message pass for two (CVE-2023-51764 and its kin).
 */
export class DataDecoder {
  // The CRLF that ended the DATA command also begins the first line (RFC 5321 section 4.1.1.4).
  #position: Position = 'line start';

  /**
   * @param input the next bytes, however they were split; they stay as they are
   * @returns what they mean; `content` may be a view into `input`
   */
  decode(input: Buffer): Decoded {
    const dot = this.#firstDot(input);
    if (dot === -1) return this.#passOn(input);
    // Most messages end within what is read at once, and nothing has to be copied.
    if (dot >= 0 && input[dot + 1] === CR && input[dot + 2] === LF) {
      return { content: input.subarray(0, dot), ended: true, used: dot + 3 };
    }
    return this.#decodeDots(input, Math.max(dot, 0));
  }

  /** @returns where the first dot after CRLF stands; -1 when there is none, -2 when it came with earlier input */
  #firstDot(input: Buffer): number {
    switch (this.#position) {
      case 'after dot':
      case 'after dot CR':
        return -2;
      case 'line start':
        if (input[0] === DOT) return 0;
        break;
      case 'after CR':
        if (input[0] === LF && input[1] === DOT) return 1;
        break;
      case 'in line':
        break;
    }
    const lineEnd = input.indexOf(LINE_START_DOT);
    return lineEnd === -1 ? -1 : lineEnd + 2;
  }

  /** Most input: nothing to take out, nothing to copy. */
  #passOn(input: Buffer): Decoded {
    const last = input.at(-1);
    const beforeLast = input.length > 1 ? input.at(-2) : this.#position === 'after CR' ? CR : undefined;
    if (last === CR) this.#position = 'after CR';
    else if (last === LF && beforeLast === CR) this.#position = 'line start';
    else if (last !== undefined) this.#position = 'in line';
    return { content: input, ended: false, used: input.length };
  }

  /** @param start the first dot after CRLF, or 0 */
  #decodeDots(input: Buffer, start: number): Decoded {
    // One more than the input: a CR that was held back may turn out to be content.
    const content = Buffer.allocUnsafe(input.length + 1);
    let length = input.copy(content, 0, 0, start);
    let position: Position = start === 0 ? this.#position : 'line start';
    for (let used = start; used < input.length; used++) {
      const byte = input[used] as number;
      if (position === 'after dot CR') {
        if (byte === LF) return { content: content.subarray(0, length), ended: true, used: used + 1 };
        content[length++] = CR;
      } else if (position === 'after dot' && byte === CR) {
        position = 'after dot CR';
        continue;
      } else if (position === 'line start' && byte === DOT) {
        position = 'after dot';
        continue;
      }
      content[length++] = byte;
      if (byte === CR) position = 'after CR';
      else if (byte === LF && position === 'after CR') position = 'line start';
      else position = 'in line';
    }
    this.#position = position;
    return { content: content.subarray(0, length), ended: false, used: input.length };
  }
}
