import { EventEmitter } from 'node:events';
import { type MessagePort, type Transferable, Worker } from 'node:worker_threads';
import type {
  Envelope,
  MailCounts,
  MessageCounts,
  MessageFilter,
  MessagePage,
  MessageSummary,
  RefusedPage,
  RefusedSession,
  RefusedSummary,
  SessionRecord,
  SourcePiece,
} from './message.ts';
import type { MailboxEvent, MailboxRequest, StoreChanges, StoreQueries } from './protocol.ts';
import { PIECE_SIZE } from './schema.ts';
import type { ParseOutcome } from './store.ts';

/** Octets on their way to the worker; beyond that, deliveries wait, and their sockets with them. */
const MAX_IN_FLIGHT = 4 * 1024 * 1024;

export type StoreResult = { id: string } | { failed: 'no space' | 'error' };

interface Call {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

/** A database that could not be opened. */
export interface SetAside {
  /** Where it lies now. */
  path: string;
  reason: string;
}

export interface MailboxEvents {
  /** Messages that arrived or whose row changed. */
  changed: [ids: number[]];
  removed: [ids: number[]];
  /** More was deleted than is named one by one. */
  cleared: [];
  /** The same for refused sessions. */
  refusedChanged: [ids: number[]];
  refusedRemoved: [ids: number[]];
  refusedCleared: [];
  /** The worker died. Nothing more is stored; what it had committed is safe. */
  failed: [error: Error];
}

/**
 * What was caught: the main thread's side of the worker that keeps it. Whatever is asked in one turn of the event loop,
 * and while the worker is busy, goes over in one batch and shares one commit.
 */
export class Mailbox extends EventEmitter<MailboxEvents> {
  readonly #worker: Worker;
  readonly #opened: Promise<SetAside | null>;
  readonly #calls = new Map<number, Call>();
  readonly #stores = new Map<number, (result: StoreResult) => void>();
  #outbox: MailboxRequest[] = [];
  /** Whether the worker has a batch and has not answered it yet. */
  #isBusy = true;
  #transfers: Transferable[] = [];
  #nextNumber = 1;
  #inFlight = 0;
  #waiting: (() => void)[] = [];
  #failure: Error | null = null;
  #closing: Promise<void> | null = null;

