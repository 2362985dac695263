import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rule } from '../../../main/rules/rule.ts';
import { Rules } from '../../../main/rules/rules.ts';
import { SmtpServer } from '../../../main/smtp/server.ts';
import type { MailHandler, StoreResult } from '../../../main/smtp/session.ts';
import { allow, deny } from '../rules/rule.ts';
import { type ReceivedReply, SmtpClient } from '../support/smtp-client.ts';

/** The rules that both servers hold, for a host that is let in and for one that is not. */
const ruleLists = {
  allowed: [
    allow('sender', 'spam@friend.example'),
    deny('sender', 'spam@*', { reason: 'denied by spam@*' }),
    deny('sender', 'denied'),
    deny('sender', 'moved@*', { reply: { code: 551, text: 'Moved away' } }),
    deny('recipient', 'bogus*@*', { reason: 'denied by bogus*@*' }),
    deny('recipient', 'denied'),
    deny('recipient', 'postmaster'),
  ],
  refused: [deny('host', '127.0.0.1', { reason: 'denied by 127.0.0.1' })],
};
type Host = keyof typeof ruleLists;

const hello = 'EHLO client.example';
const mail = 'MAIL FROM:<a@example.com>';
const rcpt = 'RCPT TO:<b@example.com>';
const message = lines('Subject: Hello', '', 'Hello', '.');

/**
 * What is said to both servers. Every element is one write, and waits for the reply to the one before; after the last,
 * the client ends its side.
 */
interface Session {
  title: string;
  host?: Host;
  writes: readonly string[];
}

