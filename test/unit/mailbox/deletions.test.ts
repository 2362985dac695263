import { describe, expect, test } from 'vitest';
import type { MailStore } from '../../../main/mailbox/store.ts';
import { listed, mailboxNamed, openStore, put, putSome } from './stores.ts';

const all = { messages: 100, octets: Infinity };

function hide(store: MailStore, ids: number[], now = 10): number {
  const deletion = store.deletions.begin(now);
  store.deletions.add(deletion, ids, now);
  return deletion;
}

describe('what is deleted is hidden at once', () => {
  test('some messages', () => {
    const store = openStore();
    const [a, b, c] = putSome(store, 3) as [number, number, number];
    hide(store, [b, 999]);
    expect([listed(store), store.summaries([a, b]).map(({ id }) => id)]).toEqual([[c, a], [a]]);
    expect(store.counts()).toMatchObject({ total: 2, unread: 2, mailboxes: [{ total: 2, unread: 2, size: 8 }] });
  });

  test('all up to one, and what arrives later is there, whatever its id', () => {
    const store = openStore();
    putSome(store, 3);
    store.deletions.addRange({ through: 100, mailbox: null }, 10);
    expect(listed(store)).toEqual([]);
    const later = put(store);
    expect([listed(store), store.counts().total]).toEqual([[later], 1]);
  });

  test('all of one mailbox', () => {
    const store = openStore();
    const [shop, inbox, shopAgain] = [put(store, { user: 'shop' }), put(store), put(store, { user: 'shop' })];
    const mailbox = mailboxNamed(store, 'shop');
    store.deletions.addRange({ through: shop, mailbox }, 10);
    expect([listed(store), listed(store, '', mailbox)]).toEqual([[shopAgain, inbox], [shopAgain]]);
  });

  test('and stays as it was, whoever marks it', () => {
    const store = openStore();
    const [a, b] = putSome(store, 2) as [number, number];
    const tag = store.tags.create('x', 'red');
    const deletion = hide(store, [a]);
    store.setUnread([a, b], false);
    store.setStarred([a, b], true);
    store.tags.set([a, b], tag, true);
    expect([store.counts().unread, store.tags.list()[0]?.total]).toEqual([0, 1]);
    store.deletions.restore(deletion, 0);
    expect(store.summaries([a])).toMatchObject([{ unread: true, starred: false, tags: [] }]);
    expect(store.counts().unread).toBe(1);
  });

  test('but its bytes are read on: who is at it would take the message for broken', () => {
    const store = openStore();
    const id = put(store);
    hide(store, [id]);
    expect(store.source(id, 0, 4)?.size).toBe(4);
  });
});

describe('a deletion is undone', () => {
  test('with what was counted', () => {
    const store = openStore();
    const ids = putSome(store, 4);
    const tag = store.tags.create('x', 'red');
    store.tags.set(ids, tag, true);
    store.setUnread(ids.slice(0, 1), false);
    const before = store.counts();
    const deletion = hide(store, ids.slice(0, 3));
    expect(store.deletions.restore(deletion, 0)).toBe(true);
    expect([store.counts(), listed(store).length]).toEqual([before, 4]);
    const range = store.deletions.addRange({ through: 3, mailbox: null }, 10);
    put(store);
    expect(store.deletions.restore(range, 0)).toBe(true);
    expect([store.counts().total, store.counts().tags[0]?.total]).toEqual([5, 4]);
  });

  test('without what was counted of a tag that is gone, whatever tag is new', () => {
    const store = openStore();
    const ids = putSome(store, 2);
    const gone = store.tags.create('x', 'red');
    store.tags.set(ids, gone, true);
    const deletion = hide(store, ids);
    store.tags.delete(gone);
    store.tags.create('y', 'red');
    store.deletions.restore(deletion, 0);
    expect(store.counts()).toMatchObject({ total: 2, tags: [{ name: 'y', total: 0 }] });
  });

  test('not twice, and not when it was too long ago', () => {
    const store = openStore();
    const [a, b] = putSome(store, 2) as [number, number];
    const [first, second] = [hide(store, [a], 10), hide(store, [b], 20)];
    expect(store.deletions.restore(first, 10)).toBe(false);
    expect([store.deletions.restore(second, 10), store.deletions.restore(second, 10)]).toEqual([true, false]);
    expect(listed(store)).toEqual([b]);
  });

  test('not when all was deleted after it', () => {
    const store = openStore();
    const ids = putSome(store, 2);
    const first = hide(store, ids.slice(0, 1));
    const second = store.deletions.addRange({ through: 2, mailbox: null }, 20);
    expect([store.deletions.restore(first, 0), store.deletions.restore(second, 0)]).toEqual([false, true]);
    expect(listed(store)).toEqual(ids.slice(1));
  });

  test('not when its messages have begun to go', () => {
    const store = openStore();
    const deletion = hide(store, putSome(store, 3));
    store.deletions.remove(10, { messages: 1, octets: Infinity });
    expect(store.deletions.restore(deletion, 0)).toBe(false);
    while (store.deletions.remove(0, all) !== null);
    expect(store.matching({ mailbox: null, search: '' }, 0, 100, 10)).toEqual([]);
  });
});

describe('what was deleted goes', () => {
  test('as soon as it cannot be undone any more', () => {
    const store = openStore();
    const [a, b] = putSome(store, 2) as [number, number];
    hide(store, [a], 10);
    hide(store, [b], 20);
    const steps = [store.deletions.remove(9, all), store.deletions.remove(10, all)];
    expect([steps, store.source(a, 0, 1), store.source(b, 0, 1)?.size]).toEqual([[null, 1], null, 4]);
    expect(store.deletions.oldest()).toBe(0);
  });

  test('also what is added when the first of it is gone already', () => {
    const store = openStore();
    const [a, b, c] = putSome(store, 3) as [number, number, number];
    const deletion = hide(store, [a]);
    while (store.deletions.remove(10, all) !== null);
    expect(store.deletions.add(deletion, [b])).toBe(1);
    expect([listed(store), store.counts().total, store.deletions.restore(deletion, 0)]).toEqual([[c], 1, false]);
    while (store.deletions.remove(10, all) !== null);
    expect([store.source(b, 0, 1), store.deletions.oldest()]).toEqual([null, null]);
  });

  test('in steps of so many messages, or octets', () => {
    const store = openStore();
    hide(store, putSome(store, 5, { bytes: Buffer.alloc(10) }));
    const steps: (number | null)[] = [];
    for (const some of [
      { messages: 2, octets: 1000 },
      { messages: 9, octets: 20 },
      { messages: 9, octets: 1 },
    ]) {
      steps.push(store.deletions.remove(10, some));
    }
    while (steps.at(-1) !== null) steps.push(store.deletions.remove(10, all));
    expect(steps).toEqual([2, 2, 1, 0, null]);
    expect(store.counts()).toMatchObject({ total: 0, mailboxes: [{ size: 0 }] });
  });
});
