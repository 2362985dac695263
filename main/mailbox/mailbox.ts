import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { chosenMessages, countMessages } from './chosen.ts';
import { MailboxConnection } from './connection.ts';
import type { MailDelivery } from './delivery.ts';
import type {
  ChosenMessages,
  Envelope,
  MailCounts,
  MessageCounts,
  MessageFilter,
  MessagePage,
  MessageSummary,
  RefusedPage,
  RefusedSession,
  RefusedSummary,
  Retention,
  SessionRecord,
  SourcePiece,
  TagColor,
} from './message.ts';
import type { MailboxEvent } from './protocol.ts';
import type { ParseOutcome, SetAside } from './store.ts';

export interface MailboxEvents {
  /** Messages that arrived or whose row changed. */
  changed: [ids: number[]];
  removed: [ids: number[]];
  /** More was changed than is named one by one. */
  cleared: [];
  /** The same for refused sessions. */
  refusedChanged: [ids: number[]];
  refusedRemoved: [ids: number[]];
  refusedCleared: [];
  /** The database turned out to be damaged, and a new one was begun. */
  setAside: [setAside: SetAside];
  /** A message could not be kept, and its client was told so. */
  notStored: [reason: 'no space' | 'error'];
  /** Something that the thread does by itself could not be done. */
  problem: [error: Error];
  /** The worker died. Nothing more is stored; what it had committed is safe. */
  failed: [error: Error];
}

/** What was caught: the main thread's side of the worker that keeps it. */
export class Mailbox extends EventEmitter<MailboxEvents> {
  readonly #worker: Worker;
  readonly #connection: MailboxConnection;
  readonly #opened = Promise.withResolvers<SetAside | null>();
  #closing: Promise<void> | null = null;
  #arrived = 0;