/** Where both give the same codes: those, with the greeting's. */
const agreements: readonly (Session & { codes: string })[] = [
  // The connection
  { title: 'greeting', writes: [], codes: '220' },
  { title: 'QUIT', writes: ['QUIT'], codes: '220 221' },
  { title: 'nothing is read after QUIT', writes: [lines('QUIT', 'NOOP')], codes: '220 221' },

  // A refused host
  { title: 'refused host: greeting', host: 'refused', writes: [], codes: '550' },
  { title: 'refused host: QUIT', host: 'refused', writes: ['QUIT'], codes: '550 221' },
  {
    title: 'refused host: a known command, an unknown one',
    host: 'refused',
    writes: ['HELO client.example', hello, 'EHLO', mail, rcpt, 'DATA', 'RSET', 'noop', 'HELP', 'XYZZY', '', 'QUIT'],
    codes: '550 503 503 503 503 503 503 503 503 503 500 500 221',
  },
  {
    title: 'refused host: pipelined',
    host: 'refused',
    writes: [lines(hello, mail, rcpt, 'XYZZY', 'QUIT')],
    codes: '550 503 503 503 500 221',
  },

  // HELO and EHLO
  { title: 'HELO', writes: ['HELO client.example'], codes: '220 250' },
  { title: 'EHLO', writes: [hello], codes: '220 250' },
  { title: 'HELO with spaces around the name', writes: ['HELO  client.example '], codes: '220 250' },
  { title: 'HELO with a name that is no host name', writes: ['HELO client_1'], codes: '220 250' },
  {
    title: 'HELO and EHLO without a name, then with one',
    writes: ['HELO', 'EHLO', 'HELO ', 'EHLO ', hello],
    codes: '220 501 501 501 501 250',
  },

  // A whole message
  {
    title: 'a message after HELO',
    writes: ['HELO client.example', mail, rcpt, 'DATA', message, 'QUIT'],
    codes: '220 250 250 250 354 250 221',
  },
  {
    title: 'two messages after EHLO',
    writes: [hello, mail, rcpt, rcpt, 'DATA', message, mail, rcpt, 'DATA', message, 'QUIT'],
    codes: '220 250 250 250 250 354 250 250 250 354 250 221',
  },
  {
    title: 'commands in lower and mixed case',
    writes: ['ehlo client.example', 'mail from:<a@example.com>', 'Rcpt To:<b@example.com>', 'dAtA', message, 'quit'],
    codes: '220 250 250 250 354 250 221',
  },
  {
    title: 'a message pipelined up to DATA',
    writes: [hello, lines(mail, rcpt, 'RCPT TO:<bogus@example.com>', rcpt, 'DATA')],
    codes: '220 250 250 250 553 250 354',
  },
  {
    title: 'everything pipelined',
    writes: [lines(hello, mail, rcpt, 'DATA', message, 'NOOP', mail, rcpt, 'DATA', message, 'QUIT')],
    codes: '220 250 250 250 354 250 250 250 250 354 250 221',
  },

  // MAIL
  {
    title: 'MAIL syntax',
    writes: [
      hello,
      'MAIL',
      'MAIL FROM:',
      'MAIL <a@example.com>',
      'MAIL TO:<a@example.com>',
      'MAIL  FROM:<a@example.com>',
      'MAIL FROM :<a@example.com>',
      'MAIL FROM:a@example.com',
      'MAIL FROM:<a@example.com',
      'MAIL FROM:a@example.com>',
      'MAIL FROM:<@example.com>',
      'MAIL FROM:<a@>',
      'MAIL FROM:<a b@example.com>',
      'MAIL FROM:<a@example.com,b@example.com>',
      'MAIL FROM:<Name <a@example.com>>',
      mail,
    ],
    codes: '220 250 501 501 501 501 501 501 501 501 501 501 501 501 501 501 250',
  },
  { title: 'MAIL with a stray space', writes: [hello, 'MAIL FROM: <a@example.com>'], codes: '220 250 250' },
  { title: 'MAIL with a source route', writes: [hello, 'MAIL FROM:<@x.example,@y.example:a@b>'], codes: '220 250 250' },
  { title: 'MAIL without a domain', writes: [hello, 'MAIL FROM:<a>'], codes: '220 250 250' },
  { title: 'MAIL with SIZE', writes: [hello, `${mail} SIZE=10`], codes: '220 250 250' },
  { title: 'MAIL with BODY', writes: [hello, `${mail} BODY=8BITMIME`], codes: '220 250 250' },
  {
    title: 'a message from the null sender',
    writes: [hello, 'MAIL FROM:<>', rcpt, 'DATA', message],
    codes: '220 250 250 250 354 250',
  },
  {
    title: 'denied senders, then one that is allowed',
    writes: [
      hello,
      'MAIL FROM:<spam@example.com>',
      'MAIL FROM:<SPAM@EXAMPLE.COM>',
      'MAIL FROM:<denied@example.com>',
      'MAIL FROM:<denied>',
      'MAIL FROM:<@x.example:spam@example.com>',
      'MAIL FROM:<spam@friend.example>',
    ],
    codes: '220 250 553 553 553 553 553 250',
  },
  {
    title: 'a sender whose name only looks like a denied one',
    writes: [hello, 'MAIL FROM:<undenied@denied>'],
    codes: '220 250 250',
  },

  // RCPT
  {
    title: 'RCPT syntax',
    writes: [
      hello,
      mail,
      'RCPT',
      'RCPT TO:',
      'RCPT <b@example.com>',
      'RCPT FROM:<b@example.com>',
      'RCPT TO:b@example.com',
      'RCPT TO:<b@example.com',
      'RCPT TO:<>',
      rcpt,
    ],
    codes: '220 250 250 501 501 501 501 501 501 501 250',
  },
  { title: 'RCPT with a stray space', writes: [hello, mail, 'RCPT TO: <b@example.com>'], codes: '220 250 250 250' },
  { title: 'RCPT with a source route', writes: [hello, mail, 'RCPT TO:<@x.example:b@c>'], codes: '220 250 250 250' },
  {
    title: 'denied recipients, others go on',
    writes: [
      hello,
      mail,
      'RCPT TO:<bogus@example.com>',
      rcpt,
      'RCPT TO:<BOGUS-1@example.com>',
      'RCPT TO:<denied@example.com>',
      'RCPT TO:<denied>',
      'RCPT TO:<c@example.com>',
      'DATA',
      message,
    ],
    codes: '220 250 250 553 250 553 553 553 250 354 250',
  },
  {
    title: 'postmaster is taken although a rule denies it',
    writes: [hello, mail, 'RCPT TO:<postmaster>', 'RCPT TO:<Postmaster@example.com>', 'DATA', message],
    codes: '220 250 250 250 250 354 250',
  },

  // DATA
  { title: 'DATA before anything', writes: ['DATA'], codes: '220 503' },
  { title: 'DATA without a sender', writes: [hello, 'DATA'], codes: '220 250 503' },
  { title: 'DATA without a recipient', writes: [hello, mail, 'DATA'], codes: '220 250 250 503' },
  {
    title: 'DATA when every recipient was denied',
    writes: [hello, mail, 'RCPT TO:<bogus@example.com>', 'DATA', rcpt, 'DATA'],
    codes: '220 250 250 553 503 250 354',
  },
  { title: 'data without a line', writes: [hello, mail, rcpt, 'DATA', '.'], codes: '220 250 250 250 354 250' },
  {
    title: 'data with dots and commands in it',
    writes: [hello, mail, rcpt, 'DATA', lines('..', '..a', '.b', '. ', 'QUIT', 'RSET', '...', '.'), 'NOOP'],
    codes: '220 250 250 250 354 250 250',
  },
  {
    title: 'data beyond ASCII',
    writes: [hello, mail, rcpt, 'DATA', lines('caf\xe9 \x00', '.')],
    codes: '220 250 250 250 354 250',
  },
  {
    title: 'no room for the message',
    writes: [hello, 'MAIL FROM:<no-space@example.com>', rcpt, 'DATA', message, 'NOOP'],
    codes: '220 250 250 250 354 452 250',
  },
  {
    title: 'the store fails',
    writes: [hello, 'MAIL FROM:<store-error@example.com>', rcpt, 'DATA', message, 'NOOP'],
    codes: '220 250 250 250 354 451 250',
  },

  // The rest
  { title: 'RSET', writes: ['RSET', hello, 'RSET', mail, 'RSET', mail], codes: '220 250 250 250 250 250 250' },
  {
    title: 'RSET forgets sender and recipients',
    writes: [hello, mail, rcpt, 'RSET', 'DATA', mail, 'DATA'],
    codes: '220 250 250 250 250 503 250 503',
  },
  { title: 'NOOP', writes: ['NOOP', 'NOOP anything', 'NOOP '], codes: '220 250 250 250' },
  {
    title: 'HELP with known topics',
    writes: ['HELP', 'HELP HELO', 'HELP MAIL', 'HELP DATA', 'HELP RSET', 'HELP NOOP', 'HELP QUIT'],
    codes: '220 214 214 214 214 214 214 214',
  },
  { title: 'HELP with an unknown topic', writes: ['HELP XYZZY'], codes: '220 504' },
  {
    title: 'unknown commands',
    writes: ['XYZZY', 'TURN', 'SEND FROM:<a@example.com>', 'MAILFROM:<a@example.com>', 'N\xf6OP', 'NOOP\x00', hello],
    codes: '220 500 500 500 500 500 500 250',
  },
  { title: 'an empty line', writes: ['', ' ', ' NOOP'], codes: '220 500 500 500' },
  {
    title: 'commands pipelined',
    writes: [lines('NOOP', '', 'XYZZY', 'HELP', 'RSET', 'QUIT')],
    codes: '220 250 500 500 214 250 221',
  },
];

