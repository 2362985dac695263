import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LeavingMessage } from '../../../main/transfer/leaving.ts';
import { CanonicalLineEnds } from '../../../main/transfer/lines.ts';
import { readMbox, senderOf, writeMbox } from '../../../main/transfer/mbox.ts';
import { gather } from '../support/gather.ts';

/** The same bytes in pieces of that many. */
async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) {
    yield await Promise.resolve(bytes.subarray(start, start + size));
  }
}

const leaving = (text: string, reversePath = 'a@x.test', size = 1000): LeavingMessage => ({
  ...{ fileName: '1.eml', receivedAt: Date.UTC(2026, 10, 5, 13, 7, 9), reversePath, size: text.length },
  bytes: cut(Buffer.from(text, 'latin1'), size),
});

async function* each<T>(values: T[]): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}

const written = async (...messages: LeavingMessage[]): Promise<string> =>
  Buffer.concat(await gather(writeMbox(each(messages)))).toString('latin1');

/** What an mbox holds, as it is in the file, and with the line ends that it has on the wire. */
async function read(mbox: string, size = 1000): Promise<{ from: string; text: string; canonical: string }[]> {
  const messages: { from: string; text: string; canonical: string; ends: CanonicalLineEnds }[] = [];
  for await (const part of readMbox(cut(Buffer.from(mbox, 'latin1'), size))) {
    const message = messages.at(-1);
    if ('from' in part) messages.push({ from: part.from, text: '', canonical: '', ends: new CanonicalLineEnds() });
    else if (message !== undefined) {
      message.text += part.bytes.toString('latin1');
      message.canonical += Buffer.from(message.ends.convert(part.bytes)).toString('latin1');
    }
  }
  return messages.map(({ from, text, canonical }) => ({ from, text, canonical }));
}

const texts = async (mbox: string): Promise<string[]> => (await read(mbox)).map(({ text }) => text);

describe('what is written', () => {
  test('begins each message with a line of its own, quotes what looks like one, and ends it with an empty line', async () => {
    const mbox = await written(
      leaving('Subject: a\r\n\r\nFrom me\r\n>From you\r\n From nobody\r\nFromage\r\n'),
      leaving('Subject: b\r\n\r\nno line end', ''),
    );
    expect(mbox).toBe(
      'From a@x.test Thu Nov  5 13:07:09 2026\nSubject: a\n\n>From me\n>>From you\n From nobody\nFromage\n\n' +
        'From MAILER-DAEMON Thu Nov  5 13:07:09 2026\nSubject: b\n\nno line end\n\n',
    );
  });

  test('has no line of its own that a path could break', async () => {
    expect(await written(leaving('x\r\n', 'a\r\nFrom b@x.test'))).toMatch(/^From a\?\?From b@x\.test Thu.*\nx\n\n$/);
  });
});

describe('what is read', () => {
  test.each<[string, string, string[]]>([
    ['quoted once, twice and not', 'From a\n>From b\n>>From c\nFrom d\n>Fro\n', ['From b\n>From c\nFrom d\n>Fro\n']],
    ['with CRLF', 'From a\r\nx\r\n>From b\r\n\r\nFrom c\r\ny\r\n', ['x\r\nFrom b\r\n', 'y\r\n']],
    ['with empty lines of its own', 'From a\n\nx\n\n\n\nFrom b\n\n\ny', ['\nx\n\n\n', '\n\ny']],
    ['without anything in it', 'From a\n\nFrom b\n\n', ['', '']],
    ['not even an empty line', 'From a\nFrom b\n', ['From b\n']],
    ['without a line end', 'From a', ['']],
  ])('%s', async (_title, mbox, expected) => {
    expect(await texts(mbox)).toEqual(expected);
  });

  test('is the same in whatever pieces it comes', async () => {
    const mbox = 'From a\nx\n\n>From b\n>>>From c\r\n\nFrom d\ny\r\n\r\nFrom e\n\n\n';
    const expected = await read(mbox);
    expect(expected).toHaveLength(3);
    for (let size = 1; size < mbox.length; size++) expect(await read(mbox, size)).toEqual(expected);
  });

  test('also where a line has megabytes', async () => {
    const long = 'x'.repeat(3_000_000);
    const [first, second] = await read(`From a\n${long}\n\nFrom b\nend\n`, 65_536);
    expect([first?.text.length, second?.text]).toEqual([long.length + 1, 'end\n']);
  });
});

test.each([
  ['From a@x.test Thu Nov  5 13:07:09 2026', 'a@x.test'],
  ['From "a b"@x.test Thu Nov  5 13:07:09 2026', '"a b"@x.test'],
  ['From MAILER-DAEMON Thu Nov  5 13:07:09 2026', ''],
  ['From - Thu Nov  5 13:07:09 2026', '-'],
  ['From ', ''],
])('the sender of %j is %j', (from, sender) => {
  expect(senderOf(from)).toBe(sender);
});

describe('what was written and is read again', () => {
  const piece = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom('\r\n', '\n', '\r', 'From ', '>From ', '>', '>>From x', '\r\n\r\nFrom y\r\n'),
    },
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((octet) => String.fromCharCode(octet)), maxLength: 6 }),
  );
  const body = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  const message = body.map((text) => `Subject: x\r\n${text}`);
  /** What the format cannot tell apart, see mbox.ts. */
  const canonical = (text: string): string => {
    const lines = text.replaceAll('\r\n', '\n');
    return (lines.endsWith('\n') ? lines : `${lines}\n`).replace(/(?<!\r)\n/g, '\r\n');
  };

  test('is the same but for what the format cannot tell apart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 4 }), fc.integer({ min: 1, max: 80 }), async (all, size) => {
        const mbox = await written(...all.map((text) => leaving(text, 'a@x.test', size)));
        const again = await read(mbox, size);
        expect(again.map((one) => one.canonical)).toEqual(all.map(canonical));
      }),
      { numRuns: 1000 },
    );
  });

  test('also where lines have megabytes', async () => {
    const line = `${'>'.repeat(70_000)}From x${'\r'.repeat(70_000)}`;
    const text = `Subject: x\r\n\r\n${line}\r\n${'y'.repeat(200_000)}\r\nFrom z\r\n`;
    const [again] = await read(await written(leaving(text, 'a@x.test', 10_000)), 10_000);
    expect(again?.canonical === canonical(text)).toBe(true);
  });
});

describe('line ends of a file', () => {
  const convert = (text: string, size: number): string => {
    const ends = new CanonicalLineEnds();
    let converted = '';
    for (let start = 0; start < text.length; start += size) {
      converted += Buffer.from(ends.convert(Buffer.from(text.slice(start, start + size), 'latin1'))).toString('latin1');
    }
    return converted;
  };

  test.each([
    ['LF', 'a\n\nb\n', 'a\r\n\r\nb\r\n'],
    ['CRLF', 'a\r\n\r\nb\r\n', 'a\r\n\r\nb\r\n'],
    ['CRLF, and a bare LF further on', 'a\r\nb\nc\r\n', 'a\r\nb\nc\r\n'],
    ['LF, and CRLF further on', 'a\nb\r\nc\r\rd\n', 'a\r\nb\r\nc\r\rd\r\n'],
    ['none', 'a\rb', 'a\rb'],
  ])('%s', (_title, text, expected) => {
    for (let size = 1; size <= text.length; size++) expect(convert(text, size)).toBe(expected);
  });
});
