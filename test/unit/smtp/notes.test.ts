import { describe, expect, test } from 'vitest';
import { Conversation } from './conversation.ts';

const hello = 'EHLO client.test';
const from = 'MAIL FROM:<a@client.test>';
const to = 'RCPT TO:<b@server.test>';
const plain = `AUTH PLAIN ${Buffer.from('\0ann\0s3cret').toString('base64')}`;

/** Lines, each of which waits for the reply to the one before → what is noted, word for word or the words that matter. */
const noted: [title: string, lines: string[], note: RegExp | null][] = [
  ['a domain in EHLO', [hello], null],
  ['a bare label in EHLO', ['EHLO localhost'], null],
  ['an address literal in EHLO', ['EHLO [192.0.2.1]'], null],
  ['an IPv6 literal in EHLO', ['EHLO [IPv6:2001:db8::1]'], null],
  ['a domain beyond ASCII in EHLO', ['EHLO bücher.test'], null],
  ['no host name in EHLO', ['EHLO my_pc'], /“my_pc”, which is neither/],
  ['no host name in HELO', ['HELO my pc'], /“my pc”, which is neither/],
  ['a label that begins with a hyphen', ['EHLO -x.test'], /neither/],
  ['a broken literal in EHLO', ['EHLO [300.1.1.1]'], /neither/],
  ['a bare address in EHLO', ['EHLO 192.0.2.1'], /an address stands in brackets/],
  ['a stray space in MAIL', [hello, 'MAIL FROM: <a@client.test>'], /space between the colon and the path/],
  ['a stray space before the null path', [hello, 'MAIL FROM: <>'], /space between/],
  ['a stray space in RCPT', [hello, from, 'RCPT TO: <b@server.test>'], /space between/],
  ['a source route', [hello, 'MAIL FROM:<@one.test:a@client.test>'], /source route/],
  ['a mailbox without a domain', [hello, 'MAIL FROM:<a>'], /<a> has no domain/],
  ['postmaster without a domain', [hello, from, 'RCPT TO:<Postmaster>'], null],
  ['dots side by side', [hello, 'MAIL FROM:<a..b@client.test>'], /dot/],
  ['a dot in the end', [hello, 'MAIL FROM:<a.@client.test>'], /dot/],
  ['dots in quotes', [hello, 'MAIL FROM:<"a..b"@client.test>'], null],
  ['an apostrophe and a slash', [hello, "MAIL FROM:<o'neil/x@client.test>"], null],
  ['a domain with an underscore', [hello, 'MAIL FROM:<a@my_host.test>'], /“my_host.test” is no domain name/],
  ['a domain that ends with a dot', [hello, 'MAIL FROM:<a@client.test.>'], /is no domain name/],
  ['a broken address literal', [hello, 'MAIL FROM:<a@[300.1.1.1]>'], /\[300.1.1.1\] is no address literal/],
  ['a local part of 64 octets', [hello, `MAIL FROM:<${'a'.repeat(64)}@client.test>`], null],
  ['a local part of 65 octets', [hello, `MAIL FROM:<${'a'.repeat(65)}@client.test>`], /longer than 64/],
  ['a domain of 256 octets', [hello, `MAIL FROM:<a@${'b.'.repeat(127)}cc>`], /longer than 255/],
  ['RSET with an argument', ['RSET now'], /RSET takes no argument/],
  ['QUIT with an argument', ['QUIT now'], /QUIT takes no argument/],
  ['a command of 512 octets', [`NOOP ${'x'.repeat(505)}`], null],
  ['a command of 513 octets', [`NOOP ${'x'.repeat(506)}`], /longer than 512 octets/],
  ['a bare CR in a command', ['NOOP a\rb'], /CR that ends no line/],
  ['a password without TLS', [hello, plain], /without TLS/],
  ['a password by LOGIN without TLS', [hello, 'AUTH LOGIN', '*'], /without TLS/],
  ['CRAM-MD5 without TLS', [hello, 'AUTH CRAM-MD5', '*'], null],
  ['a message as large as declared', [hello, `${from} SIZE=6`, to, 'DATA', 'text', '.'], null],
  [
    'a message larger than declared',
    [hello, `${from} SIZE=5`, to, 'DATA', 'text', '.'],
    /SIZE=5, but the message has 6 octets/,
  ],
];

