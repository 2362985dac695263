/** The bench, run by scripts/bench.mjs in Electron's own Node: its parts, one after the other. */
import { availableParallelism, cpus, release, type } from 'node:os';
import { parseArgs } from 'node:util';
import { Problem } from '../../scripts/run/messages.mjs';
import { main } from '../../scripts/run/process.mjs';
import { data } from './data.ts';
import { indexing } from './indexing.ts';
import { mailbox, million } from './mailbox.ts';
import { maildev } from './maildev.ts';
import { rules } from './rules.ts';
import { smtp } from './smtp.ts';
import { transfer } from './transfer.ts';

/** @param rounds how often everything that takes turns has its turn @returns the results as Markdown */
export type Part = (rounds: number) => Promise<string>;

/** What runs only where it is named, as it takes long. */
const onRequest: ReadonlySet<string> = new Set(['million']);

/** In the order in which they run. */
const parts: Readonly<Record<string, Part>> = { smtp, data, rules, indexing, maildev, transfer, mailbox, million };

function choose(): { chosen: Part[]; rounds: number } {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '5' } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Problem(`--rounds ${values.rounds} is no number of rounds.`, 'Give a whole number from 1 on.');
  }
  const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) {
    throw new Problem(`The bench has no part ${unknown}.`, `The parts are ${Object.keys(parts).join(', ')}.`);
  }
  const isChosen = (name: string): boolean =>
    positionals.includes(name) || (positionals.length === 0 && !onRequest.has(name));
  const chosen = Object.entries(parts).flatMap(([name, part]) => (isChosen(name) ? [part] : []));
  return { chosen, rounds };
}

function heading(rounds: number): string {
  const { node, electron } = process.versions as { node: string; electron?: string };
  return [
    new Date().toISOString().slice(0, 10),
    `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${availableParallelism()} cores`,
    `${type()} ${release()}`,
    `Node ${node}${electron === undefined ? '' : ` of Electron ${electron}`}`,
    `median of ${rounds} rounds`,
  ].join('; ');
}

await main(async () => {
  const { chosen, rounds } = choose();
  console.log(`${heading(rounds)}\n`);
  for (const part of chosen) console.log(`${await part(rounds)}\n`);
  return 0;
});