/** Where this server differs, and is meant to. */
const differences: readonly (Session & { because: string; here: string; tcl: string })[] = [
  // The connection
  {
    title: 'VRFY and EXPN of a refused host',
    because: 'they are known commands here',
    host: 'refused',
    writes: ['VRFY a', 'EXPN a'],
    here: '550 503 503',
    tcl: '550 500 500',
  },
  ...['GET', 'POST', 'CONNECT', 'PUT', 'OPTIONS', 'HEAD'].map((method) => ({
    title: `${method} of HTTP`,
    because: 'a browser was tricked into talking SMTP, and the connection is closed',
    writes: [`${method} / HTTP/1.1`],
    here: '220 421',
    tcl: '220 500',
  })),
  {
    title: 'GET of a refused host',
    because: 'as of any other',
    host: 'refused',
    writes: ['GET / HTTP/1.1'],
    here: '550 421',
    tcl: '550 500',
  },
  {
    title: '50 errors',
    because: 'Tcl has no limit, this server closes the connection',
    writes: [lines(...Array<string>(51).fill('XYZZY'))],
    here: `220 ${'500 '.repeat(50)}421`,
    tcl: `220${' 500'.repeat(51)}`,
  },

  // HELO and EHLO
  {
    title: 'HELO or EHLO again',
    because: 'RFC 5321 section 4.1.4 allows it at any time',
    writes: [hello, hello, 'HELO client.example'],
    here: '220 250 250 250',
    tcl: '220 250 503 503',
  },
  {
    title: 'EHLO in a transaction',
    because: 'it clears the transaction as RSET does (RFC 5321 section 4.1.4)',
    writes: [hello, mail, hello, rcpt, 'DATA'],
    here: '220 250 250 250 503 503',
    tcl: '220 250 250 503 250 354',
  },
  {
    title: 'HELO again without a name',
    because: 'the syntax error is what is left, since it may come again',
    writes: [hello, 'HELO'],
    here: '220 250 501',
    tcl: '220 250 503',
  },
  {
    title: 'HELO with an address literal',
    because: 'RFC 5321 section 4.1.1.1 has it for clients without a name',
    writes: ['HELO [127.0.0.1]'],
    here: '220 250',
    tcl: '220 501',
  },
  ...['client!', 'two words'].map((name) => ({
    title: `HELO ${name}`,
    because: 'Tcl takes letters, digits, dots, hyphens and underscores alone, this server every name',
    writes: [`HELO ${name}`],
    here: '220 250',
    tcl: '220 501',
  })),

  // The order of commands
  {
    title: 'MAIL, RCPT and DATA before HELO',
    because: 'RFC 5321 section 4.1.4 wants HELO or EHLO first',
    writes: [mail, rcpt, 'DATA'],
    here: '220 503 503 503',
    tcl: '220 250 250 354',
  },
  {
    title: 'MAIL in a transaction',
    because: 'RFC 5321 section 4.1.4 forbids it',
    writes: [hello, mail, mail, 'MAIL FROM:<spam@example.com>', rcpt, mail],
    here: '220 250 250 503 503 250 503',
    tcl: '220 250 250 250 553 250 250',
  },
  {
    title: 'RCPT before MAIL',
    because: 'RFC 5321 section 3.3 forbids it',
    writes: [hello, rcpt, 'RCPT TO:<bogus@example.com>', 'RCPT TO:', 'DATA', mail, 'DATA'],
    here: '220 250 503 503 503 503 250 503',
    tcl: '220 250 250 553 501 503 250 354',
  },
  {
    title: 'RCPT after a denied MAIL',
    because: 'there is no sender',
    writes: [hello, 'MAIL FROM:<spam@example.com>', rcpt, 'DATA'],
    here: '220 250 553 503 503',
    tcl: '220 250 553 250 503',
  },
  {
    title: 'RCPT after RSET',
    because: 'there is no sender any more',
    writes: [hello, mail, 'RSET', rcpt],
    here: '220 250 250 250 503',
    tcl: '220 250 250 250 250',
  },
  {
    title: 'RCPT and DATA after a message',
    because: 'the end of the data clears the transaction (RFC 5321 section 4.1.1.4)',
    writes: [hello, mail, rcpt, 'DATA', message, rcpt, 'DATA'],
    here: '220 250 250 250 354 250 503 503',
    tcl: '220 250 250 250 354 250 250 354',
  },
  {
    title: 'the recipients of the message before',
    because: 'Tcl would send the next message to them, too',
    writes: [hello, mail, rcpt, 'DATA', message, mail, 'DATA'],
    here: '220 250 250 250 354 250 250 503',
    tcl: '220 250 250 250 354 250 250 354',
  },

  // Paths
  ...['"a b"@example.com', '"a"@example.com', 'a@[127.0.0.1]'].map((mailbox) => ({
    title: `path <${mailbox}>`,
    because: 'RFC 5321 section 4.1.2 allows it; Tcl evaluates it as a script and fails',
    writes: [hello, `MAIL FROM:<${mailbox}>`, 'RSET', mail, `RCPT TO:<${mailbox}>`],
    here: '220 250 250 250 250 250',
    tcl: '220 250 553 250 250 553',
  })),
  {
    title: 'postmaster in quotes',
    because: 'quotes do not change the mailbox (RFC 5321 section 4.1.2), so it is taken',
    writes: [hello, mail, 'RCPT TO:<"postmaster">'],
    here: '220 250 250 250',
    tcl: '220 250 250 553',
  },
  ...['a..b@example.com', '.a@example.com', 'a@example..com'].map((mailbox) => ({
    title: `path <${mailbox}>`,
    because: 'real clients have dots side by side or in front',
    writes: [hello, `MAIL FROM:<${mailbox}>`, 'RSET', mail, `RCPT TO:<${mailbox}>`],
    here: '220 250 250 250 250 250',
    tcl: '220 250 501 250 250 501',
  })),
  {
    title: 'path with two @',
    because: 'RFC 5321 section 4.1.2 allows it in quotes alone',
    writes: [hello, 'MAIL FROM:<a@b@example.com>', mail, 'RCPT TO:<a@b@example.com>'],
    here: '220 250 501 250 501',
    tcl: '220 250 250 250 250',
  },
  {
    title: 'a control character in a path',
    because: 'RFC 5321 section 4.1.2 has none',
    writes: [hello, 'MAIL FROM:<a\x01@example.com>', mail, 'RCPT TO:<b\x01@example.com>'],
    here: '220 250 501 250 501',
    tcl: '220 250 250 250 250',
  },
  {
    title: 'a path beyond ASCII',
    because: 'it needs SMTPUTF8 (RFC 6531)',
    writes: [hello, 'MAIL FROM:<\xc3\xa4@example.com>', mail, 'RCPT TO:<\xc3\xa4@example.com>'],
    here: '220 250 553 250 553',
    tcl: '220 250 250 250 250',
  },
  {
    title: 'a name before the path or a comment behind it',
    because: 'they belong in a header field',
    writes: [hello, 'MAIL FROM:A <a@example.com>', `${mail}(A)`, mail, 'RCPT TO:B <b@example.com>', `${rcpt}(B)`],
    here: '220 250 501 501 250 501 501',
    tcl: '220 250 250 250 250 250 250',
  },
  {
    title: 'a rule with a reply of its own',
    because: 'Tcl has one reply for all',
    writes: [hello, 'MAIL FROM:<moved@example.com>'],
    here: '220 250 551',
    tcl: '220 250 553',
  },

  // Parameters, which Tcl does not look at
  {
    title: 'an unknown parameter',
    because: 'RFC 5321 section 4.1.1.11 wants 555',
    writes: [hello, `${mail} XYZZY=1`, `${mail} XYZZY`, mail, `${rcpt} XYZZY=1`, `${rcpt} XYZZY`],
    here: '220 250 555 555 250 555 555',
    tcl: '220 250 250 250 250 250 250',
  },
  {
    title: 'a parameter after HELO',
    because: 'the extension was not offered (RFC 5321 section 4.1.1.11)',
    writes: ['HELO client.example', `${mail} SIZE=10`],
    here: '220 250 555',
    tcl: '220 250 250',
  },
  {
    title: 'malformed parameters',
    because: 'they are syntax errors (RFC 5321 section 4.1.2)',
    writes: [hello, `${mail}SIZE=10`, `${mail} =`, `${mail} SIZE=x`, `${mail} SIZE=1 SIZE=1`, `${mail} BODY=XYZZY`],
    here: '220 250 501 501 501 501 501',
    tcl: '220 250 250 250 250 250 250',
  },
  {
    title: 'SIZE over the limit',
    because: 'RFC 1870 section 6.1 wants 552',
    writes: [hello, `${mail} SIZE=1001`],
    here: '220 250 552',
    tcl: '220 250 250',
  },

  // Extensions, which Tcl does not have
  {
    title: 'BDAT',
    because: 'CHUNKING is an extension here (RFC 3030); Tcl reads the chunk as a command',
    writes: [hello, mail, rcpt, lines('BDAT 7 LAST', 'XYZZY'), 'NOOP'],
    here: '220 250 250 250 250 250',
    tcl: '220 250 250 250 500 500 250',
  },
  {
    title: 'SMTPUTF8 and DSN',
    because: 'they are extensions here (RFC 6531, RFC 3461); Tcl does not look at parameters',
    writes: [hello, `${mail} SMTPUTF8 RET=FULL`, `${rcpt} NOTIFY=NEVER`, 'RSET', `${mail} RET=ALL`],
    here: '220 250 250 250 250 501',
    tcl: '220 250 250 250 250 250',
  },
  {
    title: 'AUTH',
    because: 'it is an extension here (RFC 4954)',
    writes: [hello, 'AUTH PLAIN AGFubgBzM2NyZXQ=', 'AUTH XYZZY', 'AUTH'],
    here: '220 250 235 503 503',
    tcl: '220 250 500 500 500',
  },
  {
    title: 'STARTTLS where there is no certificate',
    because: 'it is a command that is not implemented then',
    writes: ['STARTTLS'],
    here: '220 502',
    tcl: '220 500',
  },

  // Limits, which Tcl does not have
  {
    title: 'too many recipients',
    because: 'RFC 5321 section 4.5.3.1.10 wants 452',
    writes: [hello, mail, rcpt, rcpt, rcpt, rcpt],
    here: '220 250 250 250 250 250 452',
    tcl: '220 250 250 250 250 250 250',
  },
  {
    title: 'too large a message',
    because: 'RFC 5321 section 4.5.3.1.9 wants 552',
    writes: [hello, mail, rcpt, 'DATA', lines('x'.repeat(998), 'x', '.'), 'NOOP'],
    here: '220 250 250 250 354 552 250',
    tcl: '220 250 250 250 354 250 250',
  },
  {
    title: 'too long a line',
    because: 'RFC 5321 section 4.5.3.1.9 wants 500',
    writes: [`NOOP ${'x'.repeat(4096)}`, 'NOOP'],
    here: '220 500 250',
    tcl: '220 250 250',
  },

  // DATA
  {
    title: 'DATA with an argument',
    because: 'RFC 5321 section 4.1.1 wants 501',
    writes: [hello, mail, rcpt, 'DATA now'],
    here: '220 250 250 250 501',
    tcl: '220 250 250 250 354',
  },
  ...['\n.\n', '\n.\r\n', '\r.\r', '\r\n.\n', '\r\n.\r'].map((end) => ({
    title: `data with ${JSON.stringify(end)} in it`,
    because: 'nothing ends data but <CRLF>.<CRLF> (RFC 5321 section 4.1.1.4), or mail can be smuggled',
    writes: [hello, mail, rcpt, 'DATA', `Hello${end}${lines('NOOP', '.')}`],
    here: '220 250 250 250 354 250',
    tcl: '220 250 250 250 354 250 250 500',
  })),
  {
    title: 'a failure of the store of unknown cause',
    because: 'the client may try again: 554 would be for good',
    writes: [hello, 'MAIL FROM:<plain-error@example.com>', rcpt, 'DATA', message],
    here: '220 250 250 250 354 451',
    tcl: '220 250 250 250 354 554',
  },

  // The rest
  {
    title: 'VRFY',
    because: 'RFC 5321 section 4.5.1 wants it',
    writes: ['VRFY a', 'VRFY'],
    here: '220 252 501',
    tcl: '220 500 500',
  },
  {
    title: 'EXPN',
    because: 'it is a command of RFC 5321 section 4.1.1.7 that is not implemented',
    writes: ['EXPN a'],
    here: '220 502',
    tcl: '220 500',
  },
  {
    title: 'HELP with topics that Tcl lacks',
    because: 'every command is a topic here',
    writes: ['HELP EHLO', 'HELP RCPT', 'HELP VRFY', 'HELP EXPN', 'HELP HELP'],
    here: '220 214 214 214 214 214',
    tcl: '220 504 504 504 504 504',
  },
  {
    title: 'HELP with a topic in lower case',
    because: 'case does not matter in commands (RFC 5321 section 2.4)',
    writes: ['HELP mail'],
    here: '220 214',
    tcl: '220 504',
  },
  {
    title: 'HELP with a topic of two words',
    because: 'there is no such topic; Tcl reads the first word alone',
    writes: ['HELP MAIL FROM'],
    here: '220 504',
    tcl: '220 214',
  },
  {
    title: 'a tab behind the command',
    because: 'RFC 5321 section 4.1.1 has a space there',
    writes: ['NOOP\tx', 'EHLO\tclient.example'],
    here: '220 500 500',
    tcl: '220 250 250',
  },
  {
    title: 'a bare CR in a command',
    because: 'it is no space: Tcl takes it for one',
    writes: ['NOOP\rNOOP'],
    here: '220 500',
    tcl: '220 250',
  },
  {
    title: 'a bare LF after a command',
    because: 'real clients end lines so; Tcl takes it for a space',
    writes: ['NOOP\nNOOP'],
    here: '220 250 250',
    tcl: '220 250',
  },
];

