import type { Bridge, MailboxSummary, MailCounts, MessageSummary } from '../../preload/contract.ts';
import { formatCounted } from '../format/format.ts';
import type { ChosenRows } from '../list/chosen.ts';
import { type Deletion, type ListFilter, PagedList } from '../list/paged-list.svelte.ts';
import type { RowReader } from '../list/selection.svelte.ts';
import type { Undo } from '../undo/undo.svelte.ts';

/** Mail of those who did not authenticate lies there; it is always there. */
export const INBOX = 1;

/** The list of messages: of one mailbox or of all, and what a search finds there. */
export class Inbox extends PagedList<MessageSummary, MailCounts> {
  readonly #bridge: Bridge;
  readonly #undo: Undo;

  constructor(
    bridge: Bridge,
    reader: RowReader<MessageSummary>,
    sideBySide: { readonly current: boolean },
    undo: Undo,
  ) {
    super(
      {
        page: async (before, limit, { mailbox, search }) => {
          const asked = { mailbox: mailbox ?? undefined, search, before, limit };
          const { messages, counts, error } = await bridge.call('messages.list', asked);
          return { rows: messages, counts, error };
        },
        count: ({ mailbox, search }) => bridge.call('messages.count', { mailbox: mailbox ?? undefined, search }),
        listen: (hear) => bridge.on('messages.changed', hear),
        mailboxOf: ({ mailbox }) => mailbox,
        markRead: (messages, read) => bridge.call('messages.markRead', { messages, read }),
        delete: async (messages) => {
          const { deletion, count } = await bridge.call('messages.delete', { messages });
          return { count, undo: () => bridge.call('messages.restore', { deletion }) };
        },
      },
      reader,
      sideBySide,
    );
    this.#bridge = bridge;
    this.#undo = undo;
  }

  override get total(): number | null {
    return this.isSearch ? super.total : this.placeOf(this.shown).total;
  }

  /** The first is {@link INBOX}. */
  get mailboxes(): MailboxSummary[] {
    return this.counts?.mailboxes ?? [{ id: INBOX, name: 'Inbox', total: 0, unread: 0, size: 0, retention: null }];
  }

  /** What is shown, or is to be, as the sidebar names it. Where there is but one mailbox, that is all mail. */
  placeOf({ mailbox }: ListFilter): { name: string; total: number; unread: number } {
    const { counts, mailboxes } = this;
    const [first] = mailboxes;
    const chosen = mailboxes.find(({ id }) => id === mailbox) ?? (mailboxes.length === 1 ? first : undefined);
    return chosen ?? { name: 'All mail', total: counts?.total ?? 0, unread: counts?.unread ?? 0 };
  }

  /** @param mailbox null: all of them */
  isChosen(mailbox: number | null): boolean {
    return this.filter.mailbox === mailbox || (this.filter.mailbox === null && this.mailboxes.length === 1);
  }

  /**
   * Shows the mail of one mailbox. The only one is all there is, also when others come to it: mail that arrives is seen.
   * @param mailbox null: all of them
   * @param search what is looked for there; as before, unless it is given
   */
  async chooseMailbox(mailbox: number | null, search = this.filter.search): Promise<void> {
    await this.choose({ mailbox: this.mailboxes.length === 1 ? null : mailbox, search });
  }

  override async delete(messages: ChosenRows): Promise<Deletion | null> {
    const deletion = await super.delete(messages);
    if (deletion !== null && deletion.count > 0) {
      // Of a range there may be messages in it that were deleted before, and so those come back no more.
      const isRange = 'through' in messages && messages.search.trim() === '';
      const said = `${formatCounted(deletion.count, 'message')} deleted.`;
      this.#undo.offer(said, () => deletion.undo(), isRange);
    }
    return deletion;
  }

  /** Stars what is selected; takes the stars off where all of it has one. */
  async toggleStar(): Promise<void> {
    const { target, targetRows } = this.selection;
    if (target !== null) await this.star(target, !targetRows.every(({ starred }) => starred));
  }

  async star(messages: ChosenRows, starred: boolean): Promise<void> {
    await this.#bridge.call('messages.star', { messages, starred });
  }
}
