import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Extension, extensions } from '../../../main/smtp/extensions.ts';
import { Conversation, codesOf, options, accessDenied, notFromTheLab, mailboxNotAllowed } from './conversation.ts';

const hello = 'EHLO client.test';
const from = 'MAIL FROM:<a@client.test>';
const to = 'RCPT TO:<b@server.test>';

describe('a session that goes well', () => {
  test('is greeted at once', () => {
    expect(new Conversation().replies).toBe('220 mx.test ESMTP Mailmitt\r\n');
  });

  test('delivers a message with its envelope', () => {
    const session = new Conversation();
    expect(session.codes(hello, from, to, 'DATA', 'Subject: hi', '', 'text', '.', 'QUIT')).toEqual(
      '250 250 250 354 250 221'.split(' '),
    );
    expect(session.stored.map(String)).toEqual(['Subject: hi\r\n\r\ntext\r\n']);
    expect(session.transactions).toEqual([
      { from: 'a@client.test', to: ['b@server.test'], clientName: 'client.test', protocol: 'ESMTP', user: null },
    ]);
    expect(session.closed).toBe(true);
  });

  test('delivers several messages, each with an envelope of its own', () => {
    const session = new Conversation();
    const message = (sender: string): string[] => [`MAIL FROM:<${sender}>`, to, 'DATA', sender, '.'];
    session.codes('HELO client.test', ...message('one@x.test'), ...message('two@x.test'));
    expect(session.stored.map(String)).toEqual(['one@x.test\r\n', 'two@x.test\r\n']);
    expect(session.transactions.map((transaction) => [transaction.from, transaction.protocol])).toEqual([
      ['one@x.test', 'SMTP'],
      ['two@x.test', 'SMTP'],
    ]);
  });

  test('may be pipelined in one segment (RFC 2920)', () => {
    const session = new Conversation();
    const answer = session.send(`${hello}\r\n${from}\r\n${to}\r\nDATA\r\n.\r\nNOOP\r\nQUIT\r\n`);
    expect(codesOf(answer)).toEqual('250 250 250 354 250 250 221'.split(' '));
    expect(session.stored.map(String)).toEqual(['']);
  });

  test('names its extensions after EHLO', () => {
    expect(new Conversation().send('EHLO client.test\r\n')).toBe(
      '250-mx.test greets client.test\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250-BINARYMIME\r\n250-DSN\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN CRAM-MD5\r\n250 HELP\r\n',
    );
  });

  test('names no extension after HELO', () => {
    expect(new Conversation().send('HELO client.test\r\n')).toBe('250 mx.test greets client.test\r\n');
  });
});