describe('what a stricter server would refuse is noted, with the RFC', () => {
  test.each(noted)('%s', (_title, lines, note) => {
    const session = new Conversation();
    session.codes(...lines);
    if (note === null) expect(session.notes).toEqual([]);
    else expect(session.notes).toEqual([expect.stringMatching(note)]);
  });

  test('a bare LF behind a command', () => {
    const session = new Conversation();
    session.send('EHLO client.test\n');
    expect(session.notes).toEqual(['A command line ended with a bare LF; a line ends with CR LF.']);
  });

  test('what the client said is quoted short', () => {
    const session = new Conversation();
    session.codes(`EHLO ${'_'.repeat(4000)}`, `MAIL FROM:<${'a'.repeat(2000)}..@${'_'.repeat(1000)}>`);
    expect(session.notes.length).toBeGreaterThan(3);
    for (const note of session.notes) expect(note.length).toBeLessThan(400);
  });

  test('more than 100 recipients, once', () => {
    const session = new Conversation({}, { maxRecipients: 1000 });
    session.codes(hello, from, ...Array.from({ length: 100 }, () => to));
    expect(session.notes).toEqual([]);
    session.codes(to, to);
    expect(session.notes).toEqual(['The message has more than 100 recipients.']);
  });
});

describe('pipelining before it is time (RFC 2920)', () => {
  test.each<[title: string, before: string[], segment: string, note: RegExp | null]>([
    ['MAIL, RCPT, DATA', [hello], `${from}\r\n${to}\r\nDATA\r\n`, null],
    ['the end of data and QUIT', [hello, from, to, 'DATA'], 'text\r\n.\r\nQUIT\r\n', null],
    ['behind EHLO', [], `${hello}\r\n${from}\r\n`, /did not wait for the reply to EHLO/],
    ['behind DATA', [hello, from, to], 'DATA\r\ntext\r\n.\r\n', /reply to DATA/],
    ['behind NOOP', [hello], `NOOP\r\n${from}\r\n`, /reply to NOOP/],
    ['behind VRFY', [hello], `VRFY x\r\n${from}\r\n`, /reply to VRFY/],
    ['behind STARTTLS', [hello], 'STARTTLS\r\nNOOP\r\n', /reply to STARTTLS/],
    ['after HELO', ['HELO client.test'], `${from}\r\n${to}\r\n`, /without knowing that it may/],
    ['behind QUIT', [hello], 'QUIT\r\nNOOP\r\n', null],
  ])('%s', (_title, before, segment, note) => {
    const session = new Conversation();
    session.codes(...before);
    session.send(segment);
    if (note === null) expect(session.notes).toEqual([]);
    else expect(session.notes).toEqual([expect.stringMatching(note)]);
  });
});

describe('the transcript', () => {
  test('has each line that was said, and data as a count', () => {
    const session = new Conversation();
    session.codes(hello, from, to, 'DATA', '..text', '.', from, to);
    session.send('BDAT 3\r\nabcBDAT 2 LAST\r\n\r\n');
    expect(session.heard).toEqual([
      ...[hello, from, to, 'DATA', '(7 octets of data)'],
      ...[from, to, 'BDAT 3', '(3 octets)', 'BDAT 2 LAST', '(2 octets)'],
    ]);
  });

  test('has what was given up, what was too long, and what was swallowed', () => {
    const session = new Conversation();
    session.codes('x'.repeat(5000), hello, from, to);
    session.send('BDAT 4\r\nhalfRSET\r\nBDAT 4\r\nQUIT');
    expect(session.heard).toEqual([
      ...['(a line of more than 4096 octets)', hello, from, to],
      ...['BDAT 4', '(4 octets)', 'RSET', '(4 octets, given up)', 'BDAT 4', '(4 octets)'],
    ]);
  });
});
