import { describe, expect, test } from 'vitest';
import type { PassedOver, Rule, RuleDefaults, RuleForecast } from '../../../../preload/contract.ts';
import {
  defaultsInWords,
  ordinal,
  outcomeOf,
  outcomeOfForecast,
  sentenceOf,
  summaryOf,
  whyNoRule,
  whyPassedOver,
} from '../../../../renderer/rules/wording.ts';
import { rule } from './rule.ts';

/** A rule with every field that some action has. */
const any = (changes: object): Rule => {
  const most = { attempts: 1, seconds: 60, count: 5, moment: 'before reply' };
  return { ...rule('1', { pattern: 'bogus*@*' }), ...most, ...changes };
};

test.each<{ says: string; changes: object }>([
  { changes: {}, says: 'Refuses mail to bogus*@*' },
  { changes: { reason: 'made up' }, says: 'Refuses mail to bogus*@*' },
  { changes: { action: 'allow' }, says: 'Accepts mail to bogus*@*' },
  { changes: { stage: 'sender', pattern: '*@example.com' }, says: 'Refuses mail from *@example.com' },
  { changes: { stage: 'sender', action: 'allow', pattern: 'root' }, says: 'Accepts mail from root at any domain' },
  { changes: { stage: 'host', pattern: '10.0.0.7' }, says: 'Refuses the host 10.0.0.7' },
  { changes: { stage: 'host', pattern: '10.0.0.?' }, says: 'Refuses hosts in 10.0.0.?' },
  {
    changes: { stage: 'host', pattern: '192.168.1.*', reason: 'not from the lab' },
    says: 'Refuses hosts in 192.168.1.*, told why',
  },
  {
    changes: { stage: 'host', pattern: '10.0.0.0/8', reason: 'no', reply: { code: 554, enhanced: null, text: 'No' } },
    says: 'Refuses hosts in 10.0.0.0/8',
  },
  { changes: { action: 'defer', stage: 'sender' }, says: 'Puts off mail from bogus*@*' },
  { changes: { action: 'defer', stage: 'host', pattern: '::1' }, says: 'Puts off the host ::1' },
  { changes: { action: 'greylist', attempts: 2 }, says: 'Greylists bogus*@*: the first 2 attempts, for at most 60 s' },
  { changes: { action: 'greylist', seconds: null }, says: 'Greylists bogus*@*: the first attempt' },
  { changes: { action: 'greylist', attempts: null, seconds: 3600 }, says: 'Greylists bogus*@*: the first 3,600 s' },
  {
    changes: { action: 'greylist', attempts: NaN },
    says: 'Greylists bogus*@*: the first … attempts, for at most 60 s',
  },
  { changes: { action: 'limit', stage: 'sender' }, says: 'Accepts 5 in 60 s from bogus*@*, puts off the rest' },
  {
    changes: { action: 'limit', pattern: 'sales' },
    says: 'Accepts 5 in 60 s to sales at any domain, puts off the rest',
  },
  {
    changes: { action: 'limit', stage: 'host', pattern: '::1' },
    says: 'Accepts 5 connections in 60 s from ::1, puts off the rest',
  },
  { changes: { action: 'delay', seconds: 0.5 }, says: 'Delays mail to bogus*@* by 0.5 s' },
  { changes: { action: 'drop' }, says: 'Drops the connection on mail to bogus*@*, before the reply' },
  {
    changes: { action: 'drop', moment: 'amid reply', stage: 'host', pattern: '10.*' },
    says: 'Drops the connection of hosts in 10.*, in the middle of the reply',
  },
])('“$says”', ({ changes, says }) => {
  const { before, pattern, after } = sentenceOf(any(changes));
  expect(before + pattern + after).toBe(says);
});

