import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RuleState } from '../../preload/contract.ts';
import type { Question } from '../../main/rules/rules.ts';
import { RuleBook, checkRule } from '../../main/rule-book.ts';
import { allow, askRecipient, askSender, deny, rule } from './rules/rule.ts';
import { temporaryFolder } from './support/folder.ts';

const open = (folder: string): RuleBook =>
  new RuleBook(folder, (error) => {
    throw error;
  });

describe('what is saved', () => {
  test('holds at once, is told, and is there after a restart', () => {
    const folder = temporaryFolder();
    const book = open(folder);
    const told: RuleState[] = [];
    book.on('changed', (state) => told.push(state));
    const one = deny('recipient', 'bogus@*');
    const defaults = { host: 'allow', sender: 'allow', recipient: 'deny' } as const;
    expect(book.save([one], defaults)).toEqual({ saved: true });
    expect(book.rules.judge(askRecipient('bogus@x.test')).outcome).toBe('refuse');
    expect(told).toEqual([
      {
        ...{ rules: [one], defaults, aside: [] },
        answers: { [one.id]: '553 5.7.1 Requested action not taken: mailbox name not allowed' },
      },
    ]);
    expect(open(folder).state).toEqual(told[0]);
  });

  test('keeps the defaults that it does not name', () => {
    const book = open(temporaryFolder());
    const defaults = { host: 'allow', sender: 'deny', recipient: 'allow' } as const;
    book.save([], defaults);
    book.save([allow('sender', '*@ours.test')]);
    expect(book.state.defaults).toEqual(defaults);
  });

  test('is nothing where something is wrong with it', () => {
    const book = open(temporaryFolder());
    book.save([deny('recipient', 'bogus@*')]);
    const before = book.state;
    expect(book.save([deny('recipient', '*'), { ...deny('host', '*'), pattern: 'nonsense' }, 7])).toMatchObject({
      saved: false,
      errors: [{ path: [1, 'pattern'] }, { path: [2] }],
    });
    expect(book.state).toEqual(before);
  });

  test('leaves rules aside that no version knows yet, until they are deleted', () => {
    const folder = temporaryFolder();
    const newer = { ...deny('host', '*'), action: 'quarantine' };
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ rules: [newer, 'nonsense'] }));
    const book = open(folder);
    book.save([deny('host', '10.0.0.1')]);
    expect(open(folder).state.aside.map(({ json }) => json)).toEqual([newer, 'nonsense']);
    book.deleteAside(0);
    expect(open(folder).state.aside.map(({ json }) => json)).toEqual(['nonsense']);
    expect(open(folder).state.rules).toHaveLength(1);
  });
});

describe('what the rules remember', () => {
  const [greylist, other] = [rule('greylist', 'recipient', '*'), rule('limit', 'sender', '*')];
  const allows = (book: RuleBook, question: Question): boolean => book.rules.judge(question).outcome === 'allow';

  test('is there after a restart', async () => {
    const folder = temporaryFolder();
    const book = open(folder);
    book.save([greylist]);
    expect(allows(book, askRecipient('a@x.test'))).toBe(false);
    await book.flush();
    expect(allows(open(folder), askRecipient('a@x.test'))).toBe(true);
  });

  test('is there for a rule that was kept aside meanwhile', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'rules.json');
    const book = open(folder);
    book.save([greylist, other]);
    allows(book, askRecipient('a@x.test'));
    await book.flush();
    const written = readFileSync(file, 'utf8');
    writeFileSync(file, written.replace('"recipient",', '"rcpt",'));
    const meanwhile = open(folder);
    expect(meanwhile.state.aside).toHaveLength(1);
    allows(meanwhile, askSender('a@x.test'));
    await meanwhile.flush();
    writeFileSync(file, written);
    expect(allows(open(folder), askRecipient('a@x.test'))).toBe(true);
  });

  test('is forgotten where it is told to, also after a restart, and of that rule alone', async () => {
    const folder = temporaryFolder();
    const book = open(folder);
    book.save([{ ...greylist, id: 'rule-1', pattern: 'a' }, { ...greylist, id: 'rule-10', pattern: 'b' }, other]);
    for (const path of ['a@x.test', 'b@x.test']) expect(allows(book, askRecipient(path))).toBe(false);
    expect([1, 2].map(() => allows(book, askSender('a@x.test')))).toEqual([true, false]);
    await book.flush();
    book.forget('rule-1');
    book.forget(other.id);
    await book.flush();
    const again = open(folder);
    expect(['a@x.test', 'b@x.test'].map((path) => allows(again, askRecipient(path)))).toEqual([false, true]);
    expect(allows(book, askSender('a@x.test'))).toBe(true);
  });
});

