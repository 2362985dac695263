import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ContentInspector } from '../../../main/mailbox/content-inspector.ts';

const header = 'Date: x\r\nFrom: x\r\nMessage-ID: <x>\r\n';

function notesOf(pieces: Buffer[], parameters: Record<string, string> = {}): string[] {
  const inspector = new ContentInspector();
  for (const piece of pieces) inspector.write(piece);
  return inspector.notes({ parameters }).map(({ text, source }) => `${text} (${source})`);
}

const bareLf = 'The message holds a LF without a CR before it. (RFC 5322 section 2.3)';
const bareCr = 'The message holds a CR without a LF behind it. (RFC 5322 section 2.3)';
const longLine = 'A line of the message is longer than 998 octets. (RFC 5322 section 2.1.1)';
const nul = 'The message holds NUL. (RFC 2045 section 2.8)';
const eightBit = 'The message holds octets beyond ASCII, but MAIL did not say BODY=8BITMIME. (RFC 6152 section 3)';
const eightBitHeader = 'The header holds octets beyond ASCII, but MAIL did not say SMTPUTF8. (RFC 6531 section 3.4)';
const noDate = 'There is no Date header field. (RFC 5322 section 3.6)';
const noFrom = 'There is no From header field. (RFC 5322 section 3.6)';
const noMessageId = 'There is no Message-ID header field. (RFC 5322 section 3.6.4)';

test.each<[title: string, message: string, notes: string[], parameters?: Record<string, string>]>([
  ['nothing odd', `${header}\r\ntext\r\n`, []],
  ['no end of the last line', `${header}\r\ntext`, []],
  ['nothing at all', '', [noDate, noFrom, noMessageId]],
  ['an empty header', '\r\nDate: x\r\nFrom: x\r\n', [noDate, noFrom, noMessageId]],
  ['a header alone', header, []],
  ['header names in any case', 'dATE: x\r\nFROM : x\r\nmessage-id: x\r\n\r\n', []],
  ['a header name in a folded line', 'Date: x\r\nFrom: x\r\nSubject: a\r\n Message-ID: x\r\n\r\n', [noMessageId]],
  [
    'a field twice',
    `${header}Subject: a\r\nSubject: b\r\n\r\n`,
    ['There are 2 Subject header fields. (RFC 5322 section 3.6)'],
  ],
  ['bare LF', `${header}\r\na\nb\r\n`, [bareLf]],
  ['bare LF throughout', `${header}\r\ntext\r\n`.replaceAll('\r\n', '\n'), [bareLf]],
  ['bare CR', `${header}\r\na\rb\r\n`, [bareCr]],
  ['CR CR LF', `${header}\r\na\r\r\n`, [bareCr]],
  ['bare LF in a binary message', `${header}\r\na\nb\0\r\n`, [], { BODY: 'BINARYMIME' }],
  ['a line of 998 octets', `${header}\r\n${'x'.repeat(998)}\r\n`, []],
  ['a line of 999 octets', `${header}\r\n${'x'.repeat(999)}\r\n`, [longLine]],
  ['a last line of 999 octets', `${header}\r\n${'x'.repeat(999)}`, [longLine]],
  ['NUL', `${header}\r\na\0b\r\n`, [nul]],
  ['8-bit data', `${header}\r\né\r\n`, [eightBit]],
  ['8-bit data that was announced', `${header}\r\né\r\n`, [], { BODY: '8bitmime' }],
  ['8-bit data in spite of BODY=7BIT', `${header}\r\né\r\n`, [eightBit], { BODY: '7BIT' }],
  ['an 8-bit header', `${header}Subject: é\r\n\r\n`, [eightBitHeader], { BODY: '8BITMIME' }],
  ['an 8-bit header that was announced', `${header}Subject: é\r\n\r\n`, [], { BODY: '8BITMIME', SMTPUTF8: '' }],
])('%s', (_title, message, notes, parameters = {}) => {
  const bytes = Buffer.from(message);
  expect(notesOf([bytes], parameters)).toEqual(notes);
});

test('what is noted of the lines does not depend on how the bytes are cut', () => {
  const part = fc.constantFrom('\r', '\n', '\r\n', 'a', 'x'.repeat(600), 'é', '\0');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.nat(4000), (parts, cut) => {
      const bytes = Buffer.from(`${header}\r\n${parts.join('')}`);
      const at = Math.min(header.length + 2 + cut, bytes.length);
      expect(notesOf([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(notesOf([bytes]));
    }),
  );
});
