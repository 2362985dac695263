/** Which words of a message a search looked for, so that they can be marked. */

export interface MarkedPiece {
  text: string;
  isMarked: boolean;
}

/** A sign, an operator, and a value that may be in quotes. */
const pieceSyntax = /(-?)(?:([a-z]+):)?(?:"([^"]*)("?)|(\S+))/giu;
/** Written without spaces between words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const NEVER = /(?!)/gu;
/** More than anybody looks at: very many marks would stop the window. */
export const MAX_MARKS = 1000;

const markedFields = ['subject', 'from', 'to', 'cc', 'body', 'attachment'] as const;
type MarkedField = (typeof markedFields)[number];

/** What a search looks for in each field: what {@link markWords} takes. */
export type SearchedWords = Readonly<Record<MarkedField, RegExp>>;

/** @param search as it was typed */
export const searchedWords = (search: string): SearchedWords =>
  Object.fromEntries(markedFields.map((field) => [field, wordsOf(search, field)])) as Record<MarkedField, RegExp>;

function wordsOf(search: string, field: MarkedField): RegExp {
  const patterns: string[] = [];
  for (const match of search.matchAll(pieceSyntax)) {
    const [whole, sign, operator, quoted, closing, bare = ''] = match;
    if (sign === '-' || (operator !== undefined && operator.toLowerCase() !== field)) continue;
    const isAtEnd = match.index + whole.length === search.length;
    const goesOn = quoted === undefined ? isAtEnd || bare.endsWith('*') : isAtEnd && closing === '';
    const words = fold(quoted ?? bare).text.match(/[\p{L}\p{N}]+/gu) ?? [];
    if (words.length > 0) patterns.push(phrase(words, goesOn));
  }
  return patterns.length === 0 ? NEVER : new RegExp(patterns.join('|'), 'gu');
}

/**
 * @param most so many are marked, the first ones
 * @returns the text in pieces, which together are the text
 */
export function markWords(text: string, words: RegExp, most = MAX_MARKS): MarkedPiece[] {
  if (words === NEVER) return text === '' ? [] : [{ text, isMarked: false }];
  const folded = fold(text);
  const pieces: MarkedPiece[] = [];
  let done = 0;
  const take = (end: number, isMarked: boolean): void => {
    if (end > done) pieces.push({ text: text.slice(done, end), isMarked });
    done = Math.max(done, end);
  };
  let count = 0;
  for (const { 0: found, index } of folded.text.matchAll(words)) {
    if (++count > most) break;
    take(folded.starts[index] ?? done, false);
    take(folded.ends[index + found.length - 1] ?? done, true);
  }
  take(text.length, false);
  return pieces;
}

/** Words next to each other. @param goesOn whether the last is but the beginning of one */
function phrase(words: string[], goesOn: boolean): string {
  const all = words.join('[^\\p{L}\\p{N}]+');
  const before = unspaced.test(all[0] ?? '') ? '' : '(?<![\\p{L}\\p{N}])';
  const after = goesOn || unspaced.test(all.at(-1) ?? '') ? '' : '(?![\\p{L}\\p{N}])';
  return `${before}${all}${after}`;
}

/** Text without case and accents; where in the original each unit of it begins and ends. */
function fold(text: string): { text: string; starts: number[]; ends: number[] } {
  let folded = '';
  const starts: number[] = [];
  const ends: number[] = [];
  let start = 0;
  for (const character of text) {
    const end = start + character.length;
    if (character < '\u0080') {
      folded += character.toLowerCase();
      starts.push(start);
      ends.push(end);
      start = end;
      continue;
    }
    const plain = character.normalize('NFKD').replace(/\p{M}/gu, '').normalize('NFKC').toLowerCase().replace('ς', 'σ');
    // An accent that stands on its own belongs to the letter before it.
    if (plain === '' && ends.length > 0) ends[ends.length - 1] = end;
    const units = plain.split('');
    starts.push(...units.map(() => start));
    ends.push(...units.map(() => end));
    folded += plain;
    start = end;
  }
  return { text: folded, starts, ends };
}
