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
import { ASKS, type Question, questions } from './questions.ts';
import { type Target, atMost, below, formatRatio, formatTime, markdownTable, median } from './report.ts';
import { type TotalTimes, type WindowMeasured, measureWindow } from './window.ts';

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

/** What is counted: a word that is everywhere, and the same while it is typed. */
const totals = (maker: MessageMaker): { name: string; kind: Question['kind']; search: string }[] => {
  const common = maker.languages['en']?.vocabulary[0] as string;
  return [
    { name: 'a common word', kind: 'search', search: `${common} ` },
    { name: 'three letters', kind: 'typed', search: common },
  ];
};

async function measure(maker: MessageMaker, count: number, rounds: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-bench-'));
  try {
    say(`A mailbox of ${count.toLocaleString('en')} messages …`);
    const file = join(folder, 'mailbox.sqlite');
    const octets = fill(file, maker, count);
    const size = statSync(file).size / octets;
    const asked = questions(maker, count);
    const store = measureStore(file, asked, ASKS * rounds);
    const searches = totals(maker).map(({ search }) => search);
    return { ...store, size, window: await measureWindow(folder, asked, searches, rounds) };
  } finally {
    // Electron's helpers may outlive it for a moment, and write.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** @param counts messages of the mailboxes that were measured */
function report(
  maker: MessageMaker,
  counts: readonly [number, number],
  results: readonly [Measured, Measured],
): string {
  const [less, more] = results;
  const row = (name: string, of: (result: Measured) => number, target?: Target, ratio?: Target): string[] => [
    name,
    ...results.map((result) => formatTime(of(result), target)),
    formatRatio(of(more) / of(less), ratio),
  ];
  const answers = (times: (result: Measured) => number[], targets: Record<Question['kind'], Target>): string[][] =>
    questions(maker, 2).map(({ kind, name }, index) =>
      row(name, (result) => times(result)[index] as number, targets[kind], kind === 'page' ? growth : undefined),
    );
  const counting = totals(maker).flatMap(({ name, kind }, index) => {
    const timesOf = ({ window }: Measured): TotalTimes => window.totals[index] as TotalTimes;
    return [
      row(`${name}, while its total is counted`, (result) => timesOf(result).page, inWindow[kind]),
      row(`the total of ${name}`, (result) => timesOf(result).total),
    ];
  });
  const size = 'size of the file, times that of the messages';
  const other = [
    [size, ...results.map((result) => formatRatio(result.size, atMost(0.6))), ''],
    row('seconds until the list is there after a start', ({ window }) => window.opened),
    row('megabytes of memory, all processes', ({ window }) => window.memory),
    ['megabytes more', '', formatTime(more.window.memory - less.window.memory, below(150)), ''],
  ];
  const table = (what: string, rows: string[][]): string =>
    markdownTable([what, ...counts.map((count) => `of ${count.toLocaleString('en')} messages`), 'times'], rows);
  return [
    table('milliseconds, in the store', [
      ...answers(({ times }) => times, inStore),
      row('the unread counts', (result) => result.counts, below(1)),
    ]),
    table('milliseconds until the window has it', [...answers(({ window }) => window.times, inWindow), ...counting]),
    table('the mailbox', other),
  ].join('\n\n');
}

/** @param few messages, an even number; so is `many` */
const over =
  (few: number, many: number) =>
  async (rounds: number): Promise<string> => {
    const maker = new MessageMaker();
    const results = [await measure(maker, few, rounds), await measure(maker, many, rounds)] as const;
    return report(maker, [few, many], results);
  };

export const mailbox = over(1000, 100_000);
/** Takes half an hour and some fifteen gigabytes. */
export const million = over(1000, 1_000_000);
