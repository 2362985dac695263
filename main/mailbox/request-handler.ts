import { ContentInspector } from './content-inspector.ts';
import { isFull } from './database.ts';
import type { MailboxEvent, MailboxRequest } from './protocol.ts';
import type { MailStore } from './store.ts';

interface OpenDelivery {
  /** Of its pieces. */
  contentId: number;
  inspector: ContentInspector;
  /** Why a piece of it could not be written: it will never be whole. */
  broken: 'no space' | 'error' | null;
}

/** Does what one client of the mailbox's thread asks for. */
export class RequestHandler {
  #store: MailStore;
  readonly #deliveries = new Map<number, OpenDelivery>();
  /** Refused sessions that go on: their part → their id. */
  readonly #refusedParts = new Map<number, number>();

  /** What went wrong in the batch, last. */
  #failure: { error: unknown } | null = null;
  readonly #onError: (error: unknown) => void;

  /** @param onError hears why a batch was undone, or a query failed, once the transaction is over */
  constructor(store: MailStore, onError: (error: unknown) => void) {
    this.#store = store;
    this.#onError = onError;
  }

  /** Goes on with another store: what was not finished with the one before is lost. */
  useStore(store: MailStore): void {
    this.#store = store;
    this.#refusedParts.clear();
    for (const delivery of this.#deliveries.values()) {
      delivery.broken = 'error';
      // What it had is another message's here.
      delivery.contentId = store.content.newId();
    }
  }

  /** Does what a batch asks for in one transaction. @returns the answers: what they say is committed */
  handle(batch: MailboxRequest[]): MailboxEvent[] {
    this.#failure = null;
    let events: MailboxEvent[];
    try {
      events = batch.flatMap((request) => this.#handle(request));
      this.#store.commit();
    } catch (error) {
      // Nothing in the batch was committed, so nothing of it may be acknowledged.
      this.#store.rollback();
      events = batch.flatMap((request) => this.#refuse(request, error));
      this.#failure = { error };
    }
    if (this.#failure !== null) this.#onError(this.#failure.error);
    return events;
  }

  /** The client is gone: what it did not finish is forgotten. */
  discard(): void {
    this.handle([...this.#deliveries.keys()].map((delivery) => ({ type: 'discard', delivery })));
  }

  #openDelivery(number: number): OpenDelivery {
    let delivery = this.#deliveries.get(number);
    if (delivery === undefined) {
      delivery = { contentId: this.#store.content.newId(), inspector: new ContentInspector(), broken: null };
      this.#deliveries.set(number, delivery);
    }
    return delivery;
  }

  #handle(request: MailboxRequest): MailboxEvent[] {
    switch (request.type) {
      case 'piece': {
        const { contentId, inspector, broken } = this.#openDelivery(request.delivery);
        inspector.write(request.bytes);
        if (broken === null) this.#store.content.write(contentId, request.position, request.bytes);
        return [{ type: 'written', octets: request.bytes.length }];
      }
      case 'store':
        return [{ type: 'written', octets: request.bytes.length }, this.#storeMessage(request)];
      case 'discard':
        this.#store.content.discard(this.#openDelivery(request.delivery).contentId);
        this.#deliveries.delete(request.delivery);
        return [];
      case 'refused':
        return [written(request), { type: 'refused', id: this.#keepRefused(request) }];
      case 'query':
        try {
          return [{ type: 'result', call: request.call, value: this.#callStore(request) }];
        } catch (error) {
          // That the bytes of one message cannot be read is no reason to take leave of all the others.
          if (request.method !== 'source' && request.method !== 'sessionRecord') this.#failure = { error };
          return [{ type: 'error', call: request.call, message: (error as Error).message }];
        }
      case 'change':
        return [{ type: 'result', call: request.call, value: this.#callStore(request) }];
      default:
        return [];
    }
  }

  #storeMessage(request: MailboxRequest & { type: 'store' }): MailboxEvent {
    const { delivery, receivedAt, size, envelope, record, bytes, placement } = request;
    const { contentId, inspector, broken } = this.#openDelivery(delivery);
    this.#deliveries.delete(delivery);
    if (broken !== null) {
      this.#store.content.discard(contentId);
      return { type: 'not stored', delivery, reason: broken };
    }
    inspector.write(bytes);
    // They are on what a client did, and there was none.
    const notes = envelope.protocol === null ? record.notes : [...record.notes, ...inspector.notes(envelope)];
    const id = this.#store.insert({
      ...{ contentId, rest: bytes, receivedAt, size, envelope, placement },
      record: { ...record, notes },
    });
    return { type: 'stored', delivery, id };
  }

  #keepRefused({ part, session, isOver }: MailboxRequest & { type: 'refused' }): number {
    const { refused } = this.#store;
    let id = this.#refusedParts.get(part);
    if (id === undefined) id = refused.insert(session);
    else refused.update(id, session);
    if (isOver) this.#refusedParts.delete(part);
    else this.#refusedParts.set(part, id);
    return id;
  }

  #callStore({ method, arguments: values }: MailboxRequest & { type: 'query' | 'change' }): unknown {
    const [name, part] = method.split('.').reverse() as [string, string | undefined];
    const store: unknown = part === undefined ? this.#store : Reflect.get(this.#store, part);
    // The compiler cannot see that method and arguments belong together; the client's types say so.
    const calls = store as Record<string, (...values: unknown[]) => unknown>;
    return calls[name]?.(...values);
  }

  /** What a request is told whose batch failed. Pieces that were committed earlier are swept at the next start. */
  #refuse(request: MailboxRequest, error: unknown): MailboxEvent[] {
    switch (request.type) {
      case 'piece':
        this.#openDelivery(request.delivery).broken = isFull(error) ? 'no space' : 'error';
        return [{ type: 'written', octets: request.bytes.length }];
      case 'store':
        this.#deliveries.delete(request.delivery);
        return [
          { type: 'written', octets: request.bytes.length },
          { type: 'not stored', delivery: request.delivery, reason: isFull(error) ? 'no space' : 'error' },
        ];
      case 'discard':
        this.#deliveries.delete(request.delivery);
        return [];
      case 'query':
      case 'change':
        return [{ type: 'error', call: request.call, message: (error as Error).message }];
      case 'refused':
        // The id that it was given belongs to another now.
        this.#refusedParts.delete(request.part);
        return [written(request)];
      default:
        return [];
    }
  }
}

const written = ({ session }: MailboxRequest & { type: 'refused' }): MailboxEvent => ({
  type: 'written',
  octets: session.transcript.length,
});
