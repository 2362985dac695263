import type {
  DecidingRule,
  MessageCounts,
  RefusedChange,
  RefusedSummary,
  Refusal,
  SessionRecord,
} from '../../../../preload/contract.ts';
import type { TestBridge } from '../support/test-bridge.ts';

export const at = Date.UTC(2026, 10, 22, 14, 1, 58);

export const deciding = (changes: Partial<DecidingRule> = {}): DecidingRule => ({
  ...{ id: 'bogus', place: 2, text: 'deny bogus*@*' },
  ...changes,
});

/** A recipient that a rule denies. */
export const refusal = (changes: Partial<Refusal> = {}): Refusal => ({
  at,
  stage: 'recipient',
  mailbox: 'bogus7@customer.test',
  reply: '553 5.7.1 Requested action not taken: mailbox name not allowed',
  rule: deciding(),
  ...changes,
});

export const refusedSummary = (id: number, changes: Partial<RefusedSummary> = {}): RefusedSummary => ({
  id,
  startedAt: at - 10,
  remoteAddress: '10.0.0.7',
  clientName: 'build-3.test',
  reversePath: 'billing@shop.test',
  refusals: [refusal()],
  unread: true,
  ...changes,
});

/** What a main process would answer about refused sessions, and tell of changes. */
export class TestRefusals {
  sessions: RefusedSummary[];
  record: SessionRecord = { transcript: `${at} - Connected from 10.0.0.7`, notes: [] };
  readonly #bridge: TestBridge;

  /** @param ids newest first */
  constructor(bridge: TestBridge, ids: number[]) {
    this.#bridge = bridge;
    this.sessions = ids.map((id) => refusedSummary(id));
    bridge
      .answer('refused.list', ({ before = Infinity, limit }) => ({
        sessions: this.sessions.filter(({ id }) => id < before).slice(0, limit),
        counts: this.counts,
      }))
      .answer('refused.open', ({ id }) => {
        const session = this.sessions.find((row) => row.id === id);
        return session === undefined ? null : { ...session, ...this.record };
      })
      .answer('refused.markRead', ({ ids: marked, read }) => {
        this.change(...this.#named(marked).map((row) => ({ ...row, unread: !read })));
        return undefined;
      })
      .answer('refused.delete', ({ ids: gone }) => {
        this.sessions = this.sessions.filter(({ id }) => !gone.includes(id));
        this.tell({ removed: gone });
        return undefined;
      })
      .answer('refused.deleteAll', ({ through }) => {
        this.sessions = this.sessions.filter(({ id }) => id > through);
        this.tell({ reload: true });
        return undefined;
      });
  }

  get counts(): MessageCounts {
    return { total: this.sessions.length, unread: this.sessions.filter(({ unread }) => unread).length };
  }

  /** Rows that are new, or other than they were. */
  change(...rows: RefusedSummary[]): void {
    const others = this.sessions.filter(({ id }) => !rows.some((row) => row.id === id));
    this.sessions = [...rows, ...others].sort((a, b) => b.id - a.id);
    this.tell({ changed: rows });
  }

  tell(change: Partial<RefusedChange>): void {
    this.#bridge.tell('refused.changed', {
      ...{ changed: [], removed: [], reload: false, counts: this.counts },
      ...change,
    });
  }

  #named(ids: number[]): RefusedSummary[] {
    return this.sessions.filter(({ id }) => ids.includes(id));
  }
}
