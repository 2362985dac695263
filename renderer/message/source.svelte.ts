import type { Bridge } from '../../preload/contract.ts';

/** Octets that are read and shown at a time. */
const step = 1024 * 1024;

/** The stored bytes of one message as text, read piece by piece. */
export class Source {
  /** The text so far, in the pieces in which it came. What is not UTF-8 shows as U+FFFD. */
  pieces = $state.raw<string[]>([]);
  /** Octets that are shown. */
  shown = $state(0);
  /** Octets of the whole message; null until the first piece is there. */
  size = $state<number | null>(null);
  /** Whether the message was deleted meanwhile. */
  gone = $state(false);

  readonly #bridge: Bridge;
  readonly #id: number;
  // One decoder for all pieces, so that a character may lie across the border of two.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #reading = false;

  constructor(bridge: Bridge, id: number) {
    this.#bridge = bridge;
    this.#id = id;
  }

  get complete(): boolean {
    return this.size !== null && this.shown >= this.size;
  }

  /** Reads the first piece, unless it was read. */
  async start(): Promise<void> {
    if (this.size === null) await this.more();
  }

  /** Reads the next piece. */
  async more(): Promise<void> {
    if (this.#reading || this.complete) return;
    this.#reading = true;
    try {
      const piece = await this.#bridge.call('messages.source', { id: this.#id, offset: this.shown, length: step });
      if (piece === null) {
        this.gone = true;
        return;
      }
      const shown = this.shown + piece.bytes.length;
      this.pieces = [...this.pieces, this.#decoder.decode(piece.bytes, { stream: shown < piece.size })];
      this.shown = shown;
      this.size = piece.size;
    } finally {
      this.#reading = false;
    }
  }
}
