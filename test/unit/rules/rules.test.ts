import { describe, expect, test } from 'vitest';
import type { Rule, RuleDefaults } from '../../../main/rules/rule.ts';
import { type Question, Rules, type Verdict } from '../../../main/rules/rules.ts';
import { allow, askHost, askRecipient, askSender, deny, rule } from './rule.ts';

function rulesOf(list: Rule[], defaults?: RuleDefaults): Rules {
  const rules = new Rules();
  rules.replace(list, defaults);
  return rules;
}

/** @returns `allow`, `drop`, or the code that refuses */
const briefly = (verdict: Verdict): string | number =>
  verdict.outcome === 'refuse' ? verdict.reply.code : verdict.outcome;

describe('which rule decides', () => {
  const exception = allow('recipient', 'bogus-but-fine@*');
  const bogus = deny('recipient', 'bogus*@*');
  const fine = askRecipient('bogus-but-fine@x.test');

  test('the first that matches', () => {
    expect(rulesOf([exception, bogus]).judge(fine)).toMatchObject({ outcome: 'allow', rule: { id: exception.id } });
    expect(rulesOf([bogus, exception]).judge(fine)).toMatchObject({ outcome: 'refuse', rule: { id: bogus.id } });
  });

  test('is told with its place and what it did', () => {
    const { rule: decisive } = rulesOf([exception, bogus]).judge(askRecipient('bogus@x.test'));
    expect(decisive).toEqual({ id: bogus.id, place: 2, text: 'deny bogus*@*' });
  });

  test.each<[string, Rule[]]>([
    ['none, when none matches', [bogus]],
    ['not one that is switched off', [{ ...deny('recipient', '*'), enabled: false }]],
    ['not one of another stage', [deny('sender', '*'), deny('host', '*')]],
  ])('%s: it is allowed', (_title, list) => {
    expect(rulesOf(list).judge(askRecipient('anna@x.test'))).toEqual({ outcome: 'allow', rule: null, delay: 0 });
  });

  test('a list that was put in place counts from the next question on', () => {
    const rules = new Rules();
    const question = askSender('anna@x.test');
    expect(rules.judge(question).outcome).toBe('allow');
    rules.replace([deny('sender', 'anna')]);
    expect(rules.judge(question).outcome).toBe('refuse');
    rules.replace([]);
    expect(rules.judge(question).outcome).toBe('allow');
  });
});

describe('the default decides what no rule matches', () => {
  const everything = { host: 'deny', sender: 'deny', recipient: 'deny' } as const;

  test.each<[string, Question, number]>([
    ['a host', askHost(), 550],
    ['a sender', askSender('anna@x.test'), 553],
    ['a recipient', askRecipient('bert@x.test'), 553],
  ])('%s', (_title, question, code) => {
    const verdict = rulesOf([], everything).judge(question);
    expect([briefly(verdict), verdict.rule]).toEqual([code, null]);
  });

  test('of its own stage only', () => {
    const rules = rulesOf([], { ...everything, host: 'allow', sender: 'allow' });
    const questions = [askHost(), askSender('a@x.test'), askRecipient('b@x.test')];
    expect(questions.map((question) => briefly(rules.judge(question)))).toEqual(['allow', 'allow', 553]);
  });

  test('not what a rule allows', () => {
    expect(rulesOf([allow('recipient', '*@x.test')], everything).judge(askRecipient('b@x.test')).outcome).toBe('allow');
  });
});

describe('postmaster (RFC 5321 section 4.5.1)', () => {
  test.each(['postmaster', 'Postmaster@x.test'])('%s gets mail whatever the recipient rules say', (path) => {
    const defaults = { host: 'allow', sender: 'allow', recipient: 'deny' } as const;
    expect(rulesOf([deny('recipient', '*')], defaults).judge(askRecipient(path)).outcome).toBe('allow');
  });

  test('may be denied as a sender', () => {
    expect(rulesOf([deny('sender', '*')]).judge(askSender('postmaster')).outcome).toBe('refuse');
  });
});

