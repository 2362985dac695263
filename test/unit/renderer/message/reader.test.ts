import { describe, expect, test } from 'vitest';
import type { Message, SessionRecord } from '../../../../preload/contract.ts';
import { Reader, type Tab } from '../../../../renderer/message/reader.svelte.ts';
import { messageOf, sessionOf, summaryOf } from '../support/messages.ts';
import { TestBridge } from '../support/test-bridge.ts';

function bridgeWith(message: (id: number) => Message = (id) => messageOf(id)): TestBridge {
  return new TestBridge().answer('messages.open', ({ id }) => message(id)).answer('messages.markRead', () => undefined);
}

const attachment = { index: 0, fileName: 'invoice.pdf', contentType: 'application/pdf', size: 1000 };
const note = { text: 'A command line ended with a bare LF.', source: 'RFC 5321 section 2.3.8' };

test('to open a message shows it and marks it read', async () => {
  const bridge = bridgeWith();
  const reader = new Reader(bridge);
  await reader.open(7);
  expect(reader.message).toEqual(messageOf(7));
  expect(bridge.asked('messages.markRead')).toEqual([{ messages: { ids: [7] }, read: true }]);
});

test('what is read already is not marked again', async () => {
  const bridge = bridgeWith((id) => ({ ...messageOf(id), summary: summaryOf(id, { unread: false }) }));
  await new Reader(bridge).open(7);
  expect(bridge.asked('messages.markRead')).toEqual([]);
});

test('of several that are asked for at once only the last is shown, and marked read', async () => {
  const bridge = bridgeWith();
  const reader = new Reader(bridge);
  const release = bridge.hold('messages.open');
  const opening = reader.open(1);
  void reader.open(2);
  void reader.open(3);
  expect(reader.waiting).toBe(true);
  release();
  await opening;
  expect(reader.message?.summary.id).toBe(3);
  expect(reader.waiting).toBe(false);
  expect(bridge.asked('messages.open')).toEqual([{ id: 1 }, { id: 3 }]);
  expect(bridge.asked('messages.markRead')).toEqual([{ messages: { ids: [3] }, read: true }]);
});

test('what is closed while it is on its way stays closed', async () => {
  const bridge = bridgeWith();
  const reader = new Reader(bridge);
  const release = bridge.hold('messages.open');
  const opening = reader.open(1);
  reader.close();
  release();
  await opening;
  expect(reader.message).toBeNull();
});

test('a message that was deleted meanwhile is not shown', async () => {
  const reader = new Reader(bridgeWith().answer('messages.open', () => null));
  await reader.open(1);
  expect(reader.id).toBeNull();
  expect(reader.message).toBeNull();
});

test('when a message cannot be had, the one before it stays and the caller is told', async () => {
  const bridge = bridgeWith();
  const reader = new Reader(bridge);
  await reader.open(1);
  bridge.fail('messages.open', 'The disk is gone.');
  await expect(reader.open(2)).rejects.toThrow('The disk is gone.');
  expect(reader.message?.summary.id).toBe(1);
  expect(reader.waiting).toBe(false);
});

test('the open message follows its row in the list', async () => {
  const reader = new Reader(bridgeWith());
  await reader.open(1);
  reader.follow(summaryOf(1, { unread: false }));
  reader.follow(summaryOf(2, { size: 5 }));
  expect(reader.message?.summary).toEqual(summaryOf(1, { unread: false }));
});

describe('the tab', () => {
  test.each<{
    what: string;
    content?: Parameters<typeof messageOf>[1];
    session?: SessionRecord | null;
    chosen: Tab | null;
    tab: Tab;
  }>([
    { what: 'HTML where there is some', chosen: null, tab: 'html' },
    { what: 'text where there is no HTML', content: { html: null }, chosen: null, tab: 'text' },
    { what: 'the source of what cannot be read', content: null, chosen: 'html', tab: 'source' },
    { what: 'the chosen one', chosen: 'headers', tab: 'headers' },
    { what: 'text where HTML was chosen and there is none', content: { html: null }, chosen: 'html', tab: 'text' },
    { what: 'not an empty list of attachments', chosen: 'attachments', tab: 'html' },
    {
      what: 'attachments where they were chosen',
      content: { attachments: [attachment] },
      chosen: 'attachments',
      tab: 'attachments',
    },
    { what: 'the session also of what cannot be read', content: null, chosen: 'session', tab: 'session' },
    { what: 'not the session that an older version did not keep', session: null, chosen: 'session', tab: 'html' },
    {
      what: 'the notes also of what cannot be read',
      content: null,
      session: sessionOf({ notes: [note] }),
      chosen: 'notes',
      tab: 'notes',
    },
    { what: 'not an empty list of notes', chosen: 'notes', tab: 'html' },
    { what: 'not the notes that an older version did not take', session: null, chosen: 'notes', tab: 'html' },
  ])('is $what', async ({ content, session, chosen, tab }) => {
    const reader = new Reader(bridgeWith((id) => messageOf(id, content, session)));
    if (chosen !== null) reader.chooseTab(chosen);
    await reader.open(1);
    expect(reader.tab).toBe(tab);
  });

  test('comes back after a message that had nothing to show there', async () => {
    const reader = new Reader(bridgeWith((id) => messageOf(id, id === 2 ? { html: null } : {})));
    reader.chooseTab('html');
    await reader.open(2);
    expect(reader.tab).toBe('text');
    await reader.open(3);
    expect(reader.tab).toBe('html');
  });
});

describe('to save an attachment', () => {
  const withAttachment = (): TestBridge => bridgeWith((id) => messageOf(id, { attachments: [attachment] }));

  test('says where it went, until another message is opened', async () => {
    const reader = new Reader(withAttachment().answer('attachments.save', () => ({ path: '/home/maria/invoice.pdf' })));
    await reader.open(1);
    await reader.save(0);
    expect(reader.saved).toEqual([{ fileName: 'invoice.pdf', path: '/home/maria/invoice.pdf' }]);
    await reader.open(2);
    expect(reader.saved).toEqual([]);
  });

  test('says nothing when the user thought better of it', async () => {
    const reader = new Reader(withAttachment().answer('attachments.save', () => null));
    await reader.open(1);
    await reader.save(0);
    expect(reader.saved).toEqual([]);
  });
});
