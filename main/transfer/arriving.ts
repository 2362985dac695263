import type { Envelope } from '../mailbox/message.ts';
import type { Flags } from './found.ts';
import { CanonicalLineEnds } from './lines.ts';
import type { Delivery, Mail } from './mail.ts';

/** Octets among which the header field Return-Path is looked for: it stands on top (RFC 5321 section 4.4). */
const MAX_TOP = 16 * 1024;
/** Octets of a path, with room for more than RFC 5321 section 4.5.3.1.3 has. */
const MAX_PATH = 1000;

/** A message on its way from a file into the mailbox. */
export class ArrivingMessage {
  readonly #mail: Mail;
  readonly #sender: string;
  readonly #maxSize: number;
  readonly #lineEnds = new CanonicalLineEnds();
  /** What came before the envelope was known. */
  #top: Buffer = Buffer.alloc(0);
  #delivery: Delivery | null = null;
  #size = 0;

  /**
   * @param sender the reverse-path where the message itself says none
   * @param maxSize octets; of what is larger, nothing is kept
   */
  constructor(mail: Mail, sender: string, maxSize: number) {
    this.#mail = mail;
    this.#sender = sender;
    this.#maxSize = maxSize;
  }

  /** Octets that came. */
  get size(): number {
    return this.#size;
  }

  get isTooLarge(): boolean {
    return this.#size > this.#maxSize;
  }

  /** @returns a promise when there is too much on its way: no more bytes until it resolves */
  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#size += bytes.length;
    if (this.isTooLarge) {
      this.discard();
      return undefined;
    }
    const lines = this.#lineEnds.convert(bytes);
    if (this.#delivery !== null) return this.#delivery.write(lines);
    this.#top = Buffer.concat([this.#top, lines]);
    return this.#top.length < MAX_TOP ? undefined : this.#begin().ready;
  }

  /** @param origin what it came from, for people: a file's name */
  store(origin: string, mailbox: number, flags: Flags): ReturnType<Delivery['store']> {
    const delivery = this.#delivery ?? this.#begin().delivery;
    const transcript = `${Date.now()} - Imported from ${origin.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '?')}`;
    return delivery.store({ transcript, notes: [] }, { mailbox, ...flags });
  }

  discard(): void {
    this.#delivery?.discard();
    this.#delivery = null;
  }

  #begin(): { delivery: Delivery; ready: Promise<void> | undefined } {
    const delivery = this.#mail.receive(envelopeOf(returnPathOf(this.#top) ?? this.#sender));
    this.#delivery = delivery;
    const ready = delivery.write(this.#top);
    this.#top = Buffer.alloc(0);
    return { delivery, ready };
  }
}

/** What nobody said, as it did not come over the wire. */
const envelopeOf = (reversePath: string): Envelope => ({
  reversePath: Buffer.byteLength(reversePath) > MAX_PATH ? '' : reversePath.replace(/\p{Cc}/gu, ''),
  parameters: {},
  forwardPaths: [],
  forwardPathParameters: [],
  remoteAddress: '',
  clientName: '',
  protocol: null,
  tls: null,
  user: null,
});

/** @returns the path without its angle brackets; null where there is no such field */
function returnPathOf(top: Buffer): string | null {
  const header = top.toString().split(/\r?\n\r?\n/, 1)[0] ?? '';
  const value = /^Return-Path:[ \t]*(?:\r?\n[ \t]+)?(.*)$/im.exec(header)?.[1];
  return value === undefined ? null : value.trim().replace(/^<(.*)>$/, '$1');
}
