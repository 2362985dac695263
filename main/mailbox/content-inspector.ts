import { isAscii } from 'node:buffer';
import type { Envelope, Note } from './message.ts';

const CR = 0x0d;
const LF = 0x0a;

/** Octets of a line without its line end. */
const MAX_LINE = 998;

/** Header fields of which there may be one only (RFC 5322 section 3.6), by their names in lower case. */
const singleFields: ReadonlyMap<string, string> = new Map(
  'Date From Sender Reply-To To Cc Bcc Message-ID In-Reply-To References Subject'
    .split(' ')
    .map((name) => [name.toLowerCase(), name]),
);

/**
 * Looks through the bytes of one message for what a stricter server would refuse. They are looked at here, where they
 * pass by once on their way to the disk, and not on the thread that receives them.
 */
export class ContentInspector {
  #header: Buffer | null = null;
  #isAscii = true;
  #hasNul = false;
  #hasBareCr = false;
  #hasBareLf = false;
  #hasLongLine = false;
  /** Octets of the line that goes on. */
  #lineLength = 0;
  /** The last octet. */
  #last: number | undefined;

  /** @param bytes the next ones, in pieces of any size; the header is taken to lie in the first */
  write(bytes: Uint8Array): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#header ??= Buffer.from(headerOf(buffer));
    this.#isAscii &&= isAscii(buffer);
    this.#hasNul ||= buffer.includes(0);
    this.#walkLines(buffer);
  }

  /** @returns what there is to say when all was written */
  notes({ parameters }: Pick<Envelope, 'parameters'>): Note[] {
    if (this.#lineLength - Number(this.#last === CR) > MAX_LINE) this.#hasLongLine = true;
    const body = parameters['BODY']?.toUpperCase() ?? '7BIT';
    const notes: Note[] = [];
    const add = (condition: boolean, text: string, source: string): void => {
      if (condition) notes.push({ text, source });
    };
    // RFC 3030 section 3: a binary message has no lines.
    if (body !== 'BINARYMIME') {
      add(this.#hasBareLf, 'The message holds a LF without a CR before it.', 'RFC 5322 section 2.3');
      add(this.#hasBareCr, 'The message holds a CR without a LF behind it.', 'RFC 5322 section 2.3');
      add(this.#hasLongLine, `A line of the message is longer than ${MAX_LINE} octets.`, 'RFC 5322 section 2.1.1');
      add(this.#hasNul, 'The message holds NUL.', 'RFC 2045 section 2.8');
    }
    add(
      !this.#isAscii && body === '7BIT',
      'The message holds octets beyond ASCII, but MAIL did not say BODY=8BITMIME.',
      'RFC 6152 section 3',
    );
    const header = this.#header ?? Buffer.alloc(0);
    add(
      !isAscii(header) && parameters['SMTPUTF8'] === undefined,
      'The header holds octets beyond ASCII, but MAIL did not say SMTPUTF8.',
      'RFC 6531 section 3.4',
    );
    const counts = countFields(header);
    add(!counts.has('Date'), 'There is no Date header field.', 'RFC 5322 section 3.6');
    add(!counts.has('From'), 'There is no From header field.', 'RFC 5322 section 3.6');
    add(!counts.has('Message-ID'), 'There is no Message-ID header field.', 'RFC 5322 section 3.6.4');
    for (const [name, count] of counts) {
      add(count > 1, `There are ${count} ${name} header fields.`, 'RFC 5322 section 3.6');
    }
    return notes;
  }

  #walkLines(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#last === CR && bytes[0] !== LF) this.#hasBareCr = true;
    let lineStart = -this.#lineLength;
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index] as number;
      if (byte > CR) continue;
      if (byte === LF) {
        const endsWithCrLf = (index === 0 ? this.#last : bytes[index - 1]) === CR;
        if (!endsWithCrLf) this.#hasBareLf = true;
        if (index - lineStart - Number(endsWithCrLf) > MAX_LINE) this.#hasLongLine = true;
        lineStart = index + 1;
      } else if (byte === CR && index + 1 < bytes.length && bytes[index + 1] !== LF) {
        this.#hasBareCr = true;
      }
    }
    this.#lineLength = bytes.length - lineStart;
    this.#last = bytes.at(-1);
  }
}

/** @returns the bytes up to the first empty line */
function headerOf(bytes: Buffer): Buffer {
  const ends = [bytes.indexOf('\r\n\r\n'), bytes.indexOf('\n\n')].filter((end) => end !== -1);
  // A message may begin with the empty line.
  if (bytes[0] === LF || (bytes[0] === CR && bytes[1] === LF)) return bytes.subarray(0, 0);
  return ends.length === 0 ? bytes : bytes.subarray(0, Math.min(...ends));
}

/** @returns how often each of {@link singleFields} stands in a header, where it does */
function countFields(header: Buffer): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of header.toString('latin1').split('\n')) {
    const colon = line.indexOf(':');
    const name = colon === -1 ? undefined : singleFields.get(line.slice(0, colon).trimEnd().toLowerCase());
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
