import type { Bridge, ChosenMessages, TagColor, TagSummary } from '../../preload/contract.ts';
import type { Inbox } from '../inbox/inbox.svelte.ts';
import { nextColor } from './colors.ts';

/** What the user is asked before it is done to a tag. */
type Asked =
  { what: 'rename'; tag: TagSummary; name: string; error: string | null } | { what: 'delete'; tag: TagSummary };

/** The tags, and what can be done to them and with them. */
export class Tags {
  /** Null when nothing is asked. */
  asked = $state<Asked | null>(null);

  readonly #bridge: Bridge;
  readonly #inbox: Inbox;

  constructor(bridge: Bridge, inbox: Inbox) {
    this.#bridge = bridge;
    this.#inbox = inbox;
  }

  /** By name. */
  get list(): TagSummary[] {
    return this.#inbox.counts?.tags ?? [];
  }

  /** The tag whose messages are shown, or are to be. */
  get current(): TagSummary | undefined {
    const { mailbox, search } = this.#inbox.filter;
    return mailbox === null ? this.list.find(({ name }) => searchFor(name) === search.trim()) : undefined;
  }

  /** Those that a message has. */
  of({ tags }: { tags: number[] }): TagSummary[] {
    return this.list.filter(({ id }) => tags.includes(id));
  }

  /** Shows its messages, from all mailboxes. */
  async show({ name }: TagSummary): Promise<void> {
    await this.#inbox.choose({ mailbox: null, search: searchFor(name) });
  }

  /** Puts a tag on messages, or takes it off. */
  async set(messages: ChosenMessages, tag: number, on: boolean): Promise<void> {
    await this.#bridge.call('messages.tag', { messages, tag, on });
  }

  /** @returns the id of the tag of that name, which is made where there is none */
  async create(name: string): Promise<number> {
    return await this.#bridge.call('tags.create', { name: nameOf(name), color: nextColor(this.list) });
  }

  async recolor({ id, name }: TagSummary, color: TagColor): Promise<void> {
    await this.#bridge.call('tags.change', { id, name, color });
  }

  askRename(tag: TagSummary): void {
    this.asked = { what: 'rename', tag, name: tag.name, error: null };
  }

  askDelete(tag: TagSummary): void {
    this.asked = { what: 'delete', tag };
  }

  cancel(): void {
    this.asked = null;
  }

  /** Does what was asked, and asks again where that could not be. */
  async confirm(): Promise<void> {
    const { asked } = this;
    if (asked?.what === 'rename') await this.#rename(asked);
    else if (asked?.what === 'delete') {
      this.asked = null;
      await this.#delete(asked.tag);
    }
  }

  async #rename(asked: Asked & { what: 'rename' }): Promise<void> {
    const { id, color } = asked.tag;
    const name = nameOf(asked.name);
    if (name !== '' && name !== asked.tag.name) {
      const wasCurrent = this.current?.id === id;
      try {
        await this.#bridge.call('tags.change', { id, name, color });
      } catch (error) {
        asked.error = (error as Error).message;
        return;
      }
      if (wasCurrent) await this.show({ ...asked.tag, name });
    }
    this.asked = null;
  }

  async #delete({ id }: TagSummary): Promise<void> {
    const wasCurrent = this.current?.id === id;
    await this.#bridge.call('tags.delete', { id });
    if (wasCurrent) await this.#inbox.choose({ search: '' });
  }
}

/** What is typed to find the messages of a tag. */
export const searchFor = (name: string): string => (/\s/.test(name) ? `tag:"${name}"` : `tag:${name}`);

/** A name as it was typed, in which a search can put quotes around it. */
export const nameOf = (typed: string): string => typed.trim().replaceAll('"', '”');