function lines(...all: string[]): string {
  return all.join('\r\n');
}

/** @returns what the server answered, the greeting first */
async function converse(port: number, writes: readonly string[]): Promise<(ReceivedReply | null)[]> {
  const client = await SmtpClient.connect(port);
  try {
    const replies = [await client.reply()];
    for (const write of writes) {
      client.send(`${write}\r\n`);
      replies.push(await client.reply());
    }
    return [...replies, ...(await client.end())];
  } finally {
    client.destroy();
  }
}

const codes = (replies: (ReceivedReply | null)[]): string => replies.map((reply) => reply?.code).join(' ');

/** A reply without its enhanced code, which Tcl has none of. */
const words = (reply: ReceivedReply | null | undefined): string =>
  (reply?.text ?? '').trimEnd().replace(/^(\d{3}) \d\.\d\.\d /, '$1 ');

const cleanUps: (() => unknown)[] = [];

/** Starts this server, joined to the rules as main/app.ts does it. @returns its port */
async function startHere(list: readonly Rule[]): Promise<number> {
  const rules = new Rules();
  rules.replace(list);
  const handler: MailHandler = {
    judge: (question) => rules.judge(question),
    refused: () => undefined,
    receive: ({ reversePath }) => ({
      write: () => undefined,
      store: () => Promise.resolve(storeResult(reversePath)),
      discard: () => undefined,
    }),
  };
  const server = new SmtpServer(handler, { maxMessageSize: 1000, maxRecipients: 3 });
  cleanUps.push(() => server.shutdown(0));
  return (await server.start('127.0.0.1', 0)).port;
}

