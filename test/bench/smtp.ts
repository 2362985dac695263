/** SMTP servers side by side: each in turn has the same client on the same machine. */
import { Problem, say } from '../../scripts/run/messages.mjs';
import { run, stopIfInterrupted } from '../../scripts/run/process.mjs';
import { needed } from './programs.ts';
import { type Target, atLeast, formatRatio, markdownTable, median, medianRatio, moreThan } from './report.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import * as all from './servers.ts';
import type { Connections, Missing, Server } from './servers.ts';

const SESSIONS = 10;
/** Octets. */
const MESSAGE_SIZE = 4096;

const ways = ['reused', 'new'] as const satisfies Connections[];

/** A server that runs, and what is known of it. */
interface Contestant {
  server: Server;
  process: ServerProcess;
  /** Messages that it was sent so far. */
  sent: number;
  /** Messages a second, by round. */
  rates: Record<Connections, number[]>;
}

/** Sends one server the messages of a run. @returns messages a second */
async function send(contestant: Contestant, connections: Connections): Promise<number> {
  const { server, process } = contestant;
  const messages = server.messages[connections];
  const begun = performance.now();
  // It ends with an error unless every message is answered as it should be.
  const exitCode = await run(needed('smtp-source', 'postfix'), [
    ...(connections === 'reused' ? ['-d'] : []),
    ...['-s', String(SESSIONS), '-l', String(MESSAGE_SIZE), '-m', String(messages)],
    ...['-M', 'client.example', '-f', 'sender@client.example', '-t', 'recipient@server.example'],
    `127.0.0.1:${process.port}`,
  ]);
  const seconds = (performance.now() - begun) / 1000;
  stopIfInterrupted();
  if (exitCode !== 0) {
    throw new Problem(`${server.name} did not take every message.`, 'What smtp-source said stands above.');
  }
  contestant.sent += messages;
  const kept = server.kept?.(process.folder) ?? contestant.sent;
  if (kept !== contestant.sent) {
    throw new Error(`${server.name} kept ${kept} messages of ${contestant.sent} that it said it had.`);
  }
  return messages / seconds;
}

/** Everyone has its turn in every round, after a run of each that does not count. */
async function race(contestants: readonly Contestant[], rounds: number): Promise<void> {
  for (const connections of ways) {
    for (const contestant of contestants) await send(contestant, connections);
    for (let round = 1; round <= rounds; round++) {
      say(`Connections ${connections}, round ${round} of ${rounds} …`);
      for (const contestant of contestants) contestant.rates[connections].push(await send(contestant, connections));
    }
  }
}

/** Starts the servers, lets them have their turns, and stops them whatever happens. */
async function measure(servers: readonly Server[], rounds: number): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  try {
    for (const server of servers) {
      const process = await startServer(server.name, server.command);
      contestants.push({ server, process, sent: 0, rates: { reused: [], new: [] } });
    }
    await race(contestants, rounds);
    return contestants;
  } finally {
    for (const { process } of contestants) await process.stop();
  }
}

/** What a server is to be compared with, and what the ratios are to reach there. */
interface Comparison {
  peer: Server | Missing;
  targets?: Partial<Record<'storage off' | 'committed', Record<Connections, Target>>>;
}

async function comparisons(): Promise<Comparison[]> {
  return [
    { peer: all.smtpSink(), targets: { 'storage off': { reused: atLeast(0.7), new: atLeast(0.5) } } },
    { peer: all.bare },
    { peer: all.smtpServer, targets: { 'storage off': { reused: atLeast(2), new: atLeast(15) } } },
    { peer: all.tclSmtpd() },
    { peer: all.mailDev, targets: { committed: { reused: atLeast(5), new: atLeast(5) } } },
    { peer: await all.mailpit(), targets: { committed: { reused: moreThan(1), new: moreThan(1) } } },
  ];
}

const isMissing = (peer: Server | Missing): peer is Missing => 'why' in peer;

/** For orientation: they depend on the machine, and on what else it does. */
function sayRates(contestants: readonly Contestant[]): void {
  for (const { server, rates } of contestants) {
    for (const way of ways) {
      const [least, middle, most] = [Math.min(...rates[way]), median(rates[way]), Math.max(...rates[way])];
      const range = `${least.toFixed(0)} to ${most.toFixed(0)}`;
      say(`${server.name}, connections ${way}: ${middle.toFixed(0)} messages/s (${range})`);
    }
  }
}

export async function smtp(rounds: number): Promise<string> {
  const compared = await comparisons();
  const peers = compared.flatMap(({ peer }) => (isMissing(peer) ? [] : [peer]));
  const contestants = await measure([all.storageOff, all.committed, ...peers], rounds);
  sayRates(contestants);

  const ratesOf = (server: Server): Contestant['rates'] =>
    (contestants.find((contestant) => contestant.server === server) as Contestant).rates;
  const ours = { 'storage off': ratesOf(all.storageOff), committed: ratesOf(all.committed) };
  const kinds = ['storage off', 'committed'] as const;
  const rows = compared.flatMap(({ peer, targets }) => {
    if (isMissing(peer)) return [];
    const theirs = ratesOf(peer);
    const cells = kinds.flatMap((kind) =>
      ways.map((way) => formatRatio(medianRatio(ours[kind][way], theirs[way]), targets?.[kind]?.[way])),
    );
    return [[peer.name, ...cells]];
  });
  const head = kinds.flatMap((kind) => ways.map((way) => `${kind}, connections ${way}`));
  const notMeasured = compared.flatMap(({ peer }) =>
    isMissing(peer) ? [`not measured: ${peer.name} (${peer.why})`] : [],
  );
  return [markdownTable(['messages a second, times those of', ...head], rows), ...notMeasured].join('\n\n');
}
