import type { Envelope, MailAddress, SessionRecord } from '../../main/mailbox/message.ts';
import type { Digested } from '../../main/mime/parse.ts';
import { type Language, makeLanguages } from './messages/languages.ts';
import { type Field, type Part, head, multipart, part } from './messages/mime.ts';
import { Random } from './messages/random.ts';
import { type Sender, makeSender } from './messages/senders.ts';
import { compose } from './messages/text.ts';

export interface MadeMessage {
  bytes: Buffer;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  envelope: Envelope;
  record: SessionRecord;
  /** What main/mime/parse.ts reads of it, known beforehand: to parse a million would take an hour. */
  digested: Digested;
}

const SEED = 20_261_124;
const SENDERS = 60;
/** Senders who authenticate, each by a name of its own. */
const USERS = 8;
const CUSTOMERS = 50_000;

/** Octets: the medians of mail with HTML and of mail without; that of all, attachments included, is 8 KB. */
const HTML_SIZE = 8.4 * 1024;
const PLAIN_SIZE = 2 * 1024;
const SIZE_SPREAD = 0.75;
/** Of the text; attachments may go beyond it. */
const MAX_SIZE = 60 * 1024;
/** What the header takes of it. */
const HEAD_SIZE = 800;
const ATTACHMENT_SIZE = 12 * 1024;
const MAX_ATTACHMENT_SIZE = 256 * 1024;

const ATTACHMENTS = [
  ['pdf', 'application/pdf'],
  ['png', 'image/png'],
  ['csv', 'text/csv'],
] as const;

const FIRST_ARRIVAL = Date.UTC(2025, 0, 1);
const ARRIVAL_INTERVAL = 60_000;

/**
 * Makes mail as apps send it: in twelve languages, mostly HTML, the same message for the same number.
 *
 * How well it compresses decides on the size of a mailbox's file, so a message repeats what real ones repeat and no more:
 * the styles, in every paragraph and row, which differ from sender to sender. The rest is as random as in real mail: words
 * by their frequencies, and here and there a link, a picture or an id that comes once. The HTML comes to a quarter of
 * its size under zstd -1, plain text to more than a half, attachments to three quarters.
 */
export class MessageMaker {
  /** The languages by their codes; English is the most frequent one. */
  readonly languages: Readonly<Record<string, Language>>;
  readonly #english: Language;
  readonly #turns: readonly Language[];
  readonly #senders: readonly Sender[];
  /** What attachments are made of that are compressed already. */
  readonly #noise: Buffer;

  constructor() {
    const random = new Random(SEED);
    const { languages, turns } = makeLanguages(random);
    this.#turns = turns;
    this.#english = languages[0] as Language;
    this.languages = Object.fromEntries(languages.map((language) => [language.code, language]));
    this.#senders = Array.from({ length: SENDERS }, (_, index) => makeSender(random, languages, index < USERS));
    this.#noise = Buffer.from(Uint8Array.from({ length: 4 * MAX_ATTACHMENT_SIZE }, () => random.below(256)));
  }

