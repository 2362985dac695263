import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { MailboxSummary } from '../../../main/mailbox/message.ts';
import { MailStore } from '../../../main/mailbox/store.ts';
import { envelope, everything, record } from './envelope.ts';

function open(): MailStore {
  const store = new MailStore(':memory:');
  onTestFinished(() => store.close());
  return store;
}

const put = (store: MailStore, user: string | null = null): number =>
  store.insert({
    ...{ contentId: store.newContentId(), receivedAt: 1000, size: 4, record },
    envelope: { ...envelope, user },
  });

const names = (store: MailStore): string[] => store.counts().mailboxes.map(({ name }) => name);
const mailboxOf = (store: MailStore, name: string): MailboxSummary =>
  store.counts().mailboxes.find((mailbox) => mailbox.name === name) as MailboxSummary;

describe('mail lies in a mailbox', () => {
  test('of the user who sent it, which is made on first mail', () => {
    const store = open();
    expect(names(store)).toEqual(['Inbox']);
    const [a, b, c] = [put(store, 'shop-api'), put(store), put(store, 'shop-api')];
    expect(names(store)).toEqual(['Inbox', 'shop-api']);
    const list = (name: string): number[] =>
      store.list({ mailbox: mailboxOf(store, name).id, search: '' }, undefined, 10).messages.map(({ id }) => id);
    expect([list('shop-api'), list('Inbox')]).toEqual([[c, a], [b]]);
    expect(store.list(everything, undefined, 10).messages.map(({ id }) => id)).toEqual([c, b, a]);
  });

  test('and goes on to do so when that has another name', () => {
    const store = open();
    put(store, 'shop');
    store.renameMailbox(mailboxOf(store, 'shop').id, 'The shop');
    put(store, 'shop');
    expect(mailboxOf(store, 'The shop').total).toBe(2);
  });

  test('a user named like the first one has one of its own, and no user is no name', () => {
    const store = open();
    put(store, 'Inbox');
    put(store, '');
    expect(store.counts().mailboxes.map(({ name, total }) => [name, total])).toEqual([
      ['Inbox', 1],
      ['Inbox', 1],
    ]);
  });

  test('by name, after the first', () => {
    const store = open();
    for (const user of ['zoo', 'Alpha', 'beta']) put(store, user);
    expect(names(store)).toEqual(['Inbox', 'Alpha', 'beta', 'zoo']);
  });
});

test('a mailbox is deleted with its mail and no other’s; the first is only emptied', () => {
  const store = open();
  for (const user of ['shop', null, 'shop', 'other']) put(store, user);
  store.deleteMailbox(mailboxOf(store, 'shop').id);
  store.deleteMailbox(mailboxOf(store, 'Inbox').id);
  expect(store.counts().mailboxes.map(({ name, total }) => [name, total])).toEqual([
    ['Inbox', 0],
    ['other', 1],
  ]);
  put(store, 'shop');
  expect(mailboxOf(store, 'shop').total).toBe(1);
});

test('a mailbox is emptied up to a message', () => {
  const store = open();
  const [, second] = [put(store, 'shop'), put(store, 'shop'), put(store, 'shop'), put(store)];
  store.deleteThrough(second, mailboxOf(store, 'shop').id);
  expect([mailboxOf(store, 'shop').total, mailboxOf(store, 'Inbox').total]).toEqual([1, 1]);
});

test('counts that are kept are those that would be counted, whatever happens', () => {
  const ids = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 });
  const user = fc.constantFrom(null, 'a', 'b');
  const change = fc.oneof(
    user.map((name) => (store: MailStore) => void put(store, name)),
    fc.tuple(ids, fc.boolean()).map(
      ([of, unread]) =>
        (store: MailStore) =>
          store.setUnread(of, unread),
    ),
    fc.tuple(ids, fc.boolean()).map(
      ([of, starred]) =>
        (store: MailStore) =>
          store.setStarred(of, starred),
    ),
    ids.map((of) => (store: MailStore) => store.delete(of)),
    fc.nat(12).map((through) => (store: MailStore) => store.deleteThrough(through)),
    fc.integer({ min: 1, max: 3 }).map((mailbox) => (store: MailStore) => store.deleteMailbox(mailbox)),
  );
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const store = new MailStore(':memory:');
      try {
        for (const make of changes) make(store);
        const { mailboxes, total, unread } = store.counts();
        for (const mailbox of mailboxes) {
          const { messages } = store.list({ mailbox: mailbox.id, search: '' }, undefined, 100);
          const counted = { total: messages.length, unread: messages.filter((message) => message.unread).length };
          expect(mailbox).toMatchObject(counted);
        }
        const all = store.list(everything, undefined, 100).messages;
        expect([total, unread]).toEqual([all.length, all.filter((message) => message.unread).length]);
      } finally {
        store.close();
      }
    }),
    { numRuns: 200 },
  );
});
