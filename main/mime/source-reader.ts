import type { MessagePort } from 'node:worker_threads';

/** Octets asked for at a time. */
const STEP = 256 * 1024;

interface SourcePiece {
  bytes: Uint8Array;
  size: number;
}

type Answer = SourcePiece | { error: string } | null;

/** Reads stored messages through a port that answers `{ id, offset, length }` with a piece, an error or null, in order. */
export class SourceReader {
  readonly #port: MessagePort;
  readonly #waiting: ((answer: Answer) => void)[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (answer: Answer) => this.#waiting.shift()?.(answer));
    port.on('close', () => {
      for (const resolve of this.#waiting.splice(0)) resolve({ error: 'The mailbox stopped working.' });
    });
  }

  /** @throws Error when there is no such message (any more), or it cannot be read */
  async *stream(id: number): AsyncGenerator<Uint8Array> {
    for (let offset = 0, size = Infinity; offset < size;) {
      const answer = await this.#ask(id, offset);
      if (answer === null) throw new Error('The message was deleted.');
      if ('error' in answer) throw new Error(`The stored bytes cannot be read: ${answer.error}`);
      if (answer.bytes.length > 0) yield answer.bytes;
      size = answer.size;
      offset += STEP;
    }
  }

  #ask(id: number, offset: number): Promise<Answer> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#port.postMessage({ id, offset, length: STEP });
    });
  }
}
