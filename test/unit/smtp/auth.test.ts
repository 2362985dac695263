import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { extensions } from '../../../main/smtp/extensions.ts';
import { Conversation, codesOf, accessDenied } from './conversation.ts';

const hello = 'EHLO client.test';
const from = 'MAIL FROM:<a@client.test>';
const to = 'RCPT TO:<b@server.test>';
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const plain = base64('\0ann\0s3cret');
const challenge = '<unique@mx.test>';
const digest = (password: string): string =>
  base64(`ann ${createHmac('md5', password).update(challenge).digest('hex')}`);

/** What is said after EHLO → the replies' codes. */
const exchanges: [title: string, lines: string[], codes: string][] = [
  ['PLAIN with an initial response', [`AUTH PLAIN ${plain}`], '235'],
  ['PLAIN without one', ['AUTH PLAIN', plain], '334 235'],
  ['PLAIN with an authorization identity', [`AUTH PLAIN ${base64('other\0ann\0s3cret')}`], '235'],
  ['PLAIN with an empty initial response', ['AUTH PLAIN ='], '501'],
  ['PLAIN with too few parts', [`AUTH PLAIN ${base64('ann\0s3cret')}`], '501'],
  ['PLAIN with too many parts', [`AUTH PLAIN ${base64('\0ann\0s3\0cret')}`], '501'],
  ['PLAIN without a user', [`AUTH PLAIN ${base64('\0\0s3cret')}`], '501'],
  ['PLAIN that is no UTF-8', [`AUTH PLAIN ${Buffer.from('\0\xff\0x', 'latin1').toString('base64')}`], '501'],
  ['PLAIN with a line end in the name', [`AUTH PLAIN ${base64('\0ann\r\n\0x')}`], '501'],
  ['PLAIN that is no base64', ['AUTH PLAIN !!!'], '501'],
  ['PLAIN with a response that is no base64', ['AUTH PLAIN', '!!!'], '334 501'],
  ['PLAIN in lower case', [`auth plain ${plain}`], '235'],
  ['PLAIN cancelled', ['AUTH PLAIN', '*'], '334 501'],
  ['LOGIN', ['AUTH LOGIN', base64('ann'), base64('s3cret')], '334 334 235'],
  ['LOGIN with an initial response', [`AUTH LOGIN ${base64('ann')}`, base64('s3cret')], '334 235'],
  ['LOGIN with an empty password', ['AUTH LOGIN', base64('ann'), ''], '334 334 235'],
  ['LOGIN with an empty user', ['AUTH LOGIN', '', base64('s3cret')], '334 334 501'],
  ['LOGIN cancelled at the user', ['AUTH LOGIN', '*'], '334 501'],
  ['LOGIN cancelled at the password', ['AUTH LOGIN', base64('ann'), '*'], '334 334 501'],
  ['CRAM-MD5', ['AUTH CRAM-MD5', digest('s3cret')], '334 235'],
  ['CRAM-MD5 with an initial response', [`AUTH CRAM-MD5 ${digest('s3cret')}`], '501'],
  ['CRAM-MD5 with no digest', ['AUTH CRAM-MD5', base64('ann')], '334 501'],
  ['CRAM-MD5 cancelled', ['AUTH CRAM-MD5', '*'], '334 501'],
  ['an unknown mechanism', ['AUTH GSSAPI'], '504'],
  ['the name of a property', ['AUTH constructor'], '504'],
  ['no mechanism', ['AUTH'], '501'],
  ['too many arguments', [`AUTH PLAIN ${plain} ${plain}`], '501'],
  ['again after it was cancelled', ['AUTH PLAIN', '*', `AUTH PLAIN ${plain}`], '334 501 235'],
  ['a second time', [`AUTH PLAIN ${plain}`, `AUTH PLAIN ${plain}`], '235 503'],
  ['a second time after EHLO', [`AUTH PLAIN ${plain}`, hello, `AUTH PLAIN ${plain}`], '235 250 503'],
  ['during a transaction', [from, `AUTH PLAIN ${plain}`], '250 503'],
  ['with a recipient', [from, to, `AUTH PLAIN ${plain}`], '250 250 503'],
  ['between chunks', [from, to, 'BDAT 0', `AUTH PLAIN ${plain}`], '250 250 250 503'],
  ['after the transaction was reset', [from, 'RSET', `AUTH PLAIN ${plain}`], '250 250 235'],
  ['the longest response', ['AUTH LOGIN', 'YWFh'.repeat(3071), ''], '334 334 235'],
  ['a response too long', ['AUTH PLAIN', 'a'.repeat(12_288), 'NOOP'], '334 500 250'],
  ['an initial response longer than other lines', [`AUTH LOGIN ${'YWFh'.repeat(2000)}`, ''], '334 235'],
  ['an initial response too long', [`AUTH LOGIN ${'a'.repeat(12_288)}`, 'NOOP'], '500 250'],
  ['MAIL with AUTH=<>', [`${from} AUTH=<>`], '250'],
  ['MAIL with AUTH=', [`${from} AUTH=ann+40client.test`], '250'],
  ['MAIL with AUTH= that is no xtext', [`${from} AUTH=ann+xx`], '501'],
];

