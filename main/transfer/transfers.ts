import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type MessagePort, Worker } from 'node:worker_threads';
import type { ChosenMessages } from '../mailbox/message.ts';
import {
  CANCEL,
  type ExportFormat,
  type Progress,
  type TransferEvent,
  type TransferTask,
  type TransferWorkerData,
} from './protocol.ts';
import { reasonOf } from './reason.ts';
import type { Transfer } from './transfer.ts';

/** Milliseconds in which a thread may end by itself once it is to. */
const GRACE = 2000;
/** Transfers that are over and still listed. */
const MAX_ENDED = 20;

export interface TransfersOptions {
  /** The script of a transfer's thread. */
  worker: URL;
  /** @returns a port of the mailbox's thread */
  openMailbox: () => MessagePort;
  /** The name of this server, for trace headers. */
  hostName: () => string;
}

/** What becomes of a thread's work. */
interface Ending {
  /** When it was done to its end. */
  kept?: () => Promise<void>;
  /** When it was not. */
  undone?: () => Promise<void>;
}

/** A transfer's thread. */
interface Run {
  cancel: () => void;
  isCancelled: boolean;
  /** Once the thread is gone. Rejects with what went wrong, in words for people. */
  ended: Promise<void>;
}

type Hear = (progress: Progress) => void;

/** Mail on its way out and in, each transfer on a thread of its own: what one dies of, the others do not feel. */
export class Transfers extends EventEmitter<{ changed: [transfers: Transfer[]] }> {
  readonly #options: TransfersOptions;
  /** The oldest first. */
  readonly #listed = new Map<number, Transfer>();
  readonly #running = new Map<number, Run>();
  #lastId = 0;

  constructor(options: TransfersOptions) {
    super();
    this.#options = options;
  }

  /** Those that run, and those that ended and were not dismissed. */
  get list(): Transfer[] {
    return [...this.#listed.values()];
  }

  /**
   * Writes messages into one file, which replaces the one that was there once it is complete.
   * @param format `eml` for exactly one message
   * @param name what is exported, as people call it
   * @returns when it is over, however it ended
   */
  async export(messages: ChosenMessages, format: ExportFormat, path: string, name: string): Promise<void> {
    const kind = format === 'eml' ? 'save' : 'export';
    // Beside the path, so that it need but be renamed. Not with its name, which may be as long as names can be.
    const file = join(dirname(path), `${randomUUID()}.part`);
    const task: TransferTask = { type: 'export', messages, format, file };
    const ending = { kept: () => rename(file, path), undone: () => rm(file, { force: true }) };
    await this.#follow({ kind, name, path, mailbox: null }, task, ending);
  }

  /**
   * Takes in what files and folders hold: messages, mbox files and Maildirs.
   * @param mailbox the one that all of it goes to
   * @returns when it is over, however it ended
   */
  async import(paths: string[], mailbox: number): Promise<void> {
    const [first = ''] = paths;
    const name = paths.length === 1 ? basename(first) : `${paths.length} files`;
    await this.#follow({ kind: 'import', name, path: null, mailbox }, { type: 'import', paths, mailbox });
  }

  /**
   * Writes each message into a file of its own. Nothing of it is listed.
   * @param folder an empty one
   * @returns the files' paths
   * @throws Error when not all could be written
   */
  async spread(ids: number[], folder: string): Promise<string[]> {
    await this.#run(++this.#lastId, { type: 'spread', ids, folder }, () => undefined).ended;
    return (await readdir(folder)).map((name) => join(folder, name));
  }

  /** Ends a transfer: what was exported is removed, what was imported stays. Nothing happens to one that ended. */
  cancel(id: number): void {
    this.#running.get(id)?.cancel();
  }

  /** Takes one that ended off the list. */
  dismiss(id: number): void {
    if (this.#running.has(id) || !this.#listed.delete(id)) return;
    this.emit('changed', this.list);
  }

  /** Cancels all that run. @returns when their threads are gone, and with them what they left */
  async close(): Promise<void> {
    const runs = [...this.#running.values()];
    for (const run of runs) run.cancel();
    await Promise.allSettled(runs.map(({ ended }) => ended));
  }

  async #follow(
    what: Pick<Transfer, 'kind' | 'name' | 'path' | 'mailbox'>,
    task: TransferTask,
    ending?: Ending,
  ): Promise<void> {
    const id = ++this.#lastId;
    const begun: Progress = { messages: 0, fraction: null, problems: [], problemCount: 0 };
    this.#list({ id, ...what, ...begun, state: 'running', error: null });
    const run = this.#run(id, task, (progress) => this.#update(id, progress), ending);
    try {
      await run.ended;
      this.#update(id, { state: 'done' });
    } catch (error) {
      if (run.isCancelled) this.#update(id, { state: 'cancelled' });
      else this.#update(id, { state: 'failed', error: reasonOf(error) });
    }
  }

  #update(id: number, changes: Partial<Transfer>): void {
    const transfer = this.#listed.get(id);
    if (transfer !== undefined) this.#list({ ...transfer, ...changes });
  }

  #list(transfer: Transfer): void {
    this.#listed.set(transfer.id, transfer);
    const ended = this.list.filter(({ state }) => state !== 'running');
    for (const { id } of ended.slice(0, -MAX_ENDED)) this.#listed.delete(id);
    this.emit('changed', this.list);
  }

  #run(id: number, task: TransferTask, hear: Hear, { kept, undone }: Ending = {}): Run {
    const mailbox = this.#options.openMailbox();
    const worker = new Worker(this.#options.worker, {
      name: 'transfer',
      workerData: { task, mailbox, hostName: this.#options.hostName() } satisfies TransferWorkerData,
      transferList: [mailbox],
    });
    let timer: NodeJS.Timeout | undefined;
    const run: Run = {
      isCancelled: false,
      cancel: () => {
        run.isCancelled = true;
        worker.postMessage(CANCEL);
        // Where it waits for a disk that does not answer, it does not hear.
        timer ??= setTimeout(() => void worker.terminate(), GRACE);
      },
      ended: ending(worker, hear)
        .finally(() => clearTimeout(timer))
        .then(kept)
        .catch(async (error: unknown) => {
          await undone?.();
          throw error;
        })
        .finally(() => this.#running.delete(id)),
    };
    this.#running.set(id, run);
    return run;
  }
}

/** @returns when the thread is gone: only then does nothing that it wrote to change any more */
function ending(worker: Worker, hear: Hear): Promise<void> {
  let failure: string | null = 'It stopped working.';
  worker.on('message', (event: TransferEvent) => {
    hear(event.progress);
    if (event.type === 'ended') failure = event.error;
  });
  worker.on('error', (error: Error) => (failure = `It stopped working: ${error.message}`));
  return new Promise((resolve, reject) => {
    worker.on('exit', () => {
      if (failure === null) resolve();
      else reject(new Error(failure));
    });
  });
}
