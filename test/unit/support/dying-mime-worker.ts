/** The parser's thread, but that it dies of the message 1. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import '../../../main/mime/worker.ts';
import type { ParserRequest } from '../../../main/mime/protocol.ts';

(parentPort as MessagePort).on('message', (request: ParserRequest) => {
  if ('id' in request && request.id === 1) throw new Error('out of order');
});
