/** Mail data alone, without sockets: through this server's protocol, and through the stream parser of smtp-server. */
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { say } from '../../scripts/run/messages.mjs';
import { replies } from '../../main/smtp/replies.ts';
import { Conversation } from '../unit/smtp/conversation.ts';
import { peersFolder } from './peers/folder.mjs';
import { type Target, atLeast, formatRatio, markdownTable, median, medianRatio } from './report.ts';

/** What `smtp-server/lib/smtp-stream.js` exports, as far as it is used here. */
interface StreamParser extends Writable {
  startDataMode(): Readable;
  continue(): void;
}
const { SMTPStream } = createRequire(join(peersFolder, 'package.json'))('smtp-server/lib/smtp-stream.js') as {
  SMTPStream: new () => StreamParser;
};

const MESSAGE_SIZE = 1024 * 1024;
const CHUNK_SIZE = 64 * 1024;
const words = 'The quick brown fox jumps over the lazy dog, and the lazy dog sleeps on all day.';

/**
 * What a message repeats. Lines that begin with a dot cost smtp-server by the line, so their length matters.
 * `messages`: of each round; many where one takes less than a millisecond.
 */
const texts: { name: string; line: string; messages: number; target?: Target }[] = [
  { name: 'plain text, lines of 78 octets', line: `${words.slice(0, 76)}\r\n`, messages: 40, target: atLeast(3) },
  {
    name: 'lines of 78 octets that begin with a dot',
    line: `.${words.slice(0, 75)}\r\n`,
    messages: 20,
    target: atLeast(50),
  },
  { name: 'lines of a dot alone', line: '.\r\n', messages: 1 },
];

/** A way to read the chunks of one message. @returns milliseconds that it took, and octets of the message */
type Reader = (chunks: readonly Buffer[]) => Promise<{ time: number; octets: number }>;

const { protocol } = new Conversation({}, { maxMessageSize: 2 * MESSAGE_SIZE });

/** Does what the protocol asks for. @returns octets of mail data among it */
function obey(): number {
  let octets = 0;
  for (let event = protocol.next(); event !== null; event = protocol.next()) {
    if (event.type === 'verdict') protocol.allow();
    else if (event.type === 'content') octets += event.bytes.length;
    else if (event.type === 'store') protocol.answerData(replies.messageAccepted('1'));
  }
  return octets;
}

const readHere: Reader = (chunks) => {
  protocol.receive(Buffer.from('HELO client.test\r\nMAIL FROM:<a@client.test>\r\nRCPT TO:<b@server.test>\r\nDATA\r\n'));
  obey();
  let octets = 0;
  const begun = performance.now();
  for (const chunk of chunks) {
    protocol.receive(chunk);
    octets += obey();
  }
  const time = performance.now() - begun;
  if (protocol.isReceivingMail) throw new Error('the message did not end');
  return Promise.resolve({ time, octets });
};

const readThere: Reader = async (chunks) => {
  const parser = new SMTPStream();
  let octets = 0;
  const begun = performance.now();
  const message = parser.startDataMode();
  message.on('data', (bytes: Buffer) => (octets += bytes.length));
  message.once('end', () => parser.continue());
  const ended = once(message, 'end');
  for (const chunk of chunks) if (!parser.write(chunk)) await once(parser, 'drain');
  await ended;
  return { time: performance.now() - begun, octets };
};

/** A message as it comes over the wire: the dots stuffed (RFC 5321 section 4.5.2), cut into chunks. */
function wire(message: string): Buffer[] {
  const bytes = Buffer.from(`${message.replaceAll(/^\./gm, '..')}.\r\n`);
  return Array.from({ length: Math.ceil(bytes.length / CHUNK_SIZE) }, (_, at) =>
    bytes.subarray(at * CHUNK_SIZE, (at + 1) * CHUNK_SIZE),
  );
}

/** Lets both have their turns: `messages` of them in every round, and as many before that do not count. */
async function compare(line: string, messages: number, rounds: number): Promise<{ here: number[]; there: number[] }> {
  const message = line.repeat(Math.floor(MESSAGE_SIZE / line.length));
  const chunks = wire(message);
  /** @returns megabytes a second */
  const rate = async (read: Reader): Promise<number> => {
    const { time, octets } = await read(chunks);
    if (octets !== message.length) throw new Error(`${octets} octets were read, not ${message.length}`);
    return octets / time / 1000;
  };
  const rates: { here: number[]; there: number[] } = { here: [], there: [] };
  for (let count = 0; count < (1 + rounds) * messages; count++) {
    const [here, there] = [await rate(readHere), await rate(readThere)];
    if (count < messages) continue;
    rates.here.push(here);
    rates.there.push(there);
  }
  return rates;
}

/** Feeds a megabyte at a time to both, in turns. */
export async function data(rounds: number): Promise<string> {
  const rows: string[][] = [];
  for (const { name, line, messages, target } of texts) {
    const { here, there } = await compare(line, messages, rounds);
    say(`${name}: ${median(here).toFixed(0)} MB/s, smtp-server ${median(there).toFixed(0)} MB/s`);
    rows.push([name, formatRatio(medianRatio(here, there), target)]);
  }
  return markdownTable(['DATA alone, a megabyte of', 'octets a second, times those of smtp-server'], rows);
}
