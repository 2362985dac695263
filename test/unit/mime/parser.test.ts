import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { readFileSync, readdirSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { MessageDigest } from '../../../main/mailbox/message.ts';
import type { SourceAnswer, SourceRequest } from '../../../main/mailbox/protocol.ts';
import { Digester } from '../../../main/mime/digester.ts';
import type { Digested } from '../../../main/mime/parse.ts';
import { Parser } from '../../../main/mime/parser.ts';
import { searchedText } from '../mailbox/envelope.ts';
import { canMount, smallDisk } from '../support/disk.ts';
import { temporaryFolder } from '../support/folder.ts';
import { dyingMimeWorker, mimeWorker } from '../support/workers.ts';

interface Options {
  worker?: URL;
  /** Answers in place of the message; `never` leaves the parser waiting. */
  answer?: (request: SourceRequest) => { error: string } | 'never' | undefined;
}

/** Serves sources as the mailbox does: each by its id, from 1. `stuck` resolves when one is asked that is never answered. */
function open(
  messages: string[],
  { worker = mimeWorker, answer }: Options = {},
): { parser: Parser; stuck: Promise<MessagePort> } {
  let onStuck: (port: MessagePort) => void = () => undefined;
  const stuck = new Promise<MessagePort>((resolve) => (onStuck = resolve));
  const piece = ({ id, offset, length }: SourceRequest): SourceAnswer => {
    const message = messages[id - 1];
    if (message === undefined) return null;
    const bytes = new Uint8Array(Buffer.from(message));
    return { bytes: bytes.slice(offset, offset + length), size: bytes.length };
  };
  const openSource = (): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (request: SourceRequest) => {
      const other = answer?.(request);
      if (other === 'never') onStuck(port1);
      else port1.postMessage(other ?? piece(request));
    });
    onTestFinished(() => port1.close());
    return port2;
  };
  const parser = new Parser({ worker, openSource });
  onTestFinished(() => parser.close());
  return { parser, stuck };
}

/** Makes time stand still for whoever waits for it, but for {@link passTime}. */
function holdTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
}
const passTime = (): unknown => vi.runOnlyPendingTimers();

const message = (subject: string): string => `Subject: ${subject}\r\n\r\ntext\r\n`;

describe('messages', () => {
  test('are read on another thread', async () => {
    const { parser } = open([message('one'), message('two')]);
    const subjects = await Promise.all([1, 2].map(async (id) => (await parser.digest(id)).digest.subject));
    expect(subjects).toEqual(['one', 'two']);
    expect((await parser.read(2)).subject).toBe('two');
  });

  test('larger than a piece are read whole', async () => {
    const { parser } = open([`${message('large')}${'line of text\r\n'.repeat(200_000)}END`]);
    expect((await parser.read(1)).text).toMatch(/END$/);
  });

  test('that somebody wants to see are read before those that wait for their row', async () => {
    const { parser } = open([message('one'), message('two'), message('three'), message('wanted')]);
    const done: number[] = [];
    const digests = [1, 2, 3].map((id) => parser.digest(id).then(() => done.push(id)));
    await Promise.all([...digests, parser.read(4).then(() => done.push(4))]);
    expect(done).toEqual([1, 4, 2, 3]);
  });
});

describe('a message that cannot be read is an error, and the next one is read', () => {
  test.each<[string, Options, RegExp]>([
    ['it is gone', { answer: ({ id }) => (id === 1 ? { error: 'gone' } : undefined) }, /cannot be read: gone$/],
    ['the thread dies of it', { worker: dyingMimeWorker }, /died of the message: out of order$/],
  ])('%s', async (_title, options, reason) => {
    const { parser } = open([message('bad'), message('next')], options);
    const [bad, next] = await Promise.allSettled([parser.digest(1), parser.digest(2)]);
    expect(bad).toMatchObject({ reason: { message: expect.stringMatching(reason) as string } });
    expect(next).toMatchObject({ value: { digest: { subject: 'next' } } });
    expect((await parser.read(2)).subject).toBe('next');
  });

  test('it was deleted', async () => {
    const { parser } = open([message('next')]);
    const [deleted, next] = await Promise.allSettled([parser.digest(99), parser.digest(1)]);
    expect(deleted).toMatchObject({ reason: { message: 'The message was deleted.' } });
    expect(next).toMatchObject({ value: { digest: { subject: 'next' } } });
  });

  test('it takes too long', async () => {
    holdTime();
    const { parser, stuck } = open([message('slow'), message('next')], {
      answer: ({ id }) => (id === 1 ? 'never' : undefined),
    });
    const outcomes = Promise.allSettled([parser.digest(1), parser.digest(2)]);
    await stuck;
    passTime();
    const [slow, next] = await outcomes;
    expect(slow).toMatchObject({ reason: { message: expect.stringMatching(/took the parser more than/) as string } });
    expect(next).toMatchObject({ value: { digest: { subject: 'next' } } });
    expect((await parser.read(2)).subject).toBe('next');
  });

  test('the thread ends in the middle of it', async () => {
    const created = once(process, 'worker') as Promise<[Worker]>;
    const { parser, stuck } = open([message('bad'), message('next')], {
      answer: ({ id }) => (id === 1 ? 'never' : undefined),
    });
    const outcomes = Promise.allSettled([parser.digest(1), parser.digest(2)]);
    await stuck;
    await (await created)[0].terminate();
    const [bad, next] = await outcomes;
    expect(bad).toMatchObject({ reason: { message: 'The parser died of the message: it ended' } });
    expect(next).toMatchObject({ value: { digest: { subject: 'next' } } });
  });

  test('the mailbox is gone in the middle of it', async () => {
    const { parser, stuck } = open([message('bad')], { answer: () => 'never' });
    const bad = parser.read(1);
    (await stuck).close();
    await expect(bad).rejects.toThrow(/mailbox stopped working/);
  });
});

