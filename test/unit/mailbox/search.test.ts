import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Envelope, SearchedText } from '../../../main/mailbox/message.ts';
import { type QueryError, parseQuery } from '../../../main/mailbox/search/query.ts';
import { MailStore } from '../../../main/mailbox/store.ts';
import { envelope, record, searchedText } from './envelope.ts';

const DAY = 24 * 60 * 60 * 1000;

interface Put {
  text?: Partial<SearchedText>;
  recipients?: string[];
  user?: string;
  size?: number;
  receivedAt?: number;
}

/** A store in memory with these messages in it, each known by its place from 1 on. */
function storeOf(...messages: Put[]): MailStore {
  const store = new MailStore(':memory:');
  onTestFinished(() => store.close());
  for (const {
    text = {},
    recipients = ['b@server.test'],
    user = null,
    size = 4,
    receivedAt = Date.now(),
  } of messages) {
    const said: Envelope = { ...envelope, user, forwardPaths: recipients };
    const contentId = store.content.newId();
    const id = store.insert({ contentId, rest: Buffer.from('text'), receivedAt, size, envelope: said, record });
    const attachmentCount = text.attachment === undefined ? 0 : 1;
    const digest = { subject: '', from: null, to: [], snippet: '', attachmentCount };
    store.saveParsed([{ id, digest, text: searchedText(text) }]);
  }
  return store;
}

/** @returns what is found, oldest first */
function find(store: MailStore, search: string): number[] {
  const page = store.list({ mailbox: null, search }, undefined, 100);
  if (page.error !== null) throw new Error(page.error.message);
  return page.messages.map(({ id }) => id).reverse();
}

describe('words are found', () => {
  test.each<[string, Partial<SearchedText>, string[], string[]]>([
    [
      'anywhere',
      { subject: 'Invoice', body: 'for apples' },
      ['invoice', 'apples', 'apples invoice'],
      ['pears', 'invoice pears'],
    ],
    [
      'whatever the case and the accents',
      { subject: 'Résumé ÄRGER' },
      ['resume', 'RÉSUMÉ', 'arger', 'ärger'],
      ['resumes'],
    ],
    [
      'next to each other',
      { body: 'the quick brown fox' },
      ['"quick brown"', 'fox quick'],
      ['"brown quick"', '"quick fox"'],
    ],
    [
      'but for others',
      { body: 'apples and pears' },
      ['apples -plums', '-plums', 'apples -"pears apples"'],
      ['apples -pears', '-apples'],
    ],
    [
      'as parts of addresses',
      { from: 'Anna anna.berg@shop.example' },
      ['anna.berg@shop.example', 'shop.example', 'berg'],
      ['erg'],
    ],
    [
      'in their field',
      { subject: 'one', body: 'two' },
      ['subject:one', 'body:two', 'subject:one body:two'],
      ['subject:two', 'body:one'],
    ],
    [
      'in a field, next to each other',
      { subject: 'your order today' },
      ['subject:"order today"'],
      ['subject:"today order"'],
    ],
    [
      'of people',
      { from: 'Anna a@x', to: 'Bert b@x', cc: 'Carl c@x' },
      ['from:anna', 'to:bert', 'cc:carl'],
      ['from:bert', 'to:carl'],
    ],
    [
      'of attachments',
      { attachment: 'offer-2026.pdf' },
      ['attachment:offer', 'has:attachment', 'attachment:pdf'],
      ['-has:attachment'],
    ],
    [
      'in Chinese, by a part of a word',
      { body: '我的订单确认邮件' },
      ['订单', '单确', '"确认邮件"', '我'],
      ['认确', '订认'],
    ],
    [
      'in Japanese, by a part of a word',
      { subject: 'ご注文の確認メール' },
      ['注文', '確認メ', 'メール', 'メー'],
      ['文注'],
    ],
    ['in Thai, by a part of a word', { body: 'ยืนยันคำสั่งซื้อ' }, ['คำสั่ง'], ['ซื้อคำ']],
    ['in Arabic, with or without vowels', { body: 'السَّلَامُ عليكم' }, ['السلام', 'عَلَيْكُم'], ['سلام']],
    ['in Hebrew, with or without points', { body: 'שָׁלוֹם עולם' }, ['שלום', 'עולם'], ['לום']],
    ['in Greek and Cyrillic', { body: 'Ελλάδα Привет' }, ['ελλαδα', 'ΕΛΛΆΔΑ', 'привет'], ['ελλαδ.']],
    ['in other widths', { body: 'ＡＢＣ１２３' }, ['abc123'], ['abc']],
    [
      'in a header field',
      { headers: [{ name: 'X-Mailer', value: 'curl 8.1' }] },
      ['header:x-mailer=curl', 'header:X-MAILER', 'header:x-mailer="curl 8.1"'],
      ['header:x-mailer=8.1', 'header:mailer=curl', 'curl'],
    ],
    [
      'in one header field and not over two',
      {
        headers: [
          { name: 'A', value: 'one' },
          { name: 'B', value: 'two' },
        ],
      },
      ['header:a=one', 'header:b=two'],
      ['header:a="one b"', 'header:a=two'],
    ],
    [
      'that look like something else',
      { body: 'say NEAR AND OR NOT ( col:umn' },
      ['NEAR', '"AND OR"', '"NOT (" col', '"col:umn"'],
      ['NOR'],
    ],
  ])('%s', (_title, text, found, missed) => {
    const store = storeOf({ text });
    // A word at the end that may go on is another matter.
    for (const search of found) expect([search, find(store, `${search} `)]).toEqual([search, [1]]);
    for (const search of missed) expect([search, find(store, `${search} `)]).toEqual([search, []]);
  });

  test.each([
    ['invoi', [1]],
    ['invoi ', []],
    ['invoi*', [1]],
    ['invoi* apples', [1]],
    ['"for app', [1]],
    ['"for app"', []],
    ['subject:invoi', [1]],
    // One or two letters are a word.
    ['in', []],
    ['inv', [1]],
  ])('while they are typed: %j', (search, expected) => {
    expect(find(storeOf({ text: { subject: 'Invoice', body: 'for apples' } }), search)).toEqual(expected);
  });
});