/** What was said before | what is said → the code of the reply to the last command. */
const answers: [title: string, before: string[], command: string, code: number][] = [
  ['HELO without a name', [], 'HELO', 501],
  ['EHLO without a name', [], 'EHLO ', 501],
  ['HELO with a control character', [], 'HELO a\0b', 501],
  ['HELO with a name that is none', [], 'HELO my_pc is (here)', 250],
  ['EHLO again', [hello], hello, 250],
  ['commands in lower case', [], 'ehlo client.test', 250],
  ['MAIL before HELO', [], from, 503],
  ['MAIL a second time', [hello, from], from, 503],
  ['MAIL with the null reverse-path', [hello], 'MAIL FROM:<>', 250],
  ['MAIL without angle brackets', [hello], 'MAIL FROM:a@client.test', 501],
  ['MAIL with a stray space', [hello], 'MAIL FROM: <a@client.test>', 250],
  ['MAIL in mixed case', [hello], 'Mail From:<a@client.test>', 250],
  ['MAIL without FROM:', [hello], 'MAIL <a@client.test>', 501],
  ['MAIL with nothing', [hello], 'MAIL', 501],
  ['MAIL with half a bracket', [hello], 'MAIL FROM:<a@client.test', 501],
  ['MAIL with a control character', [hello], 'MAIL FROM:<a\x01b@client.test>', 501],
  ['MAIL with NUL', [hello], 'MAIL FROM:<a@client.test\0>', 501],
  ['MAIL with a bare CR', [hello], 'MAIL FROM:<a\r@client.test>', 501],
  ['MAIL with a quoted local part', [hello], 'MAIL FROM:<"a b"@client.test>', 250],
  ['MAIL with an address literal', [hello], 'MAIL FROM:<a@[192.0.2.1]>', 250],
  ['MAIL with a source route', [hello], 'MAIL FROM:<@one.test,@two.test:a@client.test>', 250],
  ['MAIL with two @', [hello], 'MAIL FROM:<a@b@client.test>', 501],
  ['MAIL with an empty domain', [hello], 'MAIL FROM:<a@>', 501],
  ['MAIL with an empty local part', [hello], 'MAIL FROM:<@client.test>', 501],
  ['MAIL beyond ASCII without SMTPUTF8', [hello], 'MAIL FROM:<ä@client.test>', 553],
  ['MAIL with SIZE', [hello], `${from} SIZE=1000`, 250],
  ['MAIL with SIZE over the limit', [hello], `${from} SIZE=1001`, 552],
  ['MAIL with SIZE that is no number', [hello], `${from} SIZE=big`, 501],
  ['MAIL with SIZE twice', [hello], `${from} SIZE=1 SIZE=2`, 501],
  ['MAIL with BODY', [hello], `${from} BODY=8BITMIME`, 250],
  ['MAIL with BODY in lower case', [hello], `${from} body=7bit`, 250],
  ['MAIL with an unknown BODY', [hello], `${from} BODY=9BIT`, 501],
  ['MAIL with an unknown parameter', [hello], `${from} FOO=bar`, 555],
  ['MAIL with a parameter after HELO', ['HELO client.test'], `${from} SIZE=10`, 555],
  ['MAIL with a parameter and no space', [hello], `${from}SIZE=10`, 501],
  ['MAIL beyond ASCII with SMTPUTF8', [hello], 'MAIL FROM:<ä@client.test> SMTPUTF8', 250],
  ['MAIL with SMTPUTF8 and a value', [hello], `${from} SMTPUTF8=yes`, 501],
  ['MAIL with SMTPUTF8 after HELO', ['HELO client.test'], `${from} SMTPUTF8`, 555],
  ['RCPT beyond ASCII with SMTPUTF8', [hello, `${from} SMTPUTF8`], 'RCPT TO:<注文@例え.test>', 250],
  ['RCPT beyond ASCII without it', [hello, from], 'RCPT TO:<注文@例え.test>', 553],
  ['MAIL with RET', [hello], `${from} RET=HDRS`, 250],
  ['MAIL with an unknown RET', [hello], `${from} RET=SOME`, 501],
  ['MAIL with ENVID', [hello], `${from} ENVID=QQ+2B314159`, 250],
  ['MAIL with ENVID that is no xtext', [hello], `${from} ENVID=QQ+2b`, 501],
  ['MAIL with ENVID too long', [hello], `${from} ENVID=${'x'.repeat(101)}`, 501],
  ['MAIL with BODY=BINARYMIME', [hello], `${from} BODY=BINARYMIME`, 250],
  ['RCPT with NOTIFY', [hello, from], `${to} NOTIFY=SUCCESS,DELAY`, 250],
  ['RCPT with NOTIFY=NEVER and more', [hello, from], `${to} NOTIFY=NEVER,DELAY`, 501],
  ['RCPT with ORCPT', [hello, from], `${to} ORCPT=rfc822;b+2Bc@server.test`, 250],
  ['RCPT with ORCPT without a type', [hello, from], `${to} ORCPT=b@server.test`, 501],
  ['RCPT with a parameter of MAIL', [hello, from], `${to} RET=FULL`, 555],
  ['BDAT without a sender', [hello], 'BDAT 0 LAST', 503],
  ['BDAT without a recipient', [hello, from], 'BDAT 0 LAST', 503],
  ['BDAT with noughts before its size', [hello, from, to], 'BDAT 0000000000000000000', 250],
  ['BDAT of nothing, and the last', [hello, from, to], 'BDAT 0 LAST', 250],
  ['DATA after BDAT', [hello, from, to, 'BDAT 0'], 'DATA', 503],
  ['RCPT after BDAT', [hello, from, to, 'BDAT 0'], to, 503],
  ['MAIL after BDAT', [hello, from, to, 'BDAT 0'], from, 503],
  ['RSET after BDAT', [hello, from, to, 'BDAT 0'], 'RSET', 250],
  ['DATA of a binary message', [hello, `${from} BODY=BINARYMIME`, to], 'DATA', 503],
  ['RCPT without MAIL', [hello], to, 503],
  ['RCPT to the null path', [hello, from], 'RCPT TO:<>', 501],
  ['RCPT without angle brackets', [hello, from], 'RCPT TO:b@server.test', 501],
  ['RCPT to postmaster without a domain', [hello, from], 'RCPT TO:<Postmaster>', 250],
  ['RCPT with an unknown parameter', [hello, from], `${to} FOO`, 555],
  ['RCPT over the limit', [hello, from, to, to, to], to, 452],
  ['DATA before anything', [], 'DATA', 503],
  ['DATA without a sender', [hello], 'DATA', 503],
  ['DATA without a recipient', [hello, from], 'DATA', 503],
  ['DATA with an argument', [hello, from, to], 'DATA now', 501],
  ['DATA after RSET', [hello, from, to, 'RSET'], 'DATA', 503],
  ['DATA after EHLO again', [hello, from, to, hello], 'DATA', 503],
  ['MAIL after RSET', [hello, from, to, 'RSET'], from, 250],
  ['RSET before HELO', [], 'RSET', 250],
  ['MAIL after RSET before HELO', ['RSET'], from, 503],
  ['NOOP', [], 'NOOP', 250],
  ['NOOP with words', [], 'NOOP are you there', 250],
  ['VRFY', [hello], 'VRFY somebody', 252],
  ['VRFY with nothing', [hello], 'VRFY', 501],
  ['EXPN', [hello], 'EXPN list', 502],
  ['HELP', [], 'HELP', 214],
  ['HELP with a topic', [], 'HELP mail', 214],
  ['HELP with an unknown topic', [], 'HELP me', 504],
  ['HELP with the name of a property', [], 'HELP constructor', 504],
  ['QUIT', [], 'QUIT', 221],
  ['an unknown command', [hello], 'FROB', 500],
  ['a byte order mark before a command', [hello], '\ufeffNOOP', 500],
  ['an empty line', [hello], '', 500],
  ['a line too long', [hello], 'x'.repeat(4095), 500],
  ['the longest line', [hello], `NOOP ${'x'.repeat(4096 - 7)}`, 250],
];

