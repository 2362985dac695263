import { describe, expect, test } from 'vitest';
import { extensions } from '../../../main/smtp/extensions.ts';
import { Conversation, accessDenied } from './conversation.ts';

const hello = 'EHLO client.test';
const from = 'MAIL FROM:<a@client.test>';
const to = 'RCPT TO:<b@server.test>';
const auth = `AUTH PLAIN ${Buffer.from('\0ann\0s3cret').toString('base64')}`;

const keywords = (session: Conversation): string[] => session.send(`${hello}\r\n`).match(/(?<=^250[- ])\S+/gm) ?? [];

describe('STARTTLS (RFC 3207)', () => {
  test.each([
    ['after EHLO', [hello]],
    ['before EHLO', []],
    ['in a transaction', [hello, from, to]],
    ['between chunks', [hello, from, to, 'BDAT 0']],
  ])('%s is 220, and nothing goes on until TLS is there', (_title, before) => {
    const session = new Conversation();
    session.codes(...before);
    expect(session.codes('STARTTLS')).toEqual(['220']);
    expect([session.wantsHandshake, session.codes('NOOP')]).toEqual([true, []]);
  });

  test('with an argument is 501', () => {
    expect(new Conversation().codes(hello, 'STARTTLS now')).toEqual(['250', '501']);
  });

  test('under TLS is 503, and not announced any more', () => {
    const session = new Conversation();
    expect(keywords(session)).toContain('STARTTLS');
    session.codes('STARTTLS');
    session.secure();
    expect(keywords(session)).not.toContain('STARTTLS');
    expect(session.codes('STARTTLS')).toEqual(['503']);
  });

  test('switched off is 502', () => {
    const session = new Conversation({}, { extensions: new Set(extensions.filter((one) => one !== 'STARTTLS')) });
    expect(keywords(session)).not.toContain('STARTTLS');
    expect(session.codes('STARTTLS')).toEqual(['502']);
  });

  test('on a refused host is 503', () => {
    expect(new Conversation({ host: accessDenied }).codes('STARTTLS')).toEqual(['503']);
  });

  test('without a certificate is 454, and the session goes on', () => {
    const session = new Conversation();
    session.hasCertificate = false;
    expect(session.codes(hello, 'STARTTLS', from)).toEqual(['250', '454', '250']);
  });
});

describe('what was said before TLS does not hold', () => {
  const secured = (...before: string[]): Conversation => {
    const session = new Conversation();
    session.codes(...before, 'STARTTLS');
    session.secure();
    return session;
  };

  test('EHLO is needed again', () => {
    const session = secured(hello);
    expect(session.codes(from, hello, from)).toEqual(['503', '250', '250']);
  });

  test('the transaction is forgotten', () => {
    expect(secured(hello, from, to).codes(hello, 'DATA', from, to, 'DATA')).toEqual('250 503 250 250 354'.split(' '));
  });

  test('AUTH is forgotten', () => {
    const session = secured(hello, auth);
    session.codes(hello, from, to, 'DATA', '.');
    expect(session.transactions.map(({ user, protocol }) => [user, protocol])).toEqual([[null, 'ESMTPS']]);
    expect(session.codes(auth, from, to, 'DATA', '.')).toEqual('235 250 250 354 250'.split(' '));
    expect(session.transactions.map(({ user, protocol }) => [user, protocol])).toEqual([
      [null, 'ESMTPS'],
      ['ann', 'ESMTPSA'],
    ]);
  });

  test('the chunks of a message are thrown away', () => {
    const session = secured(hello, from, to, 'BDAT 0');
    expect([session.discarded, session.stored.length, session.protocol.isReceivingMail]).toEqual([1, 0, false]);
  });

  test.each([
    ['in the same segment', [`${hello}\r\nSTARTTLS\r\n${from}\r\n${to}\r\n`]],
    ['half a command', [`${hello}\r\nSTARTTLS\r\nMAIL FROM:<evil`]],
    ['in a segment of its own, before the handshake', [`${hello}\r\nSTARTTLS\r\n`, `${from}\r\n`]],
  ])('commands sent with STARTTLS are thrown away (CVE-2011-0411, CVE-2024-34083): %s', (_title, segments) => {
    const session = new Conversation();
    session.send(...segments);
    const before = session.replies;
    session.secure();
    expect([session.replies, session.protocol.buffered]).toEqual([before, 0]);
    expect(session.codes(hello, to, from)).toEqual(['250', '503', '250']);
  });
});
