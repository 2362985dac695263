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
  /** For the Received header (RFC 3848, RFC 6531 section 4.3): `SMTP` after HELO, `ESMTP` after EHLO. */
  protocol: 'SMTP' | 'ESMTP' | 'UTF8SMTP';
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
  /** The first words of the text, at most 200 characters. */
  snippet: string;
  attachmentCount: number;
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
  envelope: Envelope;
  /** Null until the parser read the message, and for good where it cannot. */
  digest: MessageDigest | null;
}

export interface MessageCounts {
  total: number;
  unread: number;
}

export interface MessagePage {
  /** Newest first. */
  messages: MessageSummary[];
  counts: MessageCounts;
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
