import { describe, expect, test } from 'vitest';
import type { MailContent, MessageDigest } from '../../../../preload/contract.ts';
import { differingEnvelope, recipientsOf, senderOf } from '../../../../renderer/message/addresses.ts';
import { messageOf, summaryOf } from '../support/messages.ts';

const to = (...addresses: string[]): MessageDigest['to'] => addresses.map((address) => ({ name: '', address }));

function rowWith(
  digest: Partial<MessageDigest> | null,
  reversePath = 'bounce@example.com',
): ReturnType<typeof summaryOf> {
  const row = summaryOf(1);
  return {
    ...row,
    envelope: { ...row.envelope, reversePath, forwardPaths: ['a@example.com', 'b@example.com'] },
    digest: digest === null || row.digest === null ? null : { ...row.digest, ...digest },
  };
}

test.each([
  { what: 'the name', row: rowWith({ from: { name: 'Shop', address: 's@example.com' } }), sender: 'Shop' },
  { what: 'the address', row: rowWith({ from: { name: '', address: 's@example.com' } }), sender: 's@example.com' },
  { what: 'the envelope', row: rowWith({ from: null }), sender: 'bounce@example.com' },
  { what: 'the envelope while nothing is read', row: rowWith(null), sender: 'bounce@example.com' },
  { what: 'the null reverse-path', row: rowWith(null, ''), sender: '<>' },
])('a row says who it is from by $what', ({ row, sender }) => {
  expect(senderOf(row)).toBe(sender);
});

test.each([
  {
    what: 'the header',
    row: rowWith({ to: to('x@example.com', 'y@example.com') }),
    recipients: 'x@example.com, y@example.com',
  },
  {
    what: 'a name without an address',
    row: rowWith({ to: [{ name: 'Undisclosed', address: '' }] }),
    recipients: 'Undisclosed',
  },
  { what: 'the envelope', row: rowWith({ to: [] }), recipients: 'a@example.com, b@example.com' },
  { what: 'the envelope while nothing is read', row: rowWith(null), recipients: 'a@example.com, b@example.com' },
])('a row says whom it is to by $what', ({ row, recipients }) => {
  expect(recipientsOf(row)).toBe(recipients);
});

describe('a message that came from a file', () => {
  const message = messageOf(1, { from: [], to: [] });
  const file = { reversePath: '', forwardPaths: [], protocol: null };
  const summary = { ...message.summary, envelope: { ...message.summary.envelope, ...file } };

  test('has no envelope to show', () => {
    expect(differingEnvelope({ ...message, summary })).toBeNull();
  });

  test('says so where its header names nobody', () => {
    const row = { ...rowWith({ from: null, to: [] }), envelope: summary.envelope };
    expect([senderOf(row), recipientsOf(row)]).toEqual(['unknown sender', 'undisclosed recipients']);
    expect(recipientsOf({ ...row, digest: null })).toBe('…');
  });
});

describe('the envelope', () => {
  const envelopeOf = (
    header: Partial<MailContent> | null,
    reversePath: string,
    forwardPaths: string[],
  ): ReturnType<typeof differingEnvelope> => {
    const message = messageOf(1, header);
    const envelope = { ...message.summary.envelope, reversePath, forwardPaths };
    return differingEnvelope({ ...message, summary: { ...message.summary, envelope } });
  };
  const from = to('shop@example.com');

  test.each([
    { what: 'it says the same', header: { from, to: to('a@example.com') }, paths: ['a@example.com'] },
    { what: 'only the case differs', header: { from, to: to('A@Example.com') }, paths: ['a@example.com'] },
    {
      what: 'Cc names the rest',
      header: { from, to: to('a@b.test'), cc: to('c@b.test') },
      paths: ['c@b.test', 'a@b.test'],
    },
    { what: 'there is no header to differ from', header: null, paths: ['a@example.com'] },
  ])('is not shown when $what', ({ header, paths }) => {
    expect(envelopeOf(header, 'shop@example.com', paths)).toBeNull();
  });

  test('is shown with the recipient that the header hides', () => {
    const paths = ['a@example.com', 'audit@example.com'];
    expect(envelopeOf({ from, to: to('a@example.com') }, 'shop@example.com', paths)).toEqual({
      reversePath: 'shop@example.com',
      recipients: [
        { path: 'a@example.com', hidden: false },
        { path: 'audit@example.com', hidden: true },
      ],
    });
  });

  test.each([
    { what: 'the sender differs', reversePath: 'bounce@example.com', paths: ['a@example.com', 'b@example.com'] },
    { what: 'there is no sender', reversePath: '', paths: ['a@example.com', 'b@example.com'] },
    { what: 'not all get it', reversePath: 'shop@example.com', paths: ['a@example.com'] },
  ])('is shown when $what', ({ reversePath, paths }) => {
    const header = { from, to: to('a@example.com', 'b@example.com') };
    expect(envelopeOf(header, reversePath, paths)?.recipients.map(({ path }) => path)).toEqual(paths);
  });
});
