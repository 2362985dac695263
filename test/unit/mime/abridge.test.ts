import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { abridge } from '../../../main/mime/abridge.ts';

const KB = 1024;

async function abridged(pieces: readonly Buffer[]): Promise<string> {
  let result = '';
  for await (const piece of abridge(toAsync(pieces))) result += Buffer.from(piece).toString('latin1');
  return result;
}

// eslint-disable-next-line @typescript-eslint/require-await -- as a source is
async function* toAsync(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(Uint8Array.from(piece).buffer);
}

const lines = (length: number): string => `${'x'.repeat(76)}\r\n`.repeat(Math.ceil(length / 78)).slice(0, length);

describe('a message is shortened', () => {
  test('not at all where no stretch of it is long', async () => {
    const message = `Subject: x\r\n\r\n--a\r\n${lines(100 * KB)}\r\n--a\r\n${lines(100 * KB)}\r\n--a--\r\n`;
    expect(await abridged([Buffer.from(message)])).toBe(message);
  });

  test('to the beginning of each long stretch, with every line that may be a boundary', async () => {
    const long = lines(2000 * KB);
    const message = `Subject: x\r\n\r\n--a\r\n${long}\r\n--a\r\nContent-Type: image/png\r\n\r\n${long}\r\n--a--\r\n`;
    const result = await abridged([Buffer.from(message)]);
    expect(result.length).toBeLessThan(300 * KB);
    expect(result.match(/^--a.*$/gm)).toEqual(['--a\r', '--a\r', '--a--\r'].map((line) => line.trimEnd()));
    expect(result).toContain('\n--a\r\nContent-Type: image/png\r\n\r\nxxx');
    expect(result.startsWith(`Subject: x\r\n\r\n--a\r\n${long.slice(0, 120 * KB)}`)).toBe(true);
  });

  test('also where it has no boundary', async () => {
    expect((await abridged([Buffer.from(lines(5000 * KB))])).length).toBe(128 * KB);
  });

  test.each([-3, -2, -1, 0, 1, 2])('also where a boundary stands %i octets from where a piece ends', async (offset) => {
    const long = lines(256 * KB);
    const message = Buffer.from(`${long}\n--a\r\nContent-Type: image/png\r\n\r\n${long}`);
    const at = long.length + offset;
    expect(await abridged([message.subarray(0, at), message.subarray(at)])).toContain(
      '\n--a\r\nContent-Type: image/png',
    );
  });

  test('the same, however its bytes are cut', async () => {
    const part = fc.constantFrom('\n', '-', '--', '\n--', 'a', '\r\n', lines(150 * KB), lines(75 * KB));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 4 }), async (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const pieces = places.map((place, index) => bytes.subarray(places[index - 1] ?? 0, place));
        expect(await abridged(pieces)).toBe(await abridged([bytes]));
      }),
      { numRuns: 60 },
    );
  });
});
