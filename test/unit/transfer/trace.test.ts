import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Envelope } from '../../../main/mailbox/message.ts';
import { traceHeaders } from '../../../main/transfer/trace.ts';
import { envelope } from '../mailbox/envelope.ts';

const receivedAt = Date.UTC(2026, 10, 5, 13, 7, 9);
const trace = (changes: Partial<Envelope>): string =>
  traceHeaders({ id: 1182, receivedAt, envelope: { ...envelope, ...changes } }, 'mx.test');

const date = '\r\n Thu, 05 Nov 2026 13:07:09 +0000\r\n';

test.each<[string, Partial<Envelope>, string]>([
  [
    'one recipient',
    { forwardPaths: ['b@server.test'] },
    'Return-Path: <a@client.test>\r\nReceived: from client.test ([127.0.0.1])\r\n' +
      ` by mx.test (Mailmitt) with ESMTP id 1182\r\n for <b@server.test>;${date}`,
  ],
  [
    'several recipients, of whom one may be in Bcc, and the null reverse-path',
    { reversePath: '' },
    `Return-Path: <>\r\nReceived: from client.test ([127.0.0.1])\r\n by mx.test (Mailmitt) with ESMTP id 1182;${date}`,
  ],
  [
    'TLS and IPv6',
    {
      ...{ forwardPaths: ['b@x.test'], remoteAddress: '2001:db8::1', clientName: '[IPv6:2001:db8::1]' },
      ...{ protocol: 'ESMTPSA', tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' } },
    },
    'Return-Path: <a@client.test>\r\nReceived: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1])\r\n' +
      ' by mx.test (Mailmitt) with ESMTPSA id 1182\r\n for <b@x.test>\r\n' +
      ` tls TLS_AES_256_GCM_SHA384 (TLSv1.3);${date}`,
  ],
  [
    'addresses beyond ASCII',
    {
      reversePath: 'jürgen@bücher.test',
      forwardPaths: ['注文@x.test'],
      clientName: 'bücher.test',
      protocol: 'UTF8SMTP',
    },
    'Return-Path: <jürgen@bücher.test>\r\nReceived: from bücher.test ([127.0.0.1])\r\n' +
      ` by mx.test (Mailmitt) with UTF8SMTP id 1182\r\n for <注文@x.test>;${date}`,
  ],
  [
    'values that would be lines of their own',
    {
      ...{ reversePath: 'a@x.test>\r\nX-Evil: 1\r\n\r\n', forwardPaths: ['b\0\u0085\u2028@x.test'] },
      ...{ clientName: 'a b) by evil; (\r\nX-Evil: 2', remoteAddress: '127.0.0.1]\n' },
    },
    'Return-Path: <a@x.test>??X-Evil: 1????>\r\nReceived: from a?b??by?evil?????X-Evil:?2 ([127.0.0.1]?])\r\n' +
      ` by mx.test (Mailmitt) with ESMTP id 1182\r\n for <b???@x.test>;${date}`,
  ],
  [
    'values that no line has room for',
    {
      ...{ reversePath: `${'a'.repeat(2000)}@x.test`, forwardPaths: [`${'b'.repeat(2000)}@x.test`] },
      clientName: 'c'.repeat(2000),
    },
    `Received: from unknown ([127.0.0.1])\r\n by mx.test (Mailmitt) with ESMTP id 1182;${date}`,
  ],
  ['a message that came from a file', { protocol: null, remoteAddress: '', clientName: '', forwardPaths: [] }, ''],
])('%s', (_title, changes, expected) => {
  expect(trace(changes)).toBe(expected);
});

test('whatever the client said, there are two fields, folded, and no line is too long', () => {
  const any = fc.string({ unit: 'binary' });
  const values = fc.record({ reversePath: any, forwardPaths: fc.array(any, { maxLength: 2 }), clientName: any });
  fc.assert(
    fc.property(values, fc.nat(1200), (said, length) => {
      const header = Buffer.from(trace({ ...said, reversePath: said.reversePath.padEnd(length, 'x') })).toString();
      expect(header).toMatch(/^(Return-Path: <[^\p{Cc}]*>\r\n)?Received: [^\p{Cc}]+\r\n( [^\p{Cc}]+\r\n)+$/u);
      for (const line of header.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(998);
    }),
    { numRuns: 1000 },
  );
});
