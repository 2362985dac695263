/**
 * The mbox format (RFC 4155), in its form with reversible quotes: mboxrd, http://qmail.org/qmail-manual-html/man5/mbox.html.
 * Lines end with LF there. So of what is written and read again, a message keeps every octet but for these: a bare LF comes
 * back as CRLF, a CR before CRLF is lost, and the last line is ended where it was not.
 */
import { linesOf } from './lines.ts';
import type { LeavingMessage } from './leaving.ts';

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** @returns `Wed Nov 25 13:47:10 2026`: as asctime() of ISO C has it, in UTC */
function asctime(at: number): string {
  const date = new Date(at);
  const time = date.toISOString().slice(11, 19);
  const day = String(date.getUTCDate()).padStart(2);
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${day} ${time} ${date.getUTCFullYear()}`;
}

function fromLine({ reversePath, receivedAt }: LeavingMessage): Buffer {
  const sender = reversePath.replace(/\p{Cc}/gu, '?') || 'MAILER-DAEMON';
  return Buffer.from(`From ${sender} ${asctime(receivedAt)}\n`);
}

/** @returns an mbox of these messages */
export async function* writeMbox(messages: AsyncIterable<LeavingMessage>): AsyncGenerator<Buffer> {
  for await (const message of messages) {
    yield fromLine(message);
    let last = '\n';
    for await (const { text, beginsLine } of linesOf(message.bytes)) {
      // What was before it stands in front, and goes again.
      const lines = `${beginsLine ? '\n' : ' '}${text.replaceAll('\r\n', '\n')}`;
      yield Buffer.from(lines.replace(/\n(>*From )/g, '\n>$1').slice(1), 'latin1');
      last = text.at(-1) ?? last;
    }
    yield Buffer.from(last === '\n' ? '\n' : '\n\n');
  }
}

/** `from` begins a message, and is the line that it begins with; some bytes of it follow. */
export type MboxPart = { from: string } | { bytes: Buffer };

/** What is left of an empty line is put before the next piece: whether it belongs to the message is known only there. */
const isAfterEmptyLine = (text: string, at: number): boolean => /\n\r?\n$/.test(text.slice(Math.max(0, at - 3), at));

/**
 * Reads an mbox, quoted as mboxrd or as mboxo, with LF or CRLF. A line `From ` after an empty line begins a message.
 * @param source begins with such a line
 */
export async function* readMbox(source: AsyncIterable<Uint8Array>): AsyncGenerator<MboxPart> {
  // The beginning counts as an empty line.
  let emptyLine = '\n';
  for await (const piece of linesOf(source)) {
    // What was before it stands in front.
    const text = `${piece.beginsLine ? '\n' : ' '}${emptyLine}${piece.text}`;
    let start = 1;
    for (let at = text.indexOf('From '); at !== -1; at = text.indexOf('From ', at + 1)) {
      if (!isAfterEmptyLine(text, at)) continue;
      yield* unquoted(text, start, at - (text[at - 2] === '\r' ? 2 : 1));
      const end = text.indexOf('\n', at);
      start = end === -1 ? text.length : end + 1;
      yield { from: Buffer.from(text.slice(at, start).trimEnd(), 'latin1').toString() };
    }
    emptyLine = isAfterEmptyLine(text, text.length) && text.length > start ? (/\r?\n$/.exec(text)?.[0] ?? '') : '';
    yield* unquoted(text, start, text.length - emptyLine.length);
  }
}

function* unquoted(text: string, start: number, end: number): Generator<MboxPart> {
  if (start >= end) return;
  const lines = text.slice(start - 1, end).replace(/\n>(>*From )/g, '\n$1');
  yield { bytes: Buffer.from(lines.slice(1), 'latin1') };
}

/** @returns the sender that a line `From …` names; empty for the null reverse-path */
export function senderOf(from: string): string {
  const sender = /^From ("(?:[^"\\]|\\.)*"\S*|\S*)/.exec(from)?.[1] ?? '';
  return sender === 'MAILER-DAEMON' ? '' : sender;
}
