import { describe, expect, test } from 'vitest';
import { ruleListSchema, ruleSetSchema } from '../../../main/rules/rule-set.ts';
import { type Rule, ruleSchema } from '../../../main/rules/rule.ts';
import { allow, deny, rule } from './rule.ts';

describe('what is no rule is refused, and the place is named', () => {
  const recipient = deny('recipient', 'a@b');
  const reply = { code: 550, enhanced: null, text: 'No' };

  test.each<[string, Rule, Record<string, unknown>, string]>([
    ['an empty pattern', recipient, { pattern: '' }, 'pattern'],
    ['a host pattern that is no address', recipient, { stage: 'host', pattern: 'example.com' }, 'pattern'],
    ['an unknown stage', recipient, { stage: 'body' }, 'stage'],
    ['an unknown action', recipient, { action: 'explode' }, 'action'],
    ['letters that cannot be sent to a host', deny('host', '*'), { reason: 'Straße' }, 'reason'],
    ['a line end in the reason', recipient, { reason: 'no\r\n250 OK' }, 'reason'],
    ['an id with a line end', recipient, { id: 'a\nb' }, 'id'],
    ['an id that every object has', recipient, { id: 'constructor' }, 'id'],
    ['an expression that grows too large', recipient, { pattern: `/(?:x{0,1000}){100}/` }, 'pattern'],
    ['a line end in the reply', recipient, { reply: { ...reply, text: 'no\n250 OK' } }, 'reply.text'],
    ['a reply without text', recipient, { reply: { ...reply, text: '' } }, 'reply.text'],
    ['250 for a deny', recipient, { reply: { ...reply, code: 250 } }, 'reply.code'],
    ['450 for a deny', recipient, { reply: { ...reply, code: 450 } }, 'reply.code'],
    ['550 for a defer', rule('defer', 'sender', '*'), { reply }, 'reply.code'],
    ['550 for a greylist', rule('greylist', 'sender', '*'), { reply }, 'reply.code'],
    ['550 for a limit', rule('limit', 'sender', '*'), { reply }, 'reply.code'],
    ['a code of four digits', recipient, { reply: { ...reply, code: 5500 } }, 'reply.code'],
    ['a code with a fraction', recipient, { reply: { ...reply, code: 550.5 } }, 'reply.code'],
    ['an enhanced code that is none', recipient, { reply: { ...reply, enhanced: '5.7' } }, 'reply.enhanced'],
    ['an enhanced code of another class', recipient, { reply: { ...reply, enhanced: '4.7.1' } }, 'reply.enhanced'],
    ['a reply for an allow', allow('host', '*'), { reply }, 'reply'],
    ['a reply for a delay', rule('delay', 'host', '*'), { reply }, 'reply'],
    ['a reply for a drop', rule('drop', 'host', '*'), { reply }, 'reply'],
    ['a greylist without limits', rule('greylist', 'host', '*'), { attempts: null, seconds: null }, 'attempts'],
    ['a greylist of no attempts', rule('greylist', 'host', '*'), { attempts: 0 }, 'attempts'],
    ['a limit of none', rule('limit', 'host', '*'), { count: 0 }, 'count'],
    ['a limit in no time', rule('limit', 'host', '*'), { seconds: 0 }, 'seconds'],
    ['no delay at all', rule('delay', 'host', '*'), { seconds: 0 }, 'seconds'],
    ['a delay of more than an hour', rule('delay', 'host', '*'), { seconds: 3601 }, 'seconds'],
    ['a drop at no moment', rule('drop', 'host', '*'), { moment: 'later' }, 'moment'],
    ['something that no rule has', recipient, { colour: 'red' }, ''],
    ['something that another action has', recipient, { seconds: 5 }, ''],
  ])('%s', (_title, good, changes, path) => {
    expect(ruleSchema.safeParse(good).success).toBe(true);
    const result = ruleSchema.safeParse({ ...good, ...changes });
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });

  test('a reason that nobody is told may be in any language', () => {
    expect(ruleSchema.safeParse({ ...recipient, reason: '不要' }).success).toBe(true);
  });

  test('all that is wrong is told at once', () => {
    const wrong = { ...rule('limit', 'sender', 'a b'), count: 0 };
    expect(ruleSchema.safeParse(wrong).error?.issues.map(({ path }) => path.join('.'))).toEqual(['count', 'pattern']);
  });

  test('an unknown action names the known ones', () => {
    const [issue] = ruleSchema.safeParse({ ...recipient, action: 'explode' }).error?.issues ?? [];
    expect(issue?.message).toBe('An action is one of allow, deny, defer, greylist, limit, delay, drop.');
  });

  test('a rule with everything is one', () => {
    const whole = deny('host', '10.0.0.0/8', {
      reason: 'not from the lab',
      reply: { code: 554, enhanced: '5.7.1', text: 'Go away' },
    });
    expect(ruleSchema.parse(whole)).toEqual(whole);
  });
});

test('two rules of a list cannot have one id', () => {
  const one = deny('host', '*');
  expect(ruleListSchema.safeParse([one, deny('host', '*'), one]).error?.issues).toMatchObject([{ path: [2, 'id'] }]);
});

describe('the file of the rules', () => {
  const good = deny('host', '10.0.0.0/8');

  test('holds no rule and allows everything at first', () => {
    expect(ruleSetSchema.parse({})).toEqual({
      rules: [],
      defaults: { host: 'allow', sender: 'allow', recipient: 'allow' },
      aside: [],
    });
  });

  test('may hold rules without enhanced codes', () => {
    const older = { ...good, reply: { code: 554, text: 'No' } };
    expect(ruleSetSchema.parse({ rules: [older] }).rules).toEqual([
      { ...good, reply: { ...older.reply, enhanced: null } },
    ]);
  });

  test('keeps rules aside that do not fit, and why; the others hold', () => {
    const newer = { ...good, id: 'newer', action: 'quarantine', days: 3 };
    const set = ruleSetSchema.parse({ rules: [newer, good, 'nonsense'] });
    expect(set.rules).toEqual([good]);
    expect(set.aside).toEqual([
      { json: newer, reason: expect.stringMatching(/^action: /) as string },
      { json: 'nonsense', reason: expect.stringMatching(/\w/) as string },
    ]);
    expect(ruleSetSchema.parse(set)).toEqual(set);
  });

  test('keeps the second of two rules with one id aside', () => {
    const set = ruleSetSchema.parse({ rules: [good, { ...good, pattern: '10.0.0.1' }] });
    expect([set.rules, set.aside.map(({ reason }) => reason)]).toEqual([[good], [`id: another rule is ${good.id}`]]);
  });
});
