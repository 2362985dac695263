import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FoundCount } from '../../../../renderer/list/found-count.svelte.ts';

const filterOf = (search: string): { mailbox: null; search: string } => ({ mailbox: null, search });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Counts are answered when the test wants. */
function counter(): { found: FoundCount; asked: string[]; answer: (count: number | null) => Promise<void> } {
  const asked: string[] = [];
  const waiting: ((count: number | null) => void)[] = [];
  const found = new FoundCount(({ search }) => {
    asked.push(search);
    return new Promise((resolve) => waiting.push(resolve));
  });
  const answer = async (count: number | null): Promise<void> => {
    waiting.shift()?.(count);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { found, asked, answer };
}

test('is unknown until it is counted', async () => {
  const { found, answer } = counter();
  void found.want(filterOf('a'));
  expect(found.value).toBeNull();
  await answer(450);
  expect(found.value).toBe(450);
});

test('stays while it is counted again, which happens once a second at most', async () => {
  const { found, asked, answer } = counter();
  const a = filterOf('a');
  void found.want(a);
  for (let count = 0; count < 20; count++) void found.want(a);
  await answer(450);
  for (let count = 0; count < 20; count++) void found.want(a);
  expect([asked.length, found.value]).toEqual([1, 450]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked.length).toBe(2);
  await answer(470);
  await vi.advanceTimersByTimeAsync(5000);
  expect([asked.length, found.value]).toEqual([2, 470]);
  void found.want(a);
  expect([asked.length, found.value]).toEqual([3, 470]);
});

test('of another search is unknown again, and what was counted of the first is forgotten', async () => {
  const { found, asked, answer } = counter();
  void found.want(filterOf('a'));
  void found.want(filterOf('b'));
  expect(asked).toEqual(['a', 'b']);
  await answer(1);
  expect(found.value).toBeNull();
  await answer(2);
  expect(found.value).toBe(2);
});

test('that is known is not counted on', async () => {
  const { found, answer } = counter();
  void found.want(filterOf('a'));
  found.know(7);
  await answer(450);
  expect(found.value).toBe(7);
});

test('that failed is counted again when the list is next read', async () => {
  const count = vi.fn().mockRejectedValueOnce(new Error('damaged')).mockResolvedValue(450);
  const found = new FoundCount(count);
  const a = filterOf('a');
  await expect(found.want(a)).rejects.toThrow('damaged');
  void found.want(a);
  await vi.advanceTimersByTimeAsync(0);
  expect(found.value).toBe(450);
});
