import { expect, test } from 'vitest';
import { packEnvelope, unpackEnvelope } from '../../../main/mailbox/envelope.ts';
import type { Envelope } from '../../../main/mailbox/message.ts';
import { envelope } from './envelope.ts';

const plain: Envelope = { ...envelope, parameters: {}, forwardPathParameters: [{}, {}] };

test.each<[string, Envelope]>([
  ['that says little', plain],
  ['with parameters', envelope],
  ['with a parameter of the last recipient', { ...plain, forwardPathParameters: [{}, { NOTIFY: 'NEVER' }] }],
  ['of a user under TLS', { ...plain, user: 'shop', tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' } }],
  ['without recipients', { ...plain, forwardPaths: [], forwardPathParameters: [] }],
  ['of a file', { ...plain, protocol: null }],
])('an envelope %s comes out as it went in', (_title, kept) => {
  expect(unpackEnvelope(packEnvelope(kept))).toEqual(kept);
});

test('what is unsaid takes no room', () => {
  expect(Object.keys(JSON.parse(packEnvelope(plain)) as object)).toEqual([
    ...['reversePath', 'forwardPaths', 'remoteAddress', 'clientName', 'protocol'],
  ]);
});

test('what an earlier version wrote, with all of it, is read', () => {
  expect(unpackEnvelope(JSON.stringify(plain))).toEqual(plain);
});
