import { beforeEach, describe, expect, test } from 'vitest';
import type { Calls, Rule, RuleCheck, RuleDefaults, RuleState, SaveResult } from '../../../../preload/contract.ts';
import type { RuleDraft } from '../../../../renderer/rules/draft.ts';
import type { RuleEditor } from '../../../../renderer/rules/rule-editor.svelte.ts';
import { Rules } from '../../../../renderer/rules/rules.svelte.ts';
import { TestBridge } from '../support/test-bridge.ts';
import { everyAction, rule } from './rule.ts';

const allowAll: RuleDefaults = { host: 'allow', sender: 'allow', recipient: 'allow' };
const usual: RuleCheck['usual'] = { code: 553, enhanced: '5.7.1', text: 'Not allowed' };

let bridge: TestBridge;
let rules: Rules;

const stateOf = (list: Rule[], changes: Partial<RuleState> = {}): RuleState => ({
  rules: list,
  defaults: allowAll,
  aside: [],
  answers: Object.fromEntries(list.map(({ id }) => [id, `553 5.7.1 ${id}`])),
  ...changes,
});

/** As the main process does it: keeps the list and tells of it, before it answers. */
function save({ rules: list, defaults = allowAll }: Calls['rules.save']['argument']): SaveResult {
  bridge.tell('rules.changed', stateOf(list, { defaults }));
  return { saved: true };
}

const noPattern = { path: ['pattern'], message: 'A pattern is needed.' };
const check = ({ rule: { pattern } }: { rule: Rule }): RuleCheck => ({
  errors: pattern === '' ? [noPattern] : [],
  answer: pattern === '' ? null : `553 5.7.1 ${pattern}`,
  usual,
});

beforeEach(async () => {
  bridge = new TestBridge()
    .answer('rules.get', () => stateOf([rule('a'), rule('b'), rule('c')]))
    .answer('rules.decisions', () => ({ b: { count: 3, lastAt: 1 } }))
    .answer('rules.check', check)
    .answer('rules.save', save);
  rules = new Rules(bridge);
  await rules.load();
});

const order = (list = rules.list): string => list.map(({ id }) => id).join('');
const sent = (): Rule[] => bridge.asked('rules.save').at(-1)?.rules ?? [];
const place = (index: number): Rule => rules.list[index] ?? expect.fail(`no rule ${index}`);
const editor = (): RuleEditor => rules.editor ?? expect.fail('the form is closed');
async function type(fields: Partial<RuleDraft>): Promise<void> {
  for (const [field, value] of Object.entries(fields)) await editor().set(field as 'pattern', value as string);
}

describe('to move a rule', () => {
  test.each([
    { from: 0, by: 1, after: 'bac' },
    { from: 2, by: -1, after: 'acb' },
    { from: 0, by: 2, after: 'bca' },
  ])('from $from by $by makes $after', async ({ from, by, after }) => {
    await rules.move(place(from), by);
    expect(order()).toBe(after);
    expect(order(sent())).toBe(after);
  });

  test('says where it is now', async () => {
    await rules.move(place(2), -1);
    expect(rules.said).toBe('Rule 3 is now 2nd of 3.');
  });

  test.each([
    { from: 0, to: 2, after: 'bca' },
    { from: 2, to: 0, after: 'cab' },
    { from: 1, to: 9, after: 'acb' },
  ])('from $from to $to makes $after', async ({ from, to, after }) => {
    await rules.moveTo(place(from), to);
    expect(order()).toBe(after);
  });

  test.each([
    { from: 0, by: -1 },
    { from: 2, by: 1 },
  ])('from $from by $by is no change', async ({ from, by }) => {
    await rules.move(place(from), by);
    expect(bridge.asked('rules.save')).toEqual([]);
  });

  test('twice in a row loses neither move', async () => {
    const release = bridge.hold('rules.save');
    const first = rules.move(place(0), 1);
    const second = rules.move(place(1), 1);
    bridge.tell('rules.changed', stateOf(bridge.asked('rules.save')[0]?.rules ?? []));
    expect(order()).toBe('bca');
    release();
    await Promise.all([first, second]);
    expect(order()).toBe('bca');
    expect(order(sent())).toBe('bca');
  });
});

