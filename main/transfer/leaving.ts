import { fileNameOfTitle } from '../file-name.ts';
import type { ChosenMessages, MessageSummary, SourcePiece } from '../mailbox/message.ts';
import type { Mail } from './mail.ts';
import type { ProgressReport } from './progress.ts';
import { traceHeaders } from './trace.ts';

/** Octets of a message that are asked for at a time, and messages whose first ones are. */
const PIECE_SIZE = 256 * 1024;
const AT_ONCE = 16;

/** A message on its way out. */
export interface LeavingMessage {
  /** Of a file for it, among all there are. */
  fileName: string;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  reversePath: string;
  /** Octets, about. */
  size: number;
  /** The stored bytes, with the trace headers before them. Read once, and before the next message is asked for. */
  bytes: AsyncIterable<Uint8Array>;
}

export interface LeavingOptions {
  /** Of this server, for trace headers. */
  hostName: string;
  report: ProgressReport;
  signal: AbortSignal;
}

/**
 * The messages that are chosen, oldest first. What was deleted meanwhile is left out; what cannot be read is left out as
 * well, and told.
 * @throws Error when the search is wrong, or a message turns out to be unreadable in its middle
 */
export async function* leavingMessages(
  mail: Mail,
  messages: ChosenMessages,
  { hostName, report, signal }: LeavingOptions,
): AsyncGenerator<LeavingMessage> {
  const total = await mail.count(messages, signal);
  let done = 0;
  for await (const ids of mail.chosen(messages)) {
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      const some = ids.slice(start, start + AT_ONCE);
      for (const { summary, first } of await readSome(mail, some)) {
        signal.throwIfAborted();
        if (first instanceof Error) report.problem(nameOf(summary), `It cannot be read: ${first.message}`);
        if (first === null || first instanceof Error) continue;
        const trace = Buffer.from(traceHeaders(summary, hostName));
        yield {
          fileName: fileNameOf(summary),
          receivedAt: summary.receivedAt,
          reversePath: summary.envelope.reversePath,
          size: trace.length + summary.size,
          bytes: bytesOf(mail, summary, trace, first, signal),
        };
        report.message();
      }
      done += some.length;
      report.reached(done, total);
    }
  }
}

interface Begun {
  summary: MessageSummary;
  /** Its first octets, which mostly are all; null when it is gone. */
  first: SourcePiece | Error | null;
}

/** Several are asked for at once: most messages are small, and each question takes its time. */
async function readSome(mail: Mail, ids: number[]): Promise<Begun[]> {
  const summaries = (await mail.summaries(ids)).sort((a, b) => a.id - b.id);
  const begin = async (summary: MessageSummary): Promise<Begun> => {
    try {
      return { summary, first: await mail.source(summary.id, 0, PIECE_SIZE) };
    } catch (error) {
      // One that cannot be read keeps none of the others; a mailbox that stopped working keeps all.
      if (mail.failure !== null) throw error;
      return { summary, first: error as Error };
    }
  };
  return Promise.all(summaries.map(begin));
}

async function* bytesOf(
  mail: Mail,
  summary: MessageSummary,
  trace: Buffer,
  first: SourcePiece,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  if (trace.length > 0) yield trace;
  if (first.bytes.length > 0) yield first.bytes;
  for (let offset = first.bytes.length; offset < first.size;) {
    signal.throwIfAborted();
    const piece = await mail.source(summary.id, offset, PIECE_SIZE).catch((error: unknown) => {
      throw new Error(`${nameOf(summary)} cannot be read: ${(error as Error).message}`, { cause: error });
    });
    if (piece === null) throw new Error(`${nameOf(summary)} was deleted while it was written.`);
    yield piece.bytes;
    offset += piece.bytes.length;
  }
}

/** A message as people call it. */
const nameOf = ({ id, digest }: MessageSummary): string => (digest?.subject ? `“${digest.subject}”` : `Message ${id}`);

/** @returns `1182 Your order.eml`: one of its own for each message */
function fileNameOf({ id, digest }: MessageSummary): string {
  return `${fileNameOfTitle(`${id} ${digest?.subject ?? ''}`, String(id))}.eml`;
}
