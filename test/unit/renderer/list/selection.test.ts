import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Inbox } from '../../../../renderer/inbox/inbox.svelte.ts';
import { pageLength } from '../../../../renderer/list/paged-list.svelte.ts';
import { formatSelected } from '../../../../renderer/list/wording.ts';
import { Reader } from '../../../../renderer/message/reader.svelte.ts';
import { Undo } from '../../../../renderer/undo/undo.svelte.ts';
import { TestMailbox, idsBetween, summaryOf } from '../support/messages.ts';
import { TestBridge } from '../support/test-bridge.ts';

interface Opened {
  bridge: TestBridge;
  mailbox: TestMailbox;
  reader: Reader;
  undo: Undo;
  inbox: Inbox;
  selection: Inbox['selection'];
}

/** An inbox with its first page. */
async function load(ids: number[], { sideBySide = true } = {}): Promise<Opened> {
  const bridge = new TestBridge();
  const mailbox = new TestMailbox(bridge, ids);
  const reader = new Reader(bridge);
  const undo = new Undo();
  const inbox = new Inbox(bridge, reader, { current: sideBySide }, undo);
  await inbox.load();
  return { bridge, mailbox, reader, undo, inbox, selection: inbox.selection };
}

const selectedOf = ({ inbox, selection }: Pick<Opened, 'inbox' | 'selection'>): number[] =>
  inbox.rows.map(({ id }) => id).filter((id) => selection.has(id));
const idsOf = ({ inbox }: Pick<Opened, 'inbox'>): number[] => inbox.rows.map(({ id }) => id);

/** What somebody does in the list of messages 9 to 1, of which 5 is selected. */
type Step = (selection: Inbox['selection']) => Promise<void>;
const click =
  (id: number): Step =>
  (selection) =>
    selection.open(id);
const toggle =
  (id: number): Step =>
  (selection) =>
    selection.toggle(id);
const extend =
  (id: number, isAdded = false): Step =>
  (selection) =>
    selection.extend(id, isAdded);
const move =
  (...parameters: Parameters<Inbox['selection']['move']>): Step =>
  (selection) =>
    selection.move(...parameters);
const one: Step = (selection) => selection.one();
const all: Step = (selection) => selection.all();

test.each([
  { what: 'another one', steps: [click(3)], selected: [3], active: 3 },
  { what: 'one more', steps: [toggle(3)], selected: [5, 3], active: 3 },
  { what: 'one more, then not', steps: [toggle(3), toggle(3)], selected: [5], active: 3 },
  { what: 'none', steps: [toggle(5)], selected: [], active: 5 },
  { what: 'a range down', steps: [extend(3)], selected: [5, 4, 3], active: 3 },
  { what: 'a range that turns', steps: [extend(3), extend(7)], selected: [7, 6, 5], active: 7 },
  { what: 'a range from what was toggled last', steps: [toggle(9), extend(7)], selected: [9, 8, 7], active: 7 },
  { what: 'two ranges', steps: [toggle(9), extend(8, true)], selected: [9, 8, 5], active: 8 },
  { what: 'row by row', steps: [move(1, 'extend'), move(1, 'extend')], selected: [5, 4, 3], active: 3 },
  { what: 'and back', steps: [move(2, 'extend'), move(-1, 'extend')], selected: [5, 4], active: 4 },
  { what: 'down to the last', steps: [move('last', 'extend')], selected: [5, 4, 3, 2, 1], active: 1 },
  { what: 'up to the first', steps: [move('first', 'extend')], selected: [9, 8, 7, 6, 5], active: 9 },
  { what: 'what is passed over', steps: [move(1, 'pass'), move(1, 'pass')], selected: [5], active: 3 },
  { what: 'and what is not', steps: [move(2, 'pass'), toggle(3)], selected: [5, 3], active: 3 },
  { what: 'all', steps: [all], selected: [9, 8, 7, 6, 5, 4, 3, 2, 1], active: 5 },
  { what: 'all but one', steps: [all, toggle(7)], selected: [9, 8, 6, 5, 4, 3, 2, 1], active: 7 },
  { what: 'one again', steps: [extend(3), one], selected: [3], active: 3 },
  { what: 'one of all again', steps: [all, one], selected: [5], active: 5 },
  { what: 'one after several', steps: [extend(3), move(1)], selected: [2], active: 2 },
])('selects $what', async ({ steps, selected, active }) => {
  const opened = await load(idsBetween(9, 1));
  await opened.selection.open(5);
  for (const step of steps) await step(opened.selection);
  expect(selectedOf(opened)).toEqual(selected);
  expect(opened.selection.active).toBe(active);
  // What is open follows.
  expect(opened.reader.message?.summary.id).toBe(selected.length === 1 ? selected[0] : undefined);
});

test('opens nothing where the message would hide the list', async () => {
  const { selection, bridge } = await load([3, 2, 1], { sideBySide: false });
  await selection.toggle(3);
  await selection.extend(1);
  await selection.one();
  expect(bridge.asked('messages.open')).toEqual([]);
});

