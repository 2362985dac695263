import { PIECE_SIZE } from '../../main/mailbox/content-store.ts';
import { MailStore } from '../../main/mailbox/store.ts';
import { say } from '../../scripts/run/messages.mjs';
import type { MadeMessage, MessageMaker } from './messages.ts';

/** Messages that share a commit, as they do under load. */
export const BATCH = 64;
/** Messages between two signs of life. */
const REPORTED = 50_000;

/**
 * Fills a mailbox with messages and what the parser reads of them: half of them read, three starred.
 * @param count an even number
 * @returns octets of the messages as they came
 */
export function fill(file: string, maker: MessageMaker, count: number): number {
  const store = new MailStore(file);
  let octets = 0;
  for (let number = 1; number <= count; number++) {
    octets += put(store, maker, number);
    if (number % BATCH === 0) store.commit();
    if (number % REPORTED === 0) say(`  … ${number.toLocaleString('en')} messages`);
  }
  store.setUnread(
    Array.from({ length: count / 2 }, (_, index) => 2 * index + 1),
    false,
  );
  store.setStarred([1, count / 2, count], true);
  store.commit();
  store.close();
  return octets;
}

function put(store: MailStore, maker: MessageMaker, number: number): number {
  const message = maker.make(number);
  store.saveParsed([{ id: keep(store, message), ...message.digested }]);
  return message.bytes.length;
}

/** Does what a delivery does. @returns the message's id */
export function keep(store: MailStore, { bytes, receivedAt, envelope, record }: MadeMessage): number {
  const contentId = store.content.newId();
  const whole = Math.floor(bytes.length / PIECE_SIZE);
  for (let piece = 0; piece < whole; piece++) {
    store.content.write(contentId, piece, bytes.subarray(piece * PIECE_SIZE, (piece + 1) * PIECE_SIZE));
  }
  const rest = bytes.subarray(whole * PIECE_SIZE);
  return store.insert({ contentId, rest, receivedAt, size: bytes.length, envelope, record });
}