test('a thread that ended while it had nothing to read costs no message', async () => {
  const created = once(process, 'worker') as Promise<[Worker]>;
  const { parser } = open([message('one'), message('two')]);
  await parser.digest(1);
  await (await created)[0].terminate();
  expect((await parser.digest(2)).digest.subject).toBe('two');
});

test('closing gives up what was asked', async () => {
  const { parser, stuck } = open([message('stuck'), message('waits')], { answer: () => 'never' });
  const outcomes = Promise.allSettled([parser.read(1), parser.digest(2), parser.read(2)]);
  await stuck;
  await parser.close();
  const closed = { status: 'rejected', reason: { message: expect.stringMatching(/closed/) as string } };
  expect(await outcomes).toMatchObject([closed, closed, closed]);
  await expect(parser.digest(2)).rejects.toThrow(/closed/);
});

test('what was not read because the parser was closed is not marked as unreadable', async () => {
  const { parser, stuck } = open([message('stuck'), message('waits')], { answer: () => 'never' });
  const kept: unknown[] = [];
  const unread = {
    arrived: 0,
    unindexed: () => Promise.resolve([1, 2]),
    saveParsed: (outcomes: unknown[]) => Promise.resolve(void kept.push(...outcomes)),
  };
  const errors: Error[] = [];
  new Digester(unread, parser, (error) => errors.push(error)).wake();
  await stuck;
  await parser.close();
  await setImmediate();
  expect([kept, errors]).toEqual([[], []]);
});

describe('an attachment that is saved', () => {
  const content = randomBytes(3_000_000);
  const source = [
    'Content-Type: multipart/mixed; boundary=M',
    '',
    '--M',
    'Content-Type: application/octet-stream; name=a.bin',
    'Content-Transfer-Encoding: base64',
    '',
    content.toString('base64').replace(/.{76}/g, '$&\r\n'),
    '--M--',
    '',
  ].join('\r\n');

  /** A folder in which there is a file of that name already, and one of the user's own with a name close to it. */
  function folderWithFiles(folder = temporaryFolder()): { folder: string; path: string; old: Record<string, string> } {
    const old = { 'a.bin': 'old', 'a.bin.part': 'of the user' };
    for (const [name, text] of Object.entries(old)) writeFileSync(join(folder, name), text);
    return { folder, path: join(folder, 'a.bin'), old };
  }

  const filesIn = (folder: string): Record<string, string> =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]));

  test('replaces the file, and nothing else is there', async () => {
    const { folder, path, old } = folderWithFiles();
    await open([source]).parser.writeAttachment(1, 0, path);
    expect(readFileSync(path).equals(content)).toBe(true);
    writeFileSync(path, 'old');
    expect(filesIn(folder)).toEqual(old);
  });

  test.each<[string, number, Options, RegExp]>([
    ['it is not there', 1, {}, /no such attachment/],
    ['the thread dies', 0, { worker: dyingMimeWorker }, /died of the message/],
    [
      'the message cannot be read to its end',
      0,
      { answer: ({ offset }) => (offset > 2_000_000 ? { error: 'damaged' } : undefined) },
      /damaged/,
    ],
  ])('leaves everything as it was when %s', async (_title, index, options, reason) => {
    const { folder, path, old } = folderWithFiles();
    await expect(open([source], options).parser.writeAttachment(1, index, path)).rejects.toThrow(reason);
    expect(filesIn(folder)).toEqual(old);
  });

  test('leaves everything as it was when it takes too long', async () => {
    holdTime();
    const { folder, path, old } = folderWithFiles();
    const { parser, stuck } = open([source], { answer: ({ offset }) => (offset > 0 ? 'never' : undefined) });
    const watcher = watch(folder);
    onTestFinished(() => watcher.close());
    const begun = once(watcher, 'change');
    const saved = Promise.allSettled([parser.writeAttachment(1, 0, path)]);
    await Promise.all([begun, stuck]);
    passTime();
    expect(await saved).toMatchObject([{ reason: { message: expect.stringMatching(/more than/) as string } }]);
    expect(filesIn(folder)).toEqual(old);
  });

  test.skipIf(!canMount)('leaves everything as it was when there is no room (needs root)', async () => {
    const { folder, path, old } = folderWithFiles(smallDisk('1m'));
    await expect(open([source]).parser.writeAttachment(1, 0, path)).rejects.toThrow(/ENOSPC/);
    expect(filesIn(folder)).toEqual(old);
  });
});