/** The same as `store` in tcl-smtpd.tcl. */
function storeResult(reversePath: string): StoreResult {
  if (reversePath.startsWith('no-space@')) return { failed: 'no space' };
  if (/^(?:store|plain)-error@/.test(reversePath)) return { failed: 'error' };
  return { id: '1' };
}

/** Starts Tcl's smtpd in a process of its own. @returns its port */
async function startTcl(list: readonly Rule[]): Promise<number> {
  const script = fileURLToPath(new URL('tcl-smtpd.tcl', import.meta.url));
  const rules = list.flatMap(({ stage, action, pattern }) => [stage, action, pattern]);
  const tclsh = spawn('tclsh', [script, ...rules], { stdio: ['pipe', 'pipe', 'inherit'] });
  cleanUps.push(() => tclsh.kill());
  for await (const line of createInterface(tclsh.stdout)) return Number(line);
  throw new Error("Tcl's smtpd did not start.");
}

/** @returns why Tcl's smtpd cannot be had; null where it can */
function whyMissing(): string | null {
  const { error, stdout } = spawnSync('tclsh', { input: 'puts [catch {package require smtpd}]', encoding: 'utf8' });
  if (error !== undefined) return 'skipped, as tclsh is not installed';
  return stdout.trim() === '0' ? null : 'skipped, as tclsh has no smtpd: tcllib is not installed';
}

