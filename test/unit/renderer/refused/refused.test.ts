import { describe, expect, test } from 'vitest';
import { pageLength } from '../../../../renderer/list/paged-list.svelte.ts';
import { RefusedReader } from '../../../../renderer/refused/refused-reader.svelte.ts';
import { Refused } from '../../../../renderer/refused/refused.svelte.ts';
import { idsBetween } from '../support/messages.ts';
import { TestBridge } from '../support/test-bridge.ts';
import { TestRefusals, at, refusal, refusedSummary } from './sessions.ts';

const note = { text: 'The client calls itself “my_pc”.', source: 'RFC 5321 section 4.1.4' };

/** The list with its first page. */
async function load(
  ids: number[],
): Promise<{ bridge: TestBridge; refusals: TestRefusals; reader: RefusedReader; refused: Refused }> {
  const bridge = new TestBridge();
  const refusals = new TestRefusals(bridge, ids);
  const reader = new RefusedReader(bridge);
  const refused = new Refused(bridge, reader, { current: true });
  await refused.load();
  return { bridge, refusals, reader, refused };
}

const idsOf = (refused: Refused): number[] => refused.rows.map(({ id }) => id);

describe('the list', () => {
  test('is read page by page, down to the oldest', async () => {
    const { refused } = await load(idsBetween(pageLength + 10, 1));
    expect(idsOf(refused)).toEqual(idsBetween(pageLength + 10, 11));
    expect(refused.counts).toEqual({ total: pageLength + 10, unread: pageLength + 10 });
    await refused.more();
    expect(idsOf(refused)).toEqual(idsBetween(pageLength + 10, 1));
  });

  test('shows what is refused as it happens', async () => {
    const { refused, refusals } = await load([1]);
    refusals.change(refusedSummary(2));
    expect(idsOf(refused)).toEqual([2, 1]);
    expect(refused.counts).toEqual({ total: 2, unread: 2 });
  });

  test('shows what else is refused in a session that goes on', async () => {
    const { refused, refusals } = await load([2, 1]);
    refusals.change(refusedSummary(1, { refusals: [refusal(), refusal({ mailbox: 'other@x.test' })] }));
    expect(refused.rows[1]?.refusals).toHaveLength(2);
  });

  test('deletes one, then all up to the newest that the user saw', async () => {
    const { refused, refusals, bridge } = await load([3, 2, 1]);
    await refused.delete({ ids: [2] });
    expect(bridge.asked('refused.delete')).toEqual([{ ids: [2] }]);
    refusals.change(refusedSummary(4));
    await refused.delete({ mailbox: null, search: '', through: 3 });
    await expect.poll(() => idsOf(refused)).toEqual([4]);
  });
});

describe('all sessions', () => {
  test('are marked by their ids, page by page, up to the newest that was there', async () => {
    const { refused, refusals, bridge } = await load(idsBetween(700, 1));
    await refused.selection.all();
    refusals.change(refusedSummary(701));
    const { target } = refused.selection;
    if (target === null) throw new Error('Nothing is selected.');
    await refused.markRead(target, true);
    expect(bridge.asked('refused.markRead')).toEqual([
      { ids: idsBetween(700, 201), read: true },
      { ids: idsBetween(200, 1), read: true },
    ]);
    expect(refused.counts?.unread).toBe(1);
  });

  test('are deleted up to the newest that was there, for good', async () => {
    const { refused, refusals } = await load(idsBetween(700, 1));
    await refused.selection.all();
    refusals.change(refusedSummary(701));
    const { target } = refused.selection;
    expect(target === null ? undefined : await refused.delete(target)).toBeNull();
    await expect.poll(() => idsOf(refused)).toEqual([701]);
  });
});

