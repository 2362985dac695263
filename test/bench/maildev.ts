/**
 * What MailDev measured when it was made ready for many messages, 10,000 of 12 KB: the list as its pages ask for it (17 ms
 * there), and 20,000 saves into memory (41 ms there); here with the same messages for both, in turns.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MailStore } from '../../main/mailbox/store.ts';
import { say } from '../../scripts/run/messages.mjs';
import { BATCH, fill, keep } from './fill.ts';
import { type MadeMessage, MessageMaker } from './messages.ts';
import { maildevEmail, maildevStorage } from './servers/maildev-parts.ts';
import { ASKS, PAGE, type Question } from './questions.ts';
import { formatRatio, formatTime, markdownTable, median } from './report.ts';
import { startServer } from './server-process.ts';
import { mailDev, mailDevInbox } from './servers.ts';
import { measureWindow } from './window.ts';

const LISTED = 10_000;
const SAVED = 20_000;

/** The same for both, {@link PAGE} at a time, which is the most that MailDev gives: theirs counts from the newest on, ours names the message before. */
function lists(maker: MessageMaker): { name: string; theirs: string; ask: Question['ask'] }[] {
  const word = maker.languages['en']?.vocabulary[1500] as string;
  return [
    { name: 'the first page', theirs: '', ask: { limit: PAGE } },
    { name: 'a page in the middle', theirs: `&skip=${LISTED / 2}`, ask: { limit: PAGE, before: LISTED / 2 + 1 } },
    { name: 'a search for a word', theirs: `&search=${word}`, ask: { limit: PAGE, search: `${word} ` } },
  ];
}

/** @returns milliseconds of each list */
async function listTheirs(maker: MessageMaker, rounds: number): Promise<number[]> {
  const server = await startServer(mailDevInbox.name, mailDevInbox.command(LISTED));
  try {
    const times: number[] = [];
    for (const { theirs } of lists(maker)) {
      const each: number[] = [];
      for (let round = 0; round <= ASKS * rounds; round++) {
        const begun = performance.now();
        const answer = await fetch(`http://127.0.0.1:${server.port}/api/email/summary?limit=${PAGE}${theirs}`);
        const { items } = (await answer.json()) as { items: unknown[] };
        if (items.length === 0) throw new Error('MailDev found nothing');
        // The first one does not count.
        if (round > 0) each.push(performance.now() - begun);
      }
      times.push(median(each));
    }
    return times;
  } finally {
    await server.stop();
  }
}

/** @returns milliseconds of each list, in the app's window */
async function listOurs(maker: MessageMaker, rounds: number): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-bench-'));
  try {
    fill(join(folder, 'mailbox.sqlite'), maker, LISTED);
    const asked = lists(maker).map(({ name, ask }): Question => ({ kind: 'page', name, ask }));
    return (await measureWindow(folder, asked, [], rounds)).times;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/**
 * @param prepare is not timed
 * @param save is given what is to share a commit
 * @returns milliseconds for all of them
 */
async function timeSaves<T>(
  maker: MessageMaker,
  prepare: (message: MadeMessage, number: number) => T,
  save: (prepared: readonly T[]) => void | Promise<void>,
): Promise<number> {
  let time = 0;
  for (let first = 1; first <= SAVED; first += BATCH) {
    const count = Math.min(BATCH, SAVED + 1 - first);
    const prepared = Array.from({ length: count }, (_, index) => prepare(maker.make(first + index), first + index));
    const begun = performance.now();
    await save(prepared);
    time += performance.now() - begun;
  }
  return time;
}

async function saveTheirs(maker: MessageMaker): Promise<number> {
  const storage = await maildevStorage();
  return timeSaves(
    maker,
    (message, number) => maildevEmail(number, message),
    async (emails) => {
      for (const email of emails) await storage.save(email);
    },
  );
}

/** Up to what a delivery waits for: committed, not yet indexed. @param file a path, or `:memory:` */
async function saveOurs(maker: MessageMaker, file: string): Promise<number> {
  const store = new MailStore(file);
  const time = await timeSaves(
    maker,
    (message) => message,
    (messages) => {
      for (const message of messages) keep(store, message);
      store.commit();
    },
  );
  store.close();
  return time;
}

async function saveOnDisk(maker: MessageMaker): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-bench-'));
  try {
    return await saveOurs(maker, join(folder, 'mailbox.sqlite'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function maildev(rounds: number): Promise<string> {
  const maker = new MessageMaker();
  say(`Lists of ${LISTED.toLocaleString('en')} messages …`);
  const theirs = await listTheirs(maker, rounds);
  const ours = await listOurs(maker, rounds);
  const saves: { theirs: number; memory: number; disk: number }[] = [];
  for (let round = 1; round <= rounds; round++) {
    say(`Saves, round ${round} of ${rounds} …`);
    saves.push({
      theirs: await saveTheirs(maker),
      memory: await saveOurs(maker, ':memory:'),
      disk: await saveOnDisk(maker),
    });
  }
  const row = (name: string, their: number, our: number): string[] => [
    name,
    formatTime(their),
    formatTime(our),
    formatRatio(their / our),
  ];
  const saved = (of: 'memory' | 'disk'): [number, number] => [
    median(saves.map((round) => round.theirs)),
    median(saves.map((round) => round[of])),
  ];
  return markdownTable(
    ['milliseconds', mailDev.name, 'Mailmitt', 'times as fast'],
    [
      ...lists(maker).map(({ name }, index) =>
        row(
          `${name} of ${LISTED.toLocaleString('en')}, until the client has it`,
          theirs[index] as number,
          ours[index] as number,
        ),
      ),
      row(`${SAVED.toLocaleString('en')} saves in memory; there parsed already, here compressed`, ...saved('memory')),
      row('the same, here committed to disk', ...saved('disk')),
    ],
  );
}
