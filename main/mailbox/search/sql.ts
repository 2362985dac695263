import { fold, marks } from './fold.ts';
import type { SearchTerm } from './query.ts';

/** A condition on the table `message`, for WHERE. */
export interface Condition {
  sql: string;
  values: (string | number)[];
  /** Whether those that meet it are found by an index of its own. */
  hasIndex?: boolean;
}

/** What a query asks of the store. */
export interface SearchPlan {
  /** What the full-text index is asked; null where it is not needed. */
  match: string | null;
  conditions: Condition[];
  /** Whether only starred messages are wanted, of which there mostly are few. */
  isStarred: boolean;
}

type Words = Extract<SearchTerm, { kind: 'words' }>;

/** A string of FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax): what stands in it is words, whatever it is. */
const quoted = (text: string): string => `"${text.replaceAll('"', ' ')}"`;

/** One or two letters begin too many words. */
const mayGoOn = (text: string): boolean => /[\p{L}\p{N}]{3}$/u.test(text.trimEnd());

function phrase({ field, text, isPrefix }: Words): string {
  const folded = fold(text);
  const column = field === null ? '- header :' : `${columns[field]} :`;
  return `(${column} ${quoted(folded)}${isPrefix && mayGoOn(folded) ? '*' : ''})`;
}

/** FTS5's names: `from` and `to` are words of SQL. */
const columns = {
  subject: 'subject',
  from: 'sender',
  to: 'recipient',
  cc: 'cc',
  bcc: 'bcc',
  body: 'body',
  attachment: 'attachment',
} as const;

function textOf(term: SearchTerm): string | null {
  if (term.kind === 'words') return phrase(term);
  if (term.kind === 'flag' && term.flag === 'attachment') return `(attachment : ${quoted(marks.attachment)})`;
  if (term.kind !== 'header') return null;
  const value = term.value === null ? '' : ` ${fold(term.value)}`;
  return `(header : ${quoted(`${marks.header} ${fold(term.name)} ${marks.value}${value}`)})`;
}

function conditionOf(term: SearchTerm): Condition | null {
  switch (term.kind) {
    case 'flag':
      if (term.flag === 'attachment') return null;
      if (term.flag === 'starred') return { sql: 'starred = 1', values: [] };
      return { sql: `unread = ${term.flag === 'unread' ? 1 : 0}`, values: [] };
    case 'mailbox':
      return { sql: 'mailbox_id IN (SELECT id FROM mailbox WHERE name = ? COLLATE NOCASE)', values: [term.name] };
    case 'size':
      return { sql: `size ${term.relation === 'larger' ? '>' : '<'} ?`, values: [term.octets], hasIndex: true };
    case 'time':
      return { sql: `received_at ${term.relation === 'before' ? '<' : '>='} ?`, values: [term.at], hasIndex: true };
    default:
      return null;
  }
}

/**
 * Makes of a query what SQLite understands.
 * @param mailbox the id of the only one that is looked into; null: all of them
 */
export function planOf(terms: readonly SearchTerm[], mailbox: number | null): SearchPlan {
  const wanted: string[] = [];
  const unwanted: string[] = [];
  const conditions: Condition[] = [];
  for (const term of terms) {
    const text = textOf(term);
    if (text !== null) (term.isNegated ? unwanted : wanted).push(text);
    const condition = conditionOf(term);
    if (condition === null) continue;
    conditions.push(term.isNegated ? { sql: `NOT (${condition.sql})`, values: condition.values } : condition);
  }
  const isStarred = terms.some((term) => term.kind === 'flag' && term.flag === 'starred' && !term.isNegated);
  if (wanted.length === 0 && unwanted.length === 0) {
    if (mailbox !== null) conditions.push({ sql: 'mailbox_id = ?', values: [mailbox] });
    return { match: null, conditions, isStarred };
  }
  if (mailbox !== null) wanted.push(`(header : ${quoted(`${marks.mailbox} ${mailbox}`)})`);
  // NOT needs something before it.
  if (wanted.length === 0) wanted.push(`(header : ${quoted(marks.message)})`);
  const match = unwanted.reduce((sofar, text) => `(${sofar}) NOT ${text}`, wanted.join(' AND '));
  return { match, conditions, isStarred };
}
