import { describe, expect, test } from 'vitest';
import type { Retention } from '../../../main/mailbox/message.ts';
import type { MailStore } from '../../../main/mailbox/store.ts';
import { listed, mailboxNamed, openStore, put, putSome } from './stores.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = 100 * DAY;
const everything: Retention = { messages: null, days: null, octets: null };
const all = { messages: 100, octets: Infinity };

/** @returns what went, in the order in which it did */
function trim(store: MailStore, retention: Partial<Retention>, some = all): number[] {
  const gone: number[] = [];
  for (let ids: number[]; ; gone.push(...ids)) {
    ids = store.retention.trim({ ...everything, ...retention }, NOW, some);
    if (ids.length === 0) return gone;
  }
}

describe('of all mailboxes together', () => {
  test.each<[string, Partial<Retention>, number[]]>([
    ['no limit', {}, []],
    ['as many as there are', { messages: 6 }, []],
    ['some', { messages: 4 }, [1, 2]],
    ['some octets', { octets: 35 }, [1, 2, 3]],
    ['some days', { days: 2 }, [1, 2, 3, 4]],
    ['the narrowest of all', { messages: 5, octets: 60, days: 4 }, [1, 2]],
    ['nothing but the newest', { messages: 1 }, [1, 2, 3, 4, 5]],
  ])('%s are kept', (_title, retention, gone) => {
    const store = openStore();
    for (let days = 6; days > 0; days--) {
      const receivedAt = NOW - days * DAY + 1000;
      put(store, { receivedAt, bytes: Buffer.alloc(10), ...(days % 2 === 0 && { user: 'shop' }) });
    }
    expect(trim(store, retention)).toEqual(gone);
    expect(listed(store)).toEqual([6, 5, 4, 3, 2, 1].filter((id) => !gone.includes(id)));
    expect(store.counts().total).toBe(6 - gone.length);
  });
});

test('what has a star stays, and counts', () => {
  const store = openStore();
  putSome(store, 5);
  store.setStarred([1, 3], true);
  expect(trim(store, { messages: 3 })).toEqual([2, 4]);
  expect(trim(store, { messages: 1 })).toEqual([5]);
  expect(listed(store)).toEqual([3, 1]);
});

test('what was deleted does not count, and is left to whoever deletes', () => {
  const store = openStore();
  putSome(store, 4);
  store.deletions.add(store.deletions.begin(), [1, 2]);
  expect(trim(store, { messages: 2 })).toEqual([]);
  expect(trim(store, { messages: 1 })).toEqual([3]);
});

test('a mailbox has limits of its own', () => {
  const store = openStore();
  const [shop] = [putSome(store, 3, { user: 'shop' }), putSome(store, 3)];
  store.setRetention(mailboxNamed(store, 'shop'), { ...everything, messages: 1 });
  expect(trim(store, { messages: 10 })).toEqual(shop.slice(0, 2));
  store.setRetention(mailboxNamed(store, 'shop'), null);
  expect(trim(store, { messages: 10 })).toEqual([]);
  expect(store.counts().mailboxes.map(({ retention }) => retention)).toEqual([null, null]);
});

test('so much goes in one go', () => {
  const store = openStore();
  putSome(store, 10, { bytes: Buffer.alloc(10) });
  const limits = { ...everything, messages: 2 };
  expect(store.retention.trim(limits, NOW, { messages: 3, octets: 1000 })).toEqual([1, 2, 3]);
  expect(store.retention.trim(limits, NOW, { messages: 100, octets: 20 })).toEqual([4, 5]);
});
