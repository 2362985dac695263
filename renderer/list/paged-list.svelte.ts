import type { ListChange, MessageCounts, QueryError } from '../../preload/contract.ts';
import type { ChosenRows } from './chosen.ts';
import { FoundCount } from './found-count.svelte.ts';
import { applyChange, indexOf, type ListRow } from './rows.ts';
import { type RowReader, Selection } from './selection.svelte.ts';

/** Rows that are asked for at a time. */
export const pageLength = 200;

/** What a list is to hold, of all there is. */
export interface ListFilter {
  /** Null: all of them. */
  readonly mailbox: number | null;
  /** As it was typed. */
  readonly search: string;
}

export interface Page<Row, Counts = MessageCounts> {
  /** Newest first. */
  rows: Row[];
  counts: Counts;
  /** What is wrong with the search; then there are no rows. */
  error?: QueryError | null;
}

/** Where the rows come from, and what can be done to them. */
export interface ListSource<Row, Counts = MessageCounts> {
  /** At most `limit` rows older than `before`; without it, the newest. */
  page(before: number | undefined, limit: number, filter: ListFilter): Promise<Page<Row, Counts>>;
  /** How many rows a search finds, which may take a while; null when another is counted meanwhile. */
  count?(filter: ListFilter): Promise<number | null>;
  /** Hears of every change from now on. */
  listen(hear: (change: ListChange<Row, Counts>) => void): void;
  /** In which mailbox it lies, where there are such. */
  mailboxOf?(row: Row): number;
  markRead(rows: ChosenRows, read: boolean): Promise<void>;
  /** @returns null where nothing brings them back */
  delete(rows: ChosenRows): Promise<Deletion | null>;
}

/** What was deleted, and can come back for a while. */
export interface Deletion {
  /** Of the rows that went. */
  count: number;
  undo(): Promise<void>;
}

/** A list that is in sight. */
export interface VisibleList {
  focus(): void;
  /** Brings the row at which the keyboard is into sight. @returns null where it is at none */
  reveal(): HTMLElement | null;
}

/** A list that is read page by page: the rows that are loaded, newest first, and what of them is selected. */
export class PagedList<Row extends ListRow, Counts extends MessageCounts = MessageCounts> {
  rows = $state.raw<Row[]>([]);
  /** Null until the first page is there. */
  counts = $state.raw<Counts | null>(null);
  /** What is wanted of the list. */
  filter = $state.raw<ListFilter>({ mailbox: null, search: '' });
  /** What the rows are, which is what was wanted before until the answer is there. */
  shown = $state.raw<ListFilter>({ mailbox: null, search: '' });
  /** What is wrong with the search that is wanted; the rows are those of the one before. */
  error = $state.raw<QueryError | null>(null);
  /** Whether the rows reach to the oldest. */
  complete = $state(false);
  /** How many rows the search that is shown finds in all. */
  readonly found: FoundCount;
  readonly selection: Selection<Row>;
  /** Null where the list is not in sight. */
  view: VisibleList | null = null;

  readonly #source: ListSource<Row, Counts>;
  readonly #reader: RowReader<Row>;
  readonly #sideBySide: { readonly current: boolean };
  /** Why the rows have to be read again from the top; null when they do not. `found`: what the search finds may be other. */
  #stale: 'filter' | 'reload' | 'found' | null = null;
  /** What was heard since the page that is on its way was asked for; null when none is. */
  #heard: ListChange<Row, Counts>[] | null = null;

