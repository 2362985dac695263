import { fold, marks } from './fold.ts';
import type { SearchTerm } from './query.ts';

/** A condition on the table `message`, for WHERE. */
export interface Condition {
  sql: string;
  values: (string | number)[];
  /** Where an index of its own finds those that meet it: SQL, of the same values, that selects their ids. */
  ids?: string;
  /** SQL, of the same values, that gives an id that all of them are greater, or less, than, where that is quickly known. */
  above?: string;
  below?: string;
}

/** What a query asks of the store. */
export interface SearchPlan {
  /** What the full-text index is asked; null where it is not needed. */
  match: string | null;
  conditions: Condition[];
}

type Words = Extract<SearchTerm, { kind: 'words' }>;

/** A string of FTS5 (https://www.sqlite.org/fts5.html#full_text_query_syntax): what stands in it is words, whatever it is. */
const quoted = (text: string): string => `"${text.replaceAll('"', ' ')}"`;

/** Words that what is typed may go on to: what begins more of them is taken for a word itself. */
const MAX_WORDS = 500;
/** The same where it is the last word of a phrase, which takes longer to find. */
const MAX_PHRASES = 100;

/** Gives at most so many words that begin with some letters, see {@link Vocabulary}. */
export type BeginningWith = (prefix: string, limit: number) => string[];

function phrase({ field, text, lastWord }: Words, beginningWith: BeginningWith): string {
  const folded = fold(text);
  const column = field === null ? '- header :' : `${columns[field]} :`;
  const words =
    lastWord === 'typed' ? typed(folded, beginningWith) : quoted(folded) + (lastWord === 'whole' ? '' : '*');
  return `(${column} ${words})`;
}

/** One or two letters begin too many words. */
const lastLetters = /[\p{L}\p{N}]{3,}$/u;

function typed(text: string, beginningWith: BeginningWith): string {
  const last = lastLetters.exec(text.toLowerCase())?.[0];
  if (last === undefined) return quoted(text);
  // Numbers and codes are few, and not in the vocabulary.
  if (/\p{N}/u.test(last)) return `${quoted(text)}*`;
  const before = text.slice(0, -last.length);
  const limit = before.trim() === '' ? MAX_WORDS : MAX_PHRASES;
  const words = beginningWith(last, limit + 1);
  if (words.length > limit) return quoted(text);
  return `(${[text, ...words.map((word) => before + word)].map(quoted).join(' OR ')})`;
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

function textOf(term: SearchTerm, beginningWith: BeginningWith): string | null {
  if (term.kind === 'words') return phrase(term, beginningWith);
  if (term.kind === 'flag' && term.flag === 'attachment') return `(attachment : ${quoted(marks.attachment)})`;
  if (term.kind !== 'header') return null;
  const value = term.value === null ? '' : ` ${fold(term.value)}`;
  return `(header : ${quoted(`${marks.header} ${fold(term.name)} ${marks.value}${value}`)})`;
}

/** @param sql a condition that an index of `message` answers */
const indexed = (sql: string, ...values: (string | number)[]): Condition => ({
  ...{ sql, values, ids: `SELECT id FROM message WHERE ${sql}` },
});

/**
 * Ids ascend with time but for the moments by which the clock was once set back, and those are kept (`clock`): so what
 * lies in time before one message that came later by more than that, lies before it in the list as well.
 */
function timeCondition(relation: 'before' | 'from', at: number): Condition {
  const back = '(SELECT set_back FROM clock)';
  if (relation === 'before') {
    const below = `SELECT id FROM message WHERE received_at >= ? + ${back} ORDER BY received_at LIMIT 1`;
    return { ...indexed('received_at < ?', at), below };
  }
  const above = `SELECT id FROM message WHERE received_at < ? - ${back} ORDER BY received_at DESC, id DESC LIMIT 1`;
  return { ...indexed('received_at >= ?', at), above };
}

function tagCondition(name: string): Condition {
  const tagged = 'FROM message_tag WHERE tag_id = (SELECT id FROM tag WHERE name = ?)';
  return {
    sql: `EXISTS (SELECT 1 ${tagged} AND message_id = message.id)`,
    values: [name],
    ids: `SELECT message_id AS id ${tagged}`,
    below: `SELECT max(message_id) + 1 ${tagged}`,
  };
}

function conditionOf(term: SearchTerm): Condition | null {
  switch (term.kind) {
    case 'flag':
      if (term.flag === 'attachment') return null;
      return term.flag === 'read' ? { sql: 'unread = 0', values: [] } : indexed(`${term.flag} = 1`);
    case 'mailbox':
      return indexed('mailbox_id IN (SELECT id FROM mailbox WHERE name = ? COLLATE NOCASE)', term.name);
    case 'tag':
      return tagCondition(term.name);
    case 'size':
      return indexed(`size ${term.relation === 'larger' ? '>' : '<'} ?`, term.octets);
    case 'time':
      return timeCondition(term.relation, term.at);
    default:
      return null;
  }
}

/**
 * Makes of a query what SQLite understands.
 * @param mailbox the id of the only one that is looked into; null: all of them
 */
export function planOf(terms: readonly SearchTerm[], mailbox: number | null, beginningWith: BeginningWith): SearchPlan {
  const wanted: string[] = [];
  const unwanted: string[] = [];
  const conditions: Condition[] = [];
  for (const term of terms) {
    const text = textOf(term, beginningWith);
    if (text !== null) (term.isNegated ? unwanted : wanted).push(text);
    const condition = conditionOf(term);
    if (condition === null) continue;
    conditions.push(term.isNegated ? { sql: `NOT (${condition.sql})`, values: condition.values } : condition);
  }
  if (wanted.length === 0 && unwanted.length === 0) {
    if (mailbox !== null) conditions.push({ sql: 'mailbox_id = ?', values: [mailbox] });
    return { match: null, conditions };
  }
  if (mailbox !== null) wanted.push(`(header : ${quoted(`${marks.mailbox} ${mailbox}`)})`);
  // NOT needs something before it.
  if (wanted.length === 0) wanted.push(`(header : ${quoted(marks.message)})`);
  const match = unwanted.reduce((sofar, text) => `(${sofar}) NOT ${text}`, wanted.join(' AND '));
  return { match, conditions };
}
