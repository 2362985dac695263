import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Chosen,
  fromSent,
  isChosen,
  isNothing,
  keep,
  nothing,
  only,
  range,
  singleOf,
  toSend,
  toggle,
} from '../../../../renderer/list/chosen.ts';
import { summaryOf } from '../support/messages.ts';

const rowsOf = (ids: number[]): ReturnType<typeof summaryOf>[] => ids.map((id) => summaryOf(id));
const ids = (...list: number[]): Chosen => ({ ids: new Set(list) });
const all = (through: number): Chosen => ({ mailbox: null, search: '', through });
const rows = rowsOf([9, 7, 5, 3, 1]);
/** Of the rows, those that are chosen. */
const chosenOf = (chosen: Chosen): number[] => rows.map(({ id }) => id).filter((id) => isChosen(chosen, id));

test.each([
  { what: 'nothing', chosen: nothing, of: [], single: null },
  { what: 'one', chosen: only(5), of: [5], single: 5 },
  { what: 'two', chosen: ids(5, 1), of: [5, 1], single: null },
  { what: 'all up to one', chosen: all(7), of: [7, 5, 3, 1], single: null },
  { what: 'all with a newest that is gone', chosen: all(8), of: [7, 5, 3, 1], single: null },
])('$what', ({ chosen, of, single }) => {
  expect(chosenOf(chosen)).toEqual(of);
  expect(singleOf(chosen)).toBe(single);
  expect(isNothing(chosen)).toBe(of.length === 0);
  expect(fromSent(toSend(chosen))).toEqual(chosen);
});

test.each([
  { what: 'adds one', chosen: ids(5), id: 1, of: [5, 1] },
  { what: 'takes one out', chosen: ids(5, 1), id: 5, of: [1] },
  { what: 'leaves nothing', chosen: ids(5), id: 5, of: [] },
  { what: 'takes one out of all', chosen: all(7), id: 5, of: [7, 3, 1] },
  { what: 'adds what came after all', chosen: all(7), id: 9, of: [9, 7, 5, 3, 1] },
])('toggle $what', ({ chosen, id, of }) => {
  expect(chosenOf(toggle(chosen, rows, id))).toEqual(of);
});

test.each([
  { what: 'goes down', from: 7, to: 3, before: nothing, of: [7, 5, 3] },
  { what: 'goes up', from: 3, to: 9, before: nothing, of: [9, 7, 5, 3] },
  { what: 'may be one row', from: 5, to: 5, before: nothing, of: [5] },
  { what: 'keeps what is chosen already', from: 3, to: 1, before: ids(9, 3), of: [9, 3, 1] },
])('a range $what', ({ from, to, before, of }) => {
  expect(chosenOf(range(rows, from, to, before))).toEqual(of);
});

describe('what is left', () => {
  test('of ids is what is there; the same object where that is all', () => {
    const chosen = ids(7, 3);
    expect(keep(chosen, rows)).toBe(chosen);
    expect(keep(ids(8, 7, 3), rows)).toEqual(ids(7, 3));
    expect(isNothing(keep(ids(8), rows))).toBe(true);
  });

  test('of all is all, until none of it is left', () => {
    const chosen = all(7);
    expect(keep(chosen, rows)).toBe(chosen);
    expect(isNothing(keep(chosen, rowsOf([11, 9])))).toBe(true);
    expect(isNothing(keep(chosen, []))).toBe(true);
  });
});

test('to toggle twice changes nothing, whatever is chosen', () => {
  const someRow = fc.constantFrom(...rows.map(({ id }) => id));
  const someIds = fc.uniqueArray(someRow).map((list) => ids(...list));
  const anything = fc.oneof(someIds, fc.integer({ min: 1, max: 10 }).map(all));
  fc.assert(
    fc.property(anything, someRow, (chosen, id) => {
      const once = toggle(chosen, rows, id);
      expect(isChosen(once, id)).toBe(!isChosen(chosen, id));
      expect(chosenOf(toggle(once, rows, id))).toEqual(chosenOf(chosen));
    }),
  );
});
