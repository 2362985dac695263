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
    ...{ contentId: store.content.newId(), rest: Buffer.from('text'), receivedAt: 1000, size: 4, record },
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
  store.deleteThrough({ through: second, mailbox: mailboxOf(store, 'shop').id });
  expect([mailboxOf(store, 'shop').total, mailboxOf(store, 'Inbox').total]).toEqual([1, 1]);
});

describe('counts that are kept are those that would be counted', () => {
  const ids = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 4 });
  const user = fc.constantFrom(null, 'a', 'b');
  const number = fc.integer({ min: 1, max: 4 });
  /** What happens to a store. Times are small numbers: later deletions than 5 can be undone. */
  const change = fc.oneof(
    { weight: 3, arbitrary: user.map((name) => (store: MailStore) => void put(store, name)) },
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
    fc.tuple(ids, number, fc.boolean()).map(
      ([of, tag, isOn]) =>
        (store: MailStore) =>
          store.tags.list().some(({ id }) => id === tag) && store.tags.set(of, tag, isOn),
    ),
    fc.constantFrom('x', 'y').map((name) => (store: MailStore) => store.tags.create(name, 'red')),
    number.map((tag) => (store: MailStore) => store.tags.delete(tag)),
    fc.tuple(ids, ids).map(([some, more]) => (store: MailStore) => {
      const deletion = store.deletions.begin(10);
      store.deletions.add(deletion, some, 10);
      store.deletions.add(deletion, more, 10);
    }),
    fc.tuple(fc.nat(12), fc.constantFrom(null, 1, 2), fc.constantFrom(0, 10)).map(
      ([through, mailbox, at]) =>
        (store: MailStore) =>
          store.deletions.addRange({ through, mailbox }, at),
    ),
    { weight: 3, arbitrary: number.map((deletion) => (store: MailStore) => store.deletions.restore(deletion, 5)) },
    fc.tuple(fc.constantFrom(0, 10), number).map(
      ([until, limit]) =>
        (store: MailStore) =>
          store.deletions.remove(until, { messages: limit, octets: 6 }),
    ),
    number.map(
      (limit) => (store: MailStore) =>
        store.retention.trim({ messages: limit, days: null, octets: null }, 0, { messages: limit, octets: 6 }),
    ),
    number.map((mailbox) => (store: MailStore) => store.deleteMailbox(mailbox)),
  );

  test('whatever happens, and in whatever order', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const store = new MailStore(':memory:');
        try {
          for (const make of changes) make(store);
          const { mailboxes, tags, total, unread } = store.counts();
          const all = store.list(everything, undefined, 100).messages;
          expect([total, unread]).toEqual([all.length, all.filter((message) => message.unread).length]);
          for (const mailbox of mailboxes) {
            const { messages } = store.list({ mailbox: mailbox.id, search: '' }, undefined, 100);
            expect(messages).toEqual(all.filter((message) => message.mailbox === mailbox.id));
            const unreadOnes = messages.filter((message) => message.unread);
            const size = messages.reduce((sum, message) => sum + message.size, 0);
            expect(mailbox).toMatchObject({ total: messages.length, unread: unreadOnes.length, size });
          }
          for (const tag of tags) {
            const tagged = all.filter((message) => message.tags.includes(tag.id));
            expect(store.list({ mailbox: null, search: `tag:${tag.name}` }, undefined, 100).messages).toEqual(tagged);
            expect(tag.total).toBe(tagged.length);
          }
          expect(store.countMatching(everything, 1, 1000)).toBe(total);
        } finally {
          store.close();
        }
      }),
      { numRuns: 1000 },
    );
  });
});