describe('to open a session', () => {
  test('shows what was said in it, and marks it read', async () => {
    const { refused, reader, refusals, bridge } = await load([2, 1]);
    await refused.selection.open(1);
    expect(reader.session).toMatchObject({ id: 1, ...refusals.record });
    expect(bridge.asked('refused.markRead')).toEqual([{ ids: [1], read: true }]);
    expect(refused.counts?.unread).toBe(1);
    await expect.poll(() => reader.session?.unread).toBe(false);
  });

  test('leaves one that was read already as it is', async () => {
    const { refused, refusals, bridge } = await load([1]);
    refusals.change(refusedSummary(1, { unread: false }));
    await refused.selection.open(1);
    expect(bridge.asked('refused.markRead')).toEqual([]);
  });

  test('of several at once shows the last alone', async () => {
    const { refused, reader, bridge } = await load([3, 2, 1]);
    const release = bridge.hold('refused.open');
    const opening = refused.selection.open(1);
    void refused.selection.open(2);
    void refused.selection.open(3);
    expect(reader.waiting).toBe(true);
    release();
    await opening;
    expect(reader.session?.id).toBe(3);
    expect(reader.waiting).toBe(false);
    expect(bridge.asked('refused.markRead')).toEqual([{ ids: [3], read: true }]);
  });

  test('that was deleted meanwhile shows nothing', async () => {
    const { reader, bridge } = await load([1]);
    bridge.answer('refused.open', () => null);
    await reader.open(1);
    expect([reader.id, reader.session]).toEqual([null, null]);
  });

  test('keeps the one before it where this one cannot be had', async () => {
    const { reader, bridge } = await load([2, 1]);
    await reader.open(1);
    bridge.fail('refused.open', 'The disk is gone.');
    await expect(reader.open(2)).rejects.toThrow('The disk is gone.');
    expect(reader.session?.id).toBe(1);
    expect(reader.waiting).toBe(false);
  });
});

describe('an open session that goes on', () => {
  test('is read anew when its row changes', async () => {
    const { refused, reader, refusals } = await load([2, 1]);
    await refused.selection.open(1);
    refusals.record = { transcript: `${refusals.record.transcript}\n${at + 5} C QUIT`, notes: [note] };
    refusals.change({ ...refusedSummary(1), unread: false });
    await expect.poll(() => reader.session).toMatchObject(refusals.record);
  });

  test('is read anew also when its row changes while it is on its way', async () => {
    const { refused, reader, refusals, bridge } = await load([1]);
    const release = bridge.hold('refused.open');
    const opening = refused.selection.open(1);
    refusals.record = { transcript: `${refusals.record.transcript}\n${at + 5} C QUIT`, notes: [] };
    refusals.change(refusedSummary(1));
    release();
    await opening;
    expect(reader.session?.transcript).toBe(refusals.record.transcript);
  });

  test('stays unread when the user marked it so', async () => {
    const { refused, reader } = await load([1]);
    await refused.selection.open(1);
    await refused.markRead({ ids: [1] }, false);
    await expect.poll(() => reader.session?.unread).toBe(true);
    expect(refused.rows[0]?.unread).toBe(true);
  });

  test('keeps its tab', async () => {
    const { refused, reader, refusals } = await load([1]);
    await refused.selection.open(1);
    reader.chooseTab('notes');
    refusals.change(refusedSummary(1, { clientName: 'again.test' }));
    await expect.poll(() => reader.session?.clientName).toBe('again.test');
    expect(reader.tab).toBe('notes');
  });

  test('is not read anew for the change of another', async () => {
    const { refused, refusals, reader, bridge } = await load([2, 1]);
    await refused.selection.open(1);
    await expect.poll(() => reader.session?.unread).toBe(false);
    const asked = bridge.asked('refused.open').length;
    refusals.change(refusedSummary(2, { clientName: 'again.test' }));
    expect(bridge.asked('refused.open')).toHaveLength(asked);
  });
});

test('the chosen tab comes back after a session that had no notes', async () => {
  const { refused, reader, refusals } = await load([3, 2, 1]);
  refusals.record = { ...refusals.record, notes: [note] };
  await refused.selection.open(3);
  expect(reader.tab).toBe('session');
  reader.chooseTab('notes');
  refusals.record = { ...refusals.record, notes: [] };
  await refused.selection.open(2);
  expect(reader.tab).toBe('session');
  refusals.record = { ...refusals.record, notes: [note] };
  await refused.selection.open(1);
  expect(reader.tab).toBe('notes');
});