describe('AUTH (RFC 4954) after EHLO', () => {
  test.each(exchanges)('%s', (_title, lines, codes) => {
    const session = new Conversation();
    session.codes(hello);
    expect(session.send(...lines.map((line) => `${line}\r\n`)).match(/^\d{3}(?= )/gm)).toEqual(codes.split(' '));
  });

  test('challenges are base64', () => {
    const session = new Conversation();
    session.codes(hello);
    expect(session.send('AUTH PLAIN\r\n*\r\n')).toMatch(/^334 \r\n501 /);
    expect(session.send('AUTH LOGIN\r\nYW5u\r\n*\r\n')).toMatch(/^334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n501 /);
    expect(session.send('AUTH CRAM-MD5\r\n')).toBe(`334 ${base64(challenge)}\r\n`);
  });

  test('the message says who sent it and how (RFC 3848)', () => {
    const session = new Conversation();
    session.codes(hello, `AUTH PLAIN ${plain}`, from, to, 'DATA', '.', `${from} SMTPUTF8`, to, 'DATA', '.');
    expect(session.transactions.map(({ user, protocol }) => [user, protocol])).toEqual([
      ['ann', 'ESMTPA'],
      ['ann', 'UTF8SMTPA'],
    ]);
  });
});

describe('AUTH where it cannot be had', () => {
  test.each([
    ['before EHLO', [], '503'],
    ['after HELO', ['HELO client.test'], '503'],
  ])('%s', (_title, before, code) => {
    const session = new Conversation();
    session.codes(...before);
    expect(session.codes(`AUTH PLAIN ${plain}`)).toEqual([code]);
  });

  test('switched off', () => {
    const session = new Conversation({}, { extensions: new Set(extensions.filter((one) => one !== 'AUTH')) });
    expect(session.codes(hello, `AUTH PLAIN ${plain}`, `${from} AUTH=<>`)).toEqual(['250', '502', '555']);
  });

  test('on a refused host', () => {
    expect(new Conversation({ host: accessDenied }).codes(`AUTH PLAIN ${plain}`)).toEqual(['503']);
  });
});

