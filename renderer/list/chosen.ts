import type { ChosenMessages } from '../../preload/contract.ts';
import { type ListRow, indexOf } from './rows.ts';

/** Some rows of a list: by their ids, or all that it holds, up to and with the row `through`. */
export type Chosen = { readonly ids: ReadonlySet<number> } | AllRows;
/** The same as it is sent. */
export type ChosenRows = ChosenMessages;
type AllRows = Readonly<Exclude<ChosenMessages, { ids: number[] }>>;

export const nothing: Chosen = { ids: new Set() };

export const only = (id: number): Chosen => ({ ids: new Set([id]) });

export function isChosen(chosen: Chosen, id: number): boolean {
  return 'ids' in chosen ? chosen.ids.has(id) : id <= chosen.through;
}

/** @returns the only row that is chosen; null where none is, or several are */
export function singleOf(chosen: Chosen): number | null {
  if (!('ids' in chosen) || chosen.ids.size !== 1) return null;
  const [id] = chosen.ids;
  return id ?? null;
}

/**
 * With one row more, or less. Where all are chosen and one is taken out, what is loaded of the others stays: what was
 * never seen cannot be told apart from it.
 */
export function toggle(chosen: Chosen, rows: readonly ListRow[], id: number): Chosen {
  const ids = new Set('ids' in chosen ? chosen.ids : idsOf(rows.filter((row) => isChosen(chosen, row.id))));
  if (!ids.delete(id)) ids.add(id);
  return { ids };
}

/** The rows from one to another, in either direction, both included; and those before, if they are given. */
export function range(rows: readonly ListRow[], from: number, to: number, before: Chosen = nothing): Chosen {
  const [first = 0, last = 0] = [indexOf(rows, from), indexOf(rows, to)].sort((a, b) => a - b);
  const kept = rows.filter(({ id }, index) => (index >= first && index <= last) || isChosen(before, id));
  return { ids: new Set(idsOf(kept)) };
}

/** What is left of it in the rows that are there now; the same object where that is all of it. */
export function keep(chosen: Chosen, rows: readonly ListRow[]): Chosen {
  if (!('ids' in chosen)) return (rows.at(-1)?.id ?? Infinity) <= chosen.through ? chosen : nothing;
  const left = [...chosen.ids].filter((id) => indexOf(rows, id) !== -1);
  return left.length === chosen.ids.size ? chosen : { ids: new Set(left) };
}

export const isNothing = (chosen: Chosen): boolean => 'ids' in chosen && chosen.ids.size === 0;

export function toSend(chosen: Chosen): ChosenRows {
  return 'ids' in chosen ? { ids: [...chosen.ids] } : { ...chosen };
}

export function fromSent(rows: ChosenRows): Chosen {
  return 'ids' in rows ? { ids: new Set(rows.ids) } : rows;
}

const idsOf = (rows: readonly ListRow[]): number[] => rows.map(({ id }) => id);
