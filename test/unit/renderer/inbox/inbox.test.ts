import { describe, expect, test } from 'vitest';
import type { MailboxSummary } from '../../../../preload/contract.ts';
import { Inbox } from '../../../../renderer/inbox/inbox.svelte.ts';
import { pageLength } from '../../../../renderer/list/paged-list.svelte.ts';
import { Mailboxes } from '../../../../renderer/mailboxes/mailboxes.svelte.ts';
import { Reader } from '../../../../renderer/message/reader.svelte.ts';
import { Undo } from '../../../../renderer/undo/undo.svelte.ts';
import { TestMailbox, idsBetween, searchError, summaryOf } from '../support/messages.ts';
import { TestBridge } from '../support/test-bridge.ts';

/** An inbox whose first page is not asked for yet. */
function open(
  ids: number[],
  { sideBySide = true } = {},
): { bridge: TestBridge; mailbox: TestMailbox; reader: Reader; inbox: Inbox } {
  const bridge = new TestBridge();
  const mailbox = new TestMailbox(bridge, ids);
  const reader = new Reader(bridge);
  return { bridge, mailbox, reader, inbox: new Inbox(bridge, reader, { current: sideBySide }, new Undo()) };
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
    await inbox.selection.open(2);
    mailbox.arrive(5, 4);
    expect(idsOf(inbox)).toEqual([5, 4, 3, 2, 1]);
    expect(inbox.counts).toMatchObject({ total: 5, unread: 4 });
    expect(inbox.selection.active).toBe(2);
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
    await inbox.selection.open(2);
    await inbox.delete({ mailbox: null, search: '', through: 3 });
    await expect.poll(() => idsOf(inbox)).toEqual([]);
    expect(inbox.selection.active).toBeNull();
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
    inbox.selection.active = from;
    await inbox.selection.move(to);
    expect(inbox.selection.active).toBe(selected);
    expect(reader.message?.summary.id).toBe(selected);
  });

  test('stays nowhere in an empty list', async () => {
    const { inbox } = await load([]);
    await inbox.selection.move('last');
    expect(inbox.selection.active).toBeNull();
  });

  test('opens nothing where the message would hide the list', async () => {
    const { inbox, bridge } = await load([2, 1], { sideBySide: false });
    await inbox.selection.move('first');
    expect(inbox.selection.active).toBe(2);
    expect(bridge.asked('messages.open')).toEqual([]);
  });

  test('is given up with a message that somebody else deletes', async () => {
    const { inbox, mailbox, reader } = await load([2, 1]);
    await inbox.selection.open(2);
    mailbox.remove([2]);
    expect(inbox.selection.active).toBeNull();
    expect(reader.message).toBeNull();
  });
});

describe('to delete', () => {
  test.each([
    { what: 'goes on to the next older message', deleted: 2, selected: 1 },
    { what: 'goes back from the oldest', deleted: 1, selected: 2 },
  ])('$what and opens it', async ({ deleted, selected }) => {
    const { inbox, reader, bridge } = await load([3, 2, 1]);
    await inbox.selection.open(deleted);
    await inbox.delete({ ids: [deleted] });
    expect(bridge.asked('messages.delete')).toEqual([{ messages: { ids: [deleted] } }]);
    expect(inbox.selection.active).toBe(selected);
    await expect.poll(() => reader.message?.summary.id).toBe(selected);
  });

  test('moves the selection before the answer is there, so that the key can be held', async () => {
    const { inbox, bridge } = await load([3, 2, 1]);
    await inbox.selection.open(3);
    const release = bridge.hold('messages.delete');
    const deleting = inbox.delete({ ids: [3] });
    expect(inbox.selection.active).toBe(2);
    release();
    await deleting;
  });

  test('the last message closes it', async () => {
    const { inbox, reader } = await load([1]);
    await inbox.selection.open(1);
    await inbox.delete({ ids: [1] });
    expect(inbox.selection.active).toBeNull();
    expect(reader.id).toBeNull();
  });

  test('a message that had taken the list’s place leads back to the list', async () => {
    const { inbox, reader } = await load([3, 2, 1], { sideBySide: false });
    await inbox.selection.open(3);
    await inbox.delete({ ids: [3] });
    expect(inbox.selection.active).toBe(2);
    expect(reader.id).toBeNull();
  });

  test('another message leaves the selection alone', async () => {
    const { inbox, reader } = await load([3, 2, 1]);
    await inbox.selection.open(3);
    await inbox.delete({ ids: [1] });
    expect(inbox.selection.active).toBe(3);
    expect(reader.message?.summary.id).toBe(3);
  });

  test('all keeps what arrived after the user was asked', async () => {
    const { inbox, mailbox, bridge } = await load([3, 2, 1]);
    mailbox.arrive(5, 4);
    await inbox.delete({ mailbox: null, search: '', through: 3 });
    expect(bridge.asked('messages.delete')).toEqual([{ messages: { mailbox: null, search: '', through: 3 } }]);
    await expect.poll(() => idsOf(inbox)).toEqual([5, 4]);
    expect(inbox.counts?.total).toBe(2);
  });
});