  /**
   * @param worker the script of the worker thread
   * @param file the database's path; its folder must exist
   */
  constructor(worker: URL, file: string) {
    super();
    this.#worker = new Worker(worker, { workerData: { file }, name: 'mailbox' });
    this.#connection = new MailboxConnection(this.#worker, (events) => this.#hear(events));
    this.#opened.promise.catch(() => undefined);
    this.#worker.on('error', (error) => this.#fail(error as Error));
    this.#worker.on('exit', () => {
      if (this.#closing === null) this.#fail(new Error('it ended'));
      else this.#connection.fail(new Error('The mailbox is closed.'));
    });
  }

  /**
   * Resolves when the database is open.
   * @returns what had to be set aside because it could not be opened; mostly null
   * @throws Error when no database could be opened or begun
   */
  opened(): Promise<SetAside | null> {
    return this.#opened.promise;
  }

  /** Messages that were stored since the start. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Takes in a message. */
  receive(envelope: Envelope): MailDelivery {
    return this.#connection.receive(envelope);
  }

  /**
   * Keeps a session, or a part of one, in which something was refused.
   * @param part a number for it: where it comes again, it takes its own place
   * @param isOver whether it will not come again
   * @returns a promise when the mailbox is behind: nothing more until it resolves
   */
  keepRefused(part: number, session: RefusedSession, isOver: boolean): Promise<void> | undefined {
    return this.#connection.sendMuch({ type: 'refused', part, session, isOver }, session.transcript.length);
  }

  refusedList(before: number | undefined, limit: number): Promise<RefusedPage> {
    return this.#connection.query('refused.list', before, limit);
  }

  refusedSummaries(ids: number[]): Promise<RefusedSummary[]> {
    return this.#connection.query('refused.summaries', ids);
  }

  refusedCounts(): Promise<MessageCounts> {
    return this.#connection.query('refused.counts');
  }

  refusedSession(id: number): Promise<(RefusedSummary & SessionRecord) | null> {
    return this.#connection.query('refused.session', id);
  }

  async setRefusedUnread(ids: number[], unread: boolean): Promise<void> {
    await this.#connection.change('refused.setUnread', ids, unread);
    this.emit('refusedChanged', ids);
  }

  async deleteRefused(ids: number[]): Promise<void> {
    await this.#connection.change('refused.delete', ids);
    this.emit('refusedRemoved', ids);
  }

  async deleteRefusedThrough(through: number): Promise<void> {
    await this.#connection.change('refused.deleteThrough', through);
    this.emit('refusedCleared');
  }

  /** @returns what was said when the message came in; null when nothing is known of it */
  sessionRecord(id: number): Promise<SessionRecord | null> {
    return this.#connection.query('sessionRecord', id);
  }

  list(filter: MessageFilter, before: number | undefined, limit: number): Promise<MessagePage> {
    return this.#connection.query('list', filter, before, limit);
  }

  /**
   * How many messages a list holds. Counted part by part, so that nobody waits for it.
   * @param signal ends it
   * @throws Error when the search is wrong; the signal's reason when it was ended
   */
  count(filter: MessageFilter, signal: AbortSignal): Promise<number> {
    return countMessages(this.#connection, filter, signal);
  }

  summaries(ids: number[]): Promise<MessageSummary[]> {
    return this.#connection.query('summaries', ids);
  }

  counts(): Promise<MailCounts> {
    return this.#connection.query('counts');
  }

  /** @param length octets, at most */
  source(id: number, offset: number, length: number): Promise<SourcePiece | null> {
    return this.#connection.query('source', id, offset, length);
  }

  /** @returns at most `limit` messages that are not indexed yet, oldest first */
  unindexed(limit: number): Promise<number[]> {
    return this.#connection.query('unindexed', limit);
  }

  async saveParsed(outcomes: ParseOutcome[]): Promise<void> {
    await this.#connection.change('saveParsed', outcomes);
    this.emit(
      'changed',
      outcomes.map(({ id }) => id),
    );
  }

  async setUnread(messages: ChosenMessages, unread: boolean): Promise<void> {
    await this.#changeChosen(messages, (ids) => this.#connection.change('setUnread', ids, unread));
  }

  async setStarred(messages: ChosenMessages, starred: boolean): Promise<void> {
    await this.#changeChosen(messages, (ids) => this.#connection.change('setStarred', ids, starred));
  }

  /** Puts a tag on messages, or takes it off. */
  async setTag(messages: ChosenMessages, tag: number, isOn: boolean): Promise<void> {
    await this.#changeChosen(messages, (ids) => this.#connection.change('tags.set', ids, tag, isOn));
  }

  /** @returns the id of the tag of that name, which is made where there is none */
  async createTag(name: string, color: TagColor): Promise<number> {
    const id = await this.#connection.change('tags.create', name, color);
    this.emit('changed', []);
    return id;
  }

  /** @throws Error when another one has that name */
  async changeTag(id: number, name: string, color: TagColor): Promise<void> {
    const isFree = await this.#connection.change('tags.change', id, name, color);
    if (!isFree) throw new Error(`There is a tag ${name} already.`);
    this.emit('changed', []);
  }

  /** Takes the tag off all messages, and deletes it. */
  async deleteTag(id: number): Promise<void> {
    await this.#connection.change('tags.delete', id);
    this.emit('cleared');
  }

  /**
   * Deletes messages: they are hidden at once.
   * @returns the deletion's id, for {@link restore}, and how many messages it holds
   */
  async delete(messages: ChosenMessages): Promise<{ deletion: number; count: number }> {
    if ('through' in messages && messages.search.trim() === '') {
      const result = await this.#connection.change('deleteThrough', messages);
      this.emit('cleared');
      return result;
    }
    const deletion = await this.#connection.change('deletions.begin');
    let count = 0;
    for await (const ids of chosenMessages(this.#connection, messages)) {
      count += await this.#connection.change('deletions.add', deletion, ids);
      if ('ids' in messages) this.emit('removed', ids);
      else this.emit('cleared');
    }
    return { deletion, count };
  }

  /** Brings back what was deleted. @throws Error when it is gone for good */
  async restore(deletion: number): Promise<void> {
    const isThere = await this.#connection.change('deletions.restore', deletion);
    if (!isThere) throw new Error('It was deleted too long ago, or something else was deleted after it.');
    this.emit('cleared');
  }

  /** What is kept of all mailboxes together, from now on. */
  setRetention(retention: Retention): void {
    this.#connection.send({ type: 'retention', retention });
  }

  /** What is kept of one mailbox. @param retention null: no limits of its own */
  async setMailboxRetention(id: number, retention: Retention | null): Promise<void> {
    await this.#connection.change('setRetention', id, retention);
    this.emit('changed', []);
  }

  async renameMailbox(id: number, name: string): Promise<void> {
    await this.#connection.change('renameMailbox', id, name);
    this.emit('changed', []);
  }

  async deleteMailbox(id: number): Promise<void> {
    await this.#connection.change('deleteMailbox', id);
    this.emit('cleared');
  }

  /** Gives somebody on another thread a port that answers each `SourceRequest` with a `SourceAnswer`, in order. */
  serveSource(port: MessagePort): void {
    this.#connection.send({ type: 'source port', port }, port);
  }

  /**
   * @returns a port for a {@link MailboxConnection} on another thread; who closes it has nothing to clean up. It is closed
   *   from this side where the mailbox stopped working.
   */
  openPort(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    if (this.#connection.failure === null) this.#connection.send({ type: 'port', port: port1 }, port1);
    else port1.close();
    return port2;
  }

  /** Finishes what was asked, then closes the database and ends the thread. */
  close(): Promise<void> {
    if (this.#connection.failure !== null) return Promise.resolve();
    this.#closing ??= new Promise((resolve) => {
      this.#worker.once('exit', () => resolve());
      this.#connection.send({ type: 'close' });
    });
    return this.#closing;
  }

  async #changeChosen(messages: ChosenMessages, change: (ids: number[]) => Promise<unknown>): Promise<void> {
    for await (const ids of chosenMessages(this.#connection, messages)) {
      await change(ids);
      if ('ids' in messages) this.emit('changed', ids);
      else this.emit('cleared');
    }
  }

  #hear(events: MailboxEvent[]): void {
    const changed: number[] = [];
    const refused: number[] = [];
    for (const event of events) {
      switch (event.type) {
        case 'opened':
          this.#opened.resolve(event.setAside);
          break;
        case 'set aside':
          this.emit('setAside', event.setAside);
          this.emit('cleared');
          this.emit('refusedCleared');
          break;
        case 'not stored':
          this.emit('notStored', event.reason);
          break;
        case 'stored':
          changed.push(event.id);
          this.#arrived++;
          break;
        case 'arrived':
          changed.push(...event.ids);
          this.#arrived += event.ids.length;
          break;
        case 'refused':
          refused.push(event.id);
          break;
        case 'outlived':
          this.emit('removed', event.ids);
          break;
        case 'problem':
          this.emit('problem', new Error(event.message));
          break;
      }
    }
    if (changed.length > 0) this.emit('changed', changed);
    if (refused.length > 0) this.emit('refusedChanged', refused);
  }

  #fail(error: Error): void {
    if (this.#connection.failure !== null) return;
    const failure = new Error(`The mailbox stopped working: ${error.message}`, { cause: error });
    this.#opened.reject(failure);
    this.#connection.fail(failure);
    this.emit('failed', failure);
  }
}
