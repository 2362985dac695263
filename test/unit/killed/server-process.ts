import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Commands, Request, Told } from './server.ts';

/** What may die of a server: all of it, or one of its threads. */
export type Part = 'app' | 'mailbox' | 'mime';

type Result<C extends keyof Commands> = Awaited<ReturnType<Commands[C]>>;

/** A server in a process of its own. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, (answer: { value: unknown } | null) => void>();
  #lastCall = 0;
  #isStruck = false;
  #isThreadStruck = false;
  #onSaving: (() => void) | null = null;
  /** Where it listens; null when it dies before it does. */
  readonly port: Promise<number | null>;
  /** Resolves when it is dead, and everything that it told is heard. */
  readonly gone: Promise<unknown>;

  /** @param folder its database lies there */
  constructor(folder: string) {
    // The options that the tests' own Node runs with are not the app's.
    this.#child = fork(fileURLToPath(new URL('server.ts', import.meta.url)), [folder], { execArgv: [] });
    onTestFinished(() => void this.#child.kill('SIGKILL'));
    this.gone = Promise.all([once(this.#child, 'exit'), once(this.#child, 'disconnect')]);
    const listens = new Promise<number>((resolve) => {
      this.#child.on('message', (told: Told) => {
        if ('port' in told) resolve(told.port);
        else if ('isSaving' in told) this.#onSaving?.();
        else this.#settle(told);
      });
    });
    this.port = Promise.race([listens, this.gone.then(() => null)]);
  }

  /** Whether it, or a part of it, was killed, so that it owes nothing more. */
  get isStruck(): boolean {
    return this.#isStruck;
  }

  /** @returns null when it died before it answered, or cannot do it any more */
  ask<C extends keyof Commands>(command: C, ...values: Parameters<Commands[C]>): Promise<{ value: Result<C> } | null> {
    const call = ++this.#lastCall;
    const answer = new Promise<{ value: unknown } | null>((resolve) => this.#calls.set(call, resolve));
    // What cannot be sent any more is answered by its end.
    this.#child.send({ call, command, arguments: values } satisfies Request, () => undefined);
    return Promise.race([answer as Promise<{ value: Result<C> } | null>, this.gone.then(() => null)]);
  }

  /** Kills a part of it. @returns once that is dead: whether it lived */
  async strike(part: Part): Promise<boolean> {
    this.#isStruck = true;
    if (part !== 'app') {
      this.#isThreadStruck = true;
      return (await this.ask('endThread', part))?.value ?? false;
    }
    this.#child.kill('SIGKILL');
    await this.gone;
    const { exitCode, signalCode } = this.#child;
    // Seldom Node itself dies, by a signal, of a thread that is ended where it begins to compress: "close before init".
    const isKilled = signalCode === 'SIGKILL' || (signalCode !== null && this.#isThreadStruck);
    if (!isKilled) throw new Error(`The server ended by itself: ${exitCode ?? signalCode}`);
    return true;
  }

  /** Resolves when what the parser read is on its way to the mailbox, or it is dead. */
  async saves(): Promise<void> {
    await Promise.race([new Promise<void>((resolve) => (this.#onSaving = resolve)), this.gone]);
  }

  /** Resolves once every message was read that is there, or it is dead. */
  async everythingIsRead(): Promise<void> {
    for (;;) {
      const saves = this.saves();
      const unread = await this.ask('unindexed', 1);
      if (unread === null || unread.value.length === 0) return;
      await saves;
    }
  }

  #settle(told: Extract<Told, { call: number }>): void {
    const resolve = this.#calls.get(told.call);
    this.#calls.delete(told.call);
    if ('value' in told) resolve?.({ value: told.value });
    else if (this.#isStruck) resolve?.(null);
    else throw new Error(told.error);
  }
}
