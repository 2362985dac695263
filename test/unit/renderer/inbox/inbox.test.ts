import { describe, expect, test } from 'vitest';
import { Inbox } from '../../../../renderer/inbox/inbox.svelte.ts';
import { pageLength } from '../../../../renderer/list/paged-list.svelte.ts';
import { Reader } from '../../../../renderer/message/reader.svelte.ts';
import { TestMailbox, idsBetween, summaryOf } from '../support/messages.ts';
import { TestBridge } from '../support/test-bridge.ts';

/** An inbox whose first page is not asked for yet. */
function open(
  ids: number[],
  { sideBySide = true } = {},
): { bridge: TestBridge; mailbox: TestMailbox; reader: Reader; inbox: Inbox } {
  const bridge = new TestBridge();
  const mailbox = new TestMailbox(bridge, ids);
  const reader = new Reader(bridge);
  return { bridge, mailbox, reader, inbox: new Inbox(bridge, reader, { current: sideBySide }) };
}

async function load(...parameters: Parameters<typeof open>): Promise<ReturnType<typeof open>> {
  const opened = open(...parameters);
  await opened.inbox.load();
  return opened;
}

const idsOf = (inbox: Inbox): number[] => inbox.rows.map(({ id }) => id);

describe('the list', () => {
  test('starts with the first page and the counts of all', async () => {
    const { inbox } = await load(idsBetween(1000, 1));
    expect(idsOf(inbox)).toEqual(idsBetween(1000, 1001 - pageLength));
    expect(inbox.counts).toMatchObject({ total: 1000, unread: 1000 });
  });

  test('shows new mail on top by itself, and the selection stays', async () => {
    const { inbox, mailbox } = await load([3, 2, 1]);
    await inbox.open(2);
    mailbox.arrive(5, 4);
    expect(idsOf(inbox)).toEqual([5, 4, 3, 2, 1]);
    expect(inbox.counts).toMatchObject({ total: 5, unread: 4 });
    expect(inbox.selected).toBe(2);
  });

  test('grows page by page, down to the oldest', async () => {
    const { inbox, bridge } = await load(idsBetween(2 * pageLength + 10, 1));
    await inbox.more();
    await inbox.more();
    expect(idsOf(inbox)).toEqual(idsBetween(2 * pageLength + 10, 1));
    const asked = bridge.asked('messages.list').length;
    await inbox.more();
    expect(bridge.asked('messages.list')).toHaveLength(asked);
  });

  test('asks for one page at a time', async () => {
    const { inbox, bridge } = await load(idsBetween(3 * pageLength, 1));
    await Promise.all([inbox.more(), inbox.more()]);
    expect(bridge.asked('messages.list').map(({ before }) => before)).toEqual([undefined, 2 * pageLength + 1]);
  });

  test('asks again for a page that did not come', async () => {
    const { inbox, bridge } = await load(idsBetween(pageLength + 1, 1));
    bridge.fail('messages.list', 'The disk is gone.');
    await expect(inbox.more()).rejects.toThrow('The disk is gone.');
    await inbox.more();
    expect(idsOf(inbox)).toEqual(idsBetween(pageLength + 1, 1));
  });
});

describe('what happens while a page is on its way', () => {
  test('mail that arrives before the first page is there once', async () => {
    const { inbox, mailbox, bridge } = open([3, 2, 1]);
    const release = bridge.hold('messages.list');
    const loading = inbox.load();
    mailbox.arrive(4);
    release();
    await loading;
    expect(idsOf(inbox)).toEqual([4, 3, 2, 1]);
    expect(inbox.counts?.total).toBe(4);
  });

  test('mail that is in the page and in an event is there once', async () => {
    const { inbox, mailbox } = open([3, 2, 1]);
    const loading = inbox.load();
    mailbox.tell({ changed: [summaryOf(3)] });
    await loading;
    expect(idsOf(inbox)).toEqual([3, 2, 1]);
  });

  test('mail that arrives in a list whose rows all went is there once', async () => {
    const { inbox, mailbox, bridge } = await load(idsBetween(pageLength + 3, 1));
    mailbox.remove(idsBetween(pageLength + 3, 4));
    const release = bridge.hold('messages.list');
    const loading = inbox.more();
    mailbox.tell({ changed: [summaryOf(3)] });
    release();
    await loading;
    expect(idsOf(inbox)).toEqual([3, 2, 1]);
  });

  test('a message that goes does not come back with the page', async () => {
    const { inbox, mailbox, bridge } = await load(idsBetween(pageLength + 3, 1));
    const release = bridge.hold('messages.list');
    const loading = inbox.more();
    mailbox.remove([2]);
    release();
    await loading;
    expect(idsOf(inbox)).toEqual(idsBetween(pageLength + 3, 1).filter((id) => id !== 2));
    expect(inbox.counts?.total).toBe(pageLength + 2);
  });

  test('a row that changes is not set back by the page', async () => {
    const { inbox, mailbox, bridge } = await load(idsBetween(pageLength + 3, 1));
    const release = bridge.hold('messages.list');
    const loading = inbox.more();
    mailbox.change([summaryOf(2, { unread: false })]);
    release();
    await loading;
    expect(inbox.rows.at(-2)).toMatchObject({ id: 2, unread: false });
  });

  test('a list that went stale is read again', async () => {
    const { inbox, mailbox, bridge } = await load(idsBetween(pageLength + 3, 1));
    const release = bridge.hold('messages.list');
    const loading = inbox.more();
    mailbox.messages = mailbox.messages.filter(({ id }) => id % 2 === 0);
    mailbox.tell({ reload: true });
    release();
    await loading;
    expect(idsOf(inbox)).toEqual(mailbox.messages.map(({ id }) => id));
  });
});

