import { describe, expect, test } from 'vitest';
import { type Rule, ruleSchema } from '../../../main/rules/rule.ts';
import { Rules } from '../../../main/rules/rules.ts';
import { allow, deny } from './rule.ts';

function judgeRecipient(list: Rule[], localPart: string, domain = 'x.test'): ReturnType<Rules['judge']> {
  const rules = new Rules();
  rules.replace(list);
  return rules.judge({ stage: 'recipient', localPart, domain });
}

describe('which rule decides', () => {
  const exception = allow('recipient', 'bogus-but-fine@*');
  const bogus = deny('recipient', 'bogus*@*');

  test('the first that matches', () => {
    expect(judgeRecipient([exception, bogus], 'bogus-but-fine')).toMatchObject({ allowed: true, rule: exception });
    expect(judgeRecipient([bogus, exception], 'bogus-but-fine')).toMatchObject({ allowed: false, rule: bogus });
  });

  test('none, when none matches: it is allowed', () => {
    expect(judgeRecipient([bogus], 'anna')).toEqual({ allowed: true, rule: null });
  });

  test('not one that is switched off', () => {
    expect(judgeRecipient([{ ...bogus, enabled: false }], 'bogus')).toEqual({ allowed: true, rule: null });
  });

  test('not one of another stage', () => {
    expect(judgeRecipient([deny('sender', '*'), deny('host', '*')], 'anna')).toEqual({ allowed: true, rule: null });
  });

  test('a list that was put in place counts from the next question on', () => {
    const rules = new Rules();
    const question = { stage: 'sender', localPart: 'anna', domain: 'x.test' } as const;
    expect(rules.judge(question).allowed).toBe(true);
    rules.replace([deny('sender', 'anna')]);
    expect(rules.judge(question).allowed).toBe(false);
    rules.replace([]);
    expect(rules.judge(question).allowed).toBe(true);
  });
});

describe('postmaster (RFC 5321 section 4.5.1)', () => {
  test.each([
    ['postmaster', ''],
    ['Postmaster', 'x.test'],
  ])('%s@%s gets mail whatever the recipient rules say', (localPart, domain) => {
    expect(judgeRecipient([deny('recipient', '*')], localPart, domain).allowed).toBe(true);
  });

  test('may be denied as a sender', () => {
    const rules = new Rules();
    rules.replace([deny('sender', '*')]);
    expect(rules.judge({ stage: 'sender', localPart: 'postmaster', domain: '' }).allowed).toBe(false);
  });
});

describe('what is no rule is refused, and the place is named', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['an empty pattern', { pattern: '' }, 'pattern'],
    ['a host pattern that is no address', { stage: 'host', pattern: 'example.com' }, 'pattern'],
    ['an unknown stage', { stage: 'body' }, 'stage'],
    ['an unknown action', { action: 'explode' }, 'action'],
    ['a line end in the reason', { reason: 'no\r\n250 OK' }, 'reason'],
    ['a line end in the reply', { reply: { code: 550, text: 'no\n250 OK' } }, 'reply.text'],
    ['a reply without text', { reply: { code: 550, text: '' } }, 'reply.text'],
    ['250 for a deny', { reply: { code: 250, text: 'OK' } }, 'reply.code'],
    ['a code of four digits', { reply: { code: 5500, text: 'No' } }, 'reply.code'],
    ['a reply for an allow', { action: 'allow', reply: { code: 550, text: 'No' } }, 'reply'],
    ['something that no rule has', { colour: 'red' }, ''],
  ])('%s', (_title, changes, path) => {
    const result = ruleSchema.safeParse({ ...deny('recipient', 'a@b'), ...changes });
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });

  test('a rule with everything is one', () => {
    const rule = deny('host', '10.0.0.0/8', { reason: 'not from the lab', reply: { code: 554, text: 'Go away' } });
    expect(ruleSchema.parse(rule)).toEqual(rule);
  });
});