describe('every command is answered as the table says', () => {
  test.each(answers)('%s', (_title, before, command, code) => {
    const session = new Conversation();
    session.codes(...before);
    expect(session.codes(command)).toEqual([String(code)]);
  });

  test.each(['no sender specified', 'no recipient specified'])('DATA says that there is %s', (text) => {
    const session = new Conversation();
    session.codes(...(text.includes('sender') ? [hello] : [hello, from]));
    expect(session.send('DATA\r\n')).toMatch(new RegExp(`^503 .*${text}\r\n$`));
  });

  test.each([
    ['beyond ASCII', 'Grüße.注文.test'],
    ['of 3,000 characters', 'x'.repeat(3000)],
    ['of 4,000 octets beyond ASCII', 'é'.repeat(2000)],
    ['of surrogate pairs', '\u{1f600}'.repeat(300)],
    ['that changes how text looks', '\ufeff\u202e\u2028.test'],
  ])('a name %s is answered in short lines of printable ASCII', (_title, name) => {
    for (const verb of ['HELO', 'EHLO']) {
      const reply = new Conversation().send(`${verb} ${name}\r\n`);
      expect(codesOf(reply)).toEqual(['250']);
      expect(reply).toMatch(/^(?:[\x20-\x7e]{4,510}\r\n)+$/);
    }
  });

  test('an unknown parameter is named in a short line of printable ASCII', () => {
    const session = new Conversation();
    session.codes(hello);
    expect(session.send(`${from} ${'X'.repeat(3000)}\r\n`)).toMatch(/^555 [\x20-\x7e]{4,506}\r\n$/);
  });

  test('a line too long is answered once, and the next line is read again', () => {
    const session = new Conversation();
    expect(codesOf(session.send('x'.repeat(5000), 'x'.repeat(5000), '\r\nNOOP\r\n'))).toEqual(['500', '250']);
    expect(session.protocol.buffered).toBe(0);
  });
});

