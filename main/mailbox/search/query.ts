/** What people type into the search field: from the text to what is asked. */

/** Where words may be looked for. */
export const searchFields = ['subject', 'from', 'to', 'cc', 'bcc', 'body', 'attachment'] as const;
export type SearchField = (typeof searchFields)[number];

/** What `is:` and `has:` may say. */
export type SearchFlag = 'unread' | 'read' | 'starred' | 'attachment';

/** One thing that a message has to be, or must not be. */
export type SearchTerm = { isNegated: boolean } & (
  | {
      kind: 'words';
      /** Null: anywhere. */
      field: SearchField | null;
      /** More than one stand next to each other, in this order. */
      text: string;
      /** What the last word is: all of it, the beginning of one, or what was typed of it so far. */
      lastWord: 'whole' | 'beginning' | 'typed';
    }
  /** @property value null: the header field is there */
  | { kind: 'header'; name: string; value: string | null }
  | { kind: 'flag'; flag: SearchFlag }
  | { kind: 'mailbox' | 'tag'; name: string }
  /** Octets: more than `least`, or less than `most`. */
  | { kind: 'size'; relation: 'larger' | 'smaller'; octets: number }
  /** Milliseconds since the epoch: from `at` on, or before it. */
  | { kind: 'time'; relation: 'before' | 'from'; at: number }
);

/** What is wrong with a query, and where in it: characters from 0 on. */
export interface QueryError {
  message: string;
  start: number;
  end: number;
}

/** A piece of a query as it was typed: `-from:"Anna Berg"`. */
interface Piece {
  isNegated: boolean;
  /** In lower case; null where there is none. */
  operator: string | null;
  value: string;
  isQuoted: boolean;
  /** Whether a quote that was opened is closed: the text may still be typed. */
  isClosed: boolean;
  start: number;
  end: number;
}

type Term = SearchTerm extends infer T ? (T extends { isNegated: boolean } ? Omit<T, 'isNegated'> : never) : never;

/**
 * Reads a query.
 * @param now milliseconds since the epoch, for `older:` and `newer:`
 * @returns the terms, all of which have to hold; or the first thing that is wrong
 */
export function parseQuery(text: string, now: number): { terms: SearchTerm[] } | { error: QueryError } {
  const pieces = split(text);
  const terms: SearchTerm[] = [];
  for (const [index, piece] of pieces.entries()) {
    // The word at the very end may still be typed.
    const isLast = index === pieces.length - 1 && piece.end === text.length;
    const read = readPiece(piece, isLast, now);
    if ('message' in read) return { error: { message: read.message, start: piece.start, end: piece.end } };
    terms.push({ isNegated: piece.isNegated, ...read });
  }
  return { terms };
}

/** A sign, an operator, a name as in `header:name=`, and a value that may be in quotes. */
const pieceSyntax = /(-?)(?:([a-z]+):)?([^\s"=]*=)?(?:"([^"]*)("?)|(\S*))/giu;

function split(text: string): Piece[] {
  const pieces: Piece[] = [];
  for (const match of text.matchAll(pieceSyntax)) {
    const [whole, sign, operator, before = '', quoted, closing, bare = ''] = match;
    if (whole === '') continue;
    const isQuoted = quoted !== undefined;
    pieces.push({
      isNegated: sign === '-',
      operator: operator?.toLowerCase() ?? null,
      value: `${before}${isQuoted ? quoted : bare}`,
      isQuoted,
      isClosed: closing === '"',
      start: match.index,
      end: match.index + whole.length,
    });
  }
  return pieces;
}

function readPiece(piece: Piece, isLast: boolean, now: number): Term | { message: string } {
  const { operator, value } = piece;
  if (operator === null) return words(null, piece, isLast);
  const read = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  if (read === undefined) {
    return { message: `There is no “${operator}:”. To look for it as it stands, put it in quotes.` };
  }
  if (value === '') return { message: `Say something behind “${operator}:”.` };
  return read(piece, isLast, now);
}

type Reader = (piece: Piece, isLast: boolean, now: number) => Term | { message: string };

function words(field: SearchField | null, piece: Piece, isLast: boolean): Term | { message: string } {
  const { value, isQuoted, isClosed } = piece;
  const hasStar = !isQuoted && value.endsWith('*');
  const text = hasStar ? value.slice(0, -1) : value;
  if (!/[\p{L}\p{N}\p{Co}]/u.test(text)) return { message: 'There is no word in it to look for.' };
  if (hasStar) return { kind: 'words', field, text, lastWord: 'beginning' };
  const isBeingTyped = isLast && (isQuoted ? !isClosed : true);
  return { kind: 'words', field, text, lastWord: isBeingTyped ? 'typed' : 'whole' };
}

const flags: Readonly<Record<string, Readonly<Record<string, SearchFlag>>>> = {
  is: { unread: 'unread', read: 'read', starred: 'starred' },
  has: { attachment: 'attachment', attachments: 'attachment' },
};

const flag =
  (operator: 'is' | 'has'): Reader =>
  ({ value }) => {
    const known = flags[operator] as Readonly<Record<string, SearchFlag>>;
    const name = value.toLowerCase();
    if (!Object.hasOwn(known, name)) {
      return { message: `“${operator}:” knows ${Object.keys(known).join(', ')}.` };
    }
    return { kind: 'flag', flag: known[name] as SearchFlag };
  };

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1000, kb: 1000, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9 };

const size =
  (relation: 'larger' | 'smaller'): Reader =>
  ({ value }) => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?b?)$/i.exec(value) ?? [];
    if (amount === undefined)
      return { message: `“${relation}:” wants a size, as in ${relation}:2m or ${relation}:500k.` };
    return { kind: 'size', relation, octets: Number(amount) * (units[unit.toLowerCase()] as number) };
  };

