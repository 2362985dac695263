import { describe, expect, test } from 'vitest';
import { changesBetween, readRules, ruleFileJsonSchema, writeRules } from '../../../main/rules/exchange.ts';
import { type RuleAction, ruleDefaultsSchema, ruleSchema } from '../../../main/rules/rule.ts';
import { allow, deny, rule } from './rule.ts';

const defaults = ruleDefaultsSchema.parse({});
const actions: RuleAction[] = ['allow', 'deny', 'defer', 'greylist', 'limit', 'delay', 'drop'];

describe('a file of rules', () => {
  test('that was written is read as it was', () => {
    const book = { rules: actions.map((action) => rule(action, 'sender', '*@x.test')), defaults };
    expect(readRules(writeRules(book), [])).toEqual(book);
  });

  test('that somebody wrote by hand may leave out what goes without saying', () => {
    const read = readRules('{"rules": [{"stage": "recipient", "pattern": "bogus@*", "action": "deny"}]}', []);
    expect(read).toEqual({
      rules: [{ ...deny('recipient', 'bogus@*'), id: expect.stringMatching(/^[\w-]{36}$/) as string }],
      defaults,
    });
  });

  test('takes over the ids of rules that are there already', () => {
    const [one, two] = [deny('host', '192.0.2.1'), deny('host', '192.0.2.1')];
    const bare = { ...one, id: undefined };
    const read = readRules(JSON.stringify({ rules: [bare, bare, two] }), [one, two]);
    if ('errors' in read) throw new Error(JSON.stringify(read));
    expect(read.rules.map(({ id }) => id)).toEqual([one.id, expect.any(String), two.id]);
    expect(new Set(read.rules.map(({ id }) => id)).size).toBe(3);
  });

  test('takes over ids also where what goes without saying is left out', () => {
    const one = ruleSchema.parse(deny('host', '192.0.2.1', { reply: { code: 550, text: 'No' } }));
    const bare = { stage: 'host', action: 'deny', pattern: '192.0.2.1', reply: { text: 'No', code: 550 } };
    expect(readRules(JSON.stringify({ rules: [bare] }), [one])).toMatchObject({ rules: [one] });
  });

  test('may begin with a byte order mark', () => {
    expect(readRules('\ufeff{"rules": []}', [])).toEqual({ rules: [], defaults });
  });

  test.each<[string, string, string, RegExp]>([
    [
      'too many rules',
      JSON.stringify({ rules: Array.from({ length: 10_001 }, () => deny('host', '*')) }),
      'rules',
      /10,000/,
    ],
    ['no JSON', '{"rules": [', '', /no JSON/],
    ['no object', '[]', '', /\w/],
    ['no rules', '{}', 'rules', /\w/],
    [
      'a wrong rule',
      JSON.stringify({ rules: [deny('host', '*'), { ...deny('host', '*'), pattern: 'x' }] }),
      'rules[1].pattern',
      /address/,
    ],
    [
      'a wrong code',
      JSON.stringify({ rules: [deny('host', '*', { reply: { code: 250, text: 'x' } })] }),
      'rules[0].reply.code',
      /5/,
    ],
    ['a rule that is none', '{"rules": [7]}', 'rules[0]', /\w/],
    ['a wrong default', '{"rules": [], "defaults": {"host": "maybe"}}', 'defaults.host', /\w/],
    ['something else', '{"rules": [], "colour": "red"}', '', /colour/],
  ])('%s: says what is wrong, and where', (_title, text, place, message) => {
    const read = readRules(text, []);
    expect(read).toEqual({ errors: [{ place, message: expect.stringMatching(message) as string }] });
  });

  test('has a published schema', async () => {
    const schema = `${JSON.stringify(ruleFileJsonSchema(), undefined, 2)}\n`;
    await expect(schema).toMatchFileSnapshot('../../../docs/rules.schema.json');
  });
});

describe('what a file would change', () => {
  const [a, b, c] = [deny('host', '192.0.2.1'), allow('sender', '*@x.test'), deny('recipient', 'bogus@*')];
  const changes = (from: (typeof a)[], to: (typeof a)[]): ReturnType<typeof changesBetween> =>
    changesBetween({ rules: from, defaults }, { rules: to, defaults });
  const nothing = { added: [], changed: [], removed: [], kept: 0, isReordered: false, areDefaultsChanged: false };

  test('rules that come, go, stay and change', () => {
    const edited = { ...b, reason: 'new' };
    const d = deny('host', '*');
    expect(changes([a, b, c], [a, edited, d])).toEqual({
      ...nothing,
      added: [d],
      changed: [{ from: b, to: edited }],
      removed: [c],
      kept: 1,
    });
  });

  test('another order', () => {
    expect(changes([a, b, c], [c, a, b])).toEqual({ ...nothing, kept: 3, isReordered: true });
    expect(changes([a, b, c], [a, c])).toEqual({ ...nothing, removed: [b], kept: 2 });
  });

  test('the defaults', () => {
    const other = { ...defaults, host: 'deny' } as const;
    expect(changesBetween({ rules: [], defaults }, { rules: [], defaults: other }).areDefaultsChanged).toBe(true);
  });
});