test('to switch a rule off changes nothing else', async () => {
  await rules.setEnabled(place(1), false);
  expect(rules.list).toEqual([rule('a'), rule('b', { enabled: false }), rule('c')]);
  expect(sent()).toEqual(rules.list);
});

test('to delete a rule leaves the others in order', async () => {
  await rules.remove(place(1));
  expect(order()).toBe('ac');
});

test.each([
  {
    what: 'is refused',
    answer: (): SaveResult => ({ saved: false, errors: [{ path: [1, 'pattern'], message: 'No.' }] }),
    says: 'Rule 2: No.',
  },
  {
    what: 'fails',
    answer: (): Promise<SaveResult> => Promise.reject(new Error('The disk is full.')),
    says: 'The disk is full.',
  },
])('a change that $what is taken back and told', async ({ answer, says }) => {
  bridge.answer('rules.save', answer);
  await expect(rules.remove(place(0))).rejects.toThrow(says);
  expect(order()).toBe('abc');
  expect(rules.undoable).toBeNull();
  expect(rules.said).toBe('');
});

test('a duplicate stands right behind the original, with an id of its own', async () => {
  const copy = await rules.duplicate(place(1));
  expect(order()).toBe(`ab${copy.id}c`);
  expect(copy).toEqual({ ...rule('b'), id: copy.id });
  expect(copy.id).not.toBe('b');
});

test('a default is saved with the list', async () => {
  await rules.setDefault('host', 'deny');
  expect(bridge.asked('rules.save')).toEqual([
    { rules: [rule('a'), rule('b'), rule('c')], defaults: { ...allowAll, host: 'deny' } },
  ]);
  expect(rules.said).toBe('Other hosts are refused.');
});

test('a change from elsewhere shows', () => {
  bridge.tell('rules.changed', stateOf([rule('z')], { aside: [{ json: 1, reason: 'No rule.' }] }));
  expect(order()).toBe('z');
  expect(rules.answers).toEqual({ z: '553 5.7.1 z' });
  expect(rules.aside).toHaveLength(1);
});

test('what the rules decided shows', () => {
  expect(rules.decisions['b']?.count).toBe(3);
  bridge.tell('rules.decided', { b: { count: 4, lastAt: 2 } });
  expect(rules.decisions['b']?.count).toBe(4);
});

test('a rule is found by its id', () => {
  expect(rules.byId('b')).toEqual(rule('b'));
  expect(rules.byId('z')).toBeUndefined();
});

describe('undo', () => {
  test.each<{ what: string; change: () => Promise<unknown> }>([
    { what: 'delete rule 2', change: () => rules.remove(place(1)) },
    { what: 'move rule 1', change: () => rules.moveTo(place(0), 2) },
    { what: 'switch rule 2 off', change: () => rules.setEnabled(place(1), false) },
    { what: 'duplicate rule 3', change: () => rules.duplicate(place(2)) },
    { what: 'refuse other senders', change: () => rules.setDefault('sender', 'deny') },
    { what: 'edit rule 2', change: () => edited(() => rules.edit(place(1))) },
    { what: 'add rule 4', change: () => edited(() => rules.open()) },
    { what: 'import', change: imported },
  ])('takes back: $what', async ({ what, change }) => {
    await change();
    expect(rules.undoable).toBe(what);
    expect({ rules: rules.list, defaults: rules.defaults }).not.toEqual({
      rules: [rule('a'), rule('b'), rule('c')],
      defaults: allowAll,
    });
    await rules.undo();
    expect(bridge.asked('rules.save').at(-1)).toEqual({ rules: [rule('a'), rule('b'), rule('c')], defaults: allowAll });
    expect(order()).toBe('abc');
    expect(rules.undoable).toBeNull();
    expect(rules.said).toBe(`Undone: ${what}.`);
  });

  async function edited(open: () => void): Promise<void> {
    open();
    await type({ pattern: 'news@*' });
    await rules.save();
  }

  async function imported(): Promise<void> {
    const changes = { added: [], changed: [], removed: [], kept: 0, isReordered: false, areDefaultsChanged: true };
    const defaults: RuleDefaults = { ...allowAll, host: 'deny' };
    bridge.answer('rules.import', () => ({ path: '/rules.json', rules: [rule('z')], defaults, changes, errors: null }));
    await rules.chooseFile();
    await rules.import();
  }

  test('goes back step by step', async () => {
    await rules.remove(place(0));
    await rules.remove(place(0));
    await rules.undo();
    expect(order()).toBe('bc');
    await rules.undo();
    expect(order()).toBe('abc');
    await rules.undo();
    expect(order()).toBe('abc');
  });

  test('remembers the last fifty', async () => {
    for (let count = 0; count < 60; count++) await rules.setEnabled(place(0), count % 2 === 1);
    let steps = 0;
    for (; rules.undoable !== null; steps++) await rules.undo();
    expect(steps).toBe(50);
  });

  test('that fails can be tried again', async () => {
    await rules.remove(place(0));
    bridge.answer('rules.get', () => stateOf([rule('b'), rule('c')]));
    bridge.fail('rules.save', 'The disk is full.');
    await expect(rules.undo()).rejects.toThrow('The disk is full.');
    expect(order()).toBe('bc');
    await rules.undo();
    expect(order()).toBe('abc');
  });
});

