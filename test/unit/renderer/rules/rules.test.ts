import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule, SaveResult } from '../../../../preload/contract.ts';
import { Rules } from '../../../../renderer/rules/rules.svelte.ts';
import { TestBridge } from '../support/test-bridge.ts';

const rule = (id: string, changes: Partial<Rule> = {}): Rule => ({
  id,
  enabled: true,
  stage: 'recipient',
  pattern: `${id}@*`,
  action: 'deny',
  reason: '',
  reply: null,
  ...changes,
});

let bridge: TestBridge;
let rules: Rules;

/** As the main process does it: keeps the list and tells of it, before it answers. */
function save({ rules: list }: { rules: Rule[] }): SaveResult {
  bridge.tell('rules.changed', list);
  return { saved: true };
}

beforeEach(async () => {
  bridge = new TestBridge().answer('rules.list', () => [rule('a'), rule('b'), rule('c')]).answer('rules.save', save);
  rules = new Rules(bridge);
  await rules.load();
});

const order = (list = rules.list): string => list.map(({ id }) => id).join('');
const sent = (): Rule[] => bridge.asked('rules.save').at(-1)?.rules ?? [];
const place = (index: number): Rule => rules.list[index] ?? expect.fail(`no rule ${index}`);
const draft = (): NonNullable<Rules['draft']> => rules.draft ?? expect.fail('the form is closed');

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
    bridge.tell('rules.changed', bridge.asked('rules.save')[0]?.rules ?? []);
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
});

test('a change from elsewhere shows', () => {
  bridge.tell('rules.changed', [rule('z')]);
  expect(order()).toBe('z');
});

describe('the form', () => {
  test('adds a rule at the end', async () => {
    rules.add();
    Object.assign(draft(), { stage: 'host', pattern: ' 192.168.1.* ', reason: 'not from the lab' });
    await rules.save();
    expect(rules.draft).toBeNull();
    expect(place(3)).toEqual({
      ...rule(place(3).id),
      stage: 'host',
      pattern: '192.168.1.*',
      reason: 'not from the lab',
    });
    expect(sent()).toEqual(rules.list);
  });

  test('edits a rule in its place', async () => {
    rules.edit(rule('b', { enabled: false }));
    draft().pattern = 'news@*';
    await rules.save();
    expect(rules.list).toEqual([rule('a'), rule('b', { enabled: false, pattern: 'news@*' }), rule('c')]);
  });

  test('brings a rule back as it was', async () => {
    const before = rule('b', { stage: 'sender', reason: 'spam', reply: { code: 554, text: 'Go away' } });
    rules.edit(before);
    expect(draft()).toMatchObject({ replyCode: '554', replyText: 'Go away' });
    await rules.save();
    expect(place(1)).toEqual(before);
  });

  test.each<{ stage: Rule['stage']; code: string; text: string; reply: Rule['reply'] }>([
    { stage: 'host', code: '', text: '', reply: null },
    { stage: 'host', code: ' 554 ', text: '', reply: { code: 554, text: 'Access denied: spam' } },
    { stage: 'sender', code: '', text: 'Go away', reply: { code: 553, text: 'Go away' } },
    { stage: 'recipient', code: '552', text: 'Mailbox full', reply: { code: 552, text: 'Mailbox full' } },
    { stage: 'recipient', code: 'abc', text: 'Mailbox full', reply: { code: NaN, text: 'Mailbox full' } },
  ])('takes “$code” “$text” at $stage for $reply', async ({ stage, code, text, reply }) => {
    rules.add();
    Object.assign(draft(), { stage, reason: 'spam', replyCode: code, replyText: text });
    await rules.save();
    expect(place(3).reply).toEqual(reply);
  });

  test('drops the reply of a rule that now allows', async () => {
    rules.edit(rule('b', { reply: { code: 554, text: 'Go away' } }));
    draft().action = 'allow';
    await rules.save();
    expect(place(1)).toEqual(rule('b', { action: 'allow' }));
  });

  test('shows what is wrong beside its field, and loses nothing', async () => {
    bridge.answer('rules.save', () => ({
      saved: false,
      errors: [
        { path: [3, 'pattern'], message: 'No such address.' },
        { path: [3, 'reply', 'code'], message: '500 to 599.' },
        { path: [3, 'reply', 'text'], message: 'Say something.' },
        { path: [3, 'reason'], message: 'Too long.' },
        { path: [0, 'pattern'], message: 'Too odd.' },
      ],
    }));
    rules.add();
    draft().pattern = 'nonsense';
    await rules.save();
    expect(rules.errors).toEqual({
      pattern: 'No such address.',
      replyCode: '500 to 599.',
      replyText: 'Say something.',
      reason: 'Too long.',
      whole: 'Rule 1: Too odd.',
    });
    expect(draft().pattern).toBe('nonsense');
    expect(order()).toBe('abc');
  });

  test('forgets what was wrong when it is opened anew', async () => {
    bridge.answer('rules.save', () => ({ saved: false, errors: [{ path: [3, 'pattern'], message: 'No.' }] }));
    rules.add();
    await rules.save();
    rules.cancel();
    rules.add();
    expect(rules.errors).toEqual({});
    expect(draft().pattern).toBe('');
  });
});
