/** The parser's thread: reads sources from the mailbox's thread and answers with what they mean. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import type { ParserEvent, ParserRequest } from './protocol.ts';
import { digest, read, writeAttachment } from './parse.ts';
import { SourceReader } from './source-reader.ts';

const port = parentPort as MessagePort;
let source: SourceReader;

port.on('message', (request: ParserRequest) => {
  if (request.type === 'source port') source = new SourceReader(request.port);
  else void answer(request);
});

async function answer(request: Exclude<ParserRequest, { type: 'source port' }>): Promise<void> {
  let event: ParserEvent;
  try {
    event = { call: request.call, value: await run(request) };
  } catch (error) {
    event = { call: request.call, error: (error as Error).message };
  }
  port.postMessage(event);
}

function run(request: Exclude<ParserRequest, { type: 'source port' }>): Promise<unknown> {
  const bytes = source.stream(request.id);
  switch (request.type) {
    case 'digest':
      return digest(bytes);
    case 'read':
      return read(bytes);
    case 'write attachment':
      return writeAttachment(bytes, request.index, request.file);
  }
}