test('what is marked read or unread shows in the list and in the open message', async () => {
  const { inbox, reader } = await load([2, 1]);
  await inbox.selection.open(2);
  expect(inbox.rows[0]?.unread).toBe(false);
  await inbox.markRead({ ids: [2] }, false);
  expect(inbox.rows[0]?.unread).toBe(true);
  expect(reader.message?.summary.unread).toBe(true);
  expect(inbox.counts?.unread).toBe(2);
});

describe('a search', () => {
  const loadTen = (): ReturnType<typeof load> => load(idsBetween(10, 1));

  test('shows what it finds, and everything when it is cleared', async () => {
    const { inbox } = await loadTen();
    await inbox.choose({ search: 'Message 1' });
    expect(idsOf(inbox)).toEqual([10, 1]);
    expect(inbox.isSearch).toBe(true);
    await inbox.choose({ search: '' });
    expect(idsOf(inbox)).toEqual(idsBetween(10, 1));
    expect(inbox.isSearch).toBe(false);
  });

  test('that is overtaken never shows; of many only the last is asked', async () => {
    const { inbox, bridge } = await loadTen();
    const release = bridge.hold('messages.list');
    const first = inbox.choose({ search: 'Message 1' });
    for (const search of ['Message 2', 'Message 3', 'Message 4']) void inbox.choose({ search });
    expect(idsOf(inbox)).toEqual(idsBetween(10, 1));
    release();
    await first;
    expect(idsOf(inbox)).toEqual([4]);
    expect(bridge.asked('messages.list').map(({ search }) => search)).toEqual(['', 'Message 1', 'Message 4']);
  });

  test('that overtakes one that fails is answered all the same', async () => {
    const { inbox, bridge } = await loadTen();
    bridge.fail('messages.list', 'The disk is gone.');
    await Promise.all([inbox.choose({ search: 'Message 1' }), inbox.choose({ search: 'Message 4' })]);
    expect(idsOf(inbox)).toEqual([4]);
  });

  test('that is wrong keeps the rows, and says what is', async () => {
    const { inbox, mailbox } = await loadTen();
    await inbox.choose({ search: 'Message 1' });
    await inbox.choose({ search: 'larger:huge' });
    expect(inbox.error).toEqual(searchError);
    expect(idsOf(inbox)).toEqual([10, 1]);
    expect(inbox.shown.search).toBe('Message 1');

    mailbox.arrive(11);
    await expect.poll(() => idsOf(inbox)).toEqual([11, 10, 1]);
    expect(inbox.error).toEqual(searchError);
    await inbox.choose({ search: '' });
    expect(inbox.error).toBeNull();
    expect(idsOf(inbox)).toEqual(idsBetween(11, 1));
  });

  test('finds what arrives, and nothing that it does not look for', async () => {
    const { inbox, mailbox } = await loadTen();
    await inbox.choose({ search: 'Message 1' });
    mailbox.arrive(20, 19, 12);
    await expect.poll(() => idsOf(inbox)).toEqual([19, 12, 10, 1]);
    mailbox.remove([12, 1]);
    await expect.poll(() => idsOf(inbox)).toEqual([19, 10]);
  });

  test('keeps what is being read, also when it would not be found again', async () => {
    const { inbox, reader, mailbox } = await loadTen();
    await inbox.choose({ search: 'is:unread' });
    await inbox.selection.open(5);
    mailbox.arrive(11);
    await expect.poll(() => idsOf(inbox)).toEqual(idsBetween(11, 1));
    expect(reader.message?.summary).toMatchObject({ id: 5, unread: false });
    await inbox.selection.open(4);
    await expect.poll(() => idsOf(inbox)).toEqual(idsBetween(11, 1).filter((id) => id !== 5));
  });

  test('says how much it finds in all, also of what is not loaded', async () => {
    const { inbox } = await load(idsBetween(2 * pageLength + 50, 1));
    await inbox.choose({ search: 'Message' });
    await expect.poll(() => [inbox.rows.length, inbox.found.value]).toEqual([pageLength, 2 * pageLength + 50]);
    await inbox.choose({ search: 'Message 45' });
    expect(inbox.found.value).toBe(2);
    await inbox.choose({ search: '' });
    expect(inbox.found.value).toBeNull();
  });

  test('keeps what was read of it below its first page', async () => {
    const { inbox, mailbox } = await load(idsBetween(2 * pageLength, 1));
    await inbox.choose({ search: 'Message' });
    await inbox.more();
    expect(idsOf(inbox)).toEqual(idsBetween(2 * pageLength, 1));
    mailbox.arrive(2 * pageLength + 1);
    await expect.poll(() => idsOf(inbox)).toEqual(idsBetween(2 * pageLength + 1, 1));
  });

  test('gives the list its place back where a message had taken it', async () => {
    const { inbox, reader } = await load([3, 2, 1], { sideBySide: false });
    await inbox.selection.open(3);
    await inbox.choose({ search: 'Message' });
    expect(reader.message).toBeNull();
  });
});

