import { DataDecoder } from './data-decoder.ts';
import type { LineBuffer } from './line-buffer.ts';

/** A chunk that is announced (RFC 3030 section 2). */
export interface Chunk {
  /** Octets. */
  size: number;
  isLast: boolean;
}

/** A stretch of a message. */
export interface Stretch {
  /** They hold until the next stretch is taken, of whatever message. */
  bytes: Buffer;
  /** What ended with it: DATA's lines or a chunk's octets; null when more is to come. */
  ended: 'data' | 'chunk' | null;
}

/** Takes the content of one message off the wire, by DATA or chunk by chunk, and counts it against the limit. */
export class Content {
  readonly #limit: number;
  readonly #decoder = new DataDecoder();
  #size = 0;
  /** Octets of the chunk that are still to come; null while there is none. */
  #chunkLeft: number | null = null;

  /** @param limit octets */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Octets so far, also those that were too many. */
  get size(): number {
    return this.#size;
  }

  get isTooLarge(): boolean {
    return this.#size > this.#limit;
  }

  /** What comes next are the octets of a chunk, not the lines of DATA. */
  beginChunk({ size }: Chunk): void {
    this.#chunkLeft = size;
  }

  /** @returns the next stretch; null when more input is needed */
  take(input: LineBuffer): Stretch | null {
    return this.#chunkLeft === null ? this.#takeData(input) : this.#takeChunk(input, this.#chunkLeft);
  }

  #takeData(input: LineBuffer): Stretch | null {
    if (input.length === 0) return null;
    const bytes = input.takeAll();
    const { content, ended, used } = this.#decoder.decode(bytes);
    if (ended && used < bytes.length) input.putBack(bytes.subarray(used));
    this.#size += content.length;
    return { bytes: content, ended: ended ? 'data' : null };
  }

  #takeChunk(input: LineBuffer, left: number): Stretch | null {
    if (input.length === 0 && left > 0) return null;
    const all = input.takeAll();
    const bytes = all.subarray(0, left);
    if (bytes.length < all.length) input.putBack(all.subarray(bytes.length));
    this.#size += bytes.length;
    this.#chunkLeft = left > bytes.length ? left - bytes.length : null;
    return { bytes, ended: this.#chunkLeft === null ? 'chunk' : null };
  }
}