const dateSyntax = /^(\d{4})-(\d{1,2})(?:-(\d{1,2}))?$/;

/** A day, or the first of a month, of this machine's time zone. */
const date =
  (operator: 'before' | 'after'): Reader =>
  ({ value }) => {
    const [, year, month, day = '1'] = dateSyntax.exec(value) ?? [];
    const start = new Date(Number(year), Number(month) - 1, Number(day));
    const isThere = start.getMonth() === Number(month) - 1 && start.getDate() === Number(day);
    if (!isThere) return { message: `“${operator}:” wants a date, as in ${operator}:2026-11-24.` };
    if (operator === 'before') return { kind: 'time', relation: 'before', at: start.getTime() };
    return { kind: 'time', relation: 'from', at: start.getTime() };
  };

const HOUR = 60 * 60 * 1000;
const spans: Readonly<Record<string, number>> = {
  h: HOUR,
  d: 24 * HOUR,
  w: 7 * 24 * HOUR,
  m: 30 * 24 * HOUR,
  y: 365 * 24 * HOUR,
};

const age =
  (operator: 'older' | 'newer'): Reader =>
  ({ value }, _isLast, now) => {
    const [, amount, unit = ''] = /^(\d+)([hdwmy])$/i.exec(value) ?? [];
    if (amount === undefined) {
      return { message: `“${operator}:” wants a time span, as in ${operator}:2d: h, d, w, m or y.` };
    }
    const at = now - Number(amount) * (spans[unit.toLowerCase()] as number);
    return { kind: 'time', relation: operator === 'older' ? 'before' : 'from', at };
  };

const named =
  (kind: 'mailbox' | 'tag'): Reader =>
  ({ value }) => ({ kind, name: value });

const header: Reader = ({ value }) => {
  const equals = value.indexOf('=');
  const field = equals === -1 ? value : value.slice(0, equals);
  // RFC 5322 section 2.2
  if (!/^[\x21-\x39\x3b-\x7e]+$/.test(field)) {
    return { message: '“header:” wants a name and a value, as in header:x-mailer=curl.' };
  }
  const wanted = equals === -1 ? '' : value.slice(equals + 1);
  return { kind: 'header', name: field.toLowerCase(), value: wanted === '' ? null : wanted };
};

const operators: Readonly<Record<string, Reader>> = {
  ...Object.fromEntries(
    searchFields.map((field): [string, Reader] => [field, (piece, isLast) => words(field, piece, isLast)]),
  ),
  header,
  is: flag('is'),
  has: flag('has'),
  mailbox: named('mailbox'),
  tag: named('tag'),
  larger: size('larger'),
  smaller: size('smaller'),
  before: date('before'),
  after: date('after'),
  older: age('older'),
  newer: age('newer'),
};
