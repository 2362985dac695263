import { describe, expect, test } from 'vitest';
import type { Rule, RuleCheck } from '../../../../preload/contract.ts';
import { draftOf, errorsInList, errorsOf, newDraft, type RuleDraft, ruleOf } from '../../../../renderer/rules/draft.ts';
import { everyAction } from './rule.ts';

const usual: RuleCheck['usual'] = { code: 451, enhanced: '4.3.0', text: 'Try again later' };

test.each(everyAction)('$id comes back from the form as it was', (rule) => {
  expect(ruleOf(draftOf(rule), usual)).toEqual(rule);
});

describe('of a reply', () => {
  test.each<{ what: string; fields: Partial<RuleDraft>; reply: Rule['reply'] }>([
    { what: 'nothing: the usual one', fields: { replyCode: ' ' }, reply: null },
    {
      what: 'the text: the usual codes',
      fields: { replyText: ' Full ' },
      reply: { code: 451, enhanced: '4.3.0', text: 'Full' },
    },
    {
      what: 'the code: an enhanced one that fits, and the usual text',
      fields: { replyCode: ' 452 ' },
      reply: { code: 452, enhanced: null, text: 'Try again later' },
    },
    {
      what: 'the enhanced code: the usual code and text',
      fields: { enhanced: ' 4.2.2 ' },
      reply: { code: 451, enhanced: '4.2.2', text: 'Try again later' },
    },
    {
      what: 'the enhanced code at stage host, where none is told: the usual one',
      fields: { stage: 'host', enhanced: '4.2.2' },
      reply: null,
    },
    {
      what: 'what is no code: none',
      fields: { replyCode: '4e2', replyText: 'Full' },
      reply: { code: NaN, enhanced: null, text: 'Full' },
    },
    { what: 'something for an action without one: none', fields: { action: 'delay', replyCode: '452' }, reply: null },
  ])('was typed $what', ({ fields, reply }) => {
    expect(ruleOf(newDraft({ action: 'defer', ...fields }), usual).reply).toEqual(reply);
  });
});

test.each(['1e3', 'abc', '-1', '0x10', '1,000', '1 0', '.', '١'])('%j is no number', (text) => {
  expect(ruleOf(newDraft({ action: 'limit', count: text, seconds: text }), null)).toMatchObject({
    count: NaN,
    seconds: NaN,
  });
  expect(ruleOf(newDraft({ action: 'greylist', attempts: text, seconds: text }), null)).toMatchObject({
    attempts: NaN,
    seconds: NaN,
  });
});

test('an empty number is none: never a 0', () => {
  expect(ruleOf(newDraft({ action: 'limit', count: '', seconds: ' ' }), null)).toMatchObject({
    count: NaN,
    seconds: NaN,
  });
  expect(ruleOf(newDraft({ action: 'delay', seconds: '' }), null)).toMatchObject({ seconds: NaN });
});

test('of a greylist one number may be left empty', () => {
  expect(ruleOf(newDraft({ action: 'greylist', attempts: '', seconds: ' 7 ' }), null)).toMatchObject({
    attempts: null,
    seconds: 7,
  });
});

test.each([
  { path: ['pattern'], field: 'pattern' },
  { path: ['reply'], field: 'replyCode' },
  { path: ['reply', 'code'], field: 'replyCode' },
  { path: ['reply', 'enhanced'], field: 'enhanced' },
  { path: ['reply', 'text'], field: 'replyText' },
  { path: ['attempts'], field: 'attempts' },
  { path: ['moment'], field: 'moment' },
  { path: ['id'], field: 'whole' },
  { path: [], field: 'whole' },
])('what is wrong with $path stands beside $field', ({ path, field }) => {
  expect(errorsOf([{ path, message: 'No.' }])).toEqual({ [field]: 'No.' });
});

test('what is wrong with a list is told by its place', () => {
  const errors = [
    { path: [1, 'pattern'], message: 'Odd.' },
    { path: [3, 'seconds'], message: 'Too many.' },
    { path: [3, 'seconds'], message: 'Far too many.' },
  ];
  expect(errorsInList(errors, 3)).toEqual({ seconds: 'Too many.', whole: 'Rule 2: Odd.' });
  expect(errorsInList(errors, -1)).toEqual({ whole: 'Rule 2: Odd.' });
  expect(errorsInList([{ path: [], message: 'Too long.' }], -1)).toEqual({ whole: 'Too long.' });
});
