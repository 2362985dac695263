import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { type MessagePort, Worker } from 'node:worker_threads';
import type { MailContent } from '../mailbox/message.ts';
import type { Digested } from './parse.ts';
import type { ParserEvent, ParserRequest } from './protocol.ts';

/** Milliseconds after which the parser is taken to be stuck in a message. */
const TIME_LIMIT = 20_000;
/** The same where it also writes to a disk that may be slow. */
const WRITE_TIME_LIMIT = 10 * 60_000;
/** MiB of memory for the thread: a message that needs more ends the thread and not the app. */
const MEMORY_LIMIT = 1024;

type Task =
  | { type: 'digest'; id: number }
  | { type: 'read'; id: number }
  | { type: 'write attachment'; id: number; index: number; file: string };

interface Call {
  task: Task;
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

export interface ParserOptions {
  /** The script of the worker thread. */
  worker: URL;
  /** Makes a port that answers `{ id, offset, length }` with `{ bytes, size }`, `{ error }` or null; wanted anew for each thread. */
  openSource: () => MessagePort;
  /** Milliseconds for one message. */
  timeLimit?: number;
}

/** The parser was closed before it came to what it was asked. */
export class ParserClosed extends Error {
  constructor() {
    super('The parser is closed.');
  }
}

/**
 * Reads messages on a thread of its own, one at a time, so that it is certain which of them the thread dies of or is
 * stuck in: that one is given up with an error, and the thread is begun anew for the next.
 */
export class Parser {
  readonly #options: ParserOptions;
  #worker: Worker | null = null;
  readonly #queue: Call[] = [];
  #current: (Call & { number: number; timer: NodeJS.Timeout }) | null = null;
  #lastNumber = 0;
  #closed = false;
  /** A thread that is being ended. */
  #ending: Promise<unknown> | undefined;

  constructor(options: ParserOptions) {
    this.#options = options;
  }

  /** Reads what a row of the list shows and what is searched. @throws Error when the message cannot be read */
  digest(id: number): Promise<Digested> {
    return this.#run({ type: 'digest', id });
  }

  /** Reads a message whole, but for what its attachments hold. @throws Error when the message cannot be read */
  read(id: number): Promise<MailContent> {
    return this.#run({ type: 'read', id });
  }

  /**
   * Writes one attachment to a file, which replaces the one that was there once it is complete.
   * @param index its place among the attachments, from 0
   * @throws Error when that failed; then the old file, or none, is there
   */
  async writeAttachment(id: number, index: number, path: string): Promise<void> {
    const file = `${path}.${randomUUID()}.part`;
    try {
      await this.#run({ type: 'write attachment', id, index, file });
      await rename(file, path);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  /** Ends the thread; what was asked and not answered is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    const calls = this.#queue.splice(0);
    if (this.#current !== null) {
      clearTimeout(this.#current.timer);
      calls.unshift(this.#current);
      this.#current = null;
    }
    await Promise.all([this.#worker?.terminate(), this.#ending]);
    this.#worker = null;
    for (const call of calls) call.reject(new ParserClosed());
  }

  #run<T>(task: Task): Promise<T> {
    if (this.#closed) return Promise.reject(new ParserClosed());
    return new Promise((resolve, reject) => {
      const call = { task, resolve, reject };
      // Somebody waits for what is opened or saved; a digest can wait.
      if (task.type === 'digest') this.#queue.push(call);
      else this.#queue.unshift(call);
      this.#next();
    });
  }

  #next(): void {
    if (this.#current !== null) return;
    const call = this.#queue.shift();
    if (call === undefined) return;
    const limit = this.#options.timeLimit ?? (call.task.type === 'write attachment' ? WRITE_TIME_LIMIT : TIME_LIMIT);
    const timer = setTimeout(() => {
      this.#giveUp(`The message took the parser more than ${Math.round(limit / 1000)} seconds.`);
    }, limit);
    this.#current = { ...call, number: ++this.#lastNumber, timer };
    this.#worker ??= this.#begin();
    this.#worker.postMessage({ ...call.task, call: this.#lastNumber } satisfies ParserRequest);
  }

  #begin(): Worker {
    const worker = new Worker(this.#options.worker, {
      name: 'mime',
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_LIMIT },
    });
    const port = this.#options.openSource();
    worker.postMessage({ type: 'source port', port } satisfies ParserRequest, [port]);
    worker.on('message', (event: ParserEvent) => this.#settle(event));
    worker.on('error', (error: Error) => this.#died(worker, error.message));
    // Without an error as well, and without this its next message would wait for the time limit.
    worker.on('exit', () => this.#died(worker, 'it ended'));
    return worker;
  }

  #died(worker: Worker, reason: string): void {
    if (worker === this.#worker) this.#giveUp(`The parser died of the message: ${reason}`);
  }

  #settle(event: ParserEvent): void {
    const call = this.#current;
    if (call?.number !== event.call) return;
    clearTimeout(call.timer);
    this.#current = null;
    if ('error' in event) call.reject(new Error(event.error));
    else call.resolve(event.value as never);
    this.#next();
  }

  #giveUp(reason: string): void {
    this.#ending = this.#worker?.terminate();
    this.#worker = null;
    const call = this.#current;
    if (call === null) return;
    // Only when the thread is gone does nothing it wrote to change any more.
    void this.#ending?.then(() => this.#settle({ call: call.number, error: reason }));
  }
}
