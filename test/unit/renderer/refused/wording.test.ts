import { describe, expect, test } from 'vitest';
import type { RefusedSummary } from '../../../../preload/contract.ts';
import {
  codeOf,
  headingOf,
  mainRefusal,
  othersOf,
  rowName,
  whatOf,
  whereOf,
  whoOf,
} from '../../../../renderer/refused/wording.ts';
import { deciding, refusal, refusedSummary } from './sessions.ts';

const dropped = { reply: 'The connection was dropped before the reply' };
const unknown = refusal({ stage: null, mailbox: '', rule: null, reply: '500 5.5.2 Command not recognized' });
const atTheDoor: Partial<RefusedSummary> = {
  reversePath: null,
  refusals: [refusal({ stage: 'host', mailbox: '', reply: '550 Access denied: not from the lab' })],
};

describe('a row says who and what', () => {
  test.each<{ changes: Partial<RefusedSummary>; who: string; what: string; heading: string }>([
    {
      changes: {},
      who: 'billing@shop.test',
      what: 'bogus7@customer.test',
      heading: 'RCPT refused: bogus7@customer.test',
    },
    {
      changes: { reversePath: '' },
      who: '<>',
      what: 'bogus7@customer.test',
      heading: 'RCPT refused: bogus7@customer.test',
    },
    {
      changes: { refusals: [refusal({ stage: 'sender', mailbox: 'billing@shop.test' })] },
      who: 'billing@shop.test',
      what: 'Sender refused',
      heading: 'MAIL refused: billing@shop.test',
    },
    {
      changes: { reversePath: '', refusals: [refusal({ stage: 'sender', mailbox: '' })] },
      who: '<>',
      what: 'Sender refused',
      heading: 'MAIL refused: <>',
    },
    { changes: atTheDoor, who: '10.0.0.7', what: 'Host refused at the door', heading: 'Host refused: 10.0.0.7' },
    {
      changes: { refusals: [refusal({ stage: 'sender', mailbox: 'billing@shop.test', ...dropped })] },
      who: 'billing@shop.test',
      what: 'Connection dropped at MAIL',
      heading: 'Dropped at MAIL: billing@shop.test',
    },
    {
      changes: { reversePath: null, refusals: [refusal({ stage: 'host', mailbox: '', ...dropped })] },
      who: '10.0.0.7',
      what: 'Connection dropped at the door',
      heading: 'Dropped at connect: 10.0.0.7',
    },
    {
      changes: { refusals: [unknown] },
      who: 'billing@shop.test',
      what: 'Command not recognized',
      heading: '500 5.5.2 Command not recognized',
    },
    {
      changes: {
        reversePath: null,
        refusals: [{ ...unknown, reply: 'TLS could not be begun: the client closed the connection' }],
      },
      who: '10.0.0.7',
      what: 'TLS could not be begun: the client closed the connection',
      heading: 'TLS could not be begun: the client closed the connection',
    },
  ])('$who: $what', ({ changes, who, what, heading }) => {
    const session = refusedSummary(1, changes);
    const { lead, subject } = headingOf(mainRefusal(session), session);
    expect([whoOf(session), whatOf(session)]).toEqual([who, what]);
    expect(subject === null ? lead : `${lead} ${subject}`).toBe(heading);
  });

  test('is named after the first that was turned away, whatever was refused before', () => {
    const session = refusedSummary(1, { refusals: [unknown, refusal(), refusal({ mailbox: 'other@x.test' })] });
    expect(whatOf(session)).toBe('bogus7@customer.test');
    expect(othersOf(session)).toBe('and 2 more');
    expect(othersOf(refusedSummary(1))).toBe('');
  });
});

test('what only follows from a refusal is not counted, unless there is nothing else', () => {
  const noRecipient = { ...unknown, reply: '503 5.5.1 Bad sequence of commands: no recipient specified' };
  const followed = refusedSummary(1, { refusals: [refusal(), noRecipient] });
  expect([whatOf(followed), othersOf(followed)]).toEqual(['bogus7@customer.test', '']);
  const alone = refusedSummary(1, { refusals: [noRecipient, noRecipient] });
  expect([whatOf(alone), othersOf(alone)]).toEqual(['Bad sequence of commands: no recipient specified', 'and 1 more']);
});

test.each([
  { reply: '553 5.7.1 No', text: '553', tone: 'bad' },
  { reply: '550-No 550 Never', text: '550', tone: 'bad' },
  { reply: '451 4.7.1 Greylisted, try again later', text: '451', tone: 'warn' },
  { reply: '421 4.7.0 Too many errors', text: '421', tone: 'warn' },
  { reply: 'The connection was dropped in the middle of the reply', text: 'dropped', tone: 'bad' },
  { reply: 'The client left before it was answered', text: 'no answer', tone: 'warn' },
  { reply: 'TLS cannot be had for want of a certificate', text: 'failed', tone: 'bad' },
])('“$reply” is shown as $text', ({ reply, ...chip }) => {
  expect(codeOf(refusal({ reply }))).toEqual(chip);
});

test.each([
  { where: 'RCPT, deny bogus*@*', changes: {} },
  { where: 'MAIL, deny bogus*@*', changes: { stage: 'sender' } },
  { where: 'connect, deny bogus*@*', changes: { stage: 'host' } },
  { where: 'RCPT, default', changes: { rule: null } },
  {
    where: 'RCPT, greylist *@partner.test, attempt 1 of 2',
    changes: { rule: deciding({ text: 'greylist *@partner.test, attempt 1 of 2' }) },
  },
  { where: null, changes: { stage: null, rule: null } },
] as const)('where it was refused: $where', ({ where, changes }) => {
  expect(whereOf(refusal(changes))).toBe(where);
});

test.each([
  {
    session: refusedSummary(1),
    name: 'RCPT refused: bogus7@customer.test, from billing@shop.test, 553, RCPT, deny bogus*@*, 14:01, unread',
  },
  {
    session: refusedSummary(1, { unread: false, refusals: [refusal(), unknown] }),
    name: 'RCPT refused: bogus7@customer.test, and 1 more, from billing@shop.test, 553, RCPT, deny bogus*@*, 14:01',
  },
  { session: refusedSummary(1, atTheDoor), name: 'Host refused: 10.0.0.7, 550, connect, deny bogus*@*, 14:01, unread' },
  {
    session: refusedSummary(1, { refusals: [unknown] }),
    name: '500 5.5.2 Command not recognized, from billing@shop.test, 14:01, unread',
  },
])('a row is read out as “$name”', ({ session, name }) => {
  expect(rowName(session, '14:01')).toBe(name);
});