describe('what waits to be read', () => {
  test('is read to the end, also what arrives meanwhile and what cannot be read', async () => {
    const { parser } = open([message('one'), message('two'), message('three')]);
    const waiting = [1, 2, 99];
    const kept: ({ id: number } & ({ digest: MessageDigest } | { error: string }))[] = [];
    const done = new Promise<void>((resolve, reject) => {
      const unread = {
        arrived: 0,
        unindexed: (limit: number) => Promise.resolve(waiting.slice(0, limit)),
        saveParsed: (outcomes: typeof kept) => {
          kept.push(...outcomes);
          waiting.splice(0, outcomes.length);
          if (kept.length === 3) {
            waiting.push(3);
            digester.wake();
          }
          if (kept.length === 4) resolve();
          return Promise.resolve();
        },
      };
      const digester = new Digester(unread, parser, reject);
      digester.wake();
    });
    await done;
    expect(kept.map((outcome) => [outcome.id, 'digest' in outcome ? outcome.digest.subject : outcome.error])).toEqual([
      [1, 'one'],
      [2, 'two'],
      [99, 'The message was deleted.'],
      [3, 'three'],
    ]);
  });

  test('is kept while a later message is still being read', async () => {
    const digest: Digested = {
      digest: { subject: 'read', from: null, to: [], snippet: '', attachmentCount: 0 },
      text: searchedText(),
    };
    const waiting = [1, 2, 3];
    const read: number[] = [];
    let finish: (digest: Digested) => void = () => undefined;
    const reader = {
      digest: (id: number) => {
        read.push(id);
        return id === 3 ? new Promise<Digested>((resolve) => (finish = resolve)) : Promise.resolve(digest);
      },
    };
    const saves = new EventEmitter<{ saved: [ids: number[]] }>();
    const unread = {
      arrived: 0,
      unindexed: () => Promise.resolve([...waiting]),
      saveParsed: (outcomes: { id: number }[]) => {
        waiting.splice(0, outcomes.length);
        saves.emit(
          'saved',
          outcomes.map(({ id }) => id),
        );
        return Promise.resolve();
      },
    };
    const error = vi.fn();
    const first = once(saves, 'saved');
    new Digester(unread, reader, error).wake();
    expect(await first).toEqual([[1, 2]]);
    const second = once(saves, 'saved');
    finish(digest);
    expect(await second).toEqual([[3]]);
    expect([read, error.mock.calls]).toEqual([[1, 2, 3], []]);
  });

  test.each([
    ['for as long as it took while very many arrive', 10, [1]],
    ['not at all while few arrive', 4, [1, 2]],
  ])('is rested from %s', async (_title, arriving, readAtOnce) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const read: number[] = [];
    const waiting = [1, 2];
    const unread = {
      arrived: 0,
      unindexed: () => Promise.resolve(waiting.slice(0, 1)),
      saveParsed: () => Promise.resolve(void waiting.shift()),
    };
    const digest: Digested = {
      digest: { subject: '', from: null, to: [], snippet: '', attachmentCount: 0 },
      text: searchedText(),
    };
    const reader = {
      digest: (id: number) => {
        read.push(id);
        unread.arrived += arriving;
        vi.advanceTimersByTime(10);
        return Promise.resolve(digest);
      },
    };
    new Digester(unread, reader, vi.fn()).wake();
    await vi.advanceTimersByTimeAsync(9);
    expect(read).toEqual(readAtOnce);
    await vi.advanceTimersByTimeAsync(1);
    expect(read).toEqual([1, 2]);
  });
});