describe('AUTH with accounts', () => {
  const accounts = new Map([['ann', 's3cret']]);
  test.each([
    ['PLAIN', 's3cret', [`AUTH PLAIN ${plain}`], '235'],
    ['PLAIN', 'another', [`AUTH PLAIN ${base64('\0ann\0wrong')}`], '535'],
    ['PLAIN', 'unknown user', [`AUTH PLAIN ${base64('\0bob\0s3cret')}`], '535'],
    ['PLAIN', 'the name of a property', [`AUTH PLAIN ${base64('\0constructor\0s3cret')}`], '535'],
    ['LOGIN', 's3cret', ['AUTH LOGIN', base64('ann'), base64('s3cret')], '235'],
    ['LOGIN', 'another', ['AUTH LOGIN', base64('ann'), base64('s3cre')], '535'],
    ['CRAM-MD5', 's3cret', ['AUTH CRAM-MD5', digest('s3cret')], '235'],
    ['CRAM-MD5', 'another', ['AUTH CRAM-MD5', digest('wrong')], '535'],
  ])('%s, %s', (_mechanism, _title, lines, code) => {
    const session = new Conversation({}, { accounts });
    session.codes(hello);
    expect(session.codes(...lines).at(-1)).toBe(code);
  });

  test('whoever guesses is cut off', () => {
    const session = new Conversation({}, { accounts });
    session.codes(hello, ...Array.from({ length: 60 }, () => `AUTH PLAIN ${base64('\0ann\0wrong')}`));
    expect(session.closed).toBe(true);
  });
});

describe('where AUTH is required', () => {
  test('MAIL is 530 without it, and taken with it', () => {
    const session = new Conversation({}, { authRequired: true });
    expect(session.codes(hello, from, `AUTH PLAIN ${plain}`, from)).toEqual(['250', '530', '235', '250']);
  });

  test.each(['NOOP', 'RSET', 'HELP', 'QUIT', hello])('%s is not', (command) => {
    expect(new Conversation({}, { authRequired: true }).codes(command)[0]).toMatch(/^2/);
  });
});

describe('the transcript holds no password', () => {
  const secrets = ['s3cret', plain, base64('s3cret'), digest('s3cret')];
  test.each<[string, string[]]>([
    ['PLAIN', [`AUTH PLAIN ${plain}`]],
    ['PLAIN in two lines', ['AUTH PLAIN', plain]],
    ['LOGIN', ['AUTH LOGIN', base64('ann'), base64('s3cret')]],
    ['CRAM-MD5', ['AUTH CRAM-MD5', digest('s3cret')]],
    ['after other white space', [`AUTH\tPLAIN ${plain}`]],
    ['without the mechanism', [`AUTH ${plain}`]],
    ['as the mechanism', ['AUTH s3cret']],
    ['of a second attempt', [`AUTH PLAIN ${plain}`, `AUTH PLAIN ${plain}`]],
    ['in a transaction', [from, `AUTH PLAIN ${plain}`]],
    ['sent without waiting, when the mechanism was refused', ['AUTH NTLM', plain, base64('s3cret')]],
    ['sent without waiting, when AUTH was refused', [from, 'AUTH LOGIN', base64('ann'), base64('s3cret')]],
    ['after garbage', [`xyz AUTH PLAIN ${plain}`]],
    ['after an equals sign', ['AUTH=s3cret']],
    ['late', ['AUTH PLAIN', '*', 'NOOP', base64('s3cret'), plain]],
    ['with one response too many', [`AUTH PLAIN ${plain}`, base64('s3cret')]],
  ])('%s', (_title, lines) => {
    const session = new Conversation();
    session.codes(hello, ...lines, 'NOOP');
    const transcript = [...session.heard, session.replies, ...session.notes].join('\n');
    for (const secret of secrets) expect(transcript).not.toContain(secret);
    expect(session.heard.at(-1)).toBe('NOOP');
  });

  test('but the mechanism', () => {
    const session = new Conversation();
    session.codes(hello, `AUTH PLAIN ${plain}`, `auth login ${base64('ann')}`);
    expect(session.heard.slice(1)).toEqual(['AUTH PLAIN ***', 'auth login ***']);
  });
});

test('an AUTH exchange may be cut in any way', () => {
  const script = `${hello}\r\nAUTH LOGIN\r\n${base64('ann')}\r\n${base64('s3cret')}\r\nQUIT\r\n`;
  const session = new Conversation();
  session.send(...Array.from(script));
  expect(codesOf(session.replies)).toEqual(['220', '250', '334', '334', '235', '221']);
});
