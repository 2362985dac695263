import { expect, test } from 'vitest';
import { refusable } from '../../../../renderer/message/refusable.ts';
import { summaryOf } from '../support/messages.ts';

test('a message offers its recipients once each and not too many, its sender and its host', () => {
  const many = Array.from({ length: 20 }, (_, index) => `r${index}@x.test`);
  const { envelope } = summaryOf(1);
  expect(refusable({ ...envelope, forwardPaths: ['a@x.test', 'b@x.test', 'a@x.test'] })).toEqual([
    { label: 'Mail to', stage: 'recipient', subject: 'a@x.test' },
    { label: 'Mail to', stage: 'recipient', subject: 'b@x.test' },
    { label: 'Mail from', stage: 'sender', subject: 'shop@example.com' },
    { label: 'The host', stage: 'host', subject: '127.0.0.1' },
  ]);
  expect(refusable({ ...envelope, forwardPaths: many })).toHaveLength(12);
});

test('a message that came from a file offers nobody', () => {
  expect(refusable({ ...summaryOf(1).envelope, protocol: null, remoteAddress: '' })).toEqual([]);
});
