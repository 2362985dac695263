/** The mailbox's thread: takes requests in batches, commits once for each batch, and only then answers. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { free } from './content-store.ts';
import { isDamaged, isIndexDamaged } from './database.ts';
import { Housekeeper } from './housekeeper.ts';
import type { MailboxEvent, MailboxRequest, MailboxWorkerData, SourceAnswer, SourceRequest } from './protocol.ts';
import { RequestHandler } from './request-handler.ts';
import { beginAnew, openStore } from './store.ts';

const main = parentPort as MessagePort;
const { file } = workerData as MailboxWorkerData;
const opened = openStore(file);
let { store } = opened;
const ports = new Set<MessagePort>();
const handlers = new Set<RequestHandler>();
const housekeeper = new Housekeeper(store, {
  onOutlived: (ids) => post(main, [{ type: 'outlived', ids }]),
  onProblem: (error) => {
    post(main, [{ type: 'problem', message: error.message }]);
    mend(error);
  },
});

post(main, [{ type: 'opened', setAside: opened.setAside }]);
housekeeper.wake();
serve(main);

function serve(port: MessagePort): void {
  const handler = new RequestHandler(store, mend);
  handlers.add(handler);
  keep(port, () => {
    handlers.delete(handler);
    handler.discard();
  });
  port.on('message', (batch: MailboxRequest[]) => {
    for (const request of batch) prepare(request);
    const events = handler.handle(batch);
    post(port, events);
    if (port !== main) tellArrived(events);
    for (const request of batch) if ('bytes' in request) free(request.bytes);
    if (batch.some(({ type }) => type === 'close')) close();
    else housekeeper.wake();
  });
}

/** Does what can be done about a damaged file: the index is made again, anything else is set aside, and a new one begun. */
function mend(error: unknown): void {
  if (!isDamaged(error) || (isIndexDamaged(error) && rebuildIndex())) return;
  store.close();
  const anew = beginAnew(file, error as Error);
  ({ store } = anew);
  housekeeper.store = store;
  for (const handler of handlers) handler.useStore(store);
  post(main, [{ type: 'set aside', setAside: anew.setAside }]);
}

/** @returns whether it could be */
function rebuildIndex(): boolean {
  try {
    store.rebuildIndex();
    post(main, [{ type: 'problem', message: 'The full-text index was damaged, and is made again.' }]);
    return true;
  } catch (error) {
    store.rollback();
    if (isDamaged(error)) return false;
    throw error;
  }
}

function serveSource(port: MessagePort): void {
  keep(port);
  port.on('message', ({ id, offset, length }: SourceRequest) => {
    let answer: SourceAnswer;
    try {
      answer = store.source(id, offset, length);
    } catch (error) {
      answer = { error: (error as Error).message };
    }
    port.postMessage(answer, isSourcePiece(answer) ? [answer.bytes.buffer as ArrayBuffer] : []);
  });
}

/** The main thread hears of all mail, whoever delivered it. */
function tellArrived(events: MailboxEvent[]): void {
  const ids = events.flatMap((event) => (event.type === 'stored' ? [event.id] : []));
  if (ids.length > 0) post(main, [{ type: 'arrived', ids }]);
}

/** @param onGone when the other side closes it, or its thread ends */
function keep(port: MessagePort, onGone: () => void = () => undefined): void {
  ports.add(port);
  port.on('close', () => {
    if (ports.delete(port)) onGone();
  });
}

/** What is asked of the thread and not of the store. */
function prepare(request: MailboxRequest): void {
  if (request.type === 'port') serve(request.port);
  else if (request.type === 'source port') serveSource(request.port);
  else if (request.type === 'retention') housekeeper.retention = request.retention;
}

/** Without a port the thread ends. */
function close(): void {
  housekeeper.stop();
  store.close();
  const open = [...ports];
  ports.clear();
  for (const port of open) port.close();
}

function post(port: MessagePort, events: MailboxEvent[]): void {
  const transfer = events.flatMap((event) =>
    event.type === 'result' && isSourcePiece(event.value) ? [event.value.bytes.buffer as ArrayBuffer] : [],
  );
  port.postMessage(events, transfer);
}

const isSourcePiece = (value: unknown): value is { bytes: Uint8Array } =>
  typeof value === 'object' && value !== null && 'bytes' in value && value.bytes instanceof Uint8Array;
