import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RuleMemoryFile } from '../../../main/rules/memory-file.ts';
import { RuleMemory } from '../../../main/rules/memory.ts';
import { Rules } from '../../../main/rules/rules.ts';
import { temporaryFolder } from '../support/folder.ts';
import { askHost, askRecipient, rule } from './rule.ts';

describe('what rules remember', () => {
  const greylist = rule('greylist', 'host', '*', { attempts: 1 });
  const hosts = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);

  function start(path: string, list = [greylist]): { rules: Rules; file: RuleMemoryFile } {
    const rules = new Rules();
    rules.replace(list);
    const fail = (error: Error): never => {
      throw error;
    };
    const file = new RuleMemoryFile(path, rules.memory, () => rules.list, fail);
    rules.on('decided', file.touch);
    return { rules, file };
  }
  const fresh = (): string => join(temporaryFolder(), 'rule-memory.json');

  test('of a thousand greylisted hosts is there after a restart', async () => {
    const path = fresh();
    const before = start(path);
    for (const host of hosts) expect(before.rules.judge(askHost(host)).outcome).toBe('refuse');
    await before.file.flush();
    const { rules } = start(path);
    expect(rules.memory.decisions()[greylist.id]?.count).toBe(1000);
    expect(new Set(hosts.map((host) => rules.judge(askHost(host)).outcome))).toEqual(new Set(['allow']));
    expect(rules.judge(askHost('10.9.9.9')).outcome).toBe('refuse');
  });

  test('is nobody else’s business, and leaves no second file', async () => {
    const path = fresh();
    const { rules, file } = start(path);
    rules.judge(askHost());
    const first = file.flush();
    file.touch();
    await Promise.all([first, file.flush()]);
    expect(readdirSync(join(path, '..'))).toEqual(['rule-memory.json']);
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('of rules that are gone is not kept', async () => {
    const path = fresh();
    const { rules, file } = start(path);
    rules.judge(askHost());
    rules.replace([]);
    await file.flush();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ greylist: [], decisions: {} });
  });

  test.each([
    ['no JSON', '{"greylist": ['],
    ['of another shape', '{"greylist": 7}'],
  ])('in a file that cannot be read is set aside: %s', (_title, text) => {
    const path = fresh();
    writeFileSync(path, text);
    const { rules, file } = start(path);
    expect(readFileSync(file.setAside?.path ?? '', 'utf8')).toBe(text);
    expect(file.setAside?.reason).toMatch(/\w/);
    expect(rules.judge(askHost()).outcome).toBe('refuse');
  });
});

test('whoever was not seen for the longest time is forgotten first, so that memory is bounded', () => {
  const memory = new RuleMemory();
  const attempts = (key: string): number => memory.attempt('a', key, 0).attempts;
  attempts('first');
  attempts('second');
  for (let count = 0; count < 19_998; count++) attempts(`host ${count}`);
  expect(attempts('first')).toBe(2);
  attempts('one too many');
  expect([attempts('first'), attempts('second')]).toEqual([3, 1]);
  expect(memory.snapshot(new Set(['a'])).greylist).toHaveLength(20_000);
});

test('a long key is kept as something short', () => {
  const memory = new RuleMemory();
  const [one, other] = [`${'x'.repeat(5000)}1`, `${'x'.repeat(5000)}2`];
  expect([one, other, one].map((key) => memory.attempt('a', key, 0).attempts)).toEqual([1, 1, 2]);
  expect(JSON.stringify(memory.snapshot(new Set(['a']))).length).toBeLessThan(500);
});

test('a clock that is set back makes nobody wait for the old time', () => {
  const memory = new RuleMemory();
  expect(memory.take('a', 1, 1000, 1_000_000)).toBe(true);
  expect(memory.take('a', 1, 1000, 5)).toBe(true);
  memory.attempt('b', 'host', 1_000_000);
  expect(memory.attempt('b', 'host', 5).firstAt).toBe(5);
});

test('a copy goes its own way', () => {
  const rules = new Rules();
  rules.replace([rule('greylist', 'recipient', '*'), rule('limit', 'sender', '*')]);
  rules.judge(askRecipient('b@x.test'));
  const all = new Set(rules.list.map(({ id }) => id));
  const before = rules.memory.snapshot(all);
  const copy = rules.memory.copy();
  copy.attempt(rules.list[0]?.id ?? '', 'other', 0);
  copy.take(rules.list[1]?.id ?? '', 1, 1000, 0);
  copy.decided(rules.list[1]?.id ?? '', 0);
  expect(rules.memory.snapshot(all)).toEqual(before);
  expect(rules.memory.take(rules.list[1]?.id ?? '', 1, 1000, 0)).toBe(true);
});
