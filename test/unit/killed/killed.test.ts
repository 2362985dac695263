import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFailed, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { Ledger } from './ledger.ts';
import { look } from './look.ts';
import { writeOlderDatabase } from './older.ts';
import { Random } from './random.ts';
import { Senders } from './senders.ts';
import { type Part, ServerProcess } from './server-process.ts';
import { User } from './user.ts';

const kills = Number(process.env['MAILMITT_KILLS'] ?? 8);
const timeout = 20_000 + kills * 5000;
const seed = process.env['MAILMITT_KILLS_SEED'] ?? String(randomInt(2 ** 32));

/** Fractions of milliseconds and the machine's own pace are in no seed: the same choices, not quite the same moments. */
const tellSeed = (): void =>
  onTestFailed(() => console.error(`The same choices again: MAILMITT_KILLS=${kills} MAILMITT_KILLS_SEED=${seed}`));

/** When to kill. What it begins with is at a moment of the server's choosing; time takes the kill anywhere behind it. */
interface Moment {
  /** So many messages are accepted first, at most. */
  deliveries: number;
  /** Then this begins, of which there is too little for a kill to come amid it by chance. */
  amid: 'deletion' | 'indexing' | null;
  /** Then so many pass, at most. */
  milliseconds: number;
}

const starting: Moment = { deliveries: 0, amid: null, milliseconds: 500 };
const receiving: Moment = { deliveries: 100, amid: null, milliseconds: 20 };
const deleting: Moment = { deliveries: 100, amid: 'deletion', milliseconds: 20 };
const indexing: Moment = { deliveries: 20, amid: 'indexing', milliseconds: 20 };
const reading: Moment = { deliveries: 20, amid: null, milliseconds: 500 };

const moments: Record<Part, readonly Moment[]> = {
  app: [starting, receiving, deleting, indexing],
  mailbox: [starting, receiving, deleting, indexing],
  mime: [reading],
};

test.each<[string, Part, number]>([
  ['the app', 'app', kills],
  ['the mailbox’s thread', 'mailbox', Math.ceil(kills / 2)],
  ['the parser’s thread', 'mime', Math.ceil(kills / 4)],
])('%s, killed at random moments under load, costs nothing that got 250', { timeout }, async (_title, part, rounds) => {
  tellSeed();
  const begun = performance.now();
  const folder = temporaryFolder();
  const ledger = new Ledger();
  let killed = 0;
  for (let round = 1; round <= rounds; round++) {
    const random = (...who: (string | number)[]): Random => new Random(seed, part, round, ...who);
    const server = new ServerProcess(folder);
    const senders = new Senders(server, ledger, String(round));
    const user = new User(server, ledger, random('user'));
    const strike = async (): Promise<void> => {
      const choose = random('moment');
      const { deliveries, amid, milliseconds } = choose.pick(moments[part]) as Moment;
      if (deliveries > 0) await senders.deliver(choose.integer(1, deliveries));
      if (amid === 'deletion') await user.deletes();
      if (amid === 'indexing') await server.saves();
      await setTimeout(choose.integer(0, milliseconds));
      if (await server.strike(part)) killed++;
      if (part !== 'mime') return;
      // It costs the one message that was being read; mail still comes in, and the others are read.
      await senders.deliver(10);
      senders.stop();
      user.stop();
    };
    await Promise.all([senders.run((sender) => random('sender', sender)), user.run(), strike()]);
    if (part === 'mime') await server.everythingIsRead();
    await server.strike('app');

    const { messages, lastId, givenUp } = look(folder);
    ledger.settle(messages);
    expect(lastId).toBeGreaterThanOrEqual(ledger.lastId);
    expect(givenUp).toBeLessThanOrEqual(part === 'mime' ? killed : 0);
  }
  if (process.env['MAILMITT_KILLS'] !== undefined) {
    const seconds = Math.round((performance.now() - begun) / 1000);
    console.log(`${part}: killed ${killed} times, ${ledger.acknowledged} messages got 250, ${seconds} s, seed ${seed}`);
  }
});

test('killed while it brings an older database to the newest version, it loses nothing', { timeout }, async () => {
  tellSeed();
  const older = join(temporaryFolder(), 'mailbox.sqlite');
  const messages = writeOlderDatabase(older);
  for (let round = 1; round <= Math.ceil(kills / 4); round++) {
    const folder = temporaryFolder();
    copyFileSync(older, join(folder, 'mailbox.sqlite'));
    const watcher = watch(folder);
    const server = new ServerProcess(folder);
    // It begins with a write-ahead log beside the file.
    await once(watcher, 'change');
    watcher.close();
    await setTimeout(new Random(seed, 'older', round).integer(0, 200));
    await server.strike('app');
    expect(look(folder).messages).toEqual(messages);
  }
});