describe('mailboxes', () => {
  /** Two: the Inbox with 1 and 3, the shop's with 2 and 4. */
  async function loadTwo(): Promise<ReturnType<typeof open> & { mailboxes: Mailboxes; shop: MailboxSummary }> {
    const opened = open([4, 3, 2, 1]);
    const { mailbox, inbox, bridge } = opened;
    mailbox.names.set(2, 'shop-api');
    mailbox.messages = mailbox.messages.map((row) => ({ ...row, mailbox: row.id % 2 === 0 ? 2 : 1 }));
    await inbox.load();
    const [, shop] = inbox.mailboxes;
    if (shop === undefined) throw new Error('The second mailbox is not there.');
    return { ...opened, mailboxes: new Mailboxes(bridge, inbox), shop };
  }

  test('are shown together until one is chosen', async () => {
    const { inbox } = await loadTwo();
    expect(idsOf(inbox)).toEqual([4, 3, 2, 1]);
    expect(inbox.placeOf(inbox.shown)).toEqual({ name: 'All mail', total: 4, unread: 4 });
    await inbox.chooseMailbox(2);
    expect(idsOf(inbox)).toEqual([4, 2]);
    expect(inbox.placeOf(inbox.shown)).toMatchObject({ name: 'shop-api', total: 2 });
  });

  test('show what arrives in them, and nothing else', async () => {
    const { inbox, mailbox } = await loadTwo();
    await inbox.chooseMailbox(2);
    mailbox.change([summaryOf(6, { mailbox: 2 }), summaryOf(5)]);
    expect(idsOf(inbox)).toEqual([6, 4, 2]);
  });

  test('show nothing of one that was left while its mail was on its way', async () => {
    const { inbox, mailbox, bridge } = await loadTwo();
    const release = bridge.hold('messages.list');
    const choosing = inbox.chooseMailbox(2);
    mailbox.change([summaryOf(6, { mailbox: 2 }), summaryOf(5)]);
    release();
    await choosing;
    expect(idsOf(inbox)).toEqual([6, 4, 2]);
  });

  test('the only one shows also what arrives in others later', async () => {
    const { inbox, mailbox } = await load([1]);
    await inbox.chooseMailbox(1);
    expect(inbox.placeOf(inbox.shown).name).toBe('Inbox');
    mailbox.names.set(2, 'shop-api');
    mailbox.change([summaryOf(2, { mailbox: 2 })]);
    expect(idsOf(inbox)).toEqual([2, 1]);
    expect(inbox.placeOf(inbox.shown).name).toBe('All mail');
  });

  test('to delete all deletes what is shown', async () => {
    const { inbox, bridge } = await loadTwo();
    await inbox.chooseMailbox(2);
    await inbox.delete({ mailbox: 2, search: '', through: 4 });
    expect(bridge.asked('messages.delete')).toEqual([{ messages: { mailbox: 2, search: '', through: 4 } }]);
    await inbox.chooseMailbox(null);
    await expect.poll(() => idsOf(inbox)).toEqual([3, 1]);
  });

  test('are renamed, but not to nothing', async () => {
    const { mailboxes, shop, inbox, bridge } = await loadTwo();
    for (const name of [' The shop ', ' ']) {
      mailboxes.askRename(shop);
      mailboxes.asked = { ...mailboxes.asked, name } as typeof mailboxes.asked;
      await mailboxes.confirm();
    }
    expect(bridge.asked('mailboxes.rename')).toEqual([{ id: 2, name: 'The shop' }]);
    expect(inbox.mailboxes[1]?.name).toBe('The shop');
    expect(mailboxes.asked).toBeNull();
  });

  test('are marked read, and no others', async () => {
    const { mailboxes, shop, inbox, bridge } = await loadTwo();
    await mailboxes.markAllRead(shop);
    expect(bridge.asked('messages.markRead')).toEqual([
      { messages: { mailbox: 2, search: '', through: 4 }, read: true },
    ]);
    expect(inbox.mailboxes.map(({ unread }) => unread)).toEqual([2, 0]);
  });

  test('are emptied of what was there when the user was asked', async () => {
    const { mailboxes, shop, mailbox } = await loadTwo();
    await mailboxes.askEmpty(shop);
    mailbox.change([summaryOf(6, { mailbox: 2 })]);
    await mailboxes.confirm();
    expect(mailbox.messages.map(({ id }) => id)).toEqual([6, 3, 1]);
  });

  test('that are deleted while they are shown give way to what is left', async () => {
    const { mailboxes, shop, inbox } = await loadTwo();
    await inbox.chooseMailbox(2);
    mailboxes.askDelete(shop);
    await mailboxes.confirm();
    await expect.poll(() => idsOf(inbox)).toEqual([3, 1]);
    expect(inbox.filter.mailbox).toBeNull();
  });
});

test('a star shows in the list', async () => {
  const { inbox } = await load([2, 1]);
  await inbox.star({ ids: [2] }, true);
  expect(inbox.rows[0]?.starred).toBe(true);
});
