/** What reading and indexing cost those who deliver: this server with and without, in turns, with the same client. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Problem, say } from '../../scripts/run/messages.mjs';
import { run, stopIfInterrupted } from '../../scripts/run/process.mjs';
import { MessageMaker } from './messages.ts';
import { needed } from './programs.ts';
import { atLeast, formatRatio, formatTime, markdownTable, median, medianRatio } from './report.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { committed, indexed } from './servers.ts';
import { unindexedMessages } from './servers/database.ts';

const SESSIONS = 10;
/** Messages of a session, over one connection. */
const MESSAGES = 400;
/** Milliseconds from one look at the index to the next. */
const LOOK = 50;

/** smtp-source sends one message over and over, so each session has one of its own. @returns messages a second */
async function send(server: ServerProcess, files: readonly string[]): Promise<number> {
  const begun = performance.now();
  const exitCodes = await Promise.all(
    files.map((file) =>
      run(needed('smtp-source', 'postfix'), [
        ...['-d', '-s', '1', '-m', String(MESSAGES), '-F', file],
        ...['-M', 'client.example', '-f', 'sender@client.example', '-t', 'recipient@server.example'],
        `127.0.0.1:${server.port}`,
      ]),
    ),
  );
  const seconds = (performance.now() - begun) / 1000;
  stopIfInterrupted();
  if (exitCodes.some((code) => code !== 0)) {
    throw new Problem('Not every message was taken.', 'What smtp-source said stands above.');
  }
  return (files.length * MESSAGES) / seconds;
}

/** @returns seconds until the index has every message that was committed */
async function catchUp({ folder }: ServerProcess): Promise<number> {
  const begun = performance.now();
  while (unindexedMessages(folder) > 0) {
    await setTimeout(LOOK);
    stopIfInterrupted();
  }
  return (performance.now() - begun) / 1000;
}

export async function indexing(rounds: number): Promise<string> {
  const maker = new MessageMaker();
  const folder = mkdtempSync(join(tmpdir(), 'mailmitt-bench-'));
  const servers: ServerProcess[] = [];
  try {
    for (const { name, command } of [committed, indexed]) servers.push(await startServer(name, command));
    const [without, beside] = servers as [ServerProcess, ServerProcess];
    const rates: { without: number[]; beside: number[] } = { without: [], beside: [] };
    const delays: number[] = [];
    // The first round does not count.
    for (let round = 0; round <= rounds; round++) {
      const files = Array.from({ length: SESSIONS }, (_, session) => {
        const file = join(folder, `${session}.eml`);
        const octets = maker.make(1 + round * SESSIONS + session).bytes.toString('latin1');
        // It reads lines, and ends them itself, the last one too.
        writeFileSync(file, octets.replace(/\r\n$/, '').replaceAll('\r\n', '\n'), 'latin1');
        return file;
      });
      const rate = { without: await send(without, files), beside: await send(beside, files) };
      const delay = await catchUp(beside);
      say(
        `${rate.without.toFixed(0)} messages/s, ${rate.beside.toFixed(0)} while they are indexed, ` +
          `${delay.toFixed(1)} s until they all are`,
      );
      if (round === 0) continue;
      rates.without.push(rate.without);
      rates.beside.push(rate.beside);
      delays.push(delay);
    }
    return markdownTable(
      ['deliveries of mail with a median of 8 KB', 'while they are indexed'],
      [
        [
          'messages a second, times those without an index',
          formatRatio(medianRatio(rates.beside, rates.without), atLeast(0.5)),
        ],
        [`seconds until the index has the last of ${SESSIONS * MESSAGES}`, formatTime(median(delays))],
      ],
    );
  } finally {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
