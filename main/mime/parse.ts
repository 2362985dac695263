import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { convert } from 'html-to-text';
import libmime from 'libmime';
import { type AddressObject, type AttachmentStream, type EmailAddress, MailParser, type MessageText } from 'mailparser';
import type {
  MailAddress,
  MailAttachment,
  MailContent,
  MailHeader,
  MessageDigest,
  SearchedText,
} from '../mailbox/message.ts';
import { cleanFileName } from '../file-name.ts';
import { abridge } from './abridge.ts';

type Source = AsyncIterable<Uint8Array>;

/** Characters: as many as the widest row shows. */
const SNIPPET_LENGTH = 140;
/** Characters of HTML that are looked at for a snippet and for words. */
const HTML_FOR_SNIPPET = 64 * 1024;
/** Characters of each part of a message that are searched, header fields, and characters of each of those. */
const MAX_INDEXED = 128 * 1024;
const MAX_INDEXED_HEADERS = 200;
const MAX_INDEXED_HEADER = 1000;
/** Recipients that a row of the list keeps. */
const MAX_LISTED_RECIPIENTS = 5;

/**
 * Reads a message whole, but for what its attachments hold.
 * @param maxHtmlToConvert characters of HTML that are turned into text where the sender sent none
 * @throws Error when the parser gives up on it
 */
export async function read(source: Source, maxHtmlToConvert = 2 * 1024 * 1024): Promise<MailContent> {
  const attachments: MailAttachment[] = [];
  const { parser, text: parts } = await parse(source, async (attachment, index) => {
    attachment.content.resume();
    await finished(attachment.content);
    attachments.push({
      index,
      fileName: cleanFileName(attachment.filename ?? '', `attachment-${index + 1}`),
      contentType: attachment.contentType,
      size: attachment.size ?? 0,
    });
  });
  const html = parts?.html ?? null;
  const sentText = parts?.text?.trim() === '' ? null : (parts?.text ?? null);
  return {
    subject: parser.subject ?? '',
    from: addresses(parser.from),
    to: addresses(parser.to),
    cc: addresses(parser.cc),
    headers: headers(parser),
    html,
    text: sentText ?? (html === null ? null : textOf(html, maxHtmlToConvert)),
    textIsDerived: sentText === null && html !== null,
    attachments,
  };
}

/** What is kept of a message beside its bytes. */
export interface Digested {
  digest: MessageDigest;
  text: SearchedText;
}

/** Reads what a row of the list shows and what is searched. @throws Error when the parser gives up on the message */
export async function digest(source: Source): Promise<Digested> {
  const content = await read(abridge(source), HTML_FOR_SNIPPET);
  const { subject, from, to, cc, headers: fields, attachments } = content;
  const text = (content.text ?? '').slice(0, MAX_INDEXED);
  const people = (addresses: MailAddress[]): string =>
    addresses
      .map(({ name, address }) => `${name} ${address}`)
      .join('\n')
      .slice(0, MAX_INDEXED);
  return {
    digest: {
      subject,
      from: from[0] ?? null,
      to: to.slice(0, MAX_LISTED_RECIPIENTS),
      snippet: text
        .slice(0, 10 * SNIPPET_LENGTH)
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, SNIPPET_LENGTH),
      attachmentCount: attachments.length,
    },
    text: {
      subject: subject.slice(0, MAX_INDEXED),
      from: people(from),
      to: people(to),
      cc: people(cc),
      body: `${text}${beyondText(content, text)}`,
      attachment: attachments
        .map(({ fileName }) => fileName)
        .join('\n')
        .slice(0, MAX_INDEXED),
      headers: fields
        .slice(0, MAX_INDEXED_HEADERS)
        .map(({ name, value }) => ({ name, value: value.slice(0, MAX_INDEXED_HEADER) })),
    },
  };
}

const words = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** @returns the lines of the HTML in which a word stands that the text beside it has not; mostly it has them all */
function beyondText({ html, textIsDerived }: MailContent, text: string): string {
  if (html === null || textIsDerived) return '';
  const known = new Set(words(text));
  const others = textOf(html, HTML_FOR_SNIPPET)
    .split('\n')
    .filter((line) => words(line).some((word) => !known.has(word)));
  return others.length === 0 ? '' : `\n${others.join('\n')}`.slice(0, MAX_INDEXED);
}

/**
 * Writes one attachment to a file of its own.
 * @param index its place among the attachments, from 0
 * @param file must not exist; after an error it may, in part
 * @throws Error when the message has no such attachment, or the file cannot be written
 */
export async function writeAttachment(source: Source, index: number, file: string): Promise<void> {
  const { count } = await parse(source, async (attachment, place) => {
    if (place === index) {
      await pipeline(attachment.content, createWriteStream(file, { flags: 'wx' }));
    } else {
      attachment.content.resume();
      await finished(attachment.content);
    }
  });
  if (index >= count) throw new Error('The message has no such attachment.');
}

/** Runs the parser over a message. `onAttachment` has to use up the attachment's content before it resolves. */
function parse(
  source: Source,
  onAttachment: (attachment: AttachmentStream, index: number) => Promise<void>,
): Promise<{ parser: MailParser; text: MessageText | null; count: number }> {
  return new Promise((resolve, reject) => {
    const parser = new MailParser({ skipTextToHtml: true, skipImageLinks: true, skipHtmlToText: true });
    let text: MessageText | null = null;
    let count = 0;
    let current: { content: Readable; used: Promise<void> } | null = null;
    // Whoever uses an attachment's content has let go of it, and of the file it goes to, before the error is told.
    const fail = (error: Error): void => {
      current?.content.destroy(error);
      void Promise.allSettled([current?.used]).then(() => reject(error));
    };
    parser.on('data', (data: AttachmentStream | MessageText) => {
      if (data.type === 'text') {
        text = data;
        return;
      }
      const used = onAttachment(data, count++);
      current = { content: data.content, used };
      used.then(() => data.release?.(), fail);
    });
    parser.once('end', () => resolve({ parser, text, count }));
    parser.once('error', fail);
    Readable.from(source, { objectMode: false }).once('error', fail).pipe(parser);
  });
}

function addresses(header: AddressObject | AddressObject[] | undefined): MailAddress[] {
  const flat = (list: EmailAddress[]): MailAddress[] =>
    list.flatMap(({ name, address, group }) => (group ? flat(group) : [{ name, address: address ?? '' }]));
  return [header ?? []].flat().flatMap(({ value }) => flat(value));
}

function headers(parser: MailParser): MailHeader[] {
  return (parser.headerLines || [])
    .filter(({ line }) => line !== '')
    .map(({ key, line: octets }) => {
      const line = decodeOctets(octets);
      const colon = line.indexOf(':');
      const unfolded = line.slice(colon + 1).replace(/\r?\n(?=[ \t])/g, '');
      return { name: colon === -1 ? key : line.slice(0, colon).trim(), value: libmime.decodeWords(unfolded.trim()) };
    });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Header lines come as a character for each octet; what they are is UTF-8 (RFC 6532), or some older one-byte set. */
function decodeOctets(line: string): string {
  try {
    return utf8.decode(Buffer.from(line, 'latin1'));
  } catch {
    return line;
  }
}

function textOf(html: string, limit: number): string {
  return convert(html.slice(0, limit), {
    wordwrap: false,
    // Deeper nesting is shortened: the converter calls itself for each level.
    limits: { maxDepth: 100 },
    selectors: [{ selector: 'img', format: 'skip' }],
  });
}
