import { describe, expect, test } from 'vitest';
import { listed, openStore, put, putSome } from './stores.ts';

test('a tag is made once, whatever the case of its name', () => {
  const { tags } = openStore();
  const [a, b, c] = [tags.create('Checkout', 'blue'), tags.create('CHECKOUT', 'red'), tags.create('bug', 'green')];
  expect([a === b, a === c]).toEqual([true, false]);
  expect(tags.list()).toEqual([
    { id: c, name: 'bug', color: 'green', total: 0 },
    { id: a, name: 'Checkout', color: 'blue', total: 0 },
  ]);
});

test('a tag is put on messages and taken off, each once', () => {
  const store = openStore();
  const [a, b, c] = putSome(store, 3) as [number, number, number];
  const [x, y] = [store.tags.create('x', 'red'), store.tags.create('y', 'red')];
  store.tags.set([a, b, 999], x, true);
  store.tags.set([b, c], x, true);
  store.tags.set([b], y, true);
  expect(store.summaries([a, b, c]).map((row) => row.tags)).toEqual([[x], [x, y], [x]]);
  expect(store.tags.list().map(({ total }) => total)).toEqual([3, 1]);
  store.tags.set([a, 999], x, false);
  store.tags.set([a], y, false);
  expect(store.tags.list().map(({ total }) => total)).toEqual([2, 1]);
  expect([
    listed(store, 'tag:X'),
    listed(store, '-tag:x'),
    listed(store, 'tag:x tag:y'),
    listed(store, 'tag:z'),
  ]).toEqual([[c, b], [a], [b], []]);
});

test('a tag has another name and colour, but not the name of another', () => {
  const { tags } = openStore();
  const [x] = [tags.create('x', 'red'), tags.create('y', 'red')];
  expect([tags.change(x, 'X', 'blue'), tags.change(x, 'Y', 'blue')]).toEqual([true, false]);
  expect(tags.list()).toMatchObject([{ name: 'X', color: 'blue' }, { name: 'y' }]);
});

test('a tag that is deleted is on no message any more', () => {
  const store = openStore();
  const id = put(store);
  const tag = store.tags.create('x', 'red');
  store.tags.set([id], tag, true);
  store.tags.delete(tag);
  expect([store.summaries([id])[0]?.tags, store.counts().tags]).toEqual([[], []]);
});

describe('messages with a tag are found', () => {
  test('also among many that have it, page by page', () => {
    const store = openStore();
    const ids = putSome(store, 2600);
    const tag = store.tags.create('many', 'red');
    store.tags.set(
      ids.filter((id) => id % 2 === 0),
      tag,
      true,
    );
    const found: number[] = [];
    for (let before: number | undefined; ;) {
      const page = store.list({ mailbox: null, search: 'tag:many' }, before, 200).messages.map(({ id }) => id);
      found.push(...page);
      if (page.length < 200) break;
      before = page.at(-1);
    }
    expect(found).toEqual(ids.filter((id) => id % 2 === 0).reverse());
    expect(store.countMatching({ mailbox: null, search: 'tag:many' }, 1, 1000)).toBe(500);
  });
});
