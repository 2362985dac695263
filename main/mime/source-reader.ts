import type { MessagePort } from 'node:worker_threads';

/** Octets asked for at a time. */
const STEP = 1024 * 1024;

interface SourcePiece {
  bytes: Uint8Array;
  size: number;
}

/** Reads stored messages through a port that answers `{ id, offset, length }` with a piece or null, in order. */
export class SourceReader {
  readonly #port: MessagePort;
  readonly #waiting: ((piece: SourcePiece | null) => void)[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (piece: SourcePiece | null) => this.#waiting.shift()?.(piece));
  }

  /** @throws Error when there is no such message (any more) */
  async *stream(id: number): AsyncGenerator<Uint8Array> {
    for (let offset = 0, size = Infinity; offset < size;) {
      const piece = await this.#piece(id, offset);
      if (piece === null) throw new Error('The message was deleted.');
      if (piece.bytes.length > 0) yield piece.bytes;
      size = piece.size;
      offset += STEP;
    }
  }

  #piece(id: number, offset: number): Promise<SourcePiece | null> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#port.postMessage({ id, offset, length: STEP });
    });
  }
}
