import { expect, test } from 'vitest';
import type { MailboxRequest } from '../../../main/mailbox/protocol.ts';
import { RequestHandler } from '../../../main/mailbox/request-handler.ts';
import { envelope, record } from './envelope.ts';
import { openStore } from './stores.ts';

const piece = (delivery: number): MailboxRequest => ({
  ...{ type: 'piece', delivery, position: 0, bytes: new Uint8Array(10) },
});

const store = (delivery: number): MailboxRequest => ({
  ...{ type: 'store', delivery, bytes: Buffer.from('text'), receivedAt: 1, size: 4, envelope, record },
});

test.each([
  ['stored', store],
  ['discarded', (delivery: number): MailboxRequest => ({ type: 'discard', delivery })],
])('a message whose beginning went with another store takes nothing along when it is %s', (_, end) => {
  const [before, after] = [openStore(), openStore()];
  const handler = new RequestHandler(before, () => undefined);
  handler.handle([piece(1)]);
  handler.useStore(after);
  expect(handler.handle([store(2)])).toContainEqual({ type: 'stored', delivery: 2, id: 1 });
  handler.handle([end(1)]);
  expect(Buffer.from(after.source(1, 0, 10)?.bytes ?? []).toString()).toBe('text');
});
