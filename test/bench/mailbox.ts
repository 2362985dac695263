/**
 * Mailboxes of several sizes: milliseconds of pages, searches and counts in the store itself, which are those of the
 * mailbox's thread, and until the window has them; memory; and the size of the file.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MailStore } from '../../main/mailbox/store.ts';
import { say } from '../../scripts/run/messages.mjs';
import { fill } from './fill.ts';
import { MessageMaker } from './messages.ts';
import { type Question, questions } from './questions.ts';
import { type Target, atMost, below, formatRatio, formatTime, markdownTable, median } from './report.ts';
import { type WindowMeasured, measureWindow } from './window.ts';

/** How often everything is asked, to one round: mostly it takes less than a millisecond. */
const ASKS = 4;

const inStore: Record<Question['kind'], Target> = { page: below(5), search: below(20), typed: below(100) };
const inWindow: Record<Question['kind'], Target> = { page: below(20), search: below(20), typed: below(100) };
/** A page of the many against a page of the few. */
const growth = atMost(2);

interface Measured {
  /** Milliseconds of each question. */
  times: number[];
  /** Milliseconds of the counts. */
  counts: number;
  /** Of the file, times that of the messages. */
  size: number;
  window: WindowMeasured;
}

function timesOf(act: () => void, asks: number): number[] {
  // The first one does not count.
  act();
  return Array.from({ length: asks }, () => {
    const begun = performance.now();
    act();
    return performance.now() - begun;
  });
}

function measureStore(file: string, asked: readonly Question[], asks: number): Pick<Measured, 'times' | 'counts'> {
  const store = new MailStore(file);
  const times = asked.map(({ ask: { mailbox = null, search = '', before, limit } }) => {
    const ask = (): void => {
      const { error } = store.list({ mailbox, search }, before, limit);
      if (error !== null) throw new Error(error.message);
    };
    return median(timesOf(ask, asks));
  });
  const counts = median(timesOf(() => store.counts(), asks));
  store.close();
  return { times, counts };
}

async function measure(maker: MessageMaker, count: number, rounds: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-bench-'));
  try {
    say(`A mailbox of ${count.toLocaleString('en')} messages …`);
    const file = join(folder, 'mailbox.sqlite');
    const octets = fill(file, maker, count);
    const size = statSync(file).size / octets;
    const asked = questions(maker, count);
    const store = measureStore(file, asked, ASKS * rounds);
    return { ...store, size, window: await measureWindow(folder, asked, ASKS * rounds) };
  } finally {
    // Electron's helpers may outlive it for a moment, and write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** @param few messages, an even number; so is `many` */
const over =
  (few: number, many: number) =>
  async (rounds: number): Promise<string> => {
    const maker = new MessageMaker();
    const results = [await measure(maker, few, rounds), await measure(maker, many, rounds)] as const;
    const [less, more] = results;
    const row = (name: string, of: (result: Measured) => number, target?: Target, ratio?: Target): string[] => [
      name,
      ...results.map((result) => formatTime(of(result), target)),
      formatRatio(of(more) / of(less), ratio),
    ];
    const rows = (of: (result: Measured) => number[], targets: Record<Question['kind'], Target>): string[][] =>
      questions(maker, few).map(({ kind, name }, index) =>
        row(name, (result) => of(result)[index] as number, targets[kind], kind === 'page' ? growth : undefined),
      );
    const head = (what: string): string[] => [
      what,
      ...[few, many].map((count) => `of ${count.toLocaleString('en')} messages`),
      'times',
    ];
    const inTheStore = [
      ...rows(({ times }) => times, inStore),
      row('the unread counts', ({ counts }) => counts, below(1)),
    ];
    const grown = more.window.memory - less.window.memory;
    const other = [
      [
        'size of the file, times that of the messages',
        ...results.map(({ size }) => formatRatio(size, atMost(0.6))),
        '',
      ],
      row('seconds until the list is there after a start', ({ window }) => window.opened),
      row('megabytes of memory, all processes', ({ window }) => window.memory),
      ['megabytes more', '', formatTime(grown, below(150)), ''],
    ];
    return [
      markdownTable(head('milliseconds, in the store'), inTheStore),
      markdownTable(
        head('milliseconds until the window has it'),
        rows(({ window }) => window.times, inWindow),
      ),
      markdownTable(head('the mailbox'), other),
    ].join('\n\n');
  };

export const mailbox = over(1000, 100_000);
/** Takes a quarter of an hour and some ten gigabytes. */
export const million = over(1000, 1_000_000);
