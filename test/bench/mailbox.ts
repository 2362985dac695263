/** Pages, searches and counts over mailboxes of several sizes, in the store itself: milliseconds of the mailbox's thread. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Envelope, MessageFilter } from '../../main/mailbox/message.ts';
import { MailStore } from '../../main/mailbox/store.ts';
import { say } from '../../scripts/run/messages.mjs';
import { type Target, below, formatTime, markdownTable, median } from './report.ts';

const PAGE = 200;
/** Messages that share a commit, as they do under load. */
const BATCH = 64;
/** Different words, of which some are in nearly every message and most in very few. */
const VOCABULARY = 40_000;

/** The same messages each time. */
class Writer {
  #seed = 7;
  readonly #syllables = 'ba de ki lo mu na re si to zu fe gi ho ja ka li mo nu pa ri so tu ve wi xo yu'.split(' ');
  readonly vocabulary = Array.from({ length: VOCABULARY }, () =>
    Array.from({ length: 2 + Math.floor(this.#random() * 3) }, () => this.#pick(this.#syllables)).join(''),
  );

  #random(): number {
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return this.#seed / 0x7fffffff;
  }

  #pick(of: readonly string[], skew = 1): string {
    return of[Math.floor(of.length * this.#random() ** skew)] as string;
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.#pick(this.vocabulary, 3)).join(' ');
  }

  address(): string {
    return `${this.words(1)}@${this.words(1)}.test`;
  }
}

const style = 'p { margin: 0; padding: 0; color: #333; font: 13px sans-serif }\n'.repeat(60);

/** Puts one message of some 8 KB, mostly HTML, into the store, and what the parser reads of it. @returns its octets */
function put(store: MailStore, writer: Writer, number: number): number {
  const [body, subject, from, to] = [writer.words(180), writer.words(6), writer.address(), writer.address()];
  const hasAttachment = number % 20 === 0;
  const bytes = Buffer.from(
    `Subject: ${subject}\r\nFrom: <${from}>\r\nTo: <${to}>\r\nContent-Type: text/html\r\n\r\n` +
      `<html><head><style>${style}</style></head><body><p>${body.replaceAll(' ', '</p>\r\n<p>')}</p></body></html>\r\n`,
  );
  const envelope: Envelope = {
    ...{ reversePath: from, parameters: {}, forwardPaths: [to], forwardPathParameters: [{}] },
    ...{ remoteAddress: '127.0.0.1', clientName: 'bench.test', protocol: 'ESMTP', tls: null },
    user: number % 10 === 0 ? `app-${number % 7}` : null,
  };
  const contentId = store.content.newId();
  const record = { transcript: '1790000000000 S 250 2.1.0 Sender OK\n'.repeat(12), notes: [] };
  const id = store.insert({ contentId, rest: bytes, receivedAt: number * 1000, size: bytes.length, envelope, record });
  const people = { from, to, cc: '' };
  const headers = [
    { name: 'X-Mailer', value: writer.words(1) },
    { name: 'Message-ID', value: `<${number}@bench.test>` },
  ];
  const digest = {
    ...{ subject, from: { name: '', address: from }, to: [{ name: '', address: to }], snippet: body.slice(0, 200) },
    attachmentCount: Number(hasAttachment),
  };
  const attachment = hasAttachment ? 'offer.pdf' : '';
  store.saveParsed([{ id, digest, text: { subject, ...people, body, attachment, headers } }]);
  return bytes.length;
}

/** What is asked, and how long it may take: milliseconds. */
function questions(
  words: readonly string[],
  count: number,
): [name: string, filter: Partial<MessageFilter> & { before?: number }, target: Target][] {
  const [common, next, rare] = [words[0], words[1], words[VOCABULARY - 100]] as string[];
  const page = below(5);
  const search = below(20);
  const typed = below(100);
  return [
    ['the first page', {}, page],
    ['a page in the middle', { before: count / 2 }, page],
    ['a page of one mailbox', { mailbox: 3 }, page],
    ['a common word', { search: `${common} ` }, search],
    ['a rare word', { search: `${rare} ` }, search],
    ['two words', { search: `${common} ${next} ` }, search],
    ['a phrase', { search: `"${common} ${next}"` }, search],
    ['a word in the subject', { search: `subject:${next} ` }, search],
    ['three letters, as they are typed', { search: common?.slice(0, 3) ?? '' }, typed],
    ['a word left out', { search: `-${next} ` }, search],
    ['is:unread and a word', { search: `is:unread ${common} ` }, search],
    ['is:starred and a word', { search: `is:starred ${common} ` }, search],
    ['has:attachment', { search: 'has:attachment' }, search],
    ['one mailbox and a word', { mailbox: 3, search: `${common} ` }, search],
    ['a header field', { search: `header:x-mailer=${common}` }, search],
    ['larger than any', { search: 'larger:1m' }, search],
    ['before any', { search: 'before:1969-01-01' }, search],
  ];
}

/** @returns milliseconds of each question */
function ask(store: MailStore, writer: Writer, count: number, rounds: number): number[] {
  return questions(writer.vocabulary, count).map(([, { before, ...filter }]) => {
    const times: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const begun = performance.now();
      const { error } = store.list({ mailbox: null, search: '', ...filter }, before, PAGE);
      if (error !== null) throw new Error(error.message);
      // The first one does not count.
      if (round > 0) times.push(performance.now() - begun);
    }
    return median(times);
  });
}

function measure(count: number, rounds: number): { times: number[]; counts: number; size: number } {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-bench-'));
  try {
    const file = join(folder, 'mailbox.sqlite');
    const writer = new Writer();
    const store = new MailStore(file);
    let octets = 0;
    for (let number = 1; number <= count; number++) {
      octets += put(store, writer, number);
      if (number % BATCH === 0) store.commit();
    }
    store.setUnread(
      Array.from({ length: count / 2 }, (_, index) => 2 * index + 1),
      false,
    );
    store.setStarred([1, count / 2, count], true);
    store.commit();
    const times = ask(store, writer, count, rounds);
    const begun = performance.now();
    store.counts();
    const counts = performance.now() - begun;
    store.close();
    return { times, counts, size: statSync(file).size / octets };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param sizes messages, even numbers */
const over =
  (...sizes: number[]) =>
  (rounds: number): Promise<string> => {
    const writer = new Writer();
    const results = sizes.map((size) => {
      say(`A mailbox of ${size.toLocaleString('en')} messages …`);
      return measure(size, rounds);
    });
    const row = (name: string, target: Target, of: (result: (typeof results)[number]) => number): string[] => [
      name,
      ...results.map((result) => formatTime(of(result), target)),
    ];
    const rows = [
      ...questions(writer.vocabulary, 2).map(([name, , target], index) =>
        row(name, target, ({ times }) => times[index] as number),
      ),
      row('the unread counts', below(1), ({ counts }) => counts),
      ['size of the file, times that of the messages', ...results.map(({ size }) => size.toFixed(2))],
    ];
    const head = ['milliseconds', ...sizes.map((size) => `of ${size.toLocaleString('en')} messages`)];
    return Promise.resolve(markdownTable(head, rows));
  };

export const mailbox = over(1000, 100_000);
/** Takes ten minutes and some gigabytes. */
export const million = over(1000, 1_000_000);