describe('the form', () => {
  test('adds a rule at the end', async () => {
    rules.open();
    await type({ stage: 'host', pattern: ' 192.168.1.* ', reason: 'not from the lab' });
    await rules.save();
    expect(rules.editor).toBeNull();
    expect(place(3)).toEqual({
      ...rule(place(3).id),
      stage: 'host',
      pattern: '192.168.1.*',
      reason: 'not from the lab',
    });
    expect(sent()).toEqual(rules.list);
  });

  test.each([
    { before: undefined, index: 3 },
    { before: 'first', index: 0 },
    { before: 'b', index: 1 },
    { before: 'gone', index: 3 },
  ])('opened before $before adds the rule at $index', async ({ before, index }) => {
    rules.open({ action: 'allow', pattern: 'anna@*' }, before);
    await rules.save();
    expect(place(index)).toMatchObject({ action: 'allow', pattern: 'anna@*' });
    expect(rules.list).toHaveLength(4);
  });

  test('edits a rule in its place', async () => {
    rules.edit(rule('b', { enabled: false }));
    await type({ pattern: 'news@*' });
    await rules.save();
    expect(rules.list).toEqual([rule('a'), rule('b', { enabled: false, pattern: 'news@*' }), rule('c')]);
  });

  test.each(everyAction)('brings $id back as it was', async (before) => {
    bridge.tell('rules.changed', stateOf([before]));
    rules.edit(before);
    await rules.save();
    expect(rules.list).toEqual([before]);
  });

  test('keeps what was typed for another action', async () => {
    rules.open({ action: 'limit', pattern: '*' });
    await type({ count: '7', action: 'delay', seconds: '3' });
    expect(editor().rule).toMatchObject({ action: 'delay', seconds: 3 });
    await type({ action: 'limit' });
    expect(editor().rule).toMatchObject({ action: 'limit', count: 7, seconds: 3 });
  });

  test('fills what was left empty of a reply with what is usual for the rule as it is now', async () => {
    const later = { code: 451, enhanced: '4.3.0', text: 'Later' };
    bridge.answer('rules.check', ({ rule: { action } }) => ({
      errors: [],
      answer: null,
      usual: action === 'defer' ? later : usual,
    }));
    rules.open({ pattern: '*', replyText: 'Go away' });
    const release = bridge.hold('rules.check');
    void editor().set('action', 'defer');
    const saved = rules.save();
    release();
    await saved;
    expect(place(3).reply).toEqual({ code: 451, enhanced: '4.3.0', text: 'Go away' });
  });

  test('starts from a preset with all of its fields, and keeps its id', async () => {
    rules.open({ pattern: 'anna@*', reason: 'typed' });
    const { id } = editor().draft;
    await editor().fill({ stage: 'sender', pattern: 'bulk@*' });
    expect(editor().draft).toMatchObject({ id, stage: 'sender', pattern: 'bulk@*', reason: '' });
  });

  test('shows what is wrong with the list beside its field, and loses nothing', async () => {
    bridge.answer('rules.save', () => ({
      saved: false,
      errors: [
        { path: [3, 'pattern'], message: 'No such address.' },
        { path: [3, 'reply', 'code'], message: '500 to 599.' },
        { path: [0, 'pattern'], message: 'Too odd.' },
      ],
    }));
    rules.open({ pattern: 'nonsense' });
    await rules.save();
    expect(editor().errors).toEqual({
      pattern: 'No such address.',
      replyCode: '500 to 599.',
      whole: 'Rule 1: Too odd.',
    });
    expect(editor().draft.pattern).toBe('nonsense');
    expect(order()).toBe('abc');
    expect(rules.undoable).toBeNull();
  });

  test('forgets what was typed and wrong when it is opened anew', async () => {
    rules.open();
    await type({ pattern: 'x', reason: 'y' });
    await type({ pattern: '' });
    rules.cancel();
    rules.open();
    expect(editor().errors).toEqual({});
    expect(editor().draft).toMatchObject({ pattern: '', reason: '' });
  });

  describe('while typing', () => {
    test('shows what is wrong', async () => {
      rules.edit(place(0));
      await type({ pattern: '' });
      expect(editor().errors).toEqual({ pattern: 'A pattern is needed.' });
      await type({ pattern: 'anna@*' });
      expect(editor().errors).toEqual({});
      expect(editor().answer).toBe('553 5.7.1 anna@*');
    });

    test('takes no answer that comes after a newer question', async () => {
      rules.open();
      const release = bridge.hold('rules.check');
      const older = editor().set('pattern', '');
      await editor().set('pattern', 'anna@*');
      release();
      await older;
      expect(editor().errors).toEqual({});
      expect(editor().answer).toBe('553 5.7.1 anna@*');
    });

    test.each<{ until: string; act: () => unknown }>([
      { until: 'the user left it', act: () => editor().leave('pattern') },
      { until: 'the user emptied it', act: () => type({ pattern: '' }) },
      {
        until: 'the user wanted to save',
        act: () => {
          bridge.answer('rules.save', () => ({ saved: false, errors: [{ ...noPattern, path: [3, 'pattern'] }] }));
          return rules.save();
        },
      },
    ])('says nothing of an empty field of a new rule until $until', async ({ act }) => {
      rules.open();
      await type({ reason: 'spam' });
      expect(editor().errors).toEqual({});
      await act();
      expect(editor().errors).toEqual({ pattern: 'A pattern is needed.' });
    });

    test('says what is wrong with what a new rule was opened with', async () => {
      bridge.answer('rules.check', () => ({ errors: [{ path: ['pattern'], message: 'Odd.' }], answer: null, usual }));
      rules.open({ pattern: '@@' });
      await editor().look();
      expect(editor().errors).toEqual({ pattern: 'Odd.' });
    });
  });
});

