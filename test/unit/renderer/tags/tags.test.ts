import { describe, expect, test } from 'vitest';
import type { TagColor, TagSummary } from '../../../../preload/contract.ts';
import { Inbox } from '../../../../renderer/inbox/inbox.svelte.ts';
import { Reader } from '../../../../renderer/message/reader.svelte.ts';
import { colors, nextColor } from '../../../../renderer/tags/colors.ts';
import { TagPicker } from '../../../../renderer/tags/tag-picker.svelte.ts';
import { Tags, nameOf, searchFor } from '../../../../renderer/tags/tags.svelte.ts';
import { Undo } from '../../../../renderer/undo/undo.svelte.ts';
import { TestMailbox, idsBetween } from '../support/messages.ts';
import { TestBridge } from '../support/test-bridge.ts';

interface Opened {
  bridge: TestBridge;
  mailbox: TestMailbox;
  inbox: Inbox;
  tags: Tags;
  picker: TagPicker;
  tagOf: (name: string) => TagSummary;
}

/** An inbox of messages 9 to 1. @param named the tags, each with the messages that have it */
async function load(named: Record<string, number[]> = {}): Promise<Opened> {
  const bridge = new TestBridge();
  const mailbox = new TestMailbox(bridge, idsBetween(9, 1));
  mailbox.tags = Object.keys(named).map((name, index) => ({ id: index + 1, name, color: 'blue' }));
  mailbox.messages = mailbox.messages.map((row) => ({
    ...row,
    tags: mailbox.tags.filter(({ name }) => named[name]?.includes(row.id)).map(({ id }) => id),
  }));
  const inbox = new Inbox(bridge, new Reader(bridge), { current: true }, new Undo());
  await inbox.load();
  const tags = new Tags(bridge, inbox);
  const tagOf = (name: string): TagSummary => {
    const tag = tags.list.find((other) => other.name === name);
    if (tag === undefined) throw new Error(`There is no tag ${name}.`);
    return tag;
  };
  return { bridge, mailbox, inbox, tags, picker: new TagPicker(tags, inbox), tagOf };
}

const idsOf = (inbox: Inbox): number[] => inbox.rows.map(({ id }) => id);

test.each([
  { name: 'checkout', search: 'tag:checkout' },
  { name: 'two words', search: 'tag:"two words"' },
  { name: 'a=b', search: 'tag:a=b' },
  { name: 'للمراجعة', search: 'tag:للمراجعة' },
])('the messages of $name are found with $search', ({ name, search }) => {
  expect(searchFor(name)).toBe(search);
});

test('a name holds no quotes that a search could not put in quotes', () => {
  expect(nameOf(' the "new" one ')).toBe('the ”new” one');
});

test('colours are given out in turn; one that is free again comes first', () => {
  const used: { color: TagColor }[] = [];
  for (let count = 0; count < 2 * colors.length; count++) used.push({ color: nextColor(used) });
  expect(used.map(({ color }) => color)).toEqual([...colors, ...colors]);
  expect(nextColor(used.filter(({ color }) => color !== 'teal'))).toBe('teal');
});

describe('a tag', () => {
  test('shows its messages, whatever mailbox they lie in', async () => {
    const { tags, inbox, tagOf } = await load({ checkout: [5, 3], 'two words': [4] });
    await inbox.choose({ mailbox: 1 });
    await tags.show(tagOf('two words'));
    expect(idsOf(inbox)).toEqual([4]);
    expect(inbox.filter.mailbox).toBeNull();
    expect(tags.current?.name).toBe('two words');
    await inbox.choose({ search: 'tag:"two words" x' });
    expect(tags.current).toBeUndefined();
  });

  test('is told with the number of its messages, by name', async () => {
    const { tags } = await load({ onboarding: [1], checkout: [5, 3] });
    expect(tags.list.map(({ name, total }) => [name, total])).toEqual([
      ['checkout', 2],
      ['onboarding', 1],
    ]);
    expect(tags.of({ tags: [1, 2] }).map(({ name }) => name)).toEqual(['checkout', 'onboarding']);
  });

  test('is renamed, and what is shown of it stays', async () => {
    const { tags, inbox, tagOf } = await load({ checkout: [5, 3] });
    await tags.show(tagOf('checkout'));
    tags.askRename(tagOf('checkout'));
    if (tags.asked?.what === 'rename') tags.asked.name = ' check out ';
    await tags.confirm();
    expect(tags.asked).toBeNull();
    expect(inbox.filter.search).toBe('tag:"check out"');
    expect(idsOf(inbox)).toEqual([5, 3]);
  });

  test('is not renamed to another one, and the user is told', async () => {
    const { tags, tagOf } = await load({ checkout: [], onboarding: [] });
    tags.askRename(tagOf('checkout'));
    if (tags.asked?.what === 'rename') tags.asked.name = 'onboarding';
    await tags.confirm();
    expect(tags.asked).toMatchObject({ what: 'rename', error: 'There is a tag onboarding already.' });
    if (tags.asked?.what === 'rename') tags.asked.name = 'payment';
    await tags.confirm();
    expect(tags.asked).toBeNull();
    expect(tags.list.map(({ name }) => name)).toEqual(['onboarding', 'payment']);
  });

  test('gets another colour', async () => {
    const { tags, tagOf } = await load({ checkout: [] });
    await tags.recolor(tagOf('checkout'), 'green');
    expect(tagOf('checkout').color).toBe('green');
  });

  test('that is deleted while it is shown gives way to everything', async () => {
    const { tags, inbox, tagOf } = await load({ checkout: [5, 3] });
    await tags.show(tagOf('checkout'));
    tags.askDelete(tagOf('checkout'));
    await tags.confirm();
    expect(tags.list).toEqual([]);
    await expect.poll(() => idsOf(inbox)).toEqual(idsBetween(9, 1));
    expect(inbox.rows.every((row) => row.tags.length === 0)).toBe(true);
  });
});