const missing = whyMissing();

describe.skipIf(missing !== null)(missing === null ? 'Tcl smtpd' : `Tcl smtpd (${missing})`, () => {
  let ports: Record<Host, { here: number; tcl: number }>;
  beforeAll(async () => {
    const [here, tcl, refusingHere, refusingTcl] = await Promise.all([
      startHere(ruleLists.allowed),
      startTcl(ruleLists.allowed),
      startHere(ruleLists.refused),
      startTcl(ruleLists.refused),
    ]);
    ports = { allowed: { here, tcl }, refused: { here: refusingHere, tcl: refusingTcl } };
  });
  afterAll(() => Promise.all(cleanUps.map((cleanUp) => cleanUp())));

  async function codesOfBoth({ host = 'allowed', writes }: Session): Promise<{ here: string; tcl: string }> {
    const [here, tcl] = await Promise.all([converse(ports[host].here, writes), converse(ports[host].tcl, writes)]);
    return { here: codes(here), tcl: codes(tcl) };
  }

  describe('says the same to whom it refuses', () => {
    test.each<[string, Host, string[], string]>([
      ['a host is told why', 'refused', [], '550 Access denied: denied by 127.0.0.1'],
      [
        'a sender is not',
        'allowed',
        [hello, 'MAIL FROM:<spam@example.com>'],
        '553 Requested action not taken: mailbox name not allowed',
      ],
      [
        'a recipient is not',
        'allowed',
        [hello, mail, 'RCPT TO:<bogus@example.com>'],
        '553 Requested action not taken: mailbox name not allowed',
      ],
    ])('%s', async (_title, host, writes, expected) => {
      const { here, tcl } = ports[host];
      for (const port of [here, tcl]) expect(words((await converse(port, writes)).at(-1))).toBe(expected);
    });
  });

  describe.concurrent('agrees', () => {
    test.each(agreements)('$title', async ({ codes, ...session }) => {
      expect(await codesOfBoth(session)).toEqual({ here: codes, tcl: codes });
    });
  });

  describe.concurrent('differs on purpose', () => {
    test.each(differences)('$title: $because', async ({ here, tcl, ...session }) => {
      expect(here).not.toBe(tcl);
      expect(await codesOfBoth(session)).toEqual({ here, tcl });
    });
  });
});
