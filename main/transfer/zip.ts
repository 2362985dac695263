/**
 * Zip archives, as PKWARE's APPNOTE.TXT has them (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT): written in
 * one pass, deflated, with zip64 records from 4 GiB or 65,535 files on. Written here because yazl goes through all its
 * files after each of them: four minutes for a hundred thousand, and hours for a million.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createDeflateRaw, deflateRawSync } from 'node:zlib';
import type { LeavingMessage } from './leaving.ts';

const MAX_UINT16 = 0xffff;
const MAX_UINT32 = 0xffffffff;
/** Octets up to which a message is deflated in one go: most are that small, and a stream for each takes its time. */
const SMALL = 256 * 1024;

/** What a reader has to know: 4.5 is zip64, 2.0 is all that is used else. */
const VERSION = 20;
const ZIP64_VERSION = 45;
/** On Unix, so that the attributes are taken as Unix has them. */
const MADE_BY = (3 << 8) | ZIP64_VERSION;
const REGULAR_FILE = 0o100644 * 0x10000;
/** Bit 3: sizes and checksum stand behind the file. Bit 11: names are UTF-8. */
const FLAGS = (1 << 3) | (1 << 11);
const DEFLATE = 8;

interface Sum {
  crc: number;
  size: number;
  compressed: number;
}

/** @returns a zip archive with a file for each message, whose time is that at which it was received */
export async function* writeZip(messages: AsyncIterable<LeavingMessage>): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const message of messages) {
    const name = Buffer.from(message.fileName);
    const header = localHeader(name, message.receivedAt);
    yield header;
    const sum: Sum = { crc: 0, size: 0, compressed: 0 };
    for await (const bytes of deflated(message, sum)) {
      sum.compressed += bytes.length;
      yield bytes;
    }
    if (Math.max(sum.size, sum.compressed) >= MAX_UINT32)
      throw new Error(`${message.fileName} is too large for a zip.`);
    const descriptor = record([4, 0x08074b50], [4, sum.crc], [4, sum.compressed], [4, sum.size]);
    yield descriptor;
    directory.push(centralHeader(name, message.receivedAt, sum, offset));
    offset += header.length + sum.compressed + descriptor.length;
  }
  yield* directory;
  const size = directory.reduce((total, { length }) => total + length, 0);
  yield endOf(directory.length, size, offset);
}

/** @param sum is told what was deflated */
async function* deflated({ bytes, size }: LeavingMessage, sum: Sum): AsyncGenerator<Buffer> {
  const add = (piece: Uint8Array): void => {
    sum.crc = crc32(piece, sum.crc);
    sum.size += piece.length;
  };
  if (size <= SMALL) {
    const pieces: Uint8Array[] = [];
    for await (const piece of bytes) pieces.push(piece);
    const whole = Buffer.concat(pieces);
    add(whole);
    yield deflateRawSync(whole);
    return;
  }
  const summed = Readable.from(bytes).on('data', add).pause();
  const deflate = createDeflateRaw();
  const done = pipeline(summed, deflate);
  // The reader below is told first.
  done.catch(() => undefined);
  yield* deflate as AsyncIterable<Buffer>;
  await done;
}

function localHeader(name: Buffer, at: number): Buffer {
  const sizes: Field[] = [
    [4, 0],
    [4, 0],
    [4, 0],
  ];
  const extra = timestamp(at);
  const lengths: Field[] = [
    [2, name.length],
    [2, extra.length],
  ];
  return Buffer.concat([record([4, 0x04034b50], [2, VERSION], ...kindAndTime(at), ...sizes, ...lengths), name, extra]);
}

function centralHeader(name: Buffer, at: number, { crc, size, compressed }: Sum, offset: number): Buffer {
  const isFar = offset >= MAX_UINT32;
  const extra = Buffer.concat([timestamp(at), isFar ? record([2, 0x0001], [2, 8], [8, offset]) : Buffer.alloc(0)]);
  const header = record(
    ...([[4, 0x02014b50], [2, MADE_BY], [2, isFar ? ZIP64_VERSION : VERSION], ...kindAndTime(at)] satisfies Field[]),
    ...([
      [4, crc],
      [4, compressed],
      [4, size],
      [2, name.length],
      [2, extra.length],
    ] satisfies Field[]),
    // No comment, on the first disk, of no known kind.
    ...([
      [2, 0],
      [2, 0],
      [2, 0],
      [4, REGULAR_FILE],
      [4, Math.min(offset, MAX_UINT32)],
    ] satisfies Field[]),
  );
  return Buffer.concat([header, name, extra]);
}

function endOf(count: number, size: number, offset: number): Buffer {
  const needsZip64 = count >= MAX_UINT16 || size >= MAX_UINT32 || offset >= MAX_UINT32;
  const zip64 = record(
    ...([
      [4, 0x06064b50],
      [8, 44],
      [2, MADE_BY],
      [2, ZIP64_VERSION],
      [4, 0],
      [4, 0],
    ] satisfies Field[]),
    ...([
      [8, count],
      [8, count],
      [8, size],
      [8, offset],
    ] satisfies Field[]),
    // Where that record lies, and on how many disks all does.
    ...([
      [4, 0x07064b50],
      [4, 0],
      [8, offset + size],
      [4, 1],
    ] satisfies Field[]),
  );
  const few = Math.min(count, MAX_UINT16);
  const end = record(
    ...([
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, few],
      [2, few],
    ] satisfies Field[]),
    ...([
      [4, Math.min(size, MAX_UINT32)],
      [4, Math.min(offset, MAX_UINT32)],
      [2, 0],
    ] satisfies Field[]),
  );
  return needsZip64 ? Buffer.concat([zip64, end]) : end;
}

/** Flags, method, and the time as DOS has it: local, from 1980 on. */
function kindAndTime(at: number): Field[] {
  const date = new Date(Math.max(at, new Date(1980, 0).getTime()));
  const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
  const day = ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  return [
    [2, FLAGS],
    [2, DEFLATE],
    [2, time],
    [2, day],
  ];
}

/** Info-ZIP's extended timestamp: the time as DOS has it knows no time zone and no odd second. */
const timestamp = (at: number): Buffer =>
  record([2, 0x5455], [2, 5], [1, 1], [4, Math.floor(at / 1000) % (MAX_UINT32 + 1)]);

type Field = [octets: 1 | 2 | 4 | 8, value: number];

/** Numbers, one behind the other, little-endian. */
function record(...fields: Field[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((length, [octets]) => length + octets, 0));
  let at = 0;
  for (const [octets, value] of fields) {
    if (octets === 8) bytes.writeBigUInt64LE(BigInt(value), at);
    else bytes.writeUIntLE(value, at, octets);
    at += octets;
  }
  return bytes;
}
