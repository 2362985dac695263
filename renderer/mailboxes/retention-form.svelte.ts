import type { MailboxSummary, Retention } from '../../preload/contract.ts';

const MEBIBYTE = 1024 * 1024;

/** The limits of a mailbox, in the order in which they are asked. Each is a whole number, or empty. */
export const limits = {
  messages: { label: 'Messages', unit: 1 },
  days: { label: 'Days', unit: 1 },
  octets: { label: 'Size of its messages (MiB)', unit: MEBIBYTE },
} as const satisfies Record<keyof Retention, { label: string; unit: number }>;

type Limit = keyof Retention;
const names = Object.keys(limits) as Limit[];

/** What is to be kept of one mailbox, while it is typed. */
export class RetentionForm {
  readonly mailbox: MailboxSummary;
  texts = $state<Record<Limit, string>>({ messages: '', days: '', octets: '' });
  /** What is wrong with what was to be saved last. */
  errors = $state.raw<Partial<Record<Limit, string>>>({});

  constructor(mailbox: MailboxSummary) {
    this.mailbox = mailbox;
    for (const name of names) {
      const limit = mailbox.retention?.[name] ?? null;
      this.texts[name] = limit === null ? '' : String(Math.max(1, Math.round(limit / limits[name].unit)));
    }
  }

  /** @returns what was typed, null where that is nothing; undefined where it is wrong, and `errors` says what */
  read(): Retention | null | undefined {
    const numbers = names.map((name) => [name, this.texts[name].trim()] as const);
    const wrong = numbers.filter(([, text]) => text !== '' && !/^[1-9]\d{0,8}$/.test(text));
    this.errors = Object.fromEntries(wrong.map(([name]) => [name, 'A whole number from 1 on, or nothing.']));
    if (wrong.length > 0) return undefined;
    if (numbers.every(([, text]) => text === '')) return null;
    const read = numbers.map(([name, text]) => [name, text === '' ? null : Number(text) * limits[name].unit]);
    return Object.fromEntries(read) as Retention;
  }
}
