import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Database } from './database.ts';
import { dictionary } from './dictionary.ts';
import type { SessionRecord } from './message.ts';

/** Octets of a message, before compression, in one row of `content`: bounds what is in memory at once. */
export const PIECE_SIZE = 256 * 1024;

/**
 * The bytes of messages, in pieces of {@link PIECE_SIZE}. Behind the octets of the last piece, which are fewer and may be
 * none, stands what was said when the message came in: compressed together, as setting up the compression takes longer
 * than compressing so little.
 */
export class ContentStore {
  readonly #database: Database;
  #nextId: number;

  /** Sweeps pieces of messages that never came. */
  constructor(database: Database) {
    this.#database = database;
    // By way of the index: the rows themselves are gigabytes.
    database.exec(
      'DELETE FROM content WHERE rowid IN ' +
        '(SELECT rowid FROM content WHERE content_id NOT IN (SELECT content_id FROM message))',
    );
    const { last } = database.get('SELECT max(content_id) AS last FROM message') as { last: number | null };
    this.#nextId = (last ?? 0) + 1;
  }

  /** @returns a key for the pieces of a message to come */
  newId(): number {
    return this.#nextId++;
  }

  /** @param bytes the piece `position` of the content, whole */
  write(id: number, position: number, bytes: Uint8Array): void {
    const compressed = compress(bytes);
    this.#database.run('INSERT INTO content (content_id, position, bytes) VALUES (?, ?, ?)', id, position, compressed);
    free(compressed);
  }

  /**
   * Writes the last piece.
   * @param size octets of the message
   * @param bytes what the pieces before it left
   */
  writeLast(id: number, size: number, bytes: Uint8Array, record: SessionRecord): void {
    this.write(id, Math.floor(size / PIECE_SIZE), withRecord(bytes, record));
  }

  discard(id: number): void {
    this.#database.run('DELETE FROM content WHERE content_id = ?', id);
  }

  /**
   * @param size octets of the message
   * @param length octets, at most
   * @returns its bytes from `offset` on, in memory of their own
   */
  read(id: number, size: number, offset: number, length: number): Uint8Array {
    const end = Math.min(offset + length, size);
    if (end <= offset) return new Uint8Array(0);
    const first = Math.floor(offset / PIECE_SIZE);
    const sql = 'SELECT bytes FROM content WHERE content_id = ? AND position BETWEEN ? AND ? ORDER BY position';
    const rows = this.#database.all(sql, id, first, Math.floor((end - 1) / PIECE_SIZE)) as { bytes: Uint8Array }[];
    const pieces = rows.map((row) => decompress(row.bytes));
    const bytes = Buffer.concat(pieces);
    const start = offset - first * PIECE_SIZE;
    // A copy, so that it can be handed to another thread without the rest of Node's pool.
    const result = new Uint8Array(bytes.subarray(start, start + end - offset));
    for (const used of [bytes, ...pieces, ...rows.map((row) => row.bytes)]) free(used);
    return result;
  }

  /** @param size octets of the message @returns null when nothing is known */
  record(id: number, size: number): SessionRecord | null {
    const sql = 'SELECT bytes FROM content WHERE content_id = ? AND position = ?';
    const row = this.#database.get(sql, id, Math.floor(size / PIECE_SIZE)) as { bytes: Uint8Array } | undefined;
    const json = row === undefined ? '' : decompress(row.bytes).toString('utf8', size % PIECE_SIZE);
    return json === '' ? null : (JSON.parse(json) as SessionRecord);
  }
}

/** @returns the octets of a last piece with what was said behind them */
export const withRecord = (bytes: Uint8Array, { transcript, notes }: SessionRecord): Buffer =>
  Buffer.concat([bytes, Buffer.from(JSON.stringify({ transcript, notes }))]);

export const compress = (bytes: Uint8Array): Buffer =>
  zstdCompressSync(bytes, {
    // Room for all of the result at once: what does not compress grows by a few octets.
    chunkSize: Math.max(bytes.length + 1024, constants.Z_MIN_CHUNK),
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    dictionary,
  });

/**
 * Of a piece and what may stand behind it; where that is more than there is room for, zlib makes some. What was compressed
 * without the dictionary never refers to it.
 */
export const decompress = (bytes: Uint8Array): Buffer =>
  zstdDecompressSync(bytes, { chunkSize: PIECE_SIZE + 16 * 1024, dictionary });

/** Octets from which on it is worth to free a buffer by hand; smaller ones may share Node's pool. */
const FREED_AT_ONCE = 16 * 1024;

/** Frees a buffer's memory: the garbage collector would let tens of megabytes gather first. */
export function free(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer.byteLength > FREED_AT_ONCE && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