describe('chunks (RFC 3030)', () => {
  test('are put together as they came: dots, line ends and NUL are content', () => {
    const session = new Conversation();
    session.codes(hello, `${from} BODY=BINARYMIME`, to);
    expect(codesOf(session.send('BDAT 7\r\n\r\n.\r\n\0xBDAT 3 LAST\r\n.\r\n'))).toEqual(['250', '250']);
    expect(session.stored.map(String)).toEqual(['\r\n.\r\n\0x.\r\n']);
    expect(session.codes(from)).toEqual(['250']);
  });

  test('however they are cut', () => {
    const script = Buffer.from(
      `${hello}\r\n${from}\r\n${to}\r\nBDAT 5\r\n12345BDAT 0\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n`,
    );
    const run = (pieces: Buffer[]): unknown => {
      const session = new Conversation();
      session.send(...pieces);
      return [session.replies, session.stored.map(String)];
    };
    const whole = run([script]);
    expect(whole).toEqual([expect.stringMatching(/250 [^\r]+OK\r\n$/), ['12345QUIT\r\n']]);
    fc.assert(
      fc.property(fc.array(fc.nat(script.length), { maxLength: 20 }), (cuts) => {
        expect(run(cut(script, cuts))).toEqual(whole);
      }),
    );
  });

  test.each([
    ['without a sender', [hello]],
    ['of a refused host', []],
  ])('are swallowed also where they are refused, never read as commands: %s', (_title, before) => {
    const session = new Conversation(before.length === 0 ? { host: accessDenied } : {});
    session.codes(...before);
    expect(codesOf(session.send('BDAT 6\r\nQUIT\r\nNOOP\r\n'))).toHaveLength(2);
    expect(session.closed).toBe(false);
  });

  test.each(['', '-1', '+25 LAST', '25\tLAST', '25 LAST LAST', '0 FIRST', '9999999999999999'])(
    'of a size that is none end the session, since what follows may be one: BDAT %s',
    (argument) => {
      const session = new Conversation();
      session.codes(hello, from, to);
      expect(codesOf(session.send(`BDAT ${argument}\r\nRSET\r\nMAIL FROM:<evil@x.test>\r\n`))).toEqual(['501', '421']);
      expect(session.closed).toBe(true);
    },
  );

  test('are swallowed also where CHUNKING is switched off', () => {
    const session = new Conversation({}, { extensions: new Set() });
    session.codes(hello, from, to);
    expect(codesOf(session.send('BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n'))).toEqual(['502', '250']);
  });

  test('over the limit are 552 at the last, and nothing of them is kept', () => {
    const session = new Conversation();
    session.codes(hello, from, to);
    expect(codesOf(session.send(`BDAT 900\r\n${'x'.repeat(900)}BDAT 900 LAST\r\n${'x'.repeat(900)}`))).toEqual([
      '250',
      '552',
    ]);
    expect([session.stored.length, session.discarded]).toEqual([0, 1]);
    expect(codesOf(session.send(`${from}\r\n${to}\r\nBDAT 2 LAST\r\nokNOOP\r\n`))).toEqual([
      '250',
      '250',
      '250',
      '250',
    ]);
    expect(session.stored.map(String)).toEqual(['ok']);
  });

  test.each(['RSET', hello, 'QUIT'])('that are given up with %s are forgotten', (command) => {
    const session = new Conversation();
    session.codes(hello, from, to);
    session.send('BDAT 4\r\nhalf');
    session.codes(command);
    expect([session.stored.length, session.discarded, session.protocol.isReceivingMail]).toEqual([0, 1, false]);
  });
});

