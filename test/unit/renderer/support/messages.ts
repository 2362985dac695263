import type {
  MailContent,
  Message,
  MailCounts,
  MessagePage,
  MessagesChange,
  MessageSummary,
  SessionRecord,
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

/** A mailbox in the main process: what a bridge answers about messages, and what it tells of changes. */
export class TestMailbox {
  messages: MessageSummary[];
  readonly #bridge: TestBridge;

  /** @param ids newest first */
  constructor(bridge: TestBridge, ids: number[]) {
    this.#bridge = bridge;
    this.messages = ids.map((id) => summaryOf(id));
    bridge
      .answer('messages.list', ({ before = Infinity, limit }) => this.#page(before, limit))
      .answer('messages.open', ({ id }) => {
        const summary = this.messages.find((message) => message.id === id);
        return summary === undefined ? null : { summary, content: contentOf(), parseError: null, session: sessionOf() };
      })
      .answer('messages.markRead', ({ ids: read, read: isRead }) => {
        this.change(this.messages.filter(({ id }) => read.includes(id)).map((row) => ({ ...row, unread: !isRead })));
        return undefined;
      })
      .answer('messages.delete', ({ ids: gone }) => {
        this.remove(gone);
        return undefined;
      })
      .answer('messages.deleteAll', ({ through }) => {
        this.messages = this.messages.filter(({ id }) => id > through);
        this.tell({ reload: true });
        return undefined;
      });
  }

  get counts(): MailCounts {
    const counts = { total: this.messages.length, unread: this.messages.filter(({ unread }) => unread).length };
    return { ...counts, mailboxes: [{ id: 1, name: 'Inbox', ...counts }] };
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

  #page(before: number, limit: number): MessagePage {
    const messages = this.messages.filter(({ id }) => id < before).slice(0, limit);
    return { messages, counts: this.counts, error: null };
  }
}