describe('the picker', () => {
  const anchor = {} as HTMLElement;
  const optionsOf = ({ options }: TagPicker): unknown[] =>
    options.map((option) => ('create' in option ? `+${option.create}` : [option.tag.name, option.state]));

  test('opens only where there is something to tag', async () => {
    const { picker, inbox } = await load();
    picker.open(anchor);
    expect(picker.anchor).toBeNull();
    await inbox.selection.open(5);
    picker.open(anchor);
    expect(picker.anchor).toBe(anchor);
    picker.close();
    expect(picker.anchor).toBeNull();
  });

  test('says which tags all, some or none of the messages have', async () => {
    const { picker, inbox } = await load({ all: [5, 4, 3], none: [9], some: [4] });
    await inbox.selection.open(5);
    await inbox.selection.extend(3);
    expect(optionsOf(picker)).toEqual([
      ['all', true],
      ['none', false],
      ['some', 'mixed'],
    ]);
  });

  test.each([
    { typed: '', options: ['checkout', 'outdated', 'Über'] },
    { typed: 'OUT', options: ['outdated', 'checkout', '+OUT'] },
    { typed: ' checkout ', options: ['checkout'] },
    { typed: 'über', options: ['Über'] },
    { typed: 'x', options: ['+x'] },
    { typed: ' ', options: ['checkout', 'outdated', 'Über'] },
  ])('offers $options for “$typed”', async ({ typed, options }) => {
    const { picker } = await load({ checkout: [], outdated: [], Über: [] });
    picker.typed = typed;
    expect(picker.options.map((option) => ('create' in option ? `+${option.create}` : option.tag.name))).toEqual(
      options,
    );
  });

  test('sets a tag on all where some have it, and then takes it off', async () => {
    const { picker, inbox, bridge } = await load({ some: [4] });
    await inbox.selection.open(5);
    await inbox.selection.extend(3);
    await picker.pick();
    await picker.pick();
    const messages = { ids: [5, 4, 3] };
    expect(bridge.asked('messages.tag')).toEqual([
      { messages, tag: 1, on: true },
      { messages, tag: 1, on: false },
    ]);
  });

  test('makes a tag of a new name, in the next colour, and sets it', async () => {
    const { picker, inbox, tagOf } = await load({ checkout: [] });
    await inbox.selection.open(5);
    picker.typed = 'two words';
    await picker.pick();
    expect(tagOf('two words')).toMatchObject({ color: 'purple', total: 1 });
    expect(picker.typed).toBe('');
    expect(inbox.rows.find(({ id }) => id === 5)?.tags).toEqual([tagOf('two words').id]);
  });

  test('acts on all that the list holds', async () => {
    const { picker, inbox, bridge } = await load({ checkout: [] });
    await inbox.selection.all();
    await picker.pick();
    expect(bridge.asked('messages.tag')).toEqual([
      { messages: { mailbox: null, search: '', through: 9 }, tag: 1, on: true },
    ]);
  });

  test('is gone through in both directions, round the ends', async () => {
    const { picker } = await load({ a: [], b: [], c: [] });
    const places = [1, 1, 1, -1, -1].map((by) => {
      picker.move(by);
      return picker.index;
    });
    expect(places).toEqual([1, 2, 0, 2, 1]);
    picker.typed = 'c';
    expect(picker.index).toBe(0);
  });
});
