import { expect, test } from 'vitest';
import { type SearchedWords, markWords, searchedWords } from '../../../../renderer/list/marking.ts';

/** The text with what is marked in brackets. */
const mark = (text: string, search: string, field: keyof SearchedWords = 'subject'): string =>
  markWords(text, searchedWords(search)[field])
    .map(({ text: piece, isMarked }) => (isMarked ? `[${piece}]` : piece))
    .join('');

test.each([
  { what: 'a word, whatever its case', search: 'INVOICE ', text: 'Your invoice', marked: 'Your [invoice]' },
  { what: 'a word wherever it stands', search: 'a b ', text: 'a b c a', marked: '[a] [b] c [a]' },
  { what: 'whole words only', search: 'in ', text: 'in the invoice', marked: '[in] the invoice' },
  {
    what: 'the beginning of the word that is typed',
    search: 'the inv',
    text: 'the invoice',
    marked: '[the] [inv]oice',
  },
  { what: 'the beginning of a word with a star', search: 'inv* the ', text: 'the invoice', marked: '[the] [inv]oice' },
  { what: 'words without their accents', search: 'reservation ', text: 'Une Réservation', marked: 'Une [Réservation]' },
  { what: 'words with accents of their own', search: 'é ', text: 'e\u0301 é e', marked: '[e\u0301] [é] [e]' },
  { what: 'compatibility forms', search: 'file ', text: 'my \ufb01le.', marked: 'my [\ufb01le].' },
  { what: 'Greek to its last letter', search: 'ΟΔΟΣ ', text: 'Μια οδός', marked: 'Μια [οδός]' },
  { what: 'words beyond the first plane', search: '𝐀x ', text: '😀 ax 😀', marked: '😀 [ax] 😀' },
  { what: 'Japanese in the middle of a line', search: '注文 ', text: 'ご注文の確認', marked: 'ご[注文]の確認' },
  { what: 'a phrase as a whole', search: '"the order"', text: 'the order, the end', marked: '[the order], the end' },
  { what: 'a phrase over what stands between', search: "don't ", text: 'Don’t do', marked: '[Don’t] do' },
  { what: 'a phrase that is still typed', search: '"the or', text: 'the order', marked: '[the or]der' },
  { what: 'nothing of what must not be there', search: '-invoice x', text: 'invoice', marked: 'invoice' },
  { what: 'nothing of other fields', search: 'from:anna is:unread ', text: 'anna unread', marked: 'anna unread' },
  { what: 'its own field', search: 'subject:"my order"', text: 'My order', marked: '[My order]' },
  { what: 'nothing where nothing is looked for', search: '', text: 'invoice', marked: 'invoice' },
  {
    what: 'what looks like an expression as it stands',
    search: 'a+b (c',
    text: 'a+b aab (c)',
    marked: '[a+b] aab ([c])',
  },
])('marks $what', ({ search, text, marked }) => {
  expect(mark(text, search)).toBe(marked);
});

test('what is looked for in the text is marked there, and not in the subject', () => {
  const search = 'subject:order body:invoice both ';
  expect(mark('order invoice both', search, 'body')).toBe('order [invoice] [both]');
  expect(mark('order invoice both', search, 'subject')).toBe('[order] invoice [both]');
});

test('people are marked where they were looked for', () => {
  const search = 'from:anna to:"bert berg" cc:carl attachment:offer ';
  const marked = (['from', 'to', 'cc', 'attachment'] as const).map((field) =>
    mark('Anna Bert Berg Carl offer', search, field),
  );
  expect(marked).toEqual([
    '[Anna] Bert Berg Carl offer',
    'Anna [Bert Berg] Carl offer',
    'Anna Bert Berg [Carl] offer',
    'Anna Bert Berg Carl [offer]',
  ]);
});

test('nothing of the text is lost', () => {
  const text = 'Ünïcödé 😀 ﬁ x\u0301\u0302y 注文';
  expect(
    markWords(text, searchedWords('x fi u 注 ').subject)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text);
});

test('of very many the first ones are marked', () => {
  const pieces = markWords('an '.repeat(5000), searchedWords('an ').body);
  expect(pieces.filter(({ isMarked }) => isMarked).length).toBe(1000);
  expect(pieces.map(({ text }) => text).join('')).toBe('an '.repeat(5000));
});
