import type { Bridge, RefusedSummary, SessionRecord } from '../../preload/contract.ts';
import { Latest } from '../list/latest.ts';

export type RefusedTab = 'session' | 'notes';

/** A refused session, opened. */
export type OpenRefused = RefusedSummary & SessionRecord;

/** The one refused session that is open. */
export class RefusedReader {
  /** The session that was asked for; null when none is open. */
  id = $state<number | null>(null);
  /** What is shown; the session before it, until the one that was asked for is there. */
  session = $state.raw<OpenRefused | null>(null);
  tab = $state<RefusedTab>('session');

  readonly #bridge: Bridge;
  readonly #reading = new Latest<number>((id) => this.#show(id));
  /** The tab that the user chose last. */
  #preferred: RefusedTab = 'session';
  /** How its row stood when it was heard of last. */
  #row: RefusedSummary | null = null;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Whether what is shown is not what was asked for. */
  get waiting(): boolean {
    return this.id !== null && this.id !== this.session?.id;
  }

  chooseTab(tab: RefusedTab): void {
    this.tab = tab;
    this.#preferred = tab;
  }

  /** Shows a session and marks it read. Of several that are asked for at once, the last is shown. */
  async open(id: number): Promise<void> {
    if (id === this.id) return;
    this.id = id;
    this.#row = null;
    await this.#read(id);
  }

  close(): void {
    this.id = null;
    this.session = null;
    this.#reading.forget();
  }

  /** A row that changed may tell of a transcript that is longer: the session is read anew. */
  follow(row: RefusedSummary): void {
    if (row.id !== this.id || row === this.#row) return;
    this.#row = row;
    void this.#read(row.id);
  }

  async #read(id: number): Promise<void> {
    try {
      await this.#reading.want(id);
    } catch (error) {
      this.id = this.session?.id ?? null;
      throw error;
    }
  }

  async #show(id: number): Promise<void> {
    const session = await this.#bridge.call('refused.open', { id });
    if (id !== this.id) return;
    if (session === null) {
      this.close();
      return;
    }
    const isAgain = this.session?.id === id;
    this.session = session;
    if (isAgain) return;
    // The tab that the user chose, where there is something to show there.
    this.tab = session.notes.length === 0 ? 'session' : this.#preferred;
    if (session.unread) await this.#bridge.call('refused.markRead', { ids: [id], read: true });
  }
}