describe('an extension that is switched off', () => {
  const without = (...off: Extension[]): Conversation =>
    new Conversation({}, { extensions: new Set(extensions.filter((extension) => !off.includes(extension))) });

  test.each(extensions)('%s is not announced', (extension) => {
    const announced = (session: Conversation): string[] =>
      session
        .send(`${hello}\r\n`)
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.slice(4).split(' ')[0] ?? '');
    // RFC 3030 section 3: a binary message comes in chunks.
    const off = extension === 'CHUNKING' ? ['CHUNKING', 'BINARYMIME'] : [extension];
    expect(announced(without(extension))).toEqual(extensions.filter((other) => !off.includes(other)));
  });

  test.each<[Extension, string[], string, string]>([
    ['SIZE', [hello], `${from} SIZE=10`, '555'],
    ['8BITMIME', [hello], `${from} BODY=8BITMIME`, '555'],
    ['SMTPUTF8', [hello], `${from} SMTPUTF8`, '555'],
    ['BINARYMIME', [hello], `${from} BODY=BINARYMIME`, '555'],
    ['DSN', [hello], `${from} RET=FULL`, '555'],
    ['DSN', [hello, from], `${to} NOTIFY=NEVER`, '555'],
    ['CHUNKING', [hello, from, to], 'BDAT 0 LAST', '502'],
    ['CHUNKING', [hello], `${from} BODY=BINARYMIME`, '555'],
    ['HELP', [hello], 'HELP', '502'],
  ])('%s is not known', (extension, before, command, code) => {
    const session = without(extension);
    session.codes(...before);
    expect(session.codes(command)).toEqual([code]);
  });

  test('ENHANCEDSTATUSCODES: replies carry none', () => {
    const session = without('ENHANCEDSTATUSCODES');
    expect(session.send(`${hello}\r\n${from}\r\nFROB\r\n`)).not.toMatch(/^\d{3} \d\.\d/m);
  });
});

test('what MAIL and RCPT said beyond their paths goes with the message', () => {
  const session = new Conversation();
  session.codes(hello, `${from} RET=HDRS ENVID=x1 smtputf8`, `${to} NOTIFY=NEVER`, to, 'DATA', '.');
  expect(session.parameters).toEqual([[{ RET: 'HDRS', ENVID: 'x1', SMTPUTF8: '' }, { NOTIFY: 'NEVER' }, {}]]);
  expect(session.transactions[0]?.protocol).toBe('UTF8SMTP');
});

test('a path that is no UTF-8 is none, also with SMTPUTF8', () => {
  const session = new Conversation();
  session.codes(hello, `${from} SMTPUTF8`);
  expect(codesOf(session.send(Buffer.from('RCPT TO:<\xff@server.test>\r\n', 'latin1')))).toEqual(['501']);
});

describe('a host that the rules deny', () => {
  const refused = (): Conversation => new Conversation({ host: notFromTheLab });

  test('is told the reason in place of the greeting', () => {
    expect(refused().replies).toBe('550 Access denied: not from the lab\r\n');
  });

  test('may only quit: known commands are 503, unknown ones 500', () => {
    const session = refused();
    expect(session.codes(hello, 'HELO x', from, to, 'DATA', 'RSET', 'NOOP', 'HELP', 'VRFY x', 'FROB', 'QUIT')).toEqual(
      '503 503 503 503 503 503 503 503 503 500 221'.split(' '),
    );
    expect(session.closed).toBe(true);
  });
});

describe('a sender or recipient that the rules deny', () => {
  const mailboxes = { 'bad@x.test': mailboxNotAllowed };

  test('is told 553, and another sender may follow', () => {
    const session = new Conversation({ mailboxes });
    expect(session.codes(hello, 'MAIL FROM:<bad@x.test>', from)).toEqual(['250', '553', '250']);
  });

  test('does not keep the message from the other recipients', () => {
    const session = new Conversation({ mailboxes });
    session.codes(hello, from, 'RCPT TO:<bad@x.test>', to, 'DATA', 'text', '.');
    expect(session.transactions.map((transaction) => transaction.to)).toEqual([['b@server.test']]);
  });

  test('leaves no recipient when it was the only one', () => {
    const session = new Conversation({ mailboxes });
    expect(session.codes(hello, from, 'RCPT TO:<bad@x.test>', 'DATA')).toEqual(['250', '250', '553', '503']);
  });
});

describe('enhanced status codes (RFC 2034)', () => {
  test('stand in every reply after EHLO but those to HELO, EHLO and DATA', () => {
    const session = new Conversation();
    session.codes(hello);
    const answer = session.send(`FROB\r\n${from}\r\n${to}\r\nDATA\r\n.\r\nHELP\r\nNOOP\r\nQUIT\r\n`);
    const lines = answer.trimEnd().split('\r\n');
    expect(lines.filter((line) => !/^[245]\d\d[ -][245]\.\d\.\d+ /.test(line))).toEqual([
      '354 Start mail input; end with <CRLF>.<CRLF>',
    ]);
  });

  test('stand in none after HELO', () => {
    const session = new Conversation();
    session.codes('HELO client.test');
    expect(session.send(`FROB\r\n${from}\r\nQUIT\r\n`)).not.toMatch(/^\d{3} \d\.\d/m);
  });
});