describe('a list that is to be read again', () => {
  test('is read down to where it was, so that nobody loses their place', async () => {
    const { inbox, mailbox } = await load(idsBetween(3 * pageLength, 1));
    await inbox.more();
    const last = idsOf(inbox).at(-1) ?? 0;
    mailbox.messages = idsBetween(3 * pageLength + 50, 1).map((id) => summaryOf(id));
    mailbox.tell({ reload: true });
    await expect.poll(() => idsOf(inbox).at(0)).toBe(3 * pageLength + 50);
    expect(idsOf(inbox).at(-1)).toBeLessThanOrEqual(last);
    expect(idsOf(inbox)).toEqual(idsBetween(3 * pageLength + 50, idsOf(inbox).at(-1) ?? 0));
  });

  test('is read at the next chance when it could not be read', async () => {
    const { inbox, mailbox, bridge } = await load([3, 2, 1]);
    mailbox.messages = [summaryOf(4)];
    bridge.fail('messages.list', 'The disk is gone.');
    await expect(inbox.load()).rejects.toThrow('The disk is gone.');
    expect(idsOf(inbox)).toEqual([3, 2, 1]);
    await inbox.more();
    expect(idsOf(inbox)).toEqual([4]);
  });

  test('closes the message that is no longer there', async () => {
    const { inbox, reader } = await load([3, 2, 1]);
    await inbox.open(2);
    await inbox.deleteAll(3);
    await expect.poll(() => idsOf(inbox)).toEqual([]);
    expect(inbox.selected).toBeNull();
    expect(reader.message).toBeNull();
  });
});

describe('the selection', () => {
  test.each([
    { from: null, to: 1, selected: 5 },
    { from: null, to: -1, selected: 5 },
    { from: null, to: 'last', selected: 1 },
    { from: 3, to: 1, selected: 2 },
    { from: 3, to: -1, selected: 4 },
    { from: 3, to: 10, selected: 1 },
    { from: 3, to: -10, selected: 5 },
    { from: 3, to: 'first', selected: 5 },
    { from: 3, to: 'last', selected: 1 },
  ] as const)('moves from $from by $to to $selected', async ({ from, to, selected }) => {
    const { inbox, reader } = await load([5, 4, 3, 2, 1]);
    inbox.selected = from;
    await inbox.move(to);
    expect(inbox.selected).toBe(selected);
    expect(reader.message?.summary.id).toBe(selected);
  });

  test('stays nowhere in an empty list', async () => {
    const { inbox } = await load([]);
    await inbox.move('last');
    expect(inbox.selected).toBeNull();
  });

  test('opens nothing where the message would hide the list', async () => {
    const { inbox, bridge } = await load([2, 1], { sideBySide: false });
    await inbox.move('first');
    expect(inbox.selected).toBe(2);
    expect(bridge.asked('messages.open')).toEqual([]);
  });

  test('is given up with a message that somebody else deletes', async () => {
    const { inbox, mailbox, reader } = await load([2, 1]);
    await inbox.open(2);
    mailbox.remove([2]);
    expect(inbox.selected).toBeNull();
    expect(reader.message).toBeNull();
  });
});

describe('to delete', () => {
  test.each([
    { what: 'goes on to the next older message', deleted: 2, selected: 1 },
    { what: 'goes back from the oldest', deleted: 1, selected: 2 },
  ])('$what and opens it', async ({ deleted, selected }) => {
    const { inbox, reader, bridge } = await load([3, 2, 1]);
    await inbox.open(deleted);
    await inbox.delete(deleted);
    expect(bridge.asked('messages.delete')).toEqual([{ ids: [deleted] }]);
    expect(inbox.selected).toBe(selected);
    expect(reader.message?.summary.id).toBe(selected);
  });

  test('moves the selection before the answer is there, so that the key can be held', async () => {
    const { inbox, bridge } = await load([3, 2, 1]);
    await inbox.open(3);
    const release = bridge.hold('messages.delete');
    const deleting = inbox.delete(3);
    expect(inbox.selected).toBe(2);
    release();
    await deleting;
  });

  test('the last message closes it', async () => {
    const { inbox, reader } = await load([1]);
    await inbox.open(1);
    await inbox.delete(1);
    expect(inbox.selected).toBeNull();
    expect(reader.id).toBeNull();
  });

  test('a message that had taken the list’s place leads back to the list', async () => {
    const { inbox, reader } = await load([3, 2, 1], { sideBySide: false });
    await inbox.open(3);
    await inbox.delete(3);
    expect(inbox.selected).toBe(2);
    expect(reader.id).toBeNull();
  });

  test('another message leaves the selection alone', async () => {
    const { inbox, reader } = await load([3, 2, 1]);
    await inbox.open(3);
    await inbox.delete(1);
    expect(inbox.selected).toBe(3);
    expect(reader.message?.summary.id).toBe(3);
  });

  test('all keeps what arrived after the user was asked', async () => {
    const { inbox, mailbox, bridge } = await load([3, 2, 1]);
    mailbox.arrive(5, 4);
    await inbox.deleteAll(3);
    expect(bridge.asked('messages.deleteAll')).toEqual([{ through: 3 }]);
    await expect.poll(() => idsOf(inbox)).toEqual([5, 4]);
    expect(inbox.counts?.total).toBe(2);
  });
});

test('what is marked read or unread shows in the list and in the open message', async () => {
  const { inbox, reader } = await load([2, 1]);
  await inbox.open(2);
  expect(inbox.rows[0]?.unread).toBe(false);
  await inbox.markRead(2, false);
  expect(inbox.rows[0]?.unread).toBe(true);
  expect(reader.message?.summary.unread).toBe(true);
  expect(inbox.counts?.unread).toBe(2);
});
