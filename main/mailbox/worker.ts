/** The mailbox's thread: takes requests in batches, commits once for each batch, and only then answers. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { free } from './content-store.ts';
import { Housekeeper } from './housekeeper.ts';
import type { MailboxEvent, MailboxRequest, MailboxWorkerData, SourceAnswer, SourceRequest } from './protocol.ts';
import { RequestHandler } from './request-handler.ts';
import { openStore } from './store.ts';

const main = parentPort as MessagePort;
const { store, setAside, reason } = openStore((workerData as MailboxWorkerData).file);
const ports = new Set<MessagePort>();
const housekeeper = new Housekeeper(store, {
  onOutlived: (ids) => post(main, [{ type: 'outlived', ids }]),
  onProblem: ({ message }) => post(main, [{ type: 'problem', message }]),
});

post(main, [{ type: 'opened', setAside, reason }]);
housekeeper.wake();
serve(main);

function serve(port: MessagePort): void {
  const handler = new RequestHandler(store);
  keep(port, () => handler.discard());
  port.on('message', (batch: MailboxRequest[]) => {
    for (const request of batch) prepare(request);
    post(port, handler.handle(batch));
    for (const request of batch) if ('bytes' in request) free(request.bytes);
    if (batch.some(({ type }) => type === 'close')) close();
    else housekeeper.wake();
  });
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
