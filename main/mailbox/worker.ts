/** The mailbox's thread: takes requests in batches, commits once for each batch, and only then answers. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ContentInspector } from './content-inspector.ts';
import type { MailboxEvent, MailboxRequest, MailboxWorkerData, SourceAnswer, SourceRequest } from './protocol.ts';
import { free, isFull, openStore } from './store.ts';

interface OpenDelivery {
  /** Of its pieces, see {@link MailStore.newContentId}. */
  contentId: number;
  inspector: ContentInspector;
  /** Why a piece of it could not be written: it will never be whole. */
  broken: 'no space' | 'error' | null;
}

const port = parentPort as MessagePort;
const { store, setAside, reason } = openStore((workerData as MailboxWorkerData).file);
const deliveries = new Map<number, OpenDelivery>();
/** Refused sessions that go on: their part → their id. */
const refusedParts = new Map<number, number>();

post([{ type: 'opened', setAside, reason }]);
port.on('message', (batch: MailboxRequest[]) => {
  for (const request of batch) if (request.type === 'source port') serveSource(request.port);
  let events: MailboxEvent[];
  try {
    events = batch.flatMap(handle);
    store.commit();
  } catch (error) {
    // Nothing in the batch was committed, so nothing of it may be acknowledged.
    store.rollback();
    events = batch.flatMap((request) => refuse(request, error));
  }
  post(events);
  for (const request of batch) if ('bytes' in request) free(request.bytes);
  if (batch.some((request) => request.type === 'close')) {
    store.close();
    port.close();
  }
});

function post(events: MailboxEvent[]): void {
  const transfer = events.flatMap((event) =>
    event.type === 'result' && isSourcePiece(event.value) ? [event.value.bytes.buffer as ArrayBuffer] : [],
  );
  port.postMessage(events, transfer);
}

const isSourcePiece = (value: unknown): value is { bytes: Uint8Array } =>
  typeof value === 'object' && value !== null && 'bytes' in value && value.bytes instanceof Uint8Array;

function openDelivery(number: number): OpenDelivery {
  let delivery = deliveries.get(number);
  if (delivery === undefined) {
    delivery = { contentId: store.newContentId(), inspector: new ContentInspector(), broken: null };
    deliveries.set(number, delivery);
  }
  return delivery;
}

function handle(request: MailboxRequest): MailboxEvent[] {
  switch (request.type) {
    case 'piece': {
      const { contentId, inspector, broken } = openDelivery(request.delivery);
      inspector.write(request.bytes);
      if (broken === null) store.writePiece(contentId, request.position, request.bytes);
      return [{ type: 'written', octets: request.bytes.length }];
    }
    case 'store': {
      const { delivery: number, receivedAt, size, envelope, record, position, bytes } = request;
      const { contentId, inspector, broken } = openDelivery(number);
      deliveries.delete(number);
      const written: MailboxEvent = { type: 'written', octets: bytes.length };
      if (broken !== null) {
        store.discardPieces(contentId);
        return [written, { type: 'not stored', delivery: number, reason: broken }];
      }
      if (bytes.length > 0) store.writePiece(contentId, position, bytes);
      inspector.write(bytes);
      const notes = [...record.notes, ...inspector.notes(envelope)];
      const id = store.insert({ contentId, receivedAt, size, envelope, record: { ...record, notes } });
      return [written, { type: 'stored', delivery: number, id }];
    }
    case 'discard':
      store.discardPieces(openDelivery(request.delivery).contentId);
      deliveries.delete(request.delivery);
      return [];
    case 'refused':
      return [written(request), { type: 'refused', id: keepRefused(request) }];
    case 'query':
      try {
        return [{ type: 'result', call: request.call, value: callStore(request) }];
      } catch (error) {
        return [{ type: 'error', call: request.call, message: (error as Error).message }];
      }
    case 'change':
      return [{ type: 'result', call: request.call, value: callStore(request) }];
    case 'source port':
    case 'close':
      return [];
  }
}

const written = ({ session }: MailboxRequest & { type: 'refused' }): MailboxEvent => ({
  type: 'written',
  octets: session.transcript.length,
});

function keepRefused({ part, session, isOver }: MailboxRequest & { type: 'refused' }): number {
  let id = refusedParts.get(part);
  if (id === undefined) id = store.insertRefused(session);
  else store.updateRefused(id, session);
  if (isOver) refusedParts.delete(part);
  else refusedParts.set(part, id);
  return id;
}

function callStore(request: MailboxRequest & { type: 'query' | 'change' }): unknown {
  // The compiler cannot see that method and arguments belong together; the client's types say so.
  const calls = store as unknown as Record<string, (...values: unknown[]) => unknown>;
  return calls[request.method]?.(...request.arguments);
}

/** What a request is told whose batch failed. Pieces that were committed earlier are swept at the next start. */
function refuse(request: MailboxRequest, error: unknown): MailboxEvent[] {
  switch (request.type) {
    case 'piece':
      openDelivery(request.delivery).broken = isFull(error) ? 'no space' : 'error';
      return [{ type: 'written', octets: request.bytes.length }];
    case 'store':
      deliveries.delete(request.delivery);
      return [
        { type: 'written', octets: request.bytes.length },
        { type: 'not stored', delivery: request.delivery, reason: isFull(error) ? 'no space' : 'error' },
      ];
    case 'discard':
      deliveries.delete(request.delivery);
      return [];
    case 'query':
    case 'change':
      return [{ type: 'error', call: request.call, message: (error as Error).message }];
    case 'refused':
      // The id that it was given belongs to another now.
      refusedParts.delete(request.part);
      return [written(request)];
    case 'source port':
    case 'close':
      return [];
  }
}

function serveSource(reader: MessagePort): void {
  reader.on('message', ({ id, offset, length }: SourceRequest) => {
    let answer: SourceAnswer;
    try {
      answer = store.source(id, offset, length);
    } catch (error) {
      answer = { error: (error as Error).message };
    }
    reader.postMessage(answer, isSourcePiece(answer) ? [answer.bytes.buffer as ArrayBuffer] : []);
  });
}