describe('a rule that is being edited', () => {
  test('has an answer, and the usual one', () => {
    const own = deny('recipient', 'full', { reply: { code: 552, enhanced: '5.2.2', text: 'Full' } });
    expect(checkRule(own)).toEqual({
      errors: [],
      answer: '552 5.2.2 Full',
      usual: { code: 553, enhanced: '5.7.1', text: 'Requested action not taken: mailbox name not allowed' },
    });
    expect(checkRule(allow('host', '*'))).toEqual({ errors: [], answer: null, usual: null });
  });

  test('has what is wrong, with its place', () => {
    const check = checkRule(deny('recipient', '', { reply: { code: 250, text: 'OK' } }));
    expect(check.errors.map(({ path }) => path.join('.'))).toEqual(['pattern', 'reply.code']);
    expect([check.answer, check.usual?.code]).toEqual([null, 553]);
  });
});

describe('what would happen', () => {
  function bookOfTwo(): RuleBook {
    const book = open(temporaryFolder());
    book.save([rule('delay', 'host', '10.0.0.0/8', { seconds: 2 }), rule('defer', 'recipient', 'full')]);
    return book;
  }

  test('is told of the host, the sender and each recipient', () => {
    const { forecasts } = bookOfTwo().forecast({
      host: '10.0.0.1',
      sender: '<>',
      recipients: ['full@x.test', ' "a b"@x.test'],
    });
    expect(forecasts.map(({ subject, outcome, reply, delay }) => [subject, outcome, reply, delay])).toEqual([
      ['10.0.0.1', 'accepted', null, 2000],
      ['', 'accepted', null, 0],
      ['full@x.test', 'refused', '451 4.3.0 Requested action aborted, try again later', 0],
      ['"a b"@x.test', 'accepted', null, 0],
    ]);
  });

  test.each([
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
    ['2001:0DB8:0:0:0:0:0:1', '2001:db8::1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['[::1]', '::1'],
  ])('takes %s for the %s that a socket tells', (host, subject) => {
    expect(bookOfTwo().forecast({ host, sender: '', recipients: [] }).forecasts[0]).toMatchObject({ subject });
  });

  test('is not told of what is no address', () => {
    const asked = { host: 'localhost', sender: 'a b@x.test', recipients: ['ok@x.test', 'a@', 'a@x> SIZE=1', ''] };
    expect(bookOfTwo().forecast(asked)).toEqual({
      forecasts: [],
      errors: [['host'], ['sender'], ['recipients', 1], ['recipients', 2], ['recipients', 3]].map((path) => ({
        path,
        message: expect.stringMatching(/\w/) as string,
      })),
    });
  });
});

describe('a file for others', () => {
  test('that was written is read again, and changes nothing', async () => {
    const book = open(temporaryFolder());
    book.save([deny('recipient', 'bogus@*'), rule('greylist', 'host', '*')]);
    const path = join(temporaryFolder(), 'rules.json');
    await book.exportTo(path);
    const { rules, defaults } = book.state;
    expect(await book.readImport(path)).toMatchObject({
      ...{ path, rules, defaults, errors: null },
      changes: { added: [], changed: [], removed: [], kept: 2 },
    });
  });

  test('that is too large is not read', async () => {
    const path = join(temporaryFolder(), 'huge.json');
    writeFileSync(path, '{');
    truncateSync(path, 33 * 1024 * 1024);
    expect(await open(temporaryFolder()).readImport(path)).toMatchObject({
      errors: [{ message: expect.stringContaining('32 MiB') as string }],
    });
  });

  test('that cannot be written is told', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken'));
    await expect(open(temporaryFolder()).exportTo(join(folder, 'taken'))).rejects.toThrow(folder);
  });

  test('is for people to read', async () => {
    const book = open(temporaryFolder());
    book.save([deny('recipient', 'bogus@*')]);
    const path = join(temporaryFolder(), 'rules.json');
    await book.exportTo(path);
    expect(readFileSync(path, 'utf8')).toContain('\n      "pattern": "bogus@*",\n');
  });
});
