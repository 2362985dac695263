import type { ListChange } from '../../preload/contract.ts';

/** What every list wants of its rows. */
export interface ListRow {
  /** Ascends with time. */
  id: number;
  unread: boolean;
}

/**
 * How many rows are newer than the one with this id, which is also its place when it is there.
 * @param rows newest first
 */
export function countNewer(rows: readonly ListRow[], id: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && row.id > id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @returns the row's place; -1 when it has none */
export function indexOf(rows: readonly ListRow[], id: number | null): number {
  if (id === null) return -1;
  const index = countNewer(rows, id);
  return rows[index]?.id === id ? index : -1;
}

/**
 * The rows after a change. Ids ascend with time, so the order is theirs.
 * @param rows newest first
 * @param complete whether `rows` reaches to the oldest row; if not, what is older than its last row is left to the
 *   page that will bring it
 */
export function applyChange<Row extends ListRow>(
  rows: readonly Row[],
  change: Pick<ListChange<Row>, 'changed' | 'removed'>,
  complete: boolean,
): Row[] {
  const changed = new Map(change.changed.map((row) => [row.id, row]));
  for (const id of change.removed) changed.delete(id);
  const removed = new Set(change.removed);
  const oldest = rows.at(-1)?.id ?? 0;

  const kept: Row[] = [];
  for (const row of rows) {
    if (!removed.has(row.id)) kept.push(changed.get(row.id) ?? row);
    changed.delete(row.id);
  }
  const added = [...changed.values()].filter((row) => complete || row.id > oldest);
  return added.length === 0 ? kept : [...added, ...kept].sort((a, b) => b.id - a.id);
}

/**
 * Where to scroll so that what was on top of the view stays there, when all rows have one height.
 * At the very top nothing is kept: what is new is to come into view.
 * @param scrollTop in pixels
 * @param rowHeight in pixels
 */
export function keepInPlace(
  before: readonly ListRow[],
  after: readonly ListRow[],
  scrollTop: number,
  rowHeight: number,
): number {
  const index = Math.floor(scrollTop / rowHeight);
  const top = before[index];
  if (scrollTop <= 0 || top === undefined) return scrollTop;
  return scrollTop + (countNewer(after, top.id) - index) * rowHeight;
}