describe('the usual reply', () => {
  test.each<[Rule, Question, string]>([
    [deny('host', '*'), askHost(), '550 5.7.1 Access denied'],
    [deny('host', '*', { reason: 'lab' }), askHost(), '550 5.7.1 Access denied: lab'],
    [
      deny('sender', '*', { reason: 'lab' }),
      askSender('a@x'),
      '553 5.7.1 Requested action not taken: mailbox name not allowed',
    ],
    [deny('recipient', '*'), askRecipient('a@x'), '553 5.7.1 Requested action not taken: mailbox name not allowed'],
    [rule('defer', 'host', '*'), askHost(), '421 4.3.2 Service not available, try again later'],
    [rule('defer', 'sender', '*'), askSender('a@x'), '451 4.3.0 Requested action aborted, try again later'],
    [rule('greylist', 'host', '*'), askHost(), '421 4.7.1 Greylisted, try again later'],
    [rule('greylist', 'recipient', '*'), askRecipient('a@x'), '451 4.7.1 Greylisted, try again later'],
  ])('$action $stage', (one, question, expected) => {
    const verdict = rulesOf([one]).judge(question);
    if (verdict.outcome !== 'refuse') throw new Error(verdict.outcome);
    const { code, enhanced, text } = verdict.reply;
    expect(`${code} ${enhanced} ${text}`).toBe(expected);
  });

  test.each([
    [
      { code: 554, text: 'Spam' },
      { code: 554, enhanced: '5.7.1', text: 'Spam' },
    ],
    [
      { code: 550, enhanced: '5.1.1', text: 'Unknown' },
      { code: 550, enhanced: '5.1.1', text: 'Unknown' },
    ],
  ])('gives way to one of the rule: %o', (reply, expected) => {
    expect(rulesOf([deny('recipient', '*', { reply })]).judge(askRecipient('a@x'))).toMatchObject({ reply: expected });
  });
});

test('a delay allows, after its time', () => {
  expect(rulesOf([rule('delay', 'sender', '*', { seconds: 2.5 })]).judge(askSender('a@x'))).toMatchObject({
    outcome: 'allow',
    delay: 2500,
  });
});

test.each(['before reply', 'amid reply'] as const)('a connection is dropped %s', (moment) => {
  expect(rulesOf([rule('drop', 'sender', '*', { moment })]).judge(askSender('a@x'))).toMatchObject({
    outcome: 'drop',
    isAmidReply: moment === 'amid reply',
  });
});

describe('a greylist', () => {
  /** @returns what is answered at these seconds */
  const answers = (one: Rule, question: Question, seconds: number[]): (string | number)[] => {
    const rules = rulesOf([one]);
    return seconds.map((at) => briefly(rules.judge(question, at * 1000)));
  };
  const question = askRecipient('b@x.test');

  test.each<[string, { attempts: number | null; seconds: number | null }, number[], (string | number)[]]>([
    ['by attempts', { attempts: 2, seconds: null }, [0, 0, 0, 999], [451, 451, 'allow', 'allow']],
    ['by time', { attempts: null, seconds: 60 }, [0, 1, 59.9, 60, 9999], [451, 451, 451, 'allow', 'allow']],
    ['by both, attempts over first', { attempts: 1, seconds: 60 }, [0, 1], [451, 'allow']],
    ['by both, time over first', { attempts: 5, seconds: 60 }, [0, 60], [451, 'allow']],
  ])('%s', (_title, limits, seconds, expected) => {
    expect(answers(rule('greylist', 'recipient', '*', limits), question, seconds)).toEqual(expected);
  });

  test.each<[string, Question]>([
    ['host', askRecipient('b@x.test', 'anna@client.test', '192.0.2.2')],
    ['sender', askRecipient('b@x.test', 'other@client.test')],
    ['recipient', askRecipient('c@x.test')],
  ])('knows another %s apart', (_title, other) => {
    const rules = rulesOf([rule('greylist', 'recipient', '*')]);
    rules.judge(question);
    expect(briefly(rules.judge(other))).toBe(451);
    expect(briefly(rules.judge(question))).toBe('allow');
  });

  test('case makes no difference', () => {
    const rules = rulesOf([rule('greylist', 'recipient', '*')]);
    rules.judge(question);
    expect(briefly(rules.judge(askRecipient('B@X.TEST')))).toBe('allow');
  });

  test('goes on when the list is edited, and begins anew when it is told to', () => {
    const one = rule('greylist', 'recipient', '*');
    const rules = rulesOf([one]);
    rules.judge(question);
    rules.replace([deny('host', '*'), { ...one, reason: 'edited' }]);
    expect(briefly(rules.judge(question))).toBe('allow');
    rules.memory.forget(one.id);
    expect(briefly(rules.judge(question))).toBe(451);
  });

  test('tells how far it is', () => {
    const rules = rulesOf([rule('greylist', 'recipient', 'b@*', { attempts: 2 })]);
    const texts = [1, 2, 3].map(() => rules.judge(question).rule?.text);
    expect(texts).toEqual(['greylist b@*, attempt 1 of 2', 'greylist b@*, attempt 2 of 2', 'greylist b@*, over']);
  });
});

