/** Mail in and out, each on a thread of its own, into and out of a mailbox of its own: messages a second. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mailbox } from '../../main/mailbox/mailbox.ts';
import { Transfers } from '../../main/transfer/transfers.ts';
import { say } from '../../scripts/run/messages.mjs';
import { type Target, atLeast, formatRatio, markdownTable, median } from './report.ts';

const COUNT = 1000;
/** A thousand messages are to take no more than some seconds, the beginning of the thread with them. */
const target: Target = atLeast(500);

const message = (number: number): string =>
  `From: shop@bench.test\nTo: maria@bench.test\nSubject: Order ${number}\nMessage-ID: <${number}@bench.test>\n\n` +
  'Thank you for your order. It is on its way.\n'.repeat(90);

interface Times {
  name: string;
  /** Messages a second, of each round. */
  rates: number[];
}

/** @returns the results as Markdown */
export async function transfer(rounds: number): Promise<string> {
  const results: Times[] = ['import an mbox', 'import .eml files', 'export as mbox', 'export as zip'].map((name) => ({
    ...{ name, rates: [] },
  }));
  for (let round = 1; round <= rounds; round++) {
    say(`Import and export, round ${round} of ${rounds} …`);
    const rates = await measure();
    for (const [index, rate] of rates.entries()) results[index]?.rates.push(rate);
  }
  const rows = results.map(({ name, rates }) => [name, formatRatio(median(rates), target)]);
  return markdownTable([`${COUNT.toLocaleString('en')} messages of 4 KB`, 'messages a second'], rows);
}

async function measure(): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-bench-'));
  const worker = (path: string): URL => new URL(`../../main/${path}`, import.meta.url);
  const mailbox = new Mailbox(worker('mailbox/worker.ts'), join(folder, 'mailbox.sqlite'));
  const transfers = new Transfers({
    ...{ worker: worker('transfer-worker.ts'), openMailbox: () => mailbox.openPort(), hostName: () => 'bench.test' },
  });
  try {
    await mailbox.opened();
    const numbers = Array.from({ length: COUNT }, (_, index) => index + 1);
    const files = numbers.map((number) => join(folder, `${number}.eml`));
    for (const [index, path] of files.entries()) writeFileSync(path, message(index + 1));
    const mbox = join(folder, 'mbox');
    writeFileSync(mbox, numbers.map((number) => `From x\n${message(number)}\n`).join(''));
    const chosen = { mailbox: 1, search: '', through: COUNT };
    return [
      await rateOf(transfers, () => transfers.import([mbox], 1)),
      await rateOf(transfers, () => transfers.import(files, 1)),
      await rateOf(transfers, () => transfers.export(chosen, 'mbox', join(folder, 'out.mbox'), '')),
      await rateOf(transfers, () => transfers.export(chosen, 'zip', join(folder, 'out.zip'), '')),
    ];
  } finally {
    await transfers.close();
    await mailbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rateOf(transfers: Transfers, run: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await run();
  const seconds = (performance.now() - begun) / 1000;
  const last = transfers.list.at(-1);
  if (last?.state !== 'done' || last.messages !== COUNT) throw new Error(`not done: ${JSON.stringify(last)}`);
  return COUNT / seconds;
}
