import { describe, expect, test } from 'vitest';
import { applyChange, countNewer, indexOf, keepInPlace } from '../../../../renderer/list/rows.ts';
import { summaryOf } from '../support/messages.ts';

const rowsOf = (ids: number[]): ReturnType<typeof summaryOf>[] => ids.map((id) => summaryOf(id));

describe('a change', () => {
  test.each([
    { what: 'puts what is new on top', rows: [3, 2], changed: [5, 4], removed: [], after: [5, 4, 3, 2] },
    { what: 'fills a gap in order', rows: [9, 7], changed: [8], removed: [], after: [9, 8, 7] },
    { what: 'replaces a row in its place', rows: [3, 2, 1], changed: [2], removed: [], after: [3, 2, 1] },
    { what: 'takes rows away', rows: [3, 2, 1], changed: [], removed: [3, 1], after: [2] },
    { what: 'that names a row twice takes it away', rows: [2, 1], changed: [3, 2], removed: [3, 2], after: [1] },
    { what: 'leaves what is older than the rows to its page', rows: [9, 8], changed: [7], removed: [], after: [9, 8] },
  ])('$what', ({ rows, changed, removed, after }) => {
    const result = applyChange(rowsOf(rows), { changed: rowsOf(changed), removed }, false);
    expect(result.map(({ id }) => id)).toEqual(after);
  });

  test('reaches to the oldest when the rows do', () => {
    const result = applyChange(rowsOf([9, 8]), { changed: rowsOf([7]), removed: [] }, true);
    expect(result.map(({ id }) => id)).toEqual([9, 8, 7]);
  });

  test('brings the row as it is now', () => {
    const read = summaryOf(2, { unread: false });
    expect(applyChange(rowsOf([3, 2, 1]), { changed: [read], removed: [] }, true)[1]).toBe(read);
  });
});

test.each([
  { id: 10, newer: 0, index: -1 },
  { id: 9, newer: 0, index: 0 },
  { id: 6, newer: 2, index: -1 },
  { id: 5, newer: 2, index: 2 },
  { id: 1, newer: 3, index: -1 },
])('message $id has $newer newer rows and place $index', ({ id, newer, index }) => {
  const rows = rowsOf([9, 7, 5]);
  expect(countNewer(rows, id)).toBe(newer);
  expect(indexOf(rows, id)).toBe(index);
});

test('no message has no place', () => {
  expect(indexOf(rowsOf([1]), null)).toBe(-1);
});

test.each([
  { what: 'mail on top moves nothing', before: [5, 4, 3, 2], after: [7, 6, 5, 4, 3, 2], from: 25, to: 45 },
  { what: 'what goes above moves nothing', before: [5, 4, 3, 2], after: [4, 3, 2], from: 25, to: 15 },
  { what: 'what goes below moves nothing', before: [5, 4, 3, 2], after: [5, 4, 3], from: 15, to: 15 },
  { what: 'what comes and goes moves nothing', before: [5, 4, 3, 2], after: [7, 6, 4, 3, 2], from: 25, to: 35 },
  { what: 'the next row comes up for one that goes', before: [5, 4, 3, 2], after: [5, 4, 2], from: 25, to: 25 },
  { what: 'at the top new mail comes into view', before: [5, 4], after: [6, 5, 4], from: 0, to: 0 },
  { what: 'a list that is not there yet stays at the top', before: [], after: [2, 1], from: 0, to: 0 },
])('$what', ({ before, after, from, to }) => {
  expect(keepInPlace(rowsOf(before), rowsOf(after), from, 10)).toBe(to);
});
