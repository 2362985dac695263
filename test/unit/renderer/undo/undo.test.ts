import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Undo } from '../../../../renderer/undo/undo.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What can be undone, and what was. */
function offered(...said: string[]): { undo: Undo; undone: string[] } {
  const undo = new Undo();
  const undone: string[] = [];
  for (const text of said) {
    undo.offer(text, () => {
      undone.push(text);
      return Promise.resolve();
    });
  }
  return { undo, undone };
}

test('what was done last is told and undone, and then what was done before it, each once', async () => {
  const { undo, undone } = offered('one', 'two', 'three');
  const told: (string | null)[] = [];
  for (let count = 0; count < 4; count++) {
    told.push(undo.said);
    await undo.undo();
  }
  expect([told, undone]).toEqual([
    ['three', 'two', 'one', null],
    ['three', 'two', 'one'],
  ]);
});

test('what was done before something final is undone no more', async () => {
  const { undo, undone } = offered('one', 'two');
  undo.offer('all', () => Promise.resolve(), true);
  await undo.undo();
  await undo.undo();
  expect([undone, undo.said]).toEqual([[], null]);
});

test.each([
  { what: 'is told for half a minute', after: 29_999, said: 'one', undone: ['one'] },
  { what: 'is undone also when it is told no longer', after: 30_000, said: null, undone: ['one'] },
  { what: 'is undone no more after a minute', after: 60_000, said: null, undone: [] },
])('it $what', async ({ after, said, undone: expected }) => {
  const { undo, undone } = offered('one');
  vi.advanceTimersByTime(after);
  expect(undo.said).toBe(said);
  await undo.undo();
  expect(undone).toEqual(expected);
});

test('what is dismissed can still be undone', async () => {
  const { undo, undone } = offered('one');
  undo.dismiss();
  expect(undo.said).toBeNull();
  await undo.undo();
  expect(undone).toEqual(['one']);
});

test('what comes later has its own time', () => {
  const { undo } = offered('one');
  vi.advanceTimersByTime(20_000);
  undo.offer('two', () => Promise.resolve());
  vi.advanceTimersByTime(20_000);
  expect(undo.said).toBe('two');
});
