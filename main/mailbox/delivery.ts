import type { Envelope, Placement, SessionRecord } from './message.ts';
import type { MailboxRequest } from './protocol.ts';
import { PIECE_SIZE } from './content-store.ts';

export type StoreResult = { id: string } | { failed: 'no space' | 'error' };

interface DeliveryPort {
  send(request: MailboxRequest & { bytes: Uint8Array }): Promise<void> | undefined;
  discard(): void;
  stored(): Promise<StoreResult>;
}

/** One message on its way in: gathers what comes into pieces and sends each on as it is full. */
export class MailDelivery {
  readonly #number: number;
  readonly #envelope: Envelope;
  readonly #port: DeliveryPort;
  /** Bytes are copied into it: to keep what the network gave, in whatever crumbs, costs many times their size. */
  #piece = new Uint8Array(0);
  #gathered = 0;
  #position = 0;
  #size = 0;

  constructor(number: number, envelope: Envelope, port: DeliveryPort) {
    this.#number = number;
    this.#envelope = envelope;
    this.#port = port;
  }

  /** Takes a copy. @returns a promise when the mailbox is behind: no more bytes until it resolves */
  write(bytes: Uint8Array): Promise<void> | undefined {
    let ready: Promise<void> | undefined;
    this.#size += bytes.length;
    while (this.#gathered + bytes.length >= PIECE_SIZE) {
      const room = PIECE_SIZE - this.#gathered;
      this.#gather(bytes.subarray(0, room));
      bytes = bytes.subarray(room);
      ready = this.#port.send({
        type: 'piece',
        delivery: this.#number,
        position: this.#position,
        bytes: this.#takePiece(),
      });
    }
    this.#gather(bytes);
    return ready;
  }

  /**
   * @param record what was said until now
   * @returns once the message is committed, or certain not to be. Never rejects.
   */
  store(record: SessionRecord, placement?: Placement): Promise<StoreResult> {
    const stored = this.#port.stored();
    void this.#port.send({
      type: 'store',
      delivery: this.#number,
      bytes: this.#takePiece(),
      receivedAt: Date.now(),
      size: this.#size,
      envelope: this.#envelope,
      record,
      placement,
    });
    return stored;
  }

  discard(): void {
    this.#piece = new Uint8Array(0);
    if (this.#position > 0) this.#port.discard();
  }

  #gather(bytes: Uint8Array): void {
    const needed = this.#gathered + bytes.length;
    if (needed > this.#piece.length) {
      // What follows a whole piece is mostly another one.
      const least = this.#position > 0 ? PIECE_SIZE : 2 * this.#piece.length;
      this.#resize(Math.min(PIECE_SIZE, Math.max(needed, least)));
    }
    this.#piece.set(bytes, this.#gathered);
    this.#gathered = needed;
  }

  /** Leaves nothing to the garbage collector, which would let tens of megabytes gather first. */
  #resize(length: number): void {
    this.#piece = new Uint8Array(this.#piece.buffer.transfer(length));
  }

  /** @returns what was gathered, in memory of its own so that it can be handed to the worker instead of copied */
  #takePiece(): Uint8Array {
    if (this.#gathered < this.#piece.length) this.#resize(this.#gathered);
    const piece = this.#piece;
    this.#piece = new Uint8Array(0);
    this.#gathered = 0;
    this.#position++;
    return piece;
  }
}
