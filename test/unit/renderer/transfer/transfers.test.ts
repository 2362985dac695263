import { beforeEach, describe, expect, test } from 'vitest';
import type { Transfer } from '../../../../preload/contract.ts';
import { Inbox } from '../../../../renderer/inbox/inbox.svelte.ts';
import { Reader } from '../../../../renderer/message/reader.svelte.ts';
import { Transfers } from '../../../../renderer/transfer/transfers.svelte.ts';
import { Undo } from '../../../../renderer/undo/undo.svelte.ts';
import { problemsSaid, wordingOf } from '../../../../renderer/transfer/wording.ts';
import { TestMailbox, summaryOf } from '../support/messages.ts';
import { TestBridge } from '../support/test-bridge.ts';

const transfer = (changes: Partial<Transfer>): Transfer => ({
  ...{ id: 1, kind: 'export', name: 'Inbox', path: '/home/anna/Inbox.mbox', mailbox: null, state: 'running' },
  ...{ messages: 1204, fraction: 0.5, error: null, problems: [], problemCount: 0 },
  ...changes,
});

describe('the window', () => {
  let bridge: TestBridge;
  let inbox: Inbox;
  let transfers: Transfers;

  beforeEach(async () => {
    bridge = new TestBridge()
      .answer('transfers.list', () => [transfer({})])
      .answer('messages.export', () => undefined)
      .answer('messages.prepareDrag', () => 7)
      .answer('messages.drag', () => undefined);
    const mailbox = new TestMailbox(bridge, [3, 2, 1]);
    mailbox.names.set(2, 'shop');
    mailbox.messages = [summaryOf(4, { mailbox: 2 }), ...mailbox.messages];
    inbox = new Inbox(bridge, new Reader(bridge), { current: true }, new Undo());
    transfers = new Transfers(bridge, inbox);
    await Promise.all([inbox.load(), transfers.load()]);
  });

  test('knows the transfers of before, and hears of later ones', () => {
    expect(transfers.list).toHaveLength(1);
    bridge.tell('transfers.changed', []);
    expect(transfers.list).toEqual([]);
  });

  test('exports a mailbox whole, and of a search what is shown', async () => {
    const [first] = inbox.mailboxes;
    if (first === undefined) throw new Error('no mailbox');
    await transfers.exportMailbox(first, 'zip');
    await inbox.choose({ mailbox: 1, search: 'Message' });
    await transfers.exportFound('mbox');
    expect(bridge.asked('messages.export')).toEqual([
      {
        messages: { mailbox: 1, search: '', through: Number.MAX_SAFE_INTEGER },
        ...{ format: 'zip', name: 'Inbox' },
      },
      { messages: { mailbox: 1, search: 'Message', through: 3 }, format: 'mbox', name: 'Search in Inbox' },
    ]);
  });

  test('takes what is dropped into the mailbox that is shown, and into the first where all are', async () => {
    await transfers.importDropped([]);
    await inbox.chooseMailbox(2);
    await transfers.importDropped([]);
    expect(bridge.dropped.map(({ mailbox }) => mailbox)).toEqual([1, 2]);
    expect(transfers.target.name).toBe('shop');
  });

  test('drags only while the mouse is held down', async () => {
    await transfers.drag(1, { isHeld: false });
    expect(bridge.asked('messages.drag')).toEqual([]);
    await transfers.drag(2, { isHeld: true });
    expect(bridge.asked('messages.drag')).toEqual([{ prepared: 7 }]);
  });

  test('drags all that is selected with a row that is, and no other row with it', async () => {
    await inbox.selection.select(3);
    await inbox.selection.extend(2);
    for (const row of [2, 4]) await transfers.drag(row, { isHeld: true });
    expect(bridge.asked('messages.prepareDrag')).toEqual([{ ids: [3, 2] }, { ids: [4] }]);
    await inbox.selection.all();
    await expect(transfers.drag(2, { isHeld: true })).rejects.toThrow(/too many/);
  });
});

test.each<[Partial<Transfer>, string, string]>([
  [{}, 'Exporting Inbox', '1,204 messages'],
  [{ state: 'done' }, '1,204 messages exported', 'to Inbox.mbox'],
  [{ state: 'cancelled' }, 'Inbox was not exported', 'You cancelled it. Nothing was written to Inbox.mbox.'],
  [
    { state: 'failed', error: 'The disk is full.' },
    'Inbox could not be exported',
    'The disk is full. Nothing was written to Inbox.mbox.',
  ],
  [{ kind: 'save', name: 'Order', path: 'C:\\mail\\Order.eml', state: 'done' }, 'Saved Order', 'to Order.eml'],
  [{ kind: 'import', name: 'a.mbox', path: null }, 'Importing a.mbox', '1,204 messages'],
  [{ kind: 'import', path: null, messages: 1, state: 'done' }, '1 message imported', 'into shop'],
  [
    { kind: 'import', name: 'a.mbox', path: null, state: 'cancelled' },
    'a.mbox was not imported',
    'You cancelled it. 1,204 messages came in before that.',
  ],
  [
    { kind: 'import', name: 'a.mbox', path: null, state: 'failed', error: 'It stopped working.', messages: 0 },
    'a.mbox could not be imported',
    'It stopped working.',
  ],
])('%j is told as %j, %j', (changes, title, detail) => {
  expect(wordingOf(transfer(changes), 'shop')).toEqual({ title, detail });
});

test('what was left out is counted', () => {
  expect(problemsSaid(transfer({ kind: 'import', problemCount: 1204 }))).toBe('1,204 could not be imported');
});
