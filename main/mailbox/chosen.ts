import type { MailboxConnection } from './connection.ts';
import type { ChosenMessages, MessageFilter } from './message.ts';

/** Messages that are chosen are named so many at a time, and those of a list counted among so many. */
const CHOSEN_AT_ONCE = 2000;
const COUNTED_AT_ONCE = 50_000;

/**
 * The messages that are chosen, part by part, oldest first. What arrives meanwhile is not among them.
 * @throws Error when the search is wrong
 */
export async function* chosenMessages(
  connection: MailboxConnection,
  messages: ChosenMessages,
): AsyncGenerator<number[]> {
  if ('ids' in messages) {
    const ids = messages.ids.toSorted((a, b) => a - b);
    for (let done = 0; done < ids.length; done += CHOSEN_AT_ONCE) yield ids.slice(done, done + CHOSEN_AT_ONCE);
    return;
  }
  const { through, ...filter } = messages;
  const last = Math.min(through, (await connection.query('ends'))?.last ?? 0);
  for (let after = 0; ;) {
    const ids = await connection.query('matching', filter, after, last, CHOSEN_AT_ONCE);
    if (ids.length > 0) yield ids;
    if (ids.length < CHOSEN_AT_ONCE) return;
    after = ids.at(-1) as number;
  }
}

/**
 * How many messages a list holds. Counted part by part, so that nobody waits for it.
 * @param signal ends it
 * @param through the newest that counts
 * @throws Error when the search is wrong; the signal's reason when it was ended
 */
export async function countMessages(
  connection: MailboxConnection,
  filter: MessageFilter,
  signal: AbortSignal,
  through = Infinity,
): Promise<number> {
  const ends = await connection.query('ends');
  const last = Math.min(ends?.last ?? 0, through);
  let count = 0;
  for (let first = ends?.first ?? 1; first <= last; first += COUNTED_AT_ONCE) {
    signal.throwIfAborted();
    count += await connection.query('countMatching', filter, first, Math.min(last, first + COUNTED_AT_ONCE - 1));
  }
  return count;
}
