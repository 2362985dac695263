import type {
  ChosenMessages,
  Envelope,
  MessageSummary,
  Placement,
  SessionRecord,
  SourcePiece,
} from '../mailbox/message.ts';

/** What was caught, as far as a transfer wants it. */
export interface Mail {
  /** Ids, part by part, oldest first. @throws Error when the search is wrong */
  chosen(messages: ChosenMessages): AsyncIterable<number[]>;
  /** How many that will be. */
  count(messages: ChosenMessages, signal: AbortSignal): Promise<number>;
  /** Those of the messages that are there. */
  summaries(ids: number[]): Promise<MessageSummary[]>;
  /** Null when it is gone. */
  source(id: number, offset: number, length: number): Promise<SourcePiece | null>;
  receive(envelope: Envelope): Delivery;
  /** Why nothing more can be asked; null while it can. */
  readonly failure: Error | null;
}

/** A message on its way in. */
export interface Delivery {
  /** Takes a copy. @returns a promise when there is too much on its way: no more bytes until it resolves */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** @returns once the message is committed, or certain not to be. Never rejects. */
  store(record: SessionRecord, placement: Placement): Promise<{ id: string } | { failed: 'no space' | 'error' }>;
  discard(): void;
}
