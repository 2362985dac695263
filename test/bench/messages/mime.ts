import type { Random } from './random.ts';

/** Fields in front of a body, which is encoded already. */
export interface Part {
  fields: Field[];
  body: string;
}

export type Field = [name: string, value: string];

export type TransferEncoding = '8bit' | 'quoted-printable' | 'base64';

/** @param content with CRLF between its lines, where it is text */
export function part(type: string, content: string | Buffer, encoding: TransferEncoding, ...more: Field[]): Part {
  const fields: Field[] = [['Content-Type', type], ['Content-Transfer-Encoding', encoding], ...more];
  return { fields, body: encode(content, encoding) };
}

export function multipart(random: Random, subtype: string, parts: readonly Part[]): Part {
  const boundary = `--_Part_${random.token(16)}`;
  const bodies = parts.map(({ fields, body }) => `--${boundary}\r\n${head(fields)}\r\n${body}\r\n`);
  return {
    fields: [['Content-Type', `multipart/${subtype}; boundary="${boundary}"`]],
    body: `${bodies.join('')}--${boundary}--\r\n`,
  };
}

/** @returns the header section that the fields make */
export const head = (fields: readonly Field[]): string =>
  fields.map(([name, value]) => `${name}: ${encodeField(value)}\r\n`).join('');

function encode(content: string | Buffer, encoding: TransferEncoding): string {
  if (encoding === '8bit') return String(content);
  if (encoding === 'quoted-printable') return quotedPrintable(String(content));
  return Buffer.from(content as string)
    .toString('base64')
    .replace(/.{76}/g, '$&\r\n');
}

/** RFC 2045 section 6.7, for text of which no line ends with a blank. */
function quotedPrintable(text: string): string {
  const escaped = Buffer.from(text)
    .toString('latin1')
    .replace(/[=\x80-\xff]/g, (octet) => `=${octet.charCodeAt(0).toString(16).toUpperCase()}`);
  let folded = '';
  for (let line of escaped.split('\r\n')) {
    while (line.length > 76) {
      // Not in the middle of an octet.
      const end = line[74] === '=' ? 74 : line[73] === '=' ? 73 : 75;
      folded += `${line.slice(0, end)}=\r\n`;
      line = line.slice(end);
    }
    folded += `${line}\r\n`;
  }
  return folded.slice(0, -2);
}

/** Octets of an encoded word before the last character and the encoding: it may have 75 after it (RFC 2047 section 2). */
const MAX_WORD = 40;

/** What is not ASCII becomes encoded words; an address behind it stays as it is. */
function encodeField(value: string): string {
  if (!/[^\x20-\x7e]/.test(value)) return value;
  const [, phrase = '', address = ''] = /^(.*?)( <[^<>]*>)?$/.exec(value) ?? [];
  const words: string[] = [''];
  for (const character of phrase) {
    if (Buffer.byteLength(words.at(-1) as string) > MAX_WORD) words.push('');
    words.push((words.pop() as string) + character);
  }
  const encoded = words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`);
  return encoded.join('\r\n ') + address;
}
