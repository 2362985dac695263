import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MessageDigest } from '../../../main/mailbox/message.ts';
import { Digester } from '../../../main/mime/digester.ts';
import { Parser } from '../../../main/mime/parser.ts';
import { mimeWorker } from '../support/workers.ts';

/** Serves sources as the mailbox does: each by its id, from 1. */
function open(messages: string[], timeLimit?: number): Parser {
  const serve = (port: MessagePort): void => {
    port.on('message', ({ id, offset, length }: { id: number; offset: number; length: number }) => {
      const bytes = messages[id - 1] === undefined ? null : new Uint8Array(Buffer.from(messages[id - 1] as string));
      port.postMessage(bytes === null ? null : { bytes: bytes.slice(offset, offset + length), size: bytes.length });
    });
  };
  const openSource = (): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    serve(port1);
    onTestFinished(() => port1.close());
    return port2;
  };
  const parser = new Parser({ worker: mimeWorker, openSource, ...(timeLimit === undefined ? {} : { timeLimit }) });
  onTestFinished(() => parser.close());
  return parser;
}

const message = (subject: string): string => `Subject: ${subject}\r\n\r\ntext\r\n`;

describe('messages', () => {
  test('are read on another thread', async () => {
    const parser = open([message('one'), message('two')]);
    const subjects = await Promise.all([1, 2].map(async (id) => (await parser.digest(id)).subject));
    expect(subjects).toEqual(['one', 'two']);
    expect((await parser.read(2)).subject).toBe('two');
  });

  test('that are gone are an error', async () => {
    await expect(open([]).read(1)).rejects.toThrow('The message was deleted.');
  });

  test('larger than a piece are read whole', async () => {
    const parser = open([`${message('large')}${'line of text\r\n'.repeat(200_000)}END`]);
    expect((await parser.read(1)).text).toMatch(/END$/);
  });

  // With no time at all for a message, the thread is ended in the middle of every one.
  test('that take too long are given up, and the next one is read', async () => {
    const slow = open([`${message('slow')}${'x'.repeat(20_000_000)}`, message('next')], 1);
    await expect(slow.read(1)).rejects.toThrow(/took the parser more than/);
    const next = open([message('next')]);
    expect((await next.read(1)).subject).toBe('next');
  });
});

describe('what waits to be read', () => {
  test('is read to the end, also what arrives meanwhile and what cannot be read', async () => {
    const parser = open([message('one'), message('two'), message('three')]);
    const waiting = [1, 2, 99];
    const kept: ({ id: number } & ({ digest: MessageDigest } | { error: string }))[] = [];
    const done = new Promise<void>((resolve, reject) => {
      const unread = {
        unparsed: (limit: number) => Promise.resolve(waiting.slice(0, limit)),
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
});
