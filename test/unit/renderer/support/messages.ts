import type {
  ChosenMessages,
  MailContent,
  Message,
  MailCounts,
  MessageCounts,
  MessagePage,
  MessagesChange,
  MessageSummary,
  SessionRecord,
  TagSummary,
} from '../../../../preload/contract.ts';
import type { TestBridge } from './test-bridge.ts';

export function summaryOf(id: number, changes: Partial<MessageSummary> = {}): MessageSummary {
  return {
    id,
    receivedAt: Date.UTC(2026, 10, 22, 14, 2, 11) + id,
    size: 1000,
    unread: true,
    starred: false,
    mailbox: 1,
    tags: [],
    envelope: {
      reversePath: 'shop@example.com',
      parameters: {},
      forwardPaths: ['maria@example.com'],
      forwardPathParameters: [{}],
      remoteAddress: '127.0.0.1',
      clientName: 'build-3.example.com',
      protocol: 'ESMTP',
      tls: null,
      user: null,
    },
    digest: {
      subject: `Message ${id}`,
      from: { name: 'Shop', address: 'shop@example.com' },
      to: [{ name: '', address: 'maria@example.com' }],
      snippet: 'Thank you',
      attachmentCount: 0,
    },
    ...changes,
  };
}

export function contentOf(changes: Partial<MailContent> = {}): MailContent {
  return {
    subject: 'Message',
    from: [{ name: 'Shop', address: 'shop@example.com' }],
    to: [{ name: '', address: 'maria@example.com' }],
    cc: [],
    headers: [],
    html: '<p>Thank you',
    text: 'Thank you',
    textIsDerived: false,
    attachments: [],
    ...changes,
  };
}

export function sessionOf(changes: Partial<SessionRecord> = {}): SessionRecord {
  return { transcript: `${Date.UTC(2026, 10, 22, 14, 2, 11)} - Connected from 127.0.0.1`, notes: [], ...changes };
}

export function messageOf(
  id: number,
  content: Partial<MailContent> | null = {},
  session: SessionRecord | null = sessionOf(),
): Message {
  return {
    summary: summaryOf(id),
    content: content === null ? null : contentOf(content),
    parseError: content === null ? 'It is nested too deeply.' : null,
    session,
  };
}

/** Ids from `newest` down to `oldest`. */
export function idsBetween(newest: number, oldest: number): number[] {
  return Array.from({ length: newest - oldest + 1 }, (_, index) => newest - index);
}

/** What is wrong with a search for `larger:huge`. */
export const searchError = { message: '“larger:” wants a size.', start: 0, end: 11 };

/** A mailbox in the main process: what a bridge answers about messages, and what it tells of changes. */
export class TestMailbox {
  messages: MessageSummary[];
  /** Of the mailboxes, by id. */
  readonly names = new Map([[1, 'Inbox']]);
  tags: Omit<TagSummary, 'total'>[] = [];
  /** What was deleted, by the number of the deletion, from 1 on. */
  readonly deletions: MessageSummary[][] = [];
  readonly #bridge: TestBridge;