describe('a message over the limit', () => {
  test('is 552 once its end was seen, and nothing of it is kept', () => {
    const session = new Conversation();
    session.codes(hello, from, to, 'DATA');
    expect(session.send('x'.repeat(600), 'x'.repeat(600), 'x'.repeat(600))).toBe('');
    expect(session.send('\r\n.\r\n')).toMatch(/^552 /);
    expect([session.stored.length, session.discarded]).toEqual([0, 1]);
    expect(session.codes(from)).toEqual(['250']);
  });

  test('is taken when it is just as large as the limit', () => {
    const session = new Conversation();
    session.codes(hello, from, to, 'DATA');
    expect(codesOf(session.send(`${'x'.repeat(998)}\r\n.\r\n`))).toEqual(['250']);
  });
});

describe('a client that is not one', () => {
  test.each(['GET', 'POST', 'CONNECT', 'PUT', 'OPTIONS', 'HEAD'])(
    '%s as the first word is 421 and the end',
    (method) => {
      const session = new Conversation();
      expect(session.codes(`${method} / HTTP/1.1`, 'Host: localhost')).toEqual(['421']);
      expect(session.closed).toBe(true);
    },
  );

  test('is cut off after 50 errors', () => {
    const session = new Conversation();
    const codes = session.codes(...Array.from({ length: 60 }, () => 'FROB'));
    expect([codes.length, codes.at(-1), session.closed]).toEqual([51, '421', true]);
  });

  test('is not cut off for being denied', () => {
    const session = new Conversation({ mailboxes: { 'bad@x.test': mailboxNotAllowed } });
    session.codes(hello, from, ...Array.from({ length: 200 }, () => 'RCPT TO:<bad@x.test>'));
    expect(session.closed).toBe(false);
  });
});

describe('the end of data is CRLF . CRLF and nothing else (CVE-2023-51764, CVE-2024-27305)', () => {
  const smuggled = 'MAIL FROM:<evil@x.test>\r\n';
  const ends = ['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r', '\n.\r', '\r.\r\n', '\r\n.\r\r\n', '\0\r\n.\0\r\n'];
  test.each(ends.map((end) => [JSON.stringify(end), end]))('%s is content', (_name, end) => {
    const session = new Conversation();
    session.codes(hello, from, to, 'DATA');
    session.send(`one${end}${smuggled}\r\n.\r\n`);
    expect(session.stored).toHaveLength(1);
    expect(session.transactions).toHaveLength(1);
    // A dot goes from a line that follows CRLF, and from no other.
    expect(String(session.stored[0])).toBe(`one${end.replace('\r\n.', '\r\n')}${smuggled}\r\n`);
  });
});

