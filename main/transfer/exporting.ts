import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeavingMessage } from './leaving.ts';
import { writeMbox } from './mbox.ts';
import type { ExportFormat } from './protocol.ts';
import { writeZip } from './zip.ts';

/** Octets that are gathered before they are written. */
const WRITTEN_AT_ONCE = 256 * 1024;

type Format = (messages: AsyncIterable<LeavingMessage>) => AsyncIterable<Uint8Array>;

async function* writeEml(messages: AsyncIterable<LeavingMessage>): AsyncGenerator<Uint8Array> {
  let isThere = false;
  for await (const { bytes } of messages) {
    isThere = true;
    yield* bytes;
  }
  if (!isThere) throw new Error('The message was deleted.');
}

const formats: Readonly<Record<ExportFormat, Format>> = { eml: writeEml, mbox: writeMbox, zip: writeZip };

/**
 * Writes messages into one file.
 * @param path must not exist; after an error it may, in part
 */
export async function exportTo(
  path: string,
  format: ExportFormat,
  messages: AsyncIterable<LeavingMessage>,
): Promise<void> {
  await writeFile(path, formats[format](messages));
}

/** Writes each message into a file of its own. @param folder in which none of that name is */
export async function spreadInto(folder: string, messages: AsyncIterable<LeavingMessage>): Promise<void> {
  for await (const { fileName, bytes } of messages) await writeFile(join(folder, fileName), bytes);
}

async function writeFile(path: string, source: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx');
  try {
    let pieces: Uint8Array[] = [];
    let gathered = 0;
    const flush = async (): Promise<void> => {
      await file.writeFile(Buffer.concat(pieces));
      pieces = [];
      gathered = 0;
    };
    for await (const piece of source) {
      pieces.push(piece);
      gathered += piece.length;
      if (gathered >= WRITTEN_AT_ONCE) await flush();
    }
    await flush();
  } finally {
    await file.close();
  }
}