  /** @param sideBySide whether list and item are seen together, so that to select is to open */
  constructor(source: ListSource<Row, Counts>, reader: RowReader<Row>, sideBySide: { readonly current: boolean }) {
    this.#source = source;
    this.#reader = reader;
    this.#sideBySide = sideBySide;
    this.found = new FoundCount((filter) => source.count?.(filter) ?? Promise.resolve(null));
    this.selection = new Selection<Row>(this, reader, sideBySide);
    source.listen((change) => this.#hear(change));
  }

  /** Whether the rows are what a search found. */
  get isSearch(): boolean {
    return isSearch(this.shown);
  }

  /** How many rows the list holds, loaded or not; null while that is not known. */
  get total(): number | null {
    return this.isSearch ? this.found.value : (this.counts?.total ?? null);
  }

  /** Reads the first page. */
  async load(): Promise<void> {
    if (this.#stale !== 'filter') this.#stale = 'reload';
    await this.#read();
  }

  /** Wants other rows. Those that are there stay until the answer to what was wanted last. */
  async choose(changes: Partial<ListFilter>): Promise<void> {
    // What had taken the list's place gives it back.
    if (!this.#sideBySide.current) this.#reader.close();
    const filter = { ...this.filter, ...changes };
    if (filter.mailbox === this.filter.mailbox && filter.search === this.filter.search) return;
    this.filter = filter;
    this.#stale = 'filter';
    await this.#read();
  }

  /** Reads the page after the last row, unless there is none or one is on its way. */
  async more(): Promise<void> {
    if (!this.complete || this.#stale !== null) await this.#read();
  }

  async markRead(rows: ChosenRows, read: boolean): Promise<void> {
    await this.#source.markRead(rows, read);
  }

  /** Deletes rows. What is selected of them gives way to the next older row, at once. To undo it selects them again. */
  async delete(rows: ChosenRows): Promise<Deletion | null> {
    const comeBack = this.selection.remember();
    // To open the next one may take long, or fail: that is no reason to hold back the way to undo this.
    void this.selection.leave(rows);
    const deletion = await this.#source.delete(rows);
    if (deletion === null) return null;
    const undo = async (): Promise<void> => {
      comeBack();
      await deletion.undo();
    };
    return { count: deletion.count, undo };
  }

  #hear(change: ListChange<Row, Counts>): void {
    this.#heard?.push(change);
    this.counts = change.counts;
    this.#show(this.#after(this.rows, change));
    if (change.reload) void this.load();
    else if (this.isSearch) {
      this.#stale ??= 'found';
      void this.#read();
    }
  }

  /** The rows after a change; what of the new ones a search finds is left to the page that will bring it. */
  #after(rows: Row[], change: ListChange<Row, Counts>): Row[] {
    const { mailbox } = this.shown;
    const isHere = (row: Row): boolean => {
      if (this.isSearch) return indexOf(rows, row.id) !== -1;
      return mailbox === null || this.#source.mailboxOf?.(row) === mailbox;
    };
    return applyChange(rows, { ...change, changed: change.changed.filter(isHere) }, this.complete);
  }

  #show(rows: Row[]): void {
    this.rows = rows;
    this.selection.follow();
  }

  /** One reading at a time; a list that went stale meanwhile is read again before it ends. */
  async #read(): Promise<void> {
    if (this.#heard !== null) return;
    try {
      do {
        this.#heard = [];
        await this.#readOnce(this.#heard);
      } while (this.#stale !== null);
    } finally {
      this.#heard = null;
    }
  }

  async #readOnce(heard: ListChange<Row, Counts>[]): Promise<void> {
    const why = this.#stale;
    this.#stale = null;
    await (why === null ? this.#readNext(heard) : this.#readAgain(why, heard));
  }

  async #readNext(heard: ListChange<Row, Counts>[]): Promise<void> {
    const page = await this.#page(this.rows.at(-1)?.id, this.shown);
    this.complete = isLast(page);
    this.#take(applyChange(this.rows, { changed: page.rows, removed: [] }, true), page, heard);
  }

  async #readAgain(why: 'filter' | 'reload' | 'found', heard: ListChange<Row, Counts>[]): Promise<void> {
    const wanted = this.filter;
    // A search that cannot be answered is not asked again; the rows of the one before are kept up to date.
    const filter = why === 'filter' || this.error === null ? wanted : this.shown;
    try {
      const page = await this.#page(undefined, filter);
      const rows = why === 'found' ? this.#found(page) : [...page.rows];
      const last = why === 'reload' ? await this.#readDown(rows, page, filter) : page;
      // Somebody typed on: this is the answer to what is wanted no longer.
      if (wanted !== this.filter) return;
      const error = page.error ?? null;
      if (filter === wanted) this.error = error;
      if (error === null) {
        this.shown = filter;
        if (why !== 'found' || isLast(page)) this.complete = isLast(last);
      }
      this.#take(error === null ? rows : this.rows, last, heard);
    } catch (error) {
      if (wanted !== this.filter) return;
      if (why === 'filter' || this.#stale === null) this.#stale = why;
      throw error;
    }
  }

  /** Adds pages down to the row that was the last, so that nobody's place in the list is lost. @returns the last page */
  async #readDown(rows: Row[], first: Page<Row, Counts>, filter: ListFilter): Promise<Page<Row, Counts>> {
    const last = this.rows.at(-1)?.id ?? Infinity;
    let page = first;
    while (!isLast(page) && (rows.at(-1)?.id ?? 0) > last) {
      page = await this.#page(rows.at(-1)?.id, filter);
      rows.push(...page.rows);
    }
    return page;
  }

  /**
   * What a search finds now, from its first page: the rows below that page stay, and so does what is selected, also where
   * it was found for being unread and was just read.
   */
  #found(page: Page<Row, Counts>): Row[] {
    const last = isLast(page) ? 0 : (page.rows.at(-1)?.id ?? 0);
    const stays = ({ id }: Row): boolean => id < last || (this.selection.names(id) && indexOf(page.rows, id) === -1);
    return [...page.rows, ...this.rows.filter(stays)].sort((a, b) => b.id - a.id);
  }

  async #page(before: number | undefined, filter: ListFilter): Promise<Page<Row, Counts>> {
    return await this.#source.page(before, pageLength, filter);
  }

  /** What was heard while the page was on its way is newer than the page, or will be told again. */
  #take(rows: Row[], page: Page<Row, Counts>, heard: ListChange<Row, Counts>[]): void {
    this.counts = heard.at(-1)?.counts ?? page.counts;
    this.#show(heard.reduce<Row[]>((list, change) => this.#after(list, change), rows));
    if (this.isSearch && !this.complete && this.#source.count !== undefined) void this.found.want(this.shown);
    else this.found.know(this.isSearch ? this.rows.length : null);
  }
}

/** Whether it asks for anything in particular. */
export const isSearch = ({ search }: ListFilter): boolean => search.trim() !== '';

const isLast = <Row, Counts>(page: Page<Row, Counts>): boolean => page.rows.length < pageLength;