describe('dot-stuffing (RFC 5321 section 4.5.2)', () => {
  const dotty = fc
    .array(fc.constantFrom('.', '..', '\r', '\n', '\r\n', 'a', 'b.c', '\0', 'é'), { maxLength: 60 })
    .map((parts) => Buffer.from(parts.join('')));
  /** What a client sends for a message: dots doubled after CRLF, and a line end added where it lacks. */
  const stuff = (message: Buffer): Buffer => {
    const text = message.toString('latin1').replace(/(^|\r\n)\./g, '$1..');
    return Buffer.from(`${text}\r\n.\r\n`, 'latin1');
  };

  test('what a client stuffed comes out as it was, however the bytes are cut', () => {
    fc.assert(
      fc.property(dotty, fc.array(fc.nat(80), { maxLength: 8 }), (message, cuts) => {
        const session = new Conversation();
        session.codes(hello, from, to, 'DATA');
        session.send(...cut(stuff(message), cuts));
        expect(session.stored.map((bytes) => bytes.toString('latin1'))).toEqual([`${message.toString('latin1')}\r\n`]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('any way of cutting the bytes', () => {
  const script = Buffer.from(
    `EHLO x\r\nFROB\r\n${'y'.repeat(5000)}\r\nAUTH LOGIN\r\nYW5u\r\n${'Y'.repeat(13_000)}\r\nAUTH PLAIN AGFubgB4\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\nRCPT TO:<bad@x.test>\r\nDATA\r\n` +
      `..a\r\n.\r\n.\rb\r\n...\r\n${'z'.repeat(300)}\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\nHELP\r\nQUIT\r\nNOOP\r\n`,
  );
  const run = (pieces: Buffer[]): unknown => {
    const session = new Conversation({ mailboxes: { 'bad@x.test': mailboxNotAllowed } });
    session.send(...pieces);
    const { replies: answered, transactions, heard } = session;
    return { answered, stored: session.stored.map(String), transactions, heard };
  };
  const whole = run([script]);

  test('changes no reply, no stored byte and no line of the transcript', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(script.length), { maxLength: 30 }), (cuts) => {
        expect(run(cut(script, cuts))).toEqual(whole);
      }),
    );
  });

  test('also one byte at a time', () => {
    expect(run(Array.from(script, (byte) => Buffer.of(byte)))).toEqual(whole);
  });
});

test('a long AUTH line behind a line too long is read the same, however the bytes are cut', () => {
  const script = Buffer.from(`${hello}\r\n${'x'.repeat(5000)}\r\nAUTH LOGIN ${'YWFh'.repeat(2000)}\r\n*\r\nNOOP\r\n`);
  for (let at = 5000; at < 5100; at++) {
    const session = new Conversation();
    session.send(script.subarray(0, at), script.subarray(at));
    expect(codesOf(session.replies)).toEqual(['220', '250', '500', '334', '501', '250']);
  }
});

describe('any bytes at all', () => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        hello,
        from,
        to,
        'DATA',
        '.',
        'RSET',
        'QUIT',
        'HELP',
        'AUTH PLAIN',
        'AUTH LOGIN YW5u',
        'AUTH CRAM-MD5',
        '*',
        'STARTTLS',
        'BDAT 5',
        'BDAT 0 LAST',
        'BDAT 99999999999999999999',
        'MAIL FROM:<"\\',
        'RCPT TO:<@',
        'EHLO \xff\0',
        '',
      )
      .map((line) => Buffer.from(`${line}\r\n`, 'latin1')),
  );

  test('never throw, and never grow the buffer past a line', () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 60 }), (pieces) => {
        const session = new Conversation();
        for (const piece of pieces) {
          session.send(piece);
          if (session.wantsHandshake) session.secure();
        }
        expect(session.protocol.buffered).toBeLessThanOrEqual(options.maxAuthLineLength);
        const most = pieces.reduce((sum, piece) => sum + piece.length, 0);
        expect(session.stored.reduce((sum, message) => sum + message.length, 0)).toBeLessThanOrEqual(most);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['command line', '', 4096],
    ['AUTH line', 'AUTH PLAIN ', 12_288],
    ['response to a challenge', 'AUTH PLAIN\r\n', 12_288],
    ['line of a refused host', '', 4096],
  ])('an endless %s keeps the buffer bounded', (title, begun, limit) => {
    const session = new Conversation(title.includes('refused') ? { host: accessDenied } : {});
    session.codes(hello);
    session.send(begun);
    for (let count = 0; count < 1000; count++) session.send('x'.repeat(1000));
    expect(session.protocol.buffered).toBeLessThanOrEqual(limit);
    expect(session.codes('', 'NOOP').at(-1)).toBe(title.includes('refused') ? '503' : '250');
  });

  test('endless data of a message that is too large is not kept', () => {
    const session = new Conversation();
    session.codes(hello, from, to, 'DATA');
    for (let count = 0; count < 1000; count++) session.send('x'.repeat(1000));
    expect([session.protocol.buffered, session.discarded]).toEqual([0, 1]);
  });
});

function cut(bytes: Buffer, at: number[]): Buffer[] {
  const places = [...at.map((place) => Math.min(place, bytes.length)), bytes.length].sort((a, b) => a - b);
  return places.map((place, index) => bytes.subarray(places[index - 1] ?? 0, place));
}
