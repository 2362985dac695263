/** A mailbox's thread that opens, and dies of the first request: it `ends` or `throws`, whatever its file is called. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { MailboxEvent, MailboxWorkerData } from '../../../main/mailbox/protocol.ts';

const port = parentPort as MessagePort;
port.postMessage([{ type: 'opened', setAside: null }] satisfies MailboxEvent[]);
port.once('message', () => {
  if ((workerData as MailboxWorkerData).file === 'throws') throw new Error('out of order');
  process.exit();
});
