import {
  type Chosen,
  type ChosenRows,
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
} from './chosen.ts';
import type { ListFilter } from './paged-list.svelte.ts';
import { type ListRow, countNewer, indexOf } from './rows.ts';

/** What shows the one that is open. */
export interface RowReader<Row> {
  open(id: number): Promise<void>;
  close(): void;
  /** Hears how the row of the open one stands, whenever the list changes. */
  follow(row: Row): void;
}

/** The list of which something is selected. */
interface SelectableList<Row> {
  /** Those that are loaded, newest first. */
  readonly rows: Row[];
  readonly shown: ListFilter;
  /** How many it holds, loaded or not; null while that is not known. */
  readonly total: number | null;
}

/** Where somebody is in a list. */
interface Place {
  active: number | null;
  chosen: Chosen;
}

/**
 * What is selected of a list, and where the keyboard is in it. What is open follows: the one that is selected, where list
 * and item are seen together, and nothing while several are.
 */
export class Selection<Row extends ListRow> {
  /** The row at which the keyboard is; null: at none. */
  active = $state<number | null>(null);

  #chosen = $state.raw<Chosen>(nothing);
  /** Where a range begins. */
  #anchor: number | null = null;
  /** What is selected again as soon as its rows are back. */
  #awaited: Place | null = null;
  readonly #list: SelectableList<Row>;
  readonly #reader: RowReader<Row>;
  readonly #sideBySide: { readonly current: boolean };

  /** @param sideBySide whether list and item are seen together, so that to select is to open */
  constructor(list: SelectableList<Row>, reader: RowReader<Row>, sideBySide: { readonly current: boolean }) {
    this.#list = list;
    this.#reader = reader;
    this.#sideBySide = sideBySide;
  }

