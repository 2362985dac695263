import type { Bridge, Calls, Events } from '../../../../preload/contract.ts';

type Handler<K extends keyof Calls> = (
  argument: Calls[K]['argument'],
) => Calls[K]['result'] | Promise<Calls[K]['result']>;

/** The main process as a test wants it: answers what it was told to answer, and keeps what it was asked. */
export class TestBridge implements Bridge {
  readonly #handlers = new Map<keyof Calls, (argument: never) => unknown>();
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();
  /** What was dropped, in order. */
  readonly dropped: { files: File[]; mailbox: number }[] = [];
  readonly #asked: { name: keyof Calls; argument: unknown }[] = [];

  /** Answers a call from now on. */
  answer<K extends keyof Calls>(name: K, handler: Handler<K>): this {
    this.#handlers.set(name, handler);
    return this;
  }

  /** Lets the next call wait. @returns what lets it go on, with the answer from when it was asked */
  hold(name: keyof Calls): () => void {
    const gate = Promise.withResolvers<undefined>();
    this.#once(name, async (handler, argument) => {
      const answer = handler(argument);
      await gate.promise;
      return answer;
    });
    return () => gate.resolve(undefined);
  }

  /** Lets the next call fail. */
  fail(name: keyof Calls, message: string): void {
    this.#once(name, () => Promise.reject(new Error(message)));
  }

  /** The arguments of all calls of that name, in order. */
  asked<K extends keyof Calls>(name: K): Calls[K]['argument'][] {
    return this.#asked.filter((call) => call.name === name).map(({ argument }) => argument as Calls[K]['argument']);
  }

  tell<K extends keyof Events>(name: K, payload: Events[K]): void {
    for (const listener of this.#listeners.get(name) ?? []) (listener as (payload: Events[K]) => void)(payload);
  }

  async call<K extends keyof Calls>(name: K, argument: Calls[K]['argument']): Promise<Calls[K]['result']> {
    // As it would be on its way between processes: a reactive proxy cannot be cloned.
    const sent = structuredClone(argument);
    this.#asked.push({ name, argument: sent });
    return this.#handler(name)(sent);
  }

  importDropped(files: File[], mailbox: number): Promise<void> {
    this.dropped.push({ files, mailbox });
    return Promise.resolve();
  }

  on<K extends keyof Events>(name: K, listener: (payload: Events[K]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  #handler<K extends keyof Calls>(name: K): Handler<K> {
    const handler = this.#handlers.get(name) as Handler<K> | undefined;
    if (handler === undefined) throw new Error(`Nothing answers ${name}`);
    return handler;
  }

  #once<K extends keyof Calls>(
    name: K,
    answer: (handler: Handler<K>, argument: Calls[K]['argument']) => ReturnType<Handler<K>>,
  ): void {
    const handler = this.#handler(name);
    this.answer(name, (argument) => {
      this.answer(name, handler);
      return answer(handler, argument);
    });
  }
}