describe('a limit', () => {
  test('allows so many in any stretch of its length', () => {
    const rules = rulesOf([rule('limit', 'sender', '*', { count: 2, seconds: 10 })]);
    const times = [0, 4, 9, 10, 13, 14, 19, 20];
    const answers = times.map((at) => briefly(rules.judge(askSender('a@x'), at * 1000)));
    expect(answers).toEqual(['allow', 'allow', 450, 'allow', 450, 'allow', 450, 'allow']);
  });

  test('is one for all that match', () => {
    const rules = rulesOf([rule('limit', 'sender', '*@x')]);
    expect(['a@x', 'b@x', 'c@y'].map((path) => briefly(rules.judge(askSender(path))))).toEqual(['allow', 450, 'allow']);
  });

  test('tells a host 421', () => {
    const rules = rulesOf([rule('limit', 'host', '*')]);
    expect([1, 2].map(() => briefly(rules.judge(askHost())))).toEqual(['allow', 421]);
  });
});

describe('how often a rule decided', () => {
  test('and when last is counted', () => {
    const [one, two, never] = [deny('sender', 'a'), rule('delay', 'sender', '*'), deny('host', '*')];
    const rules = rulesOf([one, two, never]);
    rules.judge(askSender('a@x'), 1000);
    rules.judge(askSender('b@x'), 2000);
    rules.judge(askSender('a@x'), 3000);
    expect(rules.memory.decisions()).toEqual({
      [one.id]: { count: 2, lastAt: 3000 },
      [two.id]: { count: 1, lastAt: 2000 },
    });
  });

  test('is told', () => {
    const rules = rulesOf([deny('sender', 'a')]);
    let told = 0;
    rules.on('decided', () => told++);
    rules.judge(askSender('a@x'));
    rules.judge(askSender('b@x'));
    expect(told).toBe(1);
  });
});

describe('a forecast', () => {
  const session = {
    remoteAddress: '192.0.2.1',
    reversePath: { localPart: 'anna', domain: 'client.test' },
    recipients: [
      { localPart: 'full', domain: 'x.test' },
      { localPart: 'bert', domain: 'x.test' },
    ],
  };
  const outcomes = (rules: Rules): unknown[] =>
    rules.forecast(session).map(({ verdict }) => verdict && briefly(verdict));

  test('answers each, and each recipient on its own', () => {
    const rules = rulesOf([deny('host', '10.0.0.0/8'), rule('defer', 'recipient', 'full@*')]);
    expect(outcomes(rules)).toEqual(['allow', 'allow', 451, 'allow']);
  });

  test.each<[string, Rule, unknown[]]>([
    ['a refused host', deny('host', '*'), [550, null, null, null]],
    ['a refused sender', deny('sender', '*'), ['allow', 553, null, null]],
    ['a recipient that breaks the connection', rule('drop', 'recipient', 'full'), ['allow', 'allow', 'drop', null]],
    [
      'a recipient that is told 421',
      rule('defer', 'recipient', 'full', { reply: { code: 421, text: 'Bye' } }),
      ['allow', 'allow', 421, null],
    ],
  ])('ends with %s', (_title, one, expected) => {
    expect(outcomes(rulesOf([one]))).toEqual(expected);
  });

  test('lets time pass while an answer is late', () => {
    const greylist = rule('greylist', 'recipient', '*', { attempts: null, seconds: 2 });
    const rules = rulesOf([rule('delay', 'recipient', 'wait', { seconds: 5 }), greylist]);
    const [again, wait] = [session.recipients[0], { localPart: 'wait', domain: 'x' }] as const;
    if (again === undefined) throw new Error('no recipient');
    const forecasts = rules.forecast({ ...session, recipients: [again, wait, again] });
    expect(forecasts.slice(2).map(({ verdict }) => verdict && briefly(verdict))).toEqual([451, 'allow', 'allow']);
  });

  test('counts what it asks itself, and leaves nothing behind', () => {
    const rules = rulesOf([rule('limit', 'recipient', '*'), rule('greylist', 'host', '*')]);
    const before = structuredClone(rules.memory.snapshot(new Set(rules.list.map(({ id }) => id))));
    expect(outcomes(rulesOf([rule('limit', 'recipient', '*')]))).toEqual(['allow', 'allow', 'allow', 450]);
    expect(outcomes(rules)).toEqual(outcomes(rules));
    expect(rules.memory.snapshot(new Set(rules.list.map(({ id }) => id)))).toEqual(before);
  });

  test('says which rules were passed over, and why', () => {
    const off = { ...deny('recipient', 'full@*'), enabled: false };
    const list = [
      deny('sender', 'x'),
      off,
      deny('recipient', 'a@*'),
      deny('recipient', 'full'),
      deny('recipient', '*'),
    ];
    const [, , full] = rulesOf(list).forecast(session);
    expect(full?.passedOver).toEqual([
      { id: off.id, place: 2, why: 'off' },
      { id: list[2]?.id, place: 3, why: 'no match' },
      { id: list[4]?.id, place: 5, why: 'later' },
    ]);
  });
});