describe('several', () => {
  test('stay selected while rows come, go, change and are read again', async () => {
    const change = fc.oneof(
      fc.record({ type: fc.constantFrom('arrive', 'more', 'reload', 'star') }),
      fc.record({ type: fc.constant('remove'), ids: fc.uniqueArray(fc.integer({ min: 1, max: 30 })) }),
    );
    const some = fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(some, fc.array(change), async (ids, changes) => {
        const opened = await load(idsBetween(30, 1));
        const { mailbox, inbox, selection } = opened;
        for (const id of ids) await selection.toggle(id);
        let expected = new Set(ids);
        let newest = 30;
        for (const happening of changes) {
          if (happening.type === 'arrive') mailbox.arrive(++newest);
          else if (happening.type === 'more') await inbox.more();
          else if (happening.type === 'reload') await inbox.load();
          else if (happening.type === 'star') await inbox.star({ ids }, true);
          else {
            const { ids: removed = [] } = happening as { ids?: number[] };
            mailbox.remove(removed);
            expected = new Set([...expected].filter((id) => !removed.includes(id)));
          }
          expect(new Set(selectedOf(opened))).toEqual(expected);
          expect(selection.active === null || idsOf(opened).includes(selection.active)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('that are marked read stay where only the unread are shown, so that more can be done to them', async () => {
    const opened = await load(idsBetween(9, 1));
    const { inbox, selection, mailbox } = opened;
    await inbox.choose({ search: 'is:unread' });
    await selection.toggle(8);
    await selection.extend(6);
    const { target } = selection;
    if (target !== null) await inbox.markRead(target, true);
    mailbox.arrive(10);
    await expect.poll(() => idsOf(opened)).toEqual(idsBetween(10, 1));
    expect(selectedOf(opened)).toEqual([8, 7, 6]);
    // Opened, and so read as well; those that are selected no longer go.
    await selection.select(5);
    await expect.poll(() => idsOf(opened)).toEqual([10, 9, 5, 4, 3, 2, 1]);
  });

  test('are starred all of them, until all of them are', async () => {
    const { inbox, selection, bridge } = await load(idsBetween(5, 1));
    await inbox.star({ ids: [4] }, true);
    await selection.toggle(5);
    await selection.extend(3);
    await inbox.toggleStar();
    await inbox.toggleStar();
    expect(bridge.asked('messages.star').slice(1)).toEqual([
      { messages: { ids: [5, 4, 3] }, starred: true },
      { messages: { ids: [5, 4, 3] }, starred: false },
    ]);
  });

  test('are told of by their number', async () => {
    const { inbox, selection } = await load(idsBetween(5, 1));
    await selection.toggle(5);
    await selection.extend(3);
    expect(formatSelected(inbox, 'message')).toBe('3 messages selected');
  });
});

describe('all', () => {
  test('is what the list holds, loaded or not, without what arrives later', async () => {
    const opened = await load(idsBetween(2 * pageLength + 50, 1));
    const { inbox, selection, mailbox, bridge } = opened;
    await selection.all();
    expect(formatSelected(inbox, 'message')).toBe('All 450 messages selected');
    mailbox.arrive(452, 451);
    expect(formatSelected(inbox, 'message')).toBe('All 450 messages selected');
    expect([selection.has(451), selection.has(450)]).toEqual([false, true]);

    const { target } = selection;
    if (target === null) throw new Error('Nothing is selected.');
    await inbox.markRead(target, true);
    const messages = { mailbox: null, search: '', through: 450 };
    expect(bridge.asked('messages.markRead')).toEqual([{ messages, read: true }]);
    await inbox.more();
    expect(selectedOf(opened)).toEqual(idsBetween(450, 450 - idsOf(opened).length + 3));
    expect(inbox.counts?.unread).toBe(2);
  });

  test('is sent with the mailbox and the search that are shown', async () => {
    const { inbox, selection, mailbox } = await load(idsBetween(9, 1));
    mailbox.names.set(2, 'shop');
    mailbox.change([summaryOf(10, { mailbox: 2 }), summaryOf(11, { mailbox: 2 })]);
    await inbox.choose({ mailbox: 2, search: 'Message 1' });
    await selection.all();
    expect(selection.target).toEqual({ mailbox: 2, search: 'Message 1', through: 11 });
    expect(formatSelected(inbox, 'message')).toBe('All 2 messages selected');
  });

  test('is told of as more than is loaded until it is counted', async () => {
    const { inbox, selection, bridge } = await load(idsBetween(2 * pageLength, 1));
    const release = bridge.hold('messages.count');
    await inbox.choose({ search: 'Message' });
    await selection.all();
    expect(formatSelected(inbox, 'message')).toBe('All 200+ messages selected');
    release();
    await expect.poll(() => formatSelected(inbox, 'message')).toBe('All 400 messages selected');
  });

  test('of a list is no selection in another', async () => {
    const opened = await load(idsBetween(20, 1));
    await opened.selection.all();
    await opened.inbox.choose({ search: 'Message 1' });
    expect(selectedOf(opened)).toEqual([]);
    expect(opened.selection.isSeveral).toBe(false);
  });

  test('of one is one', async () => {
    const { selection, reader } = await load([1]);
    await selection.all();
    expect(selection.isSeveral).toBe(false);
    expect(reader.message?.summary.id).toBe(1);
  });

  test('of nothing is nothing', async () => {
    const { selection } = await load([]);
    await selection.all();
    expect(selection.target).toBeNull();
  });
});

describe('to delete', () => {
  test('several goes on to the next older row that stays', async () => {
    const opened = await load(idsBetween(9, 1));
    const { inbox, selection, reader, bridge } = opened;
    await selection.open(8);
    await selection.toggle(5);
    await selection.extend(6, true);
    const { target } = selection;
    if (target !== null) await inbox.delete(target);
    expect(bridge.asked('messages.delete')).toEqual([{ messages: { ids: [8, 6, 5] } }]);
    expect(selectedOf(opened)).toEqual([4]);
    await expect.poll(() => reader.message?.summary.id).toBe(4);
  });

  test('all leaves what arrived since, and selects it', async () => {
    const opened = await load(idsBetween(450, 1));
    const { inbox, selection, mailbox } = opened;
    await selection.all();
    mailbox.arrive(451);
    const { target } = selection;
    if (target !== null) await inbox.delete(target);
    await expect.poll(() => idsOf(opened)).toEqual([451]);
    expect(selectedOf(opened)).toEqual([451]);
  });

  test('another list than what is shown leaves the selection alone', async () => {
    const opened = await load(idsBetween(9, 1));
    await opened.selection.toggle(5);
    await opened.inbox.delete({ mailbox: 2, search: '', through: 9 });
    expect(selectedOf(opened)).toEqual([5]);
  });
});

describe('to undo', () => {
  test('brings back what was deleted, and selects it', async () => {
    const opened = await load(idsBetween(9, 1));
    const { inbox, selection, undo, mailbox } = opened;
    await selection.open(8);
    await selection.extend(6);
    const { target } = selection;
    if (target !== null) await inbox.delete(target);
    expect(undo.said).toBe('3 messages deleted.');
    mailbox.arrive(10);
    await selection.open(2);
    await undo.undo();
    await expect.poll(() => idsOf(opened)).toEqual(idsBetween(10, 1));
    expect(selectedOf(opened)).toEqual([8, 7, 6]);
    expect(selection.active).toBe(6);
    expect(undo.said).toBeNull();
  });

  test('can be had while the next one is still being opened', async () => {
    const { inbox, selection, undo, bridge } = await load([3, 2, 1]);
    await selection.open(3);
    const release = bridge.hold('messages.open');
    await inbox.delete({ ids: [3] });
    expect([selection.active, undo.said]).toEqual([2, '1 message deleted.']);
    release();
  });

  test('opens the one that was open', async () => {
    const { inbox, selection, undo, reader } = await load([3, 2, 1]);
    await selection.open(2);
    await inbox.delete({ ids: [2] });
    await undo.undo();
    await expect.poll(() => reader.message?.summary.id).toBe(2);
  });

  test('selects all again', async () => {
    const opened = await load(idsBetween(450, 1));
    const { inbox, selection, undo } = opened;
    await selection.all();
    const { target } = selection;
    if (target !== null) await inbox.delete(target);
    await expect.poll(() => idsOf(opened)).toEqual([]);
    await undo.undo();
    await expect.poll(() => formatSelected(inbox, 'message')).toBe('All 450 messages selected');
  });

  test('leaves the selection where somebody chose another one meanwhile', async () => {
    const opened = await load(idsBetween(9, 1));
    const { inbox, selection, undo, bridge } = opened;
    await selection.open(8);
    await inbox.delete({ ids: [8] });
    const release = bridge.hold('messages.list');
    await undo.undo();
    await selection.open(2);
    release();
    await expect.poll(() => idsOf(opened)).toEqual(idsBetween(9, 1));
    expect(selectedOf(opened)).toEqual([2]);
  });

  test('leaves the selection that had nothing to do with it', async () => {
    const opened = await load(idsBetween(9, 1));
    const { inbox, selection, undo } = opened;
    await selection.open(8);
    await inbox.delete({ ids: [1] });
    await selection.open(7);
    await undo.undo();
    await expect.poll(() => idsOf(opened)).toEqual(idsBetween(9, 1));
    expect(selectedOf(opened)).toEqual([7]);
  });

  test('says why where it is too late', async () => {
    const { inbox, undo, bridge } = await load([2, 1]);
    await inbox.delete({ ids: [2] });
    bridge.fail('messages.restore', 'It was deleted too long ago.');
    await expect(undo.undo()).rejects.toThrow('It was deleted too long ago.');
    expect(undo.said).toBeNull();
  });
});