test.each([
  { action: 'allow', answer: null, outcome: { text: 'accepted', tone: 'good' } },
  { action: 'deny', answer: '553 5.7.1 No', outcome: { text: '553 5.7.1 No', tone: 'bad' } },
  { action: 'defer', answer: '451 4.3.0 Later', outcome: { text: '451 4.3.0 Later', tone: 'warn' } },
  { action: 'limit', answer: '450 4.7.0 Later', outcome: { text: '450 4.7.0 Later', tone: 'warn' } },
  { action: 'greylist', answer: undefined, outcome: { text: '…', tone: 'none' } },
  { action: 'delay', answer: null, outcome: { text: 'accepted after 60 s', tone: 'warn' } },
  { action: 'drop', answer: null, outcome: { text: 'connection dropped', tone: 'bad' } },
] as const)('$action answers $outcome.text', ({ action, answer, outcome }) => {
  expect(outcomeOf(any({ action }), answer)).toEqual(outcome);
});

const forecast = (changes: Partial<RuleForecast>): RuleForecast => ({
  stage: 'recipient',
  subject: 'anna@x.test',
  outcome: 'accepted',
  reply: null,
  delay: 0,
  rule: null,
  passedOver: [],
  ...changes,
});

describe('a forecast', () => {
  test.each<{ changes: Partial<RuleForecast>; says: string; tone: string }>([
    { changes: {}, says: 'accepted', tone: 'good' },
    { changes: { delay: 10_000 }, says: 'accepted after 10 s', tone: 'warn' },
    { changes: { outcome: 'refused', reply: '452 4.2.2 Full' }, says: '452 4.2.2 Full', tone: 'warn' },
    { changes: { outcome: 'refused', reply: '553 5.7.1 No' }, says: '553 5.7.1 No', tone: 'bad' },
    { changes: { outcome: 'dropped' }, says: 'connection dropped', tone: 'bad' },
    { changes: { outcome: 'not asked' }, says: 'not asked', tone: 'none' },
  ])('says “$says”', ({ changes, says, tone }) => {
    expect(outcomeOfForecast(forecast(changes))).toEqual({ text: says, tone });
  });

  const passedOver = (why: PassedOver['why']): PassedOver => ({ id: '1', place: 1, why });

  test.each<{ changes: Partial<RuleForecast>; says: string }>([
    { changes: { passedOver: [passedOver('no match')] }, says: 'no rule matches' },
    { changes: { passedOver: [passedOver('later')] }, says: 'no recipient rule is asked about postmaster' },
    { changes: { outcome: 'refused' }, says: 'by the default, as no rule matches' },
    { changes: { outcome: 'not asked' }, says: 'the client is turned away before' },
  ])('without a rule says “$says”', ({ changes, says }) => {
    expect(whyNoRule(forecast(changes))).toBe(says);
  });

  test.each([
    { why: 'off', deciding: 2, says: 'is off' },
    { why: 'no match', deciding: 2, says: 'does not match' },
    { why: 'later', deciding: 2, says: 'matches, but comes after rule 2' },
    { why: 'later', deciding: undefined, says: 'matches, but is not asked' },
  ] as const)('says of a rule that it $says', ({ why, deciding, says }) => {
    expect(whyPassedOver(passedOver(why), deciding)).toBe(says);
  });

  test('is told in a breath', () => {
    const list = [forecast({}), forecast({}), forecast({ delay: 500 }), forecast({ outcome: 'dropped' })];
    expect(summaryOf(list)).toBe('Host: accepted. Sender: accepted. 1 of 2 recipients accepted.');
    expect(summaryOf([])).toBe('');
  });
});

test.each<RuleDefaults & { says: string }>([
  { host: 'allow', sender: 'allow', recipient: 'allow', says: 'What no rule matches is accepted.' },
  { host: 'deny', sender: 'deny', recipient: 'deny', says: 'What no rule matches is refused.' },
  {
    ...{ host: 'deny', sender: 'allow', recipient: 'allow' },
    says: 'Where no rule matches, hosts are refused, senders and recipients accepted.',
  },
])('$says', ({ says, ...defaults }) => {
  expect(defaultsInWords(defaults)).toBe(says);
});

test.each([
  [1, '1st'],
  [2, '2nd'],
  [3, '3rd'],
  [11, '11th'],
  [22, '22nd'],
  [1000, '1,000th'],
])('%i is the %s', (place, says) => {
  expect(ordinal(place)).toBe(says);
});
