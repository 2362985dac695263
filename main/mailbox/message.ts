import type { QueryError } from './search/query.ts';

/** The TLS session that the client spoke in. */
export interface TlsParameters {
  /** `TLSv1.3` */
  version: string;
  /** By its IANA name: `TLS_AES_256_GCM_SHA384`. */
  cipher: string;
}

/** How mail came in, for the Received header: RFC 3848 and RFC 6531 section 4.3. */
export type TransmissionType = 'SMTP' | `${'ESMTP' | 'UTF8SMTP'}${'' | 'S'}${'' | 'A'}`;

/** What the SMTP client said, as far as it is kept with the message (RFC 5321 section 3.3). */
export interface Envelope {
  /** The reverse-path without its angle brackets; empty for the null reverse-path `<>`. */
  reversePath: string;
  /** What MAIL said beyond the path (RFC 5321 section 4.1.2): keyword in upper case → value, or empty. */
  parameters: Record<string, string>;
  /** The forward-paths that were accepted, in the order of the RCPT commands. */
  forwardPaths: string[];
  /** What each of those RCPT commands said beyond the path, in the same order: NOTIFY and ORCPT of RFC 3461. */
  forwardPathParameters: Record<string, string>[];
  /** The address of the SMTP client. */
  remoteAddress: string;
  /** What the client called itself in HELO or EHLO. */
  clientName: string;
  /** Null where it did not come over the wire, but from a file. */
  protocol: TransmissionType | null;
  /** Null without TLS. */
  tls: TlsParameters | null;
  /** Whom the client authenticated as (RFC 4954); null where it did not. */
  user: string | null;
}

/** What a client did that a stricter server would refuse. */
export interface Note {
  /** A sentence. */
  text: string;
  /** Where it is written: `RFC 5321 section 2.3.8`. */
  source: string;
}

/** Where a message goes, and how it lies there, where that is another matter than for mail that comes in. */
export interface Placement {
  /** Without it, or when it is gone, the message goes to that of the envelope's user. */
  mailbox?: number | undefined;
  unread?: boolean | undefined;
  starred?: boolean | undefined;
}

/** What happened on the wire. */
export interface SessionRecord {
  /**
   * A line for each that was said, each `<milliseconds since the epoch> <side> <text>`. The side is `C` for the client,
   * `S` for the server, `-` for what is told about the session. Passwords are blotted out, data is an octet count.
   */
  transcript: string;
  notes: Note[];
}

/** A rule that decided something, as it was then. */
export interface DecidingRule {
  id: string;
  /** In the list, from 1 on. */
  place: number;
  /** What it did, in a few words: `greylist *@partner.test, attempt 1 of 2`. */
  text: string;
}

/** Something that was refused. */
export interface Refusal {
  /** Milliseconds since the epoch. */
  at: number;
  /** What was turned away; null where the refusal is about something else. */
  stage: 'host' | 'sender' | 'recipient' | null;
  /** The path of the sender or recipient, without angle brackets; empty for a host, and where `stage` is null. */
  mailbox: string;
  /** The reply as it stands on the wire, less its line ends; or what happened in place of one. */
  reply: string;
  /** Null where no rule decided. */
  rule: DecidingRule | null;
}

/** What is known of a session, or of a part of it, in which something was refused. */
export interface RefusedSession extends SessionRecord {
  /** When the session began: milliseconds since the epoch. */
  startedAt: number;
  remoteAddress: string;
  /** What the client called itself in HELO or EHLO; empty when it said neither. */
  clientName: string;
  /** Of the mail transaction; null when there was no MAIL command that could be read. */
  reversePath: string | null;
  /** In order; at least one. Of very many the first ones. */
  refusals: Refusal[];
}

/** A row of the list of what was refused. */
export interface RefusedSummary extends Omit<RefusedSession, keyof SessionRecord> {
  /** Ascends with time. */
  id: number;
  unread: boolean;
}

export interface RefusedPage {
  /** Newest first. */
  sessions: RefusedSummary[];
  counts: MessageCounts;
}