  /**
   * @param worker the script of the worker thread
   * @param file the database's path; its folder must exist
   */
  constructor(worker: URL, file: string) {
    super();
    this.#worker = new Worker(worker, { workerData: { file }, name: 'mailbox' });
    this.#opened = new Promise((resolve, reject) => {
      this.#worker.on('message', (events: MailboxEvent[]) => {
        for (const event of events) {
          if (event.type !== 'opened') continue;
          resolve(event.setAside === null ? null : { path: event.setAside, reason: event.reason ?? '' });
        }
        this.#handle(events);
      });
      this.#worker.once('error', reject);
    });
    this.#opened.catch(() => undefined);
    this.#worker.on('error', (error) => this.#fail(error as Error));
    this.#worker.on('exit', () => {
      if (this.#closing === null) this.#fail(new Error('it ended'));
      else this.#refuseAll(new Error('The mailbox is closed.'));
    });
  }

  /**
   * Resolves when the database is open.
   * @returns what had to be set aside because it could not be opened; mostly null
   * @throws Error when no database could be opened or begun
   */
  opened(): Promise<SetAside | null> {
    return this.#opened;
  }

  /** Takes in a message. */
  receive(envelope: Envelope): MailDelivery {
    const number = this.#nextNumber++;
    return new MailDelivery(number, envelope, {
      send: (request) => this.#sendBytes(request),
      discard: () => this.#send({ type: 'discard', delivery: number }),
      stored: () => this.#stored(number),
    });
  }

  /**
   * Keeps a session, or a part of one, in which something was refused.
   * @param part a number for it: where it comes again, it takes its own place
   * @param isOver whether it will not come again
   * @returns a promise when the mailbox is behind: nothing more until it resolves
   */
  keepRefused(part: number, session: RefusedSession, isOver: boolean): Promise<void> | undefined {
    if (this.#failure !== null) return undefined;
    this.#inFlight += session.transcript.length;
    this.#send({ type: 'refused', part, session, isOver });
    return this.#room();
  }

  refusedList(before: number | undefined, limit: number): Promise<RefusedPage> {
    return this.#query('refusedList', before, limit);
  }

  refusedSummaries(ids: number[]): Promise<RefusedSummary[]> {
    return this.#query('refusedSummaries', ids);
  }

  refusedCounts(): Promise<MessageCounts> {
    return this.#query('refusedCounts');
  }

  refusedSession(id: number): Promise<(RefusedSummary & SessionRecord) | null> {
    return this.#query('refusedSession', id);
  }

  async setRefusedUnread(ids: number[], unread: boolean): Promise<void> {
    await this.#change('setRefusedUnread', ids, unread);
    this.emit('refusedChanged', ids);
  }

  async deleteRefused(ids: number[]): Promise<void> {
    await this.#change('deleteRefused', ids);
    this.emit('refusedRemoved', ids);
  }

  async deleteRefusedThrough(through: number): Promise<void> {
    await this.#change('deleteRefusedThrough', through);
    this.emit('refusedCleared');
  }

  /** @returns what was said when the message came in; null when nothing is known of it */
  sessionRecord(id: number): Promise<SessionRecord | null> {
    return this.#query('sessionRecord', id);
  }

  list(filter: MessageFilter, before: number | undefined, limit: number): Promise<MessagePage> {
    return this.#query('list', filter, before, limit);
  }

  summaries(ids: number[]): Promise<MessageSummary[]> {
    return this.#query('summaries', ids);
  }

  counts(): Promise<MailCounts> {
    return this.#query('counts');
  }

  /** @param length octets, at most */
  source(id: number, offset: number, length: number): Promise<SourcePiece | null> {
    return this.#query('source', id, offset, length);
  }

  /** @returns at most `limit` messages that are not indexed yet, oldest first */
  unindexed(limit: number): Promise<number[]> {
    return this.#query('unindexed', limit);
  }

  async saveParsed(outcomes: ParseOutcome[]): Promise<void> {
    await this.#change('saveParsed', outcomes);
    this.emit(
      'changed',
      outcomes.map(({ id }) => id),
    );
  }

  async setUnread(ids: number[], unread: boolean): Promise<void> {
    await this.#change('setUnread', ids, unread);
    this.emit('changed', ids);
  }

  async delete(ids: number[]): Promise<void> {
    await this.#change('delete', ids);
    this.emit('removed', ids);
  }

  /** @param mailbox null: of all of them */
  async deleteThrough(through: number, mailbox: number | null = null): Promise<void> {
    await this.#change('deleteThrough', through, mailbox);
    this.emit('cleared');
  }

  async setStarred(ids: number[], starred: boolean): Promise<void> {
    await this.#change('setStarred', ids, starred);
    this.emit('changed', ids);
  }

  async renameMailbox(id: number, name: string): Promise<void> {
    await this.#change('renameMailbox', id, name);
    this.emit('changed', []);
  }

  async deleteMailbox(id: number): Promise<void> {
    await this.#change('deleteMailbox', id);
    this.emit('cleared');
  }

  /** Gives somebody on another thread a port that answers each `SourceRequest` with a `SourceAnswer`, in order. */
  serveSource(port: MessagePort): void {
    this.#send({ type: 'source port', port }, port);
  }

  /** Finishes what was asked, then closes the database and ends the thread. */
  close(): Promise<void> {
    if (this.#failure !== null) return Promise.resolve();
    this.#closing ??= new Promise((resolve) => {
      this.#worker.once('exit', () => resolve());
      this.#send({ type: 'close' });
    });
    return this.#closing;
  }

  #stored(number: number): Promise<StoreResult> {
    if (this.#failure !== null) return Promise.resolve({ failed: 'error' });
    return new Promise((resolve) => this.#stores.set(number, resolve));
  }

  #query<M extends keyof StoreQueries>(
    method: M,
    ...values: Parameters<StoreQueries[M]>
  ): Promise<ReturnType<StoreQueries[M]>> {
    return this.#call((call) => ({ type: 'query', call, method, arguments: values }));
  }

  #change<M extends keyof StoreChanges>(method: M, ...values: Parameters<StoreChanges[M]>): Promise<void> {
    return this.#call((call) => ({ type: 'change', call, method, arguments: values }));
  }

  #call<T>(request: (call: number) => MailboxRequest): Promise<T> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const call = this.#nextNumber++;
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      this.#send(request(call));
    });
  }

  #sendBytes(request: MailboxRequest & { bytes: Uint8Array }): Promise<void> | undefined {
    if (this.#failure !== null) return undefined;
    this.#inFlight += request.bytes.length;
    this.#send(request, request.bytes.buffer as ArrayBuffer);
    return this.#room();
  }

  /** @returns a promise when there is too much on its way */
  #room(): Promise<void> | undefined {
    if (this.#inFlight <= MAX_IN_FLIGHT) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #send(request: MailboxRequest, ...transfer: Transferable[]): void {
    if (this.#outbox.length === 0 && !this.#isBusy) setImmediate(() => this.#flush());
    this.#outbox.push(request);
    this.#transfers.push(...transfer);
  }

  /** Sends what was gathered, unless a batch is on its way: what comes until that is answered makes one batch more. */
  #flush(): void {
    if (this.#isBusy || this.#outbox.length === 0) return;
    this.#isBusy = true;
    this.#worker.postMessage(this.#outbox, this.#transfers);
    this.#outbox = [];
    this.#transfers = [];
  }

  #handle(events: MailboxEvent[]): void {
    this.#isBusy = false;
    this.#flush();
    const arrived: number[] = [];
    const refused: number[] = [];
    for (const event of events) {
      switch (event.type) {
        case 'opened':
          break;
        case 'written':
          this.#inFlight -= event.octets;
          break;
        case 'stored':
          arrived.push(event.id);
          this.#settle(event.delivery, { id: String(event.id) });
          break;
        case 'not stored':
          this.#settle(event.delivery, { failed: event.reason });
          break;
        case 'result':
          this.#takeCall(event.call)?.resolve(event.value as never);
          break;
        case 'refused':
          refused.push(event.id);
          break;
        case 'error':
          this.#takeCall(event.call)?.reject(new Error(event.message));
          break;
      }
    }
    if (this.#inFlight <= MAX_IN_FLIGHT) for (const resume of this.#waiting.splice(0)) resume();
    if (arrived.length > 0) this.emit('changed', arrived);
    if (refused.length > 0) this.emit('refusedChanged', refused);
  }

  #settle(delivery: number, result: StoreResult): void {
    this.#stores.get(delivery)?.(result);
    this.#stores.delete(delivery);
  }

  #takeCall(number: number): Call | undefined {
    const call = this.#calls.get(number);
    this.#calls.delete(number);
    return call;
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    const failure = new Error(`The mailbox stopped working: ${error.message}`, { cause: error });
    this.#refuseAll(failure);
    this.emit('failed', failure);
  }

  /** Answers what was asked, and whatever will be, with an error. */
  #refuseAll(failure: Error): void {
    this.#failure = failure;
    for (const delivery of [...this.#stores.keys()]) this.#settle(delivery, { failed: 'error' });
    for (const number of [...this.#calls.keys()]) this.#takeCall(number)?.reject(failure);
    for (const resume of this.#waiting.splice(0)) resume();
  }
}

interface DeliveryPort {
  send(request: MailboxRequest & { bytes: Uint8Array }): Promise<void> | undefined;
  discard(): void;
  stored(): Promise<StoreResult>;
}

/** One message on its way in: gathers what comes into pieces and sends each on as it is full. */
export class MailDelivery {
  readonly #number: number;
  readonly #envelope: Envelope;
  readonly #port: DeliveryPort;
  /** Bytes are copied into it: to keep what the network gave, in whatever crumbs, costs many times their size. */
  #piece = new Uint8Array(0);
  #gathered = 0;
  #position = 0;
  #size = 0;

  constructor(number: number, envelope: Envelope, port: DeliveryPort) {
    this.#number = number;
    this.#envelope = envelope;
    this.#port = port;
  }

  /** Takes a copy. @returns a promise when the mailbox is behind: no more bytes until it resolves */
  write(bytes: Uint8Array): Promise<void> | undefined {
    let ready: Promise<void> | undefined;
    this.#size += bytes.length;
    while (this.#gathered + bytes.length >= PIECE_SIZE) {
      const room = PIECE_SIZE - this.#gathered;
      this.#gather(bytes.subarray(0, room));
      bytes = bytes.subarray(room);
      ready = this.#port.send({
        type: 'piece',
        delivery: this.#number,
        position: this.#position,
        bytes: this.#takePiece(),
      });
    }
    this.#gather(bytes);
    return ready;
  }

  /**
   * @param record what was said until now
   * @returns once the message is committed, or certain not to be. Never rejects.
   */
  store(record: SessionRecord): Promise<StoreResult> {
    const stored = this.#port.stored();
    void this.#port.send({
      type: 'store',
      delivery: this.#number,
      position: this.#position,
      bytes: this.#takePiece(),
      receivedAt: Date.now(),
      size: this.#size,
      envelope: this.#envelope,
      record,
    });
    return stored;
  }

  discard(): void {
    this.#piece = new Uint8Array(0);
    if (this.#position > 0) this.#port.discard();
  }

  #gather(bytes: Uint8Array): void {
    const needed = this.#gathered + bytes.length;
    if (needed > this.#piece.length) {
      // What follows a whole piece is mostly another one.
      const least = this.#position > 0 ? PIECE_SIZE : 2 * this.#piece.length;
      this.#resize(Math.min(PIECE_SIZE, Math.max(needed, least)));
    }
    this.#piece.set(bytes, this.#gathered);
    this.#gathered = needed;
  }

  /** Leaves nothing to the garbage collector, which would let tens of megabytes gather first. */
  #resize(length: number): void {
    this.#piece = new Uint8Array(this.#piece.buffer.transfer(length));
  }

  /** @returns what was gathered, in memory of its own so that it can be handed to the worker instead of copied */
  #takePiece(): Uint8Array {
    if (this.#gathered < this.#piece.length) this.#resize(this.#gathered);
    const piece = this.#piece;
    this.#piece = new Uint8Array(0);
    this.#gathered = 0;
    this.#position++;
    return piece;
  }
}