describe('what is typed goes on', () => {
  const put = (store: MailStore, subject: string): void => {
    const contentId = store.content.newId();
    const id = store.insert({ contentId, rest: Buffer.alloc(0), receivedAt: 0, size: 0, envelope, record });
    const digest = { subject, from: null, to: [], snippet: '', attachmentCount: 0 };
    store.saveParsed([{ id, digest, text: searchedText({ subject }) }]);
  };

  test('to every word that there is, whatever its case, its accents and its script', () => {
    const store = storeOf(
      ...[
        'Reservation',
        'RÉSERVÉ',
        'reserve order',
        'order reserve',
        'Ελλάδα',
        'Привет',
        'سلامة',
        'R2D2x',
        'aa1b2c3',
      ].map((subject) => ({ text: { subject } })),
    );
    expect(find(store, 'rese')).toEqual([1, 2, 3, 4]);
    expect(find(store, '"order res')).toEqual([4]);
    expect(find(store, '-order subject:rese')).toEqual([1, 2]);
    expect([find(store, 'ελλ'), find(store, 'ПРИ'), find(store, 'سلا')]).toEqual([[5], [6], [7]]);
    expect([find(store, 'r2d'), find(store, 'aa1b')]).toEqual([[8], [9]]);
  });

  test('unless it begins more words than are worth to be looked for: then it is one itself', () => {
    const store = new MailStore(':memory:');
    onTestFinished(() => store.close());
    const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
    for (const first of letters.slice(0, 20)) {
      put(store, letters.map((second) => `con${first}${second}`).join(' '));
    }
    put(store, 'con conaa');
    expect(find(store, 'con')).toEqual([21]);
    expect(find(store, 'cona')).toEqual([1, 21]);
    expect(find(store, 'con*').length).toBe(21);
  });

  test('to no word of messages that are gone, once all are', () => {
    const store = new MailStore(':memory:');
    onTestFinished(() => store.close());
    const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(97 + index));
    put(store, letters.flatMap((first) => letters.map((second) => `inv${first}${second}`)).join(' '));
    store.deletions.addRange({ through: 1, mailbox: null }, 0);
    while (store.deletions.remove(0, { messages: 10, octets: 10 }) !== null);
    store.shrink();
    put(store, 'invoice');
    expect(find(store, 'inv')).toEqual([2]);
  });

  test('also to words of messages that could not be kept at first', () => {
    const store = new MailStore(':memory:');
    onTestFinished(() => store.close());
    put(store, 'reservation');
    store.rollback();
    put(store, 'reservation');
    store.commit();
    expect(find(store, 'reser')).toEqual([1]);
  });
});

