/** The composition root of a transfer's thread: joins the transfer to the mailbox, as app.ts does on the main thread. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { chosenMessages, countMessages } from './mailbox/chosen.ts';
import { MailboxConnection } from './mailbox/connection.ts';
import type { Mail } from './transfer/mail.ts';
import { ProgressReport } from './transfer/progress.ts';
import type { TransferEvent, TransferWorkerData } from './transfer/protocol.ts';
import { reasonOf } from './transfer/reason.ts';
import { runTransfer } from './transfer/run.ts';

const main = parentPort as MessagePort;
const { task, mailbox, hostName } = workerData as TransferWorkerData;
const tell = (event: TransferEvent): void => main.postMessage(event);

const connection = new MailboxConnection(mailbox);
mailbox.on('close', () => connection.fail(new Error('The mailbox stopped working.')));
const mail: Mail = {
  chosen: (messages) => chosenMessages(connection, messages),
  count: (messages, signal) =>
    'ids' in messages
      ? Promise.resolve(messages.ids.length)
      : countMessages(connection, messages, signal, messages.through),
  summaries: (ids) => connection.query('summaries', ids),
  source: (id, offset, length) => connection.query('source', id, offset, length),
  receive: (envelope) => connection.receive(envelope),
  get failure() {
    return connection.failure;
  },
};

const cancelled = new AbortController();
// All that the main thread ever says.
main.once('message', () => cancelled.abort());

const report = new ProgressReport((progress) => tell({ type: 'progress', progress }));
let error: string | null = null;
try {
  await runTransfer(task, mail, { hostName, report, signal: cancelled.signal });
} catch (thrown) {
  error = reasonOf(thrown);
}
tell({ type: 'ended', progress: report.now, error });
mailbox.close();
main.close();
