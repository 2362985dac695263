import type { ListChange, MessageCounts } from '../../preload/contract.ts';
import { applyChange, indexOf, type ListRow } from './rows.ts';

/** Rows that are asked for at a time. */
export const pageLength = 200;

export interface Page<Row> {
  /** Newest first. */
  rows: Row[];
  counts: MessageCounts;
}

/** Where the rows come from, and what can be done to them. */
export interface ListSource<Row> {
  /** At most `limit` rows older than `before`; without it, the newest. */
  page(before: number | undefined, limit: number): Promise<Page<Row>>;
  /** Hears of every change from now on. */
  listen(hear: (change: ListChange<Row>) => void): void;
  markRead(ids: number[], read: boolean): Promise<void>;
  delete(ids: number[]): Promise<void>;
  deleteAll(through: number): Promise<void>;
}

/** What shows the one that is open. */
export interface RowReader<Row> {
  open(id: number): Promise<void>;
  close(): void;
  /** Hears how the row of the selected one stands, whenever the list changes. */
  follow(row: Row): void;
}

/** A list that is read page by page: the rows that are loaded, newest first, and the one that is selected. */
export class PagedList<Row extends ListRow> {
  rows = $state.raw<Row[]>([]);
  /** Null until the first page is there. */
  counts = $state.raw<MessageCounts | null>(null);
  selected = $state<number | null>(null);

  readonly #source: ListSource<Row>;
  readonly #reader: RowReader<Row>;
  readonly #sideBySide: { readonly current: boolean };
  /** Whether the rows reach to the oldest. */
  #complete = false;
  /** Whether the rows have to be read again from the top. */
  #stale = false;
  /** What was heard since the page that is on its way was asked for; null when none is. */
  #heard: ListChange<Row>[] | null = null;

  /** @param sideBySide whether list and item are seen together, so that to select is to open */
  constructor(source: ListSource<Row>, reader: RowReader<Row>, sideBySide: { readonly current: boolean }) {
    this.#source = source;
    this.#reader = reader;
    this.#sideBySide = sideBySide;
    source.listen((change) => this.#hear(change));
  }

  /** Reads the first page. */
  async load(): Promise<void> {
    this.#stale = true;
    await this.#read();
  }

  /** Reads the page after the last row, unless there is none or one is on its way. */
  async more(): Promise<void> {
    if (!this.#complete || this.#stale) await this.#read();
  }

  /**
   * Moves the selection; where list and item are seen together, opens it.
   * @param to an end of the list, or how many rows down (negative: up)
   */
  async move(to: 'first' | 'last' | number): Promise<void> {
    const row = this.rows[this.#target(to)];
    if (row !== undefined) await this.#select(row.id);
  }

  #target(to: 'first' | 'last' | number): number {
    const index = indexOf(this.rows, this.selected);
    const last = this.rows.length - 1;
    if (to === 'last') return last;
    if (to === 'first' || index === -1) return 0;
    return Math.min(Math.max(index + to, 0), last);
  }

  async open(id: number): Promise<void> {
    this.selected = id;
    await this.#reader.open(id);
  }

  async markRead(id: number, read: boolean): Promise<void> {
    await this.#source.markRead([id], read);
  }

  /** Deletes one. When it was selected, the selection goes on to the next older one, at once. */
  async delete(id: number): Promise<void> {
    const selected = id === this.selected ? this.#selectNeighbour() : undefined;
    await Promise.all([selected, this.#source.delete([id])]);
  }

  /** @param through the newest one to delete: what came after it stays */
  async deleteAll(through: number): Promise<void> {
    await this.#source.deleteAll(through);
  }

  async #select(id: number): Promise<void> {
    this.selected = id;
    if (this.#sideBySide.current) await this.#reader.open(id);
  }

  async #selectNeighbour(): Promise<void> {
    const index = indexOf(this.rows, this.selected);
    const neighbour = this.rows[index + 1] ?? this.rows[index - 1];
    if (neighbour === undefined || !this.#sideBySide.current) this.#deselect();
    if (neighbour !== undefined) await this.#select(neighbour.id);
  }

  #deselect(): void {
    this.selected = null;
    this.#reader.close();
  }

  #hear(change: ListChange<Row>): void {
    this.#heard?.push(change);
    this.counts = change.counts;
    this.#show(applyChange(this.rows, change, this.#complete));
    if (change.reload) void this.load();
  }

  #show(rows: Row[]): void {
    this.rows = rows;
    if (this.selected === null) return;
    const row = rows[indexOf(rows, this.selected)];
    if (row === undefined) this.#deselect();
    else this.#reader.follow(row);
  }

  /** One reading at a time; a list that went stale meanwhile is read again before it ends. */
  async #read(): Promise<void> {
    if (this.#heard !== null) return;
    try {
      do {
        this.#heard = [];
        await (this.#stale ? this.#readAgain(this.#heard) : this.#readNext(this.#heard));
      } while (this.#stale);
    } finally {
      this.#heard = null;
    }
  }

  async #readNext(heard: ListChange<Row>[]): Promise<void> {
    const page = await this.#page(this.rows.at(-1)?.id);
    this.#take(applyChange(this.rows, { changed: page.rows, removed: [] }, true), page, heard);
  }

  /** From the top down to the row that was the last, so that nobody's place in the list is lost. */
  async #readAgain(heard: ListChange<Row>[]): Promise<void> {
    this.#stale = false;
    const last = this.rows.at(-1)?.id ?? Infinity;
    try {
      let page = await this.#page(undefined);
      const rows = [...page.rows];
      while (page.rows.length === pageLength && (rows.at(-1)?.id ?? 0) > last) {
        page = await this.#page(rows.at(-1)?.id);
        rows.push(...page.rows);
      }
      this.#take(rows, page, heard);
    } catch (error) {
      this.#stale = true;
      throw error;
    }
  }

  async #page(before: number | undefined): Promise<Page<Row>> {
    return await this.#source.page(before, pageLength);
  }

  /** What was heard while the page was on its way is newer than the page, or will be told again. */
  #take(rows: Row[], page: Page<Row>, heard: ListChange<Row>[]): void {
    this.#complete = page.rows.length < pageLength;
    this.counts = heard.at(-1)?.counts ?? page.counts;
    this.#show(heard.reduce<Row[]>((list, change) => applyChange(list, change, this.#complete), rows));
  }
}