test('from: is the reverse-path where the message names nobody', () => {
  const store = storeOf({ text: { subject: 'one' } }, { text: { from: 'Anna anna@x.test' } });
  expect([find(store, 'from:a@client.test'), find(store, 'from:anna')]).toEqual([[1], [2]]);
});

test('bcc: is who got it and is named in no header field', () => {
  const store = storeOf({
    text: { to: 'b@x.test', cc: 'C@X.test' },
    recipients: ['b@x.test', 'c@x.test', 'hidden@x.test'],
  });
  expect([find(store, 'bcc:hidden'), find(store, 'bcc:"b@x.test"'), find(store, 'bcc:"c@x.test"')]).toEqual([
    [1],
    [],
    [],
  ]);
});

describe('what a message is', () => {
  const now = Date.now();
  const store = (): MailStore => {
    const filled = storeOf(
      { text: { subject: 'one' }, size: 100, receivedAt: now - 10 * DAY },
      { text: { subject: 'two' }, size: 3_000_000, receivedAt: now - DAY, user: 'Shop' },
      { text: { subject: 'two' }, size: 2_000, receivedAt: now },
    );
    filled.setUnread([1], false);
    filled.setStarred([2], true);
    return filled;
  };

  test.each([
    ['is:unread', [2, 3]],
    ['is:read', [1]],
    ['-is:unread', [1]],
    ['is:starred', [2]],
    ['-is:starred', [1, 3]],
    ['larger:2m', [2]],
    ['larger:1.5k', [2, 3]],
    ['smaller:2kb', [1]],
    ['smaller:101', [1]],
    ['older:2d', [1]],
    ['newer:2d', [2, 3]],
    ['newer:12h', [3]],
    ['mailbox:shop', [2]],
    ['-mailbox:shop', [1, 3]],
    ['mailbox:inbox', [1, 3]],
    ['before:1999-01', []],
    ['after:1999-12-31', [1, 2, 3]],
    ['is:starred two', [2]],
    ['is:starred one', []],
    ['is:unread two larger:1m', [2]],
    ['-two', [1]],
    ['-two is:unread', []],
    ['', [1, 2, 3]],
    ['   ', [1, 2, 3]],
  ])('%j', (search, expected) => {
    expect(find(store(), search)).toEqual(expected);
  });

  test('goes with a mailbox', () => {
    const [shop] = store()
      .counts()
      .mailboxes.filter(({ name }) => name === 'Shop');
    const found = store().list({ mailbox: shop?.id ?? 0, search: 'two' }, undefined, 10);
    expect(found.messages.map(({ id }) => id)).toEqual([2]);
  });

  test('comes in pages, newest first', () => {
    const page = (before?: number): number[] =>
      store()
        .list({ mailbox: null, search: 'two' }, before, 1)
        .messages.map(({ id }) => id);
    expect([page(), page(3), page(2)]).toEqual([[3], [2], []]);
  });
});