  /** @param number from 1 on: the later it is, the later it arrived */
  make(number: number): MadeMessage {
    const random = new Random(number);
    const language = random.pick(this.#turns);
    // Some send much more than others.
    const sender = this.#senders[Math.floor(SENDERS * random.next() ** 2)] as Sender;
    const from = { name: sender.name, address: `no-reply@${sender.domain}` };
    const to = this.#customer(random);
    const cc = random.next() < 0.05 ? this.#customer(random) : null;
    const order = random.next() < 0.3 ? ` #${random.digits(7)}` : '';
    const subject = language.words(random, 2 + random.below(7)) + order;
    const receivedAt = FIRST_ARRIVAL + number * ARRIVAL_INTERVAL;

    const kind = random.next();
    const hasHtml = kind < 0.9;
    const hasPlain = kind < 0.72 || !hasHtml;
    const size = Math.min(MAX_SIZE, random.logNormal(hasHtml ? HTML_SIZE : PLAIN_SIZE, SIZE_SPREAD));
    const text = compose({ random, language, sender, subject, hasHtml, hasPlain }, size - HEAD_SIZE);
    const attachment = random.next() < 0.05 ? this.#attachment(random) : null;

    const { fields, body } = join(
      random,
      [
        // Libraries encode text by what there is more of in it; HTML is mostly tags.
        ...(hasPlain ? [part(PLAIN, text.plain, encodingOf(sender, language.isLatin))] : []),
        ...(hasHtml ? [part(HTML, text.html, encodingOf(sender, true))] : []),
        ...(attachment === null ? [] : [attachment.part]),
      ],
      hasHtml && hasPlain,
    );
    const header: Field[] = [
      ['From', written(from)],
      ['To', written(to)],
      ...(cc === null ? [] : [['Cc', written(cc)] satisfies Field]),
      ['Subject', subject],
      ['Message-ID', `<${random.token(22)}.${number}@${sender.domain}>`],
      ['Date', new Date(receivedAt).toUTCString().replace('GMT', '+0000')],
      ...extraFields(random, sender),
      ['MIME-Version', '1.0'],
      ...fields,
    ];
    const bytes = Buffer.from(`${head(header)}\r\n${body}`);

    const forwardPaths = [to.address, ...(cc === null ? [] : [cc.address])];
    if (random.next() < 0.03) forwardPaths.push(`archive@${sender.domain}`);
    const envelope = envelopeOf(sender, forwardPaths);
    const read = hasPlain ? text.plain.replaceAll('\r', '') : text.converted;
    return {
      ...{ bytes, receivedAt, envelope },
      record: { transcript: transcriptOf(envelope, receivedAt, bytes.length), notes: [] },
      digested: {
        digest: {
          ...{ subject, from, to: [to], snippet: read.slice(0, 1400).replace(/\s+/g, ' ').trim().slice(0, 140) },
          attachmentCount: Number(attachment !== null),
        },
        text: {
          ...{ subject, from: listed(from), to: listed(to), cc: cc === null ? '' : listed(cc), body: read },
          attachment: attachment?.fileName ?? '',
          headers: header.map(([name, value]) => ({ name, value })),
        },
      },
    };
  }

  /** One of so many, who is the same each time. */
  #customer(random: Random): MailAddress {
    const own = new Random(-1 - random.below(CUSTOMERS));
    const language = own.pick(this.#turns);
    const [first, last, domain] = [0, 1, 2].map(() => this.#english.rareWord(own).toLowerCase());
    return {
      name: `${language.rareWord(own)} ${language.rareWord(own)}`,
      address: `${first}.${last}@${domain}.test`,
    };
  }

  #attachment(random: Random): { fileName: string; part: Part } {
    const size = Math.min(MAX_ATTACHMENT_SIZE, Math.floor(random.logNormal(ATTACHMENT_SIZE, 1)));
    const [extension, type] = random.pick(ATTACHMENTS);
    const fileName = `${random.pick(['invoice', 'ticket', 'report', 'offer'])}-${random.digits(6)}.${extension}`;
    const start = random.below(this.#noise.length - size);
    const content = extension === 'csv' ? this.#rows(random, size) : this.#noise.subarray(start, start + size);
    return {
      fileName,
      part: part(`${type}; name=${fileName}`, content, 'base64', [
        'Content-Disposition',
        `attachment; filename=${fileName}`,
      ]),
    };
  }

  #rows(random: Random, size: number): string {
    let rows = '';
    while (rows.length < size) {
      rows += `${random.digits(8)},2025-01-${random.digits(1)},${this.#english.word(random)},${random.digits(4)}.00\r\n`;
    }
    return rows;
  }
}

const PLAIN = 'text/plain; charset=utf-8';
const HTML = 'text/html; charset=utf-8';

const encodingOf = ({ is8bit }: Sender, isMostlyAscii: boolean): '8bit' | 'quoted-printable' | 'base64' =>
  is8bit ? '8bit' : isMostlyAscii ? 'quoted-printable' : 'base64';

/** @param hasBoth whether the first two are the same text */
function join(random: Random, parts: Part[], hasBoth: boolean): Part {
  const text = hasBoth ? multipart(random, 'alternative', parts.splice(0, 2)) : (parts.shift() as Part);
  return parts.length === 0 ? text : multipart(random, 'mixed', [text, ...parts]);
}

function extraFields(random: Random, { domain, mailer, hasUnsubscribe }: Sender): Field[] {
  const fields: Field[] = [['Auto-Submitted', 'auto-generated']];
  if (mailer !== null) fields.push(['X-Mailer', mailer]);
  if (hasUnsubscribe) {
    fields.push(
      ['List-Unsubscribe', `<https://${domain}/unsubscribe?u=${random.token(32)}>`],
      ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
    );
  }
  return fields;
}

/** As it stands in a header field, and as it is searched. */
const written = ({ name, address }: MailAddress): string => `${name} <${address}>`;
const listed = ({ name, address }: MailAddress): string => `${name} ${address}`;

const envelopeOf = ({ domain, user }: Sender, forwardPaths: string[]): Envelope => ({
  ...{ reversePath: `bounce@${domain}`, parameters: {}, forwardPaths },
  forwardPathParameters: forwardPaths.map(() => ({})),
  ...{ remoteAddress: '127.0.0.1', clientName: '[127.0.0.1]', tls: null, user },
  protocol: user === null ? 'ESMTP' : 'ESMTPA',
});

const EXTENSIONS = 'PIPELINING,SIZE 52428800,8BITMIME,SMTPUTF8,ENHANCEDSTATUSCODES,STARTTLS,CHUNKING,BINARYMIME,DSN';

/** What an app says that sends one message over a connection. */
function transcriptOf({ reversePath, forwardPaths, user }: Envelope, at: number, octets: number): string {
  const lines = [
    '- Connected from 127.0.0.1',
    'S 220 bench.test ESMTP Mailmitt',
    'C EHLO [127.0.0.1]',
    'S 250-bench.test greets [127.0.0.1]',
    ...EXTENSIONS.split(',').map((extension) => `S 250-${extension}`),
    'S 250-AUTH PLAIN LOGIN CRAM-MD5',
    'S 250 HELP',
    ...(user === null ? [] : ['C AUTH PLAIN ***', 'S 235 2.7.0 Authentication successful']),
    ...[`C MAIL FROM:<${reversePath}>`, 'S 250 2.1.0 Sender OK'],
    ...forwardPaths.flatMap((path) => [`C RCPT TO:<${path}>`, 'S 250 2.1.5 Recipient OK']),
    ...['C DATA', 'S 354 Start mail input; end with <CRLF>.<CRLF>', `C (${octets} octets of data)`],
  ];
  // Several lines fall into one millisecond.
  return lines.map((line, index) => `${at + Math.floor(index / 4)} ${line}`).join('\n');
}
