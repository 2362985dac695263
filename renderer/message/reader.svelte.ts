import type { Bridge, Message, MessageSummary } from '../../preload/contract.ts';
import { Latest } from '../list/latest.ts';
import { Source } from './source.svelte.ts';

export type Tab = 'html' | 'text' | 'source' | 'headers' | 'attachments' | 'session' | 'notes';

/** Where an attachment was saved. */
export interface SavedAttachment {
  fileName: string;
  path: string;
}

/** The one message that is open. */
export class Reader {
  /** The message that was asked for; null when none is open. */
  id = $state<number | null>(null);
  /** What is shown; the message before it, until the one that was asked for is there. */
  message = $state.raw<Message | null>(null);
  tab = $state<Tab>('text');
  /** The bytes of the shown message. */
  source = $state.raw<Source | null>(null);
  /** What was saved of the shown message, latest last. */
  saved = $state.raw<SavedAttachment[]>([]);

  readonly #bridge: Bridge;
  /** The tab that the user chose last. */
  #preferred: Tab | null = null;
  readonly #reading = new Latest<number>((id) => this.#show(id));

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Whether what is shown is not what was asked for. */
  get waiting(): boolean {
    return this.id !== null && this.id !== this.message?.summary.id;
  }

  /** Shows a message and marks it read. Of several that are asked for at once, the last is shown. */
  async open(id: number): Promise<void> {
    if (id === this.id) return;
    this.id = id;
    try {
      await this.#reading.want(id);
    } catch (error) {
      this.id = this.message?.summary.id ?? null;
      throw error;
    }
  }

  close(): void {
    this.id = null;
    this.#reading.forget();
    this.message = null;
    this.source = null;
  }

  chooseTab(tab: Tab): void {
    this.tab = tab;
    this.#preferred = tab;
  }

  /** Takes over what the list heard about the message that is shown. */
  follow(summary: MessageSummary): void {
    if (this.message?.summary.id !== summary.id || this.message.summary === summary) return;
    this.message = { ...this.message, summary };
  }

  /** Asks the user where to, and saves one attachment of the shown message there. */
  async save(index: number): Promise<void> {
    const message = this.message;
    if (message === null) return;
    const result = await this.#bridge.call('attachments.save', { id: message.summary.id, index });
    const attachment = message.content?.attachments.find((other) => other.index === index);
    if (result === null || attachment === undefined || this.id !== message.summary.id) return;
    this.saved = [...this.saved, { fileName: attachment.fileName, path: result.path }];
  }

  async #show(id: number): Promise<void> {
    const message = await this.#bridge.call('messages.open', { id });
    if (id !== this.id) return;
    if (message === null) {
      this.close();
      return;
    }
    this.message = message;
    this.tab = this.#tabFor(message);
    this.source = new Source(this.#bridge, id);
    this.saved = [];
    if (message.summary.unread) await this.#bridge.call('messages.markRead', { messages: { ids: [id] }, read: true });
  }

  /** The tab that the user chose, where the message has something to show there. */
  #tabFor(message: Message): Tab {
    if (this.#preferred !== null && hasSomethingFor(this.#preferred, message)) return this.#preferred;
    if (message.content === null) return 'source';
    return message.content.html === null ? 'text' : 'html';
  }
}

function hasSomethingFor(tab: Tab, { content, session }: Message): boolean {
  switch (tab) {
    case 'html':
      return content !== null && content.html !== null;
    case 'text':
    case 'headers':
      return content !== null;
    case 'attachments':
      return content !== null && content.attachments.length > 0;
    case 'source':
      return true;
    case 'session':
      return session !== null;
    case 'notes':
      return session !== null && session.notes.length > 0;
  }
}
