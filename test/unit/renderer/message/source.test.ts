import { expect, test } from 'vitest';
import { Source } from '../../../../renderer/message/source.svelte.ts';
import { TestBridge } from '../support/test-bridge.ts';

const step = 1024 * 1024;

function bridgeOver(stored: Uint8Array): TestBridge {
  return new TestBridge().answer('messages.source', ({ offset, length }) => ({
    bytes: stored.slice(offset, offset + length),
    size: stored.length,
  }));
}

test('a small message is there in one piece', async () => {
  const source = new Source(bridgeOver(new TextEncoder().encode('Subject: ご注文\r\n')), 1);
  await source.start();
  expect(source.pieces).toEqual(['Subject: ご注文\r\n']);
  expect(source.complete).toBe(true);
});

test('a large one comes piece by piece, and a character may lie across the border of two', async () => {
  const stored = new TextEncoder().encode(`${'x'.repeat(step - 1)}語end`);
  const source = new Source(bridgeOver(stored), 1);
  await source.start();
  expect(source.complete).toBe(false);
  expect(source.shown).toBe(step);
  await source.more();
  expect(source.complete).toBe(true);
  expect(source.pieces.join('')).toBe(`${'x'.repeat(step - 1)}語end`);
});

test('what is not UTF-8 shows as such, and hides nothing around it', async () => {
  const source = new Source(bridgeOver(new Uint8Array([0x61, 0xe9, 0x62, 0xc3])), 1);
  await source.start();
  expect(source.pieces.join('')).toBe('a\ufffdb\ufffd');
});

test('each piece is asked for once', async () => {
  const bridge = bridgeOver(new Uint8Array(2 * step).fill(0x78));
  const source = new Source(bridge, 1);
  await Promise.all([source.start(), source.start()]);
  await source.start();
  await Promise.all([source.more(), source.more()]);
  await source.more();
  expect(bridge.asked('messages.source').map(({ offset }) => offset)).toEqual([0, step]);
});

test('a message that was deleted meanwhile is said to be gone', async () => {
  const source = new Source(
    new TestBridge().answer('messages.source', () => null),
    1,
  );
  await source.start();
  expect(source.gone).toBe(true);
});
