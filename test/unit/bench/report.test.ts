import { expect, test } from 'vitest';
import { atLeast, formatRatio, markdownTable, median, medianRatio, moreThan } from '../../bench/report.ts';

test.each([
  [[7], 7],
  [[10, 9, 100], 10],
  [[1, 100, 3, 5], 4],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('there is no median of nothing', () => {
  expect(() => median([])).toThrow('no values');
});

test('a ratio is taken round by round: a slow round slows both', () => {
  expect(medianRatio([200, 20, 240], [100, 10, 80])).toBe(2);
  expect(() => medianRatio([1, 2], [1])).toThrow('different rounds');
});

test.each([
  [0.699, atLeast(0.7), '0.70 (≥ 0.7: **missed**)'],
  [0.7, atLeast(0.7), '0.70 (≥ 0.7: met)'],
  [1, moreThan(1), '1.00 (> 1: **missed**)'],
  [1.01, moreThan(1), '1.01 (> 1: met)'],
  [12.34, undefined, '12.3'],
  [123.4, undefined, '123'],
])('%d against %j is told as %s', (ratio, target, text) => {
  expect(formatRatio(ratio, target)).toBe(text);
});

test('a table has a row for each, numbers to the right', () => {
  expect(markdownTable(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --: |\n| 1 | 2 |');
});
