import type { Calls } from '../../preload/contract.ts';
import type { MessageMaker } from './messages.ts';

/** Something that is asked of a mailbox, and what kind of thing: a page of the list, a search, or one that is being typed. */
export interface Question {
  kind: 'page' | 'search' | 'typed';
  name: string;
  ask: Calls['messages.list']['argument'];
}

export const PAGE = 200;
/** How often everything is asked, to one round: mostly it takes less than a millisecond. */
export const ASKS = 4;

/** @param count messages of the mailbox */
export function questions(maker: MessageMaker, count: number): Question[] {
  const { vocabulary } = maker.languages['en'] as (typeof maker.languages)[string];
  const chinese = (maker.languages['zh'] as (typeof maker.languages)[string]).vocabulary;
  const word = (rank: number, of = vocabulary): string => of[rank - 1] as string;
  const [common, rare] = [word(1), word(vocabulary.length - 100)];
  const asking =
    (kind: Question['kind']) =>
    (name: string, ask: Partial<Question['ask']>): Question => ({ kind, name, ask: { limit: PAGE, ...ask } });
  const page = asking('page');
  const search = asking('search');
  const typed = asking('typed');
  return [
    page('the first page', {}),
    page('a page in the middle', { before: count / 2 }),
    page('the last page', { before: PAGE + 1 }),
    // So many are in it also where there are but a thousand in all.
    page('the first 20 of one mailbox', { mailbox: 3, limit: 20 }),
    page('20 in the middle of one mailbox', { mailbox: 3, before: count / 2, limit: 20 }),
    search('a common word', { search: `${common} ` }),
    search('a rare word', { search: `${rare} ` }),
    search('two common words', { search: `${common} ${word(2)} ` }),
    search('two words that seldom meet', { search: `${word(1500)} ${word(2500)} ` }),
    search('a phrase', { search: `"${common} ${word(2)}"` }),
    search('a phrase of words that seldom stand together', { search: `"${word(60)} ${word(90)}"` }),
    search('a common word of Chinese', { search: `${word(26, chinese)} ` }),
    search('a rare word of Chinese', { search: `${word(5000, chinese)} ` }),
    search('a word in the subject', { search: `subject:${common} ` }),
    search('a word left out', { search: `-${common} ` }),
    search('is:unread and a word', { search: `is:unread ${common} ` }),
    search('is:starred and a word', { search: `is:starred ${common} ` }),
    search('has:attachment', { search: 'has:attachment' }),
    search('one mailbox and a word', { mailbox: 3, search: `${common} ` }),
    search('a header field', { search: 'header:x-mailer=symfony' }),
    search('larger than most', { search: 'larger:50k' }),
    search('larger than any', { search: 'larger:10m' }),
    search('the oldest', { search: 'before:2025-01-03' }),
    search('before any', { search: 'before:1969-01-01' }),
    typed('three letters', { search: common }),
    typed('three letters that begin few words', { search: rare.slice(0, 3) }),
    typed('a rare word, and three letters', { search: `${rare} ${common}` }),
    typed('a phrase', { search: `"${word(2)} ${common}` }),
  ];
}