  has(id: number): boolean {
    return isChosen(this.#chosen, id);
  }

  /** Whether it was selected itself, and not with all that the list holds. */
  names(id: number): boolean {
    return id === this.active || ('ids' in this.#chosen && this.has(id));
  }

  get isSeveral(): boolean {
    return !('ids' in this.#chosen) || this.#chosen.ids.size > 1;
  }

  get isAll(): boolean {
    return !('ids' in this.#chosen);
  }

  /** How many are selected; null where that is not known. */
  get count(): number | null {
    if ('ids' in this.#chosen) return this.#chosen.ids.size;
    const { rows, total } = this.#list;
    return total === null ? null : total - countNewer(rows, this.#chosen.through);
  }

  /** What keys and buttons act on: what is selected, else the row at which the keyboard is; null: nothing. */
  get target(): ChosenRows | null {
    const target = this.#target;
    return isNothing(target) ? null : toSend(target);
  }

  /** Of these, the rows that are loaded. */
  get targetRows(): Row[] {
    const target = this.#target;
    return this.#list.rows.filter(({ id }) => isChosen(target, id));
  }

  get #target(): Chosen {
    return isNothing(this.#chosen) && this.active !== null ? only(this.active) : this.#chosen;
  }

  /** Selects one and opens it, also where it takes the list's place. */
  async open(id: number): Promise<void> {
    this.#choose(id, only(id), id);
    await this.#reader.open(id);
  }

  /** Selects one. */
  async select(id: number): Promise<void> {
    this.#choose(id, only(id), id);
    await this.#show();
  }

  /** Selects one as well, or no longer. */
  async toggle(id: number): Promise<void> {
    this.#choose(id, toggle(this.#chosen, this.#list.rows, id), id);
    await this.#show();
  }

  /**
   * Selects the rows from the one that was selected last up to another.
   * @param isAdded whether what is selected already stays so
   */
  async extend(id: number, isAdded = false): Promise<void> {
    const { rows } = this.#list;
    const from = [this.#anchor, this.active].find((anchor) => indexOf(rows, anchor) !== -1) ?? id;
    this.#choose(id, range(rows, from, id, isAdded ? this.#chosen : nothing), from);
    await this.#show();
  }

  /** Selects all that the list holds, loaded or not. What arrives later is not part of it. */
  async all(): Promise<void> {
    const { rows, shown } = this.#list;
    const [newest] = rows;
    if (newest === undefined) return;
    const active = this.active ?? newest.id;
    this.#choose(active, rows.length === 1 ? only(newest.id) : { ...shown, through: newest.id }, active);
    await this.#show();
  }

  /** Of several, selects the one at which the keyboard is. */
  async one(): Promise<void> {
    const id = this.active ?? this.targetRows[0]?.id;
    if (id !== undefined) await this.select(id);
  }

  /**
   * Moves the keyboard, and selects what it comes to.
   * @param to an end of the list, or how many rows down (negative: up)
   * @param how `extend`: up to there; `pass`: what is selected stays
   */
  async move(to: 'first' | 'last' | number, how: 'select' | 'extend' | 'pass' = 'select'): Promise<void> {
    const id = this.#list.rows[this.#indexAfter(to)]?.id;
    if (id === undefined) return;
    if (how === 'extend') await this.extend(id);
    else if (how === 'select') await this.select(id);
    else this.active = id;
  }

  /** When what is selected is about to go, selects the next older row that stays, at once. */
  async leave(going: ChosenRows): Promise<void> {
    const { rows, shown } = this.#list;
    const gone = fromSent(going);
    if (!('ids' in gone) && !isSameFilter(gone, shown)) return;
    const stays = ({ id }: Row): boolean => !isChosen(gone, id);
    if (this.targetRows.every(stays)) return;
    const place = this.active === null ? 0 : countNewer(rows, this.active);
    const next = rows.slice(place).find(stays) ?? rows.slice(0, place).findLast(stays);
    if (next === undefined) this.#choose(null, nothing, null);
    else this.#choose(next.id, only(next.id), next.id);
    await this.#show();
  }

  /** @returns what selects the same again once its rows are back, unless they never went */
  remember(): () => void {
    const place = { active: this.active, chosen: this.#target };
    return () => {
      if (isNothing(this.#left(place))) this.#awaited = place;
    };
  }

  /** Follows the list after its rows changed. */
  follow(): void {
    const { rows } = this.#list;
    const back = this.#awaited;
    const left = back === null ? nothing : this.#left(back);
    if (back !== null && !isNothing(left)) {
      const active = indexOf(rows, back.active) === -1 ? null : back.active;
      this.#choose(active ?? rows.find(({ id }) => isChosen(left, id))?.id ?? null, left, active);
      void this.#show();
    } else this.#keep();
    const open = rows[indexOf(rows, singleOf(this.#chosen))];
    if (open !== undefined) this.#reader.follow(open);
  }

  /** Forgets what is gone. */
  #keep(): void {
    const { rows } = this.#list;
    const left = this.#left({ active: this.active, chosen: this.#chosen });
    if (this.active !== null && indexOf(rows, this.active) === -1) {
      const place = countNewer(rows, this.active);
      this.active = isNothing(left) ? null : ((rows[place] ?? rows.at(-1))?.id ?? null);
    }
    if (left === this.#chosen) return;
    this.#chosen = left;
    void this.#show();
  }

  /** What of it is there to be selected; all that a list held is no longer that once it holds something else. */
  #left({ chosen }: Place): Chosen {
    const { rows, shown } = this.#list;
    return 'ids' in chosen || isSameFilter(chosen, shown) ? keep(chosen, rows) : nothing;
  }

  #choose(active: number | null, chosen: Chosen, anchor: number | null): void {
    this.active = active;
    this.#chosen = chosen;
    this.#anchor = anchor;
    this.#awaited = null;
  }

  async #show(): Promise<void> {
    const id = singleOf(this.#chosen);
    if (id !== null && this.#sideBySide.current) await this.#reader.open(id);
    else this.#reader.close();
  }

  #indexAfter(to: 'first' | 'last' | number): number {
    const { rows } = this.#list;
    const index = indexOf(rows, this.active);
    const last = rows.length - 1;
    if (to === 'last') return last;
    if (to === 'first' || index === -1) return 0;
    return Math.min(Math.max(index + to, 0), last);
  }
}

const isSameFilter = (a: ListFilter, b: ListFilter): boolean => a.mailbox === b.mailbox && a.search === b.search;
