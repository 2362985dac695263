import { randomBytes } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digest, read, writeAttachment } from '../../../main/mime/parse.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A message as it is read: in pieces. */
async function* pieces(message: string | Buffer, size = 100): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(message as string);
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

const lines = (...all: string[]): string => all.map((line) => `${line}\r\n`).join('');

const mixed = lines(
  'From: =?UTF-8?Q?J=C3=BCrgen?= <juergen@client.test>',
  'To: Anna <anna@server.test>, bob@server.test',
  'Cc: Team: carol@server.test, dave@server.test;',
  'Subject: =?UTF-8?B?5rOo5paH56K66KqN?= and',
  '\tmore',
  'X-Odd: one',
  'X-Odd: two',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=M',
  '',
  '--M',
  'Content-Type: multipart/alternative; boundary=A',
  '',
  '--A',
  'Content-Type: text/plain; charset=iso-8859-1',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'Gr=FC=DFe  from   the text part',
  '--A',
  'Content-Type: text/html; charset=utf-8',
  '',
  '<p onclick="x()">Grüße</p>',
  '--A--',
  '--M',
  'Content-Type: application/pdf',
  'Content-Disposition: attachment; filename="../../etc/invoice.pdf"',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.from('%PDF-1.4 content').toString('base64'),
  '--M',
  'Content-Type: application/octet-stream',
  'Content-Disposition: attachment',
  '',
  'raw',
  '--M--',
);

test('a message is read whole', async () => {
  expect(await read(pieces(mixed))).toEqual({
    subject: '注文確認 and more',
    from: [{ name: 'Jürgen', address: 'juergen@client.test' }],
    to: [
      { name: 'Anna', address: 'anna@server.test' },
      { name: '', address: 'bob@server.test' },
    ],
    cc: [
      { name: '', address: 'carol@server.test' },
      { name: '', address: 'dave@server.test' },
    ],
    headers: [
      { name: 'From', value: 'Jürgen <juergen@client.test>' },
      { name: 'To', value: 'Anna <anna@server.test>, bob@server.test' },
      { name: 'Cc', value: 'Team: carol@server.test, dave@server.test;' },
      { name: 'Subject', value: '注文確認 and\tmore' },
      { name: 'X-Odd', value: 'one' },
      { name: 'X-Odd', value: 'two' },
      { name: 'MIME-Version', value: '1.0' },
      { name: 'Content-Type', value: 'multipart/mixed; boundary=M' },
    ],
    text: 'Grüße  from   the text part',
    html: '<p onclick="x()">Grüße</p>',
    textIsDerived: false,
    attachments: [
      { index: 0, fileName: 'invoice.pdf', contentType: 'application/pdf', size: 16 },
      { index: 1, fileName: 'attachment-2', contentType: 'application/octet-stream', size: 3 },
    ],
  });
});

test('a row of the list is read from it', async () => {
  expect((await digest(pieces(mixed))).digest).toEqual({
    subject: '注文確認 and more',
    from: { name: 'Jürgen', address: 'juergen@client.test' },
    to: [
      { name: 'Anna', address: 'anna@server.test' },
      { name: '', address: 'bob@server.test' },
    ],
    snippet: 'Grüße from the text part',
    attachmentCount: 2,
  });
});

test('what is searched is read from it', async () => {
  const { text } = await digest(pieces(mixed));
  expect({ ...text, headers: text.headers.slice(0, 1) }).toMatchInlineSnapshot(`
    {
      "attachment": "invoice.pdf
    attachment-2",
      "body": "Grüße  from   the text part",
      "cc": " carol@server.test
     dave@server.test",
      "from": "Jürgen juergen@client.test",
      "headers": [
        {
          "name": "From",
          "value": "Jürgen <juergen@client.test>",
        },
      ],
      "subject": "注文確認 and more",
      "to": "Anna anna@server.test
     bob@server.test",
    }
  `);
});

