import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { ArrivingMessage } from './arriving.ts';
import { type Flags, type FoundFile, findFiles } from './found.ts';
import type { Mail } from './mail.ts';
import { readMbox, senderOf } from './mbox.ts';
import type { ProgressReport } from './progress.ts';
import { isSystemError, reasonOf } from './reason.ts';

/** Octets of a message, at most. */
const MAX_SIZE = 1024 ** 3;
/** Octets of a file that are read at a time. */
const READ_AT_ONCE = 256 * 1024;
/** Messages that share a commit, at most: until then they are in memory, each with at most {@link READ_AT_ONCE}. */
const STORED_AT_ONCE = 64;

/** What a header begins with: the name of a field (RFC 5322 section 3.6.8). */
const fieldName = /^[!-9;-~]+[ \t]*:/;

export interface ImportOptions {
  /** That everything goes to. */
  mailbox: number;
  report: ProgressReport;
  signal: AbortSignal;
  /** Octets of a message, at most. */
  maxSize?: number;
}

/**
 * Takes in what files and folders hold: messages, mbox files, Maildirs, and folders of all of these. What cannot be taken
 * in is told, and the rest is.
 * @throws Error when nothing more can be taken in; what was stored until then stays
 */
export async function importFrom(paths: readonly string[], mail: Mail, options: ImportOptions): Promise<void> {
  const { report, signal } = options;
  let total = 0;
  for await (const { size } of findFiles(paths, () => undefined)) {
    signal.throwIfAborted();
    total += size;
  }
  const importer = new Importer(mail, options, total);
  try {
    for await (const file of findFiles(paths, (path, reason) => report.problem(basename(path), reason))) {
      signal.throwIfAborted();
      await importer.take(file);
    }
  } finally {
    await importer.settle();
  }
}

class Importer {
  readonly #mail: Mail;
  readonly #options: Required<ImportOptions>;
  /** Octets of all files, and those that were read. */
  readonly #total: number;
  #read = 0;
  /** Messages that are delivered and not committed yet. */
  #waiting: Promise<void>[] = [];
  /** Why nothing more can be taken in. */
  #failure: Error | null = null;

  constructor(mail: Mail, options: ImportOptions, total: number) {
    this.#mail = mail;
    this.#options = { maxSize: MAX_SIZE, ...options };
    this.#total = total;
  }

  /** @throws Error when nothing more can be taken in, of whatever file */
  async take(file: FoundFile): Promise<void> {
    const { report } = this.#options;
    const name = basename(file.path);
    const end = this.#read + file.size;
    try {
      await this.#takeFile(file, name);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      report.problem(name, `It cannot be read: ${reasonOf(error)}`);
    }
    this.#read = end;
    report.reached(this.#read, this.#total);
  }

  /** Waits until all is committed. @throws Error when nothing more can be taken in */
  async settle(): Promise<void> {
    await Promise.all(this.#waiting);
    this.#waiting = [];
    if (this.#failure !== null) throw this.#failure;
  }

  async #takeFile(file: FoundFile, name: string): Promise<void> {
    const stream = createReadStream(file.path, { highWaterMark: READ_AT_ONCE });
    try {
      const pieces = this.#piecesOf(stream);
      const first = (await pieces.next()).value ?? Buffer.alloc(0);
      const source = startingWith(first, pieces);
      const start = first.toString('latin1', 0, 1000);
      // What it holds tells, and not its name: an mbox mostly has none that says so.
      if (first.length === 0) this.#options.report.problem(name, 'It is empty.');
      else if (start.startsWith('From ')) await this.#takeMbox(source, file, name);
      else if (file.isMail || fieldName.test(start) || /\.eml$/i.test(name))
        await this.#takeMessage(source, file, name);
      else this.#options.report.problem(name, 'It holds neither a message nor an mbox.');
    } finally {
      stream.destroy();
    }
  }

  async #takeMessage(source: AsyncIterable<Buffer>, { flags }: FoundFile, name: string): Promise<void> {
    const message = new ArrivingMessage(this.#mail, '', this.#options.maxSize);
    try {
      for await (const bytes of source) {
        await message.write(bytes);
        if (message.isTooLarge) break;
      }
    } catch (error) {
      message.discard();
      throw error;
    }
    await this.#store(message, { flags, name, origin: name });
  }

  async #takeMbox(source: AsyncIterable<Buffer>, { flags }: FoundFile, origin: string): Promise<void> {
    let message: ArrivingMessage | null = null;
    let number = 0;
    try {
      for await (const part of readMbox(source)) {
        if ('from' in part) {
          if (message !== null) await this.#store(message, { flags, name: `Message ${number} of ${origin}`, origin });
          message = new ArrivingMessage(this.#mail, senderOf(part.from), this.#options.maxSize);
          number++;
        } else {
          await message?.write(part.bytes);
        }
      }
    } catch (error) {
      message?.discard();
      throw error;
    }
    if (message !== null) await this.#store(message, { flags, name: `Message ${number} of ${origin}`, origin });
  }

  /** @param names the message, and what it came from, for people */
  async #store(message: ArrivingMessage, names: { flags: Flags; name: string; origin: string }): Promise<void> {
    const { report, mailbox } = this.#options;
    const { name, origin, flags } = names;
    if (message.isTooLarge) {
      report.problem(name, `It is larger than ${formatSize(this.#options.maxSize)}.`);
    } else if (message.size === 0) {
      report.problem(name, 'It is empty.');
    } else {
      this.#waiting.push(this.#settled(message.store(origin, mailbox, flags), name));
      if (this.#waiting.length >= STORED_AT_ONCE) await this.settle();
    }
  }

  async #settled(stored: ReturnType<ArrivingMessage['store']>, name: string): Promise<void> {
    const { report } = this.#options;
    const result = await stored;
    if ('id' in result) report.message();
    else if (this.#mail.failure !== null) this.#failure = this.#mail.failure;
    else if (result.failed === 'no space') {
      this.#failure = new Error('The disk on which Mailmitt keeps mail is full. What was imported until then stays.');
    } else report.problem(name, 'It could not be kept.');
  }

  async *#piecesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Buffer, undefined> {
    for await (const bytes of stream as AsyncIterable<Buffer>) {
      this.#options.signal.throwIfAborted();
      yield bytes;
      this.#read += bytes.length;
      this.#options.report.reached(this.#read, this.#total);
    }
  }
}

async function* startingWith(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

const formatSize = (octets: number): string => (octets < 1024 ** 3 ? `${octets} octets` : `${octets / 1024 ** 3} GiB`);
