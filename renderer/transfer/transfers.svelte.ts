import type { Bridge, MailboxSummary, Transfer } from '../../preload/contract.ts';
import { INBOX, type Inbox } from '../inbox/inbox.svelte.ts';

/** Messages that are dragged together. */
const MAX_DRAGGED = 1000;

export type ExportFormat = 'mbox' | 'zip';

/** Mail on its way out and in. */
export class Transfers {
  /** Those that run, and those that ended and were not dismissed, oldest first. */
  list = $state.raw<Transfer[]>([]);
  /** The one whose problems are looked at; null when none is. */
  inspected = $state<number | null>(null);

  /** Whether messages are being dragged out: let go over the window, they are no mail from elsewhere. */
  isDragging = $state(false);

  readonly #bridge: Bridge;
  readonly #inbox: Inbox;

  constructor(bridge: Bridge, inbox: Inbox) {
    this.#bridge = bridge;
    this.#inbox = inbox;
    bridge.on('transfers.changed', (list) => (this.list = list));
  }

  async load(): Promise<void> {
    this.list = await this.#bridge.call('transfers.list', undefined);
  }

  /** Where what is dropped goes to: the mailbox that is shown; the first one where all are. */
  get target(): MailboxSummary {
    const { mailboxes, filter } = this.#inbox;
    const chosen = mailboxes.find(({ id }) => id === (filter.mailbox ?? INBOX));
    return chosen ?? (mailboxes[0] as MailboxSummary);
  }

  /** What a mailbox is called; empty when it is gone. */
  nameOf(mailbox: number): string {
    return this.#inbox.mailboxes.find(({ id }) => id === mailbox)?.name ?? '';
  }

  /** Asks the user where to, and saves one message there. */
  async save(id: number): Promise<void> {
    await this.#bridge.call('messages.save', { id });
  }

  /** Asks the user where to, and exports a mailbox there: all that is in it by then. */
  async exportMailbox({ id, name }: MailboxSummary, format: ExportFormat): Promise<void> {
    const messages = { mailbox: id, search: '', through: Number.MAX_SAFE_INTEGER };
    await this.#bridge.call('messages.export', { messages, format, name });
  }

  /** The same for what a search found, up to the newest that is shown. */
  async exportFound(format: ExportFormat): Promise<void> {
    const { rows, shown } = this.#inbox;
    const [newest] = rows;
    if (newest === undefined) return;
    const messages = { ...shown, through: newest.id };
    const name = `Search in ${this.#inbox.placeOf(shown).name}`;
    await this.#bridge.call('messages.export', { messages, format, name });
  }

  /** Asks the user what, and imports it into a mailbox. */
  async import(mailbox: number, what: 'files' | 'folders'): Promise<void> {
    await this.#bridge.call('messages.import', { mailbox, what });
  }

  /** Imports what was dropped on the window, into {@link target}. */
  async importDropped(files: File[]): Promise<void> {
    await this.#bridge.importDropped(files, this.target.id);
  }

  /**
   * Lets the mouse drag messages out of the window.
   * @param row the one that is under the mouse; where it is selected, all that are selected go with it
   * @param mouse whether it is still held down: without it, a drag would have no end
   */
  async drag(row: number, mouse: { readonly isHeld: boolean }): Promise<void> {
    const prepared = await this.#bridge.call('messages.prepareDrag', { ids: this.#draggedWith(row) });
    if (!mouse.isHeld) return;
    this.isDragging = true;
    try {
      await this.#bridge.call('messages.drag', { prepared });
    } finally {
      this.isDragging = false;
    }
  }

  #draggedWith(row: number): number[] {
    const { selection } = this.#inbox;
    if (!selection.isSeveral || !selection.has(row)) return [row];
    const { targetRows } = selection;
    // Of all that a list holds, only some may be loaded.
    if (selection.isAll || targetRows.length > MAX_DRAGGED) {
      throw new Error('These are too many messages to be dragged. Export them instead.');
    }
    return targetRows.map(({ id }) => id);
  }

  async cancel(id: number): Promise<void> {
    await this.#bridge.call('transfers.cancel', { id });
  }

  async dismiss(id: number): Promise<void> {
    await this.#bridge.call('transfers.dismiss', { id });
  }
}
