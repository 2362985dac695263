import type { SearchedText } from '../message.ts';

/** What FTS5's own tokenizer leaves to do, the same for what is indexed and for what is looked for. */

/** Written without spaces between words (UAX #29 section 4): each character is a word, and words are phrases of them. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;
/** Hebrew and Arabic vowels and signs, which are written or left out; the tokenizer would end the word at them. */
const points =
  // eslint-disable-next-line no-misleading-character-class -- each of them on its own is what is meant
  /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06ed]/gu;

/** Accents of Latin, Greek and Cyrillic letters; the tokenizer knows those of Latin ones. */
const accents = /[\u0300-\u036f]/g;

/**
 * Brings text into the form in which words are compared: compatibility forms are the same (NFKC), accents and the vowel
 * points of Hebrew and Arabic make no difference, and characters of scripts without spaces stand apart. Case is left to the
 * tokenizer.
 */
export const fold = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(accents, '')
    .normalize('NFKC')
    .replace(points, '')
    .replace(/[Σς]/g, 'σ')
    // SQLite takes it for the end.
    .replaceAll('\0', ' ')
    .replace(unspaced, ' $& ');

/**
 * Words that no text has: they stand before a header field's name, behind it, where there is an attachment, in every
 * message, to have something that others are left out of, and before the number of the mailbox.
 */
export const marks = {
  header: '\ue000',
  value: '\ue001',
  attachment: '\ue002',
  message: '\ue003',
  mailbox: '\ue004',
} as const;
const markCharacters = /[\ue000-\ue004]/g;

/** What is indexed of a message. `bcc` are the envelope's recipients that no header field names. */
export type IndexRow = Record<'subject' | 'from' | 'to' | 'cc' | 'bcc' | 'body' | 'attachment' | 'header', string>;

const clean = (text: string): string => fold(text.replace(markCharacters, ' '));

/**
 * @param recipients the envelope's forward-paths
 * @param mailbox the id of the one that it lies in
 */
export function indexRow(text: SearchedText, recipients: readonly string[], mailbox: number): IndexRow {
  const named = `${text.to} ${text.cc}`.toLowerCase();
  const hidden = recipients.filter((recipient) => !named.includes(recipient.toLowerCase()));
  const headers = text.headers.map(
    ({ name, value }) => `${marks.header} ${clean(name)} ${marks.value} ${clean(value)}`,
  );
  return {
    subject: clean(text.subject),
    from: clean(text.from),
    to: clean(text.to),
    cc: clean(text.cc),
    bcc: clean(hidden.join(' ')),
    body: clean(text.body),
    attachment: text.attachment === '' ? '' : `${marks.attachment} ${clean(text.attachment)}`,
    header: [marks.message, marks.mailbox, mailbox, ...headers].join(' '),
  };
}
