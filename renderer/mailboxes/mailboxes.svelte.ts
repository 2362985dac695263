import type { Bridge, MailboxSummary, Retention } from '../../preload/contract.ts';
import { INBOX, type Inbox } from '../inbox/inbox.svelte.ts';
import { RetentionForm } from './retention-form.svelte.ts';

/** What the user is asked before it is done to a mailbox. */
type Asked =
  | { what: 'rename'; mailbox: MailboxSummary; name: string }
  /** @property through the newest message when the user was asked: what arrives while they decide is not part of it */
  | { what: 'empty'; mailbox: MailboxSummary; through: number }
  | { what: 'delete'; mailbox: MailboxSummary }
  | { what: 'keep'; mailbox: MailboxSummary; form: RetentionForm };

/** What can be done to mailboxes. */
export class Mailboxes {
  /** Null when nothing is asked. */
  asked = $state<Asked | null>(null);

  readonly #bridge: Bridge;
  readonly #inbox: Inbox;

  constructor(bridge: Bridge, inbox: Inbox) {
    this.#bridge = bridge;
    this.#inbox = inbox;
  }

  get list(): MailboxSummary[] {
    return this.#inbox.mailboxes;
  }

  /** The first one stays, and is called what it is called. */
  canChange({ id }: MailboxSummary): boolean {
    return id !== INBOX;
  }

  askRename(mailbox: MailboxSummary): void {
    this.asked = { what: 'rename', mailbox, name: mailbox.name };
  }

  /** What arrives meanwhile stays unread. */
  async markAllRead({ id }: MailboxSummary): Promise<void> {
    const { messages } = await this.#bridge.call('messages.list', { mailbox: id, limit: 1 });
    const [newest] = messages;
    if (newest !== undefined) await this.#inbox.markRead({ mailbox: id, search: '', through: newest.id }, true);
  }

  async askEmpty(mailbox: MailboxSummary): Promise<void> {
    const { messages, counts } = await this.#bridge.call('messages.list', { mailbox: mailbox.id, limit: 1 });
    const [newest] = messages;
    const now = counts.mailboxes.find(({ id }) => id === mailbox.id);
    if (newest === undefined || now === undefined) return;
    this.asked = { what: 'empty', mailbox: now, through: newest.id };
  }

  askDelete(mailbox: MailboxSummary): void {
    this.asked = { what: 'delete', mailbox };
  }

  askKeep(mailbox: MailboxSummary): void {
    this.asked = { what: 'keep', mailbox, form: new RetentionForm(mailbox) };
  }

  cancel(): void {
    this.asked = null;
  }

  /** Does what was asked. */
  async confirm(): Promise<void> {
    const { asked } = this;
    if (asked?.what === 'keep' && asked.form.read() === undefined) return;
    this.asked = null;
    if (asked === null) return;
    const { id } = asked.mailbox;
    if (asked.what === 'rename') await this.#rename(asked.mailbox, asked.name.trim());
    else if (asked.what === 'keep') await this.#keep(id, asked.form.read() ?? null);
    else if (asked.what === 'empty') await this.#inbox.delete({ mailbox: id, search: '', through: asked.through });
    else await this.#delete(id);
  }

  async #rename(mailbox: MailboxSummary, name: string): Promise<void> {
    if (name !== '' && name !== mailbox.name) await this.#bridge.call('mailboxes.rename', { id: mailbox.id, name });
  }

  async #keep(id: number, retention: Retention | null): Promise<void> {
    await this.#bridge.call('mailboxes.retention', { id, retention });
  }

  async #delete(id: number): Promise<void> {
    await this.#bridge.call('mailboxes.delete', { id });
    if (this.#inbox.filter.mailbox === id) await this.#inbox.chooseMailbox(null);
  }
}