export interface MailAddress {
  /** The display name, decoded; empty where there is none. */
  name: string;
  address: string;
}

/** What a row of the list says of a message beyond its envelope: read by the parser once, then kept. */
export interface MessageDigest {
  subject: string;
  from: MailAddress | null;
  to: MailAddress[];
  /** The first words of the text, at most 140 characters. */
  snippet: string;
  attachmentCount: number;
}

/** What is searched of a message, by where it stands: read by the parser, then indexed and not kept. */
export interface SearchedText {
  subject: string;
  from: string;
  to: string;
  cc: string;
  body: string;
  /** Names of attachments, a line each. */
  attachment: string;
  headers: { name: string; value: string }[];
}

/** A row of the list. */
export interface MessageSummary {
  /** Ascends with the time of arrival. */
  id: number;
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** Octets of the message as it came in, after dot-unstuffing. */
  size: number;
  unread: boolean;
  starred: boolean;
  /** Of the mailbox that it lies in. */
  mailbox: number;
  /** Ids of its tags. */
  tags: number[];
  envelope: Envelope;
  /** Null until the parser read the message, and for good where it cannot. */
  digest: MessageDigest | null;
}

export interface MessageCounts {
  total: number;
  unread: number;
}

/** How much mail is kept; what is older goes, but for what is starred. Null: no matter how much. */
export interface Retention {
  messages: number | null;
  days: number | null;
  /** Octets of the messages as they came. */
  octets: number | null;
}

/** Mail of one AUTH user, or of those who are none. */
export interface MailboxSummary extends MessageCounts {
  id: number;
  name: string;
  /** Octets of its messages as they came. */
  size: number;
  /** What is kept of it, where that is said for this mailbox alone. */
  retention: Retention | null;
}

export const tagColors = ['red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'grey'] as const;
export type TagColor = (typeof tagColors)[number];

export interface TagSummary {
  id: number;
  /** Differs from all others in more than case. */
  name: string;
  color: TagColor;
  /** Messages that have it. */
  total: number;
}

/**
 * Of all mailboxes together, and of each: the first is for those who did not authenticate, the others go by name. Tags go
 * by name as well.
 */
export interface MailCounts extends MessageCounts {
  mailboxes: MailboxSummary[];
  tags: TagSummary[];
}

/** What a list of messages is to hold. */
export interface MessageFilter {
  /** Null: all of them. */
  mailbox: number | null;
  /** As people type it; see {@link parseQuery}. Empty: everything. */
  search: string;
}

/** Some messages: by their ids, or all that a list holds, up to and with the message `through`. */
export type ChosenMessages = { ids: number[] } | (MessageFilter & { through: number });

export interface MessagePage {
  /** Newest first. */
  messages: MessageSummary[];
  counts: MailCounts;
  /** What is wrong with the search; then there are no messages. */
  error: QueryError | null;
}

export interface MailHeader {
  name: string;
  /** Decoded (RFC 2047) and unfolded. */
  value: string;
}

export interface MailAttachment {
  /** Its place among the message's attachments, from 0; what {@link Calls} `attachments.save` wants. */
  index: number;
  /** Cleaned: no path, no control characters; never empty. */
  fileName: string;
  contentType: string;
  /** Octets after the transfer encoding was undone. */
  size: number;
}

/** What the parser read out of a message. */
export interface MailContent {
  subject: string;
  from: MailAddress[];
  to: MailAddress[];
  cc: MailAddress[];
  /** In the order in which they stand in the message. */
  headers: MailHeader[];
  /** As the sender wrote it: hostile until sanitised. Null without an HTML part. */
  html: string | null;
  /** Null when the message has neither a text part nor HTML to take text from. */
  text: string | null;
  /** Whether `text` was made from the HTML because the sender sent no text part. */
  textIsDerived: boolean;
  attachments: MailAttachment[];
}

/** A stretch of the stored bytes. */
export interface SourcePiece {
  bytes: Uint8Array;
  /** Octets of the whole message. */
  size: number;
}