test('sizes and times are found among many, page by page', () => {
  const HOURS = 2500;
  const now = Date.now();
  const messages = Array.from({ length: HOURS }, (_, index) => ({
    size: 1000 + index,
    // Half an hour, so that the moments between are clear.
    receivedAt: now - (HOURS - index) * (DAY / 24) + DAY / 48,
  }));
  const store = storeOf(...messages);
  /** @returns how many are found in pages, and the first and the last of them */
  const all = (search: string): [count: number, newest: number | undefined, oldest: number | undefined] => {
    const ids: number[] = [];
    for (let before: number | undefined; ;) {
      const { messages: page } = store.list({ mailbox: null, search }, before, 200);
      ids.push(...page.map(({ id }) => id));
      if (page.length < 200) return [ids.length, ids[0], ids.at(-1)];
      before = page.at(-1)?.id;
    }
  };
  expect(all('larger:1500')).toEqual([1999, 2500, 502]);
  expect(all('larger:3400')).toEqual([99, 2500, 2402]);
  expect(all('smaller:2500')).toEqual([1500, 1500, 1]);
  expect(all('-smaller:2500')).toEqual([1000, 2500, 1501]);
  expect(all('older:1000h')).toEqual([1500, 1500, 1]);
  expect(all('newer:2000h')).toEqual([2000, 2500, 501]);
  expect(all('newer:2000h older:1000h')).toEqual([1000, 1500, 501]);
  expect(all('newer:10h smaller:2500')).toEqual([0, undefined, undefined]);
});

test('times are found among many also where the clock was set back', () => {
  const now = Date.now();
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 5 }), { minLength: 1, maxLength: 40 }), (steps) => {
      const store = new MailStore(':memory:', 0);
      try {
        let hours = -1000;
        const times = steps.map((step) => (hours += step));
        for (const time of times) {
          const [contentId, receivedAt] = [store.content.newId(), now + time * (DAY / 24) + DAY / 48];
          store.insert({ contentId, rest: Buffer.alloc(0), receivedAt, size: 0, envelope, record });
        }
        for (const search of ['older:', 'newer:']) {
          for (const at of [-1010, ...new Set(times), 0]) {
            const isMet = (time: number): boolean => (search === 'older:' ? time < at : time >= at);
            const expected = times.flatMap((time, index) => (isMet(time) ? [index + 1] : []));
            expect(find(store, `${search}${-at}h`)).toEqual(expected);
          }
        }
      } finally {
        store.close();
      }
    }),
    { numRuns: 200 },
  );
});

test('what is deleted is found no more', () => {
  const store = storeOf({ text: { subject: 'gone' } }, { text: { subject: 'gone' } }, { text: { subject: 'gone' } });
  store.deletions.add(store.deletions.begin(), [1]);
  expect(find(store, 'gone')).toEqual([2, 3]);
  store.deleteThrough({ through: 2, mailbox: null });
  expect(find(store, 'gone')).toEqual([3]);
});

describe('a wrong query says what is wrong with it, and where', () => {
  test.each<[string, RegExp, string]>([
    ['apples frm:anna', /no “frm:”/, 'frm:anna'],
    ['from:', /behind “from:”/, 'from:'],
    ['is:big pears', /unread, read, starred/, 'is:big'],
    ['has:legs', /attachment/, 'has:legs'],
    ['larger:big', /larger:2m/, 'larger:big'],
    ['before:yesterday', /before:2026/, 'before:yesterday'],
    ['after:2026-02-30', /date/, 'after:2026-02-30'],
    ['older:2', /older:2d/, 'older:2'],
    ['header:=x', /header:x-mailer=curl/, 'header:=x'],
    ['apples -- pears', /no word/, '--'],
    ['"..."', /no word/, '"..."'],
  ])('%s', (search, message, at) => {
    const { error } = parseQuery(search, 0) as { error: QueryError };
    expect([error.message, search.slice(error.start, error.end)]).toEqual([expect.stringMatching(message), at]);
  });

  test('whatever is typed is answered', () => {
    const store = storeOf({ text: { subject: 'one' } });
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        '"',
        '-',
        '*',
        ':',
        'from:',
        'header:',
        ...['is:unread ', 'has:attachment ', 'mailbox:', 'tag:', 'larger:2m ', 'older:2d ', 'before:2026-01 '],
        'a=',
        '(',
        ')',
        'NEAR',
        'OR',
        '\u0000',
        '\ue000',
        '京',
        ' ',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const page = store.list({ mailbox: null, search: pieces.join('') }, undefined, 10);
        expect(page.error?.message).not.toBe('');
      }),
      { numRuns: 3000 },
    );
  });
});