describe('the text', () => {
  test.each([
    [
      'of HTML alone',
      ['Content-Type: text/html', '', '<h1>Hi</h1><p>one<br>two</p><img src="x" alt="y">'],
      /HI|Hi\s+one\ntwo/,
    ],
    [
      'of an alternative without a text part',
      [
        'Content-Type: multipart/alternative; boundary=A',
        '',
        '--A',
        'Content-Type: text/html',
        '',
        '<p>only</p>',
        '--A--',
      ],
      /^only$/,
    ],
  ])('is taken from the HTML, and said to be: %s', async (_title, message, expected) => {
    const content = await read(pieces(lines('Subject: x', ...message)));
    expect(content.text).toMatch(expected);
    expect(content.textIsDerived).toBe(true);
  });

  test('what the HTML says beyond the text beside it is searched as well, and nothing twice', async () => {
    const alternative = (text: string, html: string): string =>
      lines(
        'Content-Type: multipart/alternative; boundary=A',
        ...['', '--A', 'Content-Type: text/plain', '', text],
        ...['--A', 'Content-Type: text/html', '', html, '--A--'],
      );
    const bodyOf = async (text: string, html: string): Promise<string> =>
      (await digest(pieces(alternative(text, html)))).text.body.trim();
    const html = '<style>p { color: red }</style><p>The code is 482 913.</p><p>Reset <b>your password</b> here</p>';
    expect(await bodyOf('The code is 482 913.', html)).toMatch(/^The code is 482 913\.\s+Reset your password here$/);
    expect(await bodyOf('the CODE is 482 913', '<p>The code is 482 913.</p>')).toBe('the CODE is 482 913');
  });

  test('is there without any header', async () => {
    const content = await read(pieces('this is no mail at all'));
    expect(content).toMatchObject({ subject: '', from: [], html: null });
  });

  test('of an empty message is none', async () => {
    const content = await read(pieces(''));
    expect(content).toMatchObject({ subject: '', text: null, html: null, headers: [], attachments: [] });
  });

  test('of HTML nested deeper than anybody reads is found all the same', async () => {
    const html = `${'<div>'.repeat(5000)}deep${'</div>'.repeat(5000)}<p>shallow</p>`;
    const content = await read(pieces(lines('Content-Type: text/html', '', html), 10_000));
    expect(content.html).toContain('deep');
    expect(content.text).toContain('shallow');
  });
});

describe('headers beyond ASCII', () => {
  test.each([
    ['in UTF-8 as it is (RFC 6532)', Buffer.from('Subject: Grüße 注文\r\n\r\n'), 'Grüße 注文'],
    ['encoded in another character set', Buffer.from('Subject: =?ISO-2022-JP?B?GyRCQ21KOBsoQg==?=\r\n\r\n'), '注文'],
  ])('are decoded: %s', async (_title, message, subject) => {
    const content = await read(pieces(message));
    expect([content.subject, content.headers[0]?.value]).toEqual([subject, subject]);
  });
});

describe('an attachment', () => {
  const large = randomBytes(3_000_000);
  const base64 = large.toString('base64').replace(/.{76}/g, '$&\r\n');
  const message = lines(
    'Content-Type: multipart/mixed; boundary=M',
    '',
    '--M',
    'Content-Type: application/x-one',
    '',
    'one',
    '--M',
    'Content-Type: application/x-two; name=two.bin',
    'Content-Transfer-Encoding: base64',
    '',
    base64,
    '--M--',
  );

  test('is written to a file as it was sent', async () => {
    const file = join(temporaryFolder(), 'two.bin');
    await writeAttachment(pieces(message, 65_536), 1, file);
    expect(readFileSync(file).equals(large)).toBe(true);
  });

  test('is not written over a file that is there', async () => {
    const file = join(temporaryFolder(), 'two.bin');
    writeFileSync(file, 'of somebody else');
    await expect(writeAttachment(pieces(message, 65_536), 1, file)).rejects.toThrow(/EEXIST/);
    expect(readFileSync(file, 'utf8')).toBe('of somebody else');
  });

  test('that is not there leaves no file', async () => {
    const folder = temporaryFolder();
    await expect(writeAttachment(pieces(message, 65_536), 2, join(folder, 'x'))).rejects.toThrow(/no such attachment/);
    expect(globSync('*', { cwd: folder })).toEqual([]);
  });

  test('cannot be written where there is no folder', async () => {
    await expect(writeAttachment(pieces(message, 65_536), 0, join(temporaryFolder(), 'no', 'x'))).rejects.toThrow(
      /ENOENT/,
    );
  });
});

const corpus = new URL('../../../../shared/corpus/', import.meta.url).pathname;
describe.skipIf(!existsSync(corpus))('the messages of the corpus (where it lies beside the project)', () => {
  const files = existsSync(corpus) ? globSync('**/emails/**/*', { cwd: corpus, withFileTypes: true }) : [];
  test.each(files.filter((entry) => entry.isFile()).map((entry) => [entry.name, join(entry.parentPath, entry.name)]))(
    '%s is read, and its row is not empty',
    async (_name, file) => {
      const bytes = readFileSync(file);
      const content = await read(pieces(bytes, 4096));
      const { digest: row } = await digest(pieces(bytes, 4096));
      expect(row.subject).toBe(content.subject);
      const hasSomething = content.headers.length > 0 || content.text !== null || content.html !== null;
      expect(hasSomething).toBe(bytes.length > 0);
      expect(content.attachments.map((attachment) => attachment.fileName)).not.toContain('');
    },
  );
});