describe('a file', () => {
  test('that was not chosen changes nothing', async () => {
    bridge.answer('rules.import', () => null);
    await rules.chooseFile();
    expect(rules.chosen).toBeNull();
  });

  test('that holds no rules cannot be imported', async () => {
    bridge.answer('rules.import', () => ({ path: '/x.json', errors: [{ place: '', message: 'It is no JSON.' }] }));
    await rules.chooseFile();
    expect(rules.chosen?.errors).toHaveLength(1);
    await rules.import();
    expect(bridge.asked('rules.save')).toEqual([]);
  });

  test('is named when the rules were written to it', async () => {
    bridge.answer('rules.export', () => ({ path: '/tmp/rules.json' }));
    await rules.export();
    expect(rules.said).toBe('Exported to /tmp/rules.json');
  });
});

test('what is kept aside can be deleted, and no change is undone by that', async () => {
  const aside = [{ json: 1, reason: 'No rule.' }];
  bridge.tell('rules.changed', stateOf(rules.list, { aside }));
  bridge.answer('rules.deleteAside', () => {
    bridge.tell('rules.changed', stateOf(rules.list));
    return undefined;
  });
  await rules.deleteAside(0);
  expect(rules.aside).toEqual([]);
  expect(bridge.asked('rules.deleteAside')).toEqual([{ index: 0 }]);
});

test('a greylist begins anew', async () => {
  bridge.answer('rules.forget', () => undefined);
  await rules.forget(place(1));
  expect(bridge.asked('rules.forget')).toEqual([{ id: 'b' }]);
  expect(rules.said).toBe('Rule 2 begins anew.');
});
