import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
import { MailDelivery, type StoreResult } from './delivery.ts';
import type { Envelope } from './message.ts';
import type { MailboxEvent, MailboxRequest, StoreChanges, StoreQueries } from './protocol.ts';

/** Octets on their way to the mailbox's thread; beyond that, deliveries wait, and their sockets with them. */
const MAX_IN_FLIGHT = 4 * 1024 * 1024;

interface Call {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
}

/**
 * What somebody wants of the mailbox's thread goes over it. Whatever is asked in one turn of the event loop, and while the
 * thread is busy, goes over in one batch and shares one commit.
 */
export class MailboxConnection {
  readonly #port: MessagePort | Worker;
  readonly #calls = new Map<number, Call>();
  readonly #stores = new Map<number, (result: StoreResult) => void>();
  #outbox: MailboxRequest[] = [];
  #transfers: Transferable[] = [];
  /** Whether the thread has a batch and has not answered it yet. */
  #isBusy: boolean;
  #nextNumber = 1;
  #inFlight = 0;
  #waiting: (() => void)[] = [];
  #failure: Error | null = null;

  /**
   * @param port a port of the mailbox's thread, or the thread itself, which speaks first
   * @param hear is told what the thread said, once those who had asked were answered
   */
  constructor(port: MessagePort | Worker, hear: (events: MailboxEvent[]) => void = () => undefined) {
    this.#port = port;
    this.#isBusy = !('start' in port);
    port.on('message', (events: MailboxEvent[]) => {
      this.#isBusy = false;
      this.#flush();
      for (const event of events) this.#answer(event);
      if (this.#inFlight <= MAX_IN_FLIGHT) for (const resume of this.#waiting.splice(0)) resume();
      hear(events);
    });
  }

  /** Why nothing more can be asked; null while it can. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Takes in a message. */
  receive(envelope: Envelope): MailDelivery {
    const number = this.#nextNumber++;
    return new MailDelivery(number, envelope, {
      send: (request) => this.sendMuch(request, request.bytes.length, request.bytes.buffer as ArrayBuffer),
      discard: () => this.send({ type: 'discard', delivery: number }),
      stored: () => this.#stored(number),
    });
  }

  query<M extends keyof StoreQueries>(
    method: M,
    ...values: Parameters<StoreQueries[M]>
  ): Promise<ReturnType<StoreQueries[M]>> {
    return this.#call((call) => ({ type: 'query', call, method, arguments: values }));
  }

  change<M extends keyof StoreChanges>(
    method: M,
    ...values: Parameters<StoreChanges[M]>
  ): Promise<ReturnType<StoreChanges[M]>> {
    return this.#call((call) => ({ type: 'change', call, method, arguments: values }));
  }

  send(request: MailboxRequest, ...transfer: Transferable[]): void {
    if (this.#outbox.length === 0 && !this.#isBusy) setImmediate(() => this.#flush());
    this.#outbox.push(request);
    this.#transfers.push(...transfer);
  }

  /**
   * Sends what takes room until the thread has `written` it.
   * @param octets that it takes
   * @returns a promise when there is too much on its way: nothing more until it resolves
   */
  sendMuch(request: MailboxRequest, octets: number, ...transfer: Transferable[]): Promise<void> | undefined {
    if (this.#failure !== null) return undefined;
    this.#inFlight += octets;
    this.send(request, ...transfer);
    if (this.#inFlight <= MAX_IN_FLIGHT) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Answers what was asked, and whatever will be, with an error. */
  fail(failure: Error): void {
    this.#failure = failure;
    for (const delivery of [...this.#stores.keys()]) this.#settle(delivery, { failed: 'error' });
    for (const number of [...this.#calls.keys()]) this.#takeCall(number)?.reject(failure);
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #stored(number: number): Promise<StoreResult> {
    if (this.#failure !== null) return Promise.resolve({ failed: 'error' });
    return new Promise((resolve) => this.#stores.set(number, resolve));
  }

  #call<T>(request: (call: number) => MailboxRequest): Promise<T> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const call = this.#nextNumber++;
    return new Promise((resolve, reject) => {
      this.#calls.set(call, { resolve, reject });
      this.send(request(call));
    });
  }

  /** Sends what was gathered, unless a batch is on its way: what comes until that is answered makes one batch more. */
  #flush(): void {
    if (this.#isBusy || this.#outbox.length === 0) return;
    this.#isBusy = true;
    this.#port.postMessage(this.#outbox, this.#transfers);
    this.#outbox = [];
    this.#transfers = [];
  }

  #answer(event: MailboxEvent): void {
    switch (event.type) {
      case 'written':
        this.#inFlight -= event.octets;
        break;
      case 'stored':
        this.#settle(event.delivery, { id: String(event.id) });
        break;
      case 'not stored':
        this.#settle(event.delivery, { failed: event.reason });
        break;
      case 'result':
        this.#takeCall(event.call)?.resolve(event.value as never);
        break;
      case 'error':
        this.#takeCall(event.call)?.reject(new Error(event.message));
        break;
      case 'opened':
      case 'arrived':
      case 'set aside':
      case 'refused':
      case 'outlived':
      case 'problem':
        break;
    }
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
}
