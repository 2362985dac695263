const CR = 0x0d;
const LF = 0x0a;

/** Octets of a line from which on it may come in several pieces: bounds what is in memory at once. */
const MAX_LINE = 64 * 1024;

/** Some lines, or a part of a very long one: a character for each octet. */
export interface Lines {
  text: string;
  /** False for what goes on with the line that the piece before it did not end. */
  beginsLine: boolean;
}

/** Cuts bytes behind line ends, whatever pieces they come in. No CRLF is cut in two. */
export async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Lines> {
  let rest = Buffer.alloc(0);
  let beginsLine = true;
  for await (const piece of source) {
    const bytes = rest.length === 0 ? asBuffer(piece) : Buffer.concat([rest, piece]);
    let end = bytes.lastIndexOf(LF) + 1;
    if (end === 0 && bytes.length > MAX_LINE) end = bytes.length - Number(bytes.at(-1) === CR);
    if (end > 0) {
      yield { text: bytes.toString('latin1', 0, end), beginsLine };
      beginsLine = bytes[end - 1] === LF;
    }
    // A copy: the whole piece would be kept with it.
    rest = Buffer.from(bytes.subarray(end));
  }
  if (rest.length > 0) yield { text: rest.toString('latin1'), beginsLine };
}

/**
 * Gives one message from a file the line ends that it has on the wire (RFC 5321 section 2.3.8): files on Unix have LF, and
 * what reads mail further on would find no header end. The first line tells: where it ends with CRLF, the message is as it
 * came, and every octet is kept.
 */
export class CanonicalLineEnds {
  #isLf: boolean | null = null;
  #last: number | undefined;

  /** @param bytes the next ones, in pieces of any size @returns them with CRLF */
  convert(bytes: Uint8Array): Uint8Array {
    const last = this.#last;
    this.#last = bytes.at(-1) ?? last;
    if (this.#isLf === null) {
      const end = bytes.indexOf(LF);
      if (end === -1) return bytes;
      this.#isLf = (end === 0 ? last : bytes[end - 1]) !== CR;
    }
    if (!this.#isLf) return bytes;
    // A CR before it stands in front.
    const text = `${last === CR ? '\r' : ' '}${asBuffer(bytes).toString('latin1')}`;
    return Buffer.from(text.replace(/(?<!\r)\n/g, '\r\n').slice(1), 'latin1');
  }
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer<ArrayBuffer> =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