  /** @param ids newest first */
  constructor(bridge: TestBridge, ids: number[]) {
    this.#bridge = bridge;
    this.messages = ids.map((id) => summaryOf(id));
    bridge
      .answer('messages.list', ({ before = Infinity, limit, mailbox, search = '' }) => {
        if (search.includes('larger:huge')) return { messages: [], counts: this.counts, error: searchError };
        const isWanted = (row: MessageSummary): boolean =>
          (mailbox === undefined || row.mailbox === mailbox) && this.#isFound(row, search.trim());
        return this.#page(before, limit, isWanted);
      })
      .answer(
        'messages.count',
        ({ mailbox, search }) =>
          this.#chosen({ mailbox: mailbox ?? null, search, through: Number.MAX_SAFE_INTEGER }).length,
      )
      .answer('messages.open', ({ id }) => {
        const summary = this.messages.find((message) => message.id === id);
        return summary === undefined ? null : { summary, content: contentOf(), parseError: null, session: sessionOf() };
      })
      .answer('messages.markRead', ({ messages, read }) => {
        this.change(this.#chosen(messages).map((row) => ({ ...row, unread: !read })));
        return undefined;
      })
      .answer('messages.star', ({ messages, starred }) => {
        this.change(this.#chosen(messages).map((row) => ({ ...row, starred })));
        return undefined;
      })
      .answer('messages.delete', ({ messages }) => {
        const gone = this.#chosen(messages);
        this.deletions.push(gone);
        if ('ids' in messages) this.remove(gone.map(({ id }) => id));
        else {
          this.messages = this.messages.filter((row) => !gone.includes(row));
          this.tell({ reload: true });
        }
        return { deletion: this.deletions.length, count: gone.length };
      })
      .answer('messages.restore', ({ deletion }) => {
        const back = this.deletions[deletion - 1] ?? [];
        this.messages = [...this.messages, ...back].sort((a, b) => b.id - a.id);
        this.tell({ reload: true });
        return undefined;
      })
      .answer('messages.tag', ({ messages, tag, on }) => {
        const tagsOf = ({ tags }: MessageSummary): number[] => [
          ...tags.filter((id) => id !== tag),
          ...(on ? [tag] : []),
        ];
        this.change(this.#chosen(messages).map((row) => ({ ...row, tags: tagsOf(row) })));
        return undefined;
      })
      .answer('tags.create', ({ name, color }) => {
        const known = this.tags.find((tag) => tag.name.toLowerCase() === name.toLowerCase());
        const tag = known ?? { id: this.tags.length + 1, name, color };
        if (known === undefined) this.tags.push(tag);
        this.tell({});
        return tag.id;
      })
      .answer('tags.change', (changed) => {
        if (this.tags.some(({ id, name }) => id !== changed.id && name === changed.name)) {
          throw new Error(`There is a tag ${changed.name} already.`);
        }
        this.tags = this.tags.map((tag) => (tag.id === changed.id ? changed : tag));
        this.tell({});
        return undefined;
      })
      .answer('tags.delete', ({ id }) => {
        this.tags = this.tags.filter((tag) => tag.id !== id);
        this.messages = this.messages.map((row) => ({ ...row, tags: row.tags.filter((tag) => tag !== id) }));
        this.tell({ reload: true });
        return undefined;
      })
      .answer('mailboxes.rename', ({ id, name }) => {
        this.names.set(id, name);
        this.tell({});
        return undefined;
      })
      .answer('mailboxes.delete', ({ id }) => {
        this.messages = this.messages.filter(({ mailbox }) => mailbox !== id);
        this.names.delete(id);
        this.tell({ reload: true });
        return undefined;
      });
  }

  get counts(): MailCounts {
    const countsOf = (messages: MessageSummary[]): MessageCounts => ({
      total: messages.length,
      unread: messages.filter(({ unread }) => unread).length,
    });
    const mailboxes = [...this.names].map(([id, name]) => ({
      id,
      name,
      size: 0,
      retention: null,
      ...countsOf(this.messages.filter(({ mailbox }) => mailbox === id)),
    }));
    const tags = this.tags.map((tag) => ({
      ...tag,
      total: this.messages.filter((row) => row.tags.includes(tag.id)).length,
    }));
    tags.sort((a, b) => a.name.localeCompare(b.name));
    return { ...countsOf(this.messages), mailboxes, tags };
  }

  arrive(...ids: number[]): void {
    this.change(ids.map((id) => summaryOf(id)));
  }

  change(rows: MessageSummary[]): void {
    const others = this.messages.filter(({ id }) => !rows.some((row) => row.id === id));
    this.messages = [...rows, ...others].sort((a, b) => b.id - a.id);
    this.tell({ changed: rows });
  }

  remove(ids: number[]): void {
    this.messages = this.messages.filter(({ id }) => !ids.includes(id));
    this.tell({ removed: ids });
  }

  tell(change: Partial<MessagesChange>): void {
    this.#bridge.tell('messages.changed', {
      changed: [],
      removed: [],
      reload: false,
      counts: this.counts,
      ...change,
    });
  }

  /** The little of the query language that tests need: `is:unread`, `tag:name`, or part of the subject. */
  #isFound(row: MessageSummary, search: string): boolean {
    if (search === 'is:unread') return row.unread;
    const [, quoted, bare] = /^tag:(?:"(.*)"|(.*))$/.exec(search) ?? [];
    const name = quoted ?? bare;
    if (name !== undefined) return this.tags.some((tag) => tag.name === name && row.tags.includes(tag.id));
    return (row.digest?.subject ?? '').includes(search);
  }

  #chosen(messages: ChosenMessages): MessageSummary[] {
    return this.messages.filter((row) =>
      'ids' in messages
        ? messages.ids.includes(row.id)
        : row.id <= messages.through &&
          (messages.mailbox === null || row.mailbox === messages.mailbox) &&
          this.#isFound(row, messages.search.trim()),
    );
  }

  #page(before: number, limit: number, isWanted: (row: MessageSummary) => boolean): MessagePage {
    const messages = this.messages.filter((row) => row.id < before && isWanted(row)).slice(0, limit);
    return { messages, counts: this.counts, error: null };
  }
}
