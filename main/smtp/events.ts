import type { Note, TlsParameters, TransmissionType } from '../mailbox/message.ts';
import type { MailArgument } from './mail-argument.ts';
import type { Path } from './path.ts';

/** An accepted recipient, and what RCPT said beyond the path. */
export type Recipient = Pick<MailArgument, 'path' | 'parameters'>;

/** What MAIL and RCPT said so far. */
export interface Mail {
  reversePath: Path;
  /** What MAIL said beyond the path: keyword in upper case → value, or empty. */
  parameters: ReadonlyMap<string, string>;
  recipients: Recipient[];
}

/** A mail transaction whose data is about to come. */
export interface Transaction extends Mail {
  /** What the client called itself. */
  clientName: string;
  protocol: TransmissionType;
  tls: TlsParameters | null;
  user: string | null;
}

/** What the protocol asks of the one who drives it. */
export type ProtocolEvent =
  /** Send this. */
  | { type: 'reply'; text: string; isRefusal: boolean }
  /** A mail transaction begins: MAIL was said where it may be. */
  | { type: 'transaction' }
  /** For the transcript: a line that the client said, without passwords, or what it said in other ways. */
  | { type: 'heard'; text: string }
  /** The client did what a stricter server would refuse. */
  | { type: 'note'; note: Note }
  /**
   * Is this host, sender or recipient welcome? Nothing goes on until {@link SmtpProtocol.allow}, `deny` or `drop` is
   * called.
   */
  | { type: 'verdict'; stage: 'host' }
  | { type: 'verdict'; stage: 'sender'; path: Path }
  | { type: 'verdict'; stage: 'recipient'; path: Path; reversePath: Path }
  /** Mail data is about to come. */
  | { type: 'data'; transaction: Transaction }
  /** Mail data, as the client meant it. The bytes hold until the next event of any session is asked for. */
  | { type: 'content'; bytes: Buffer }
  /** Forget the data so far: it is more than is taken, or the client gave it up. */
  | { type: 'discard' }
  /** The data is complete. Nothing goes on until {@link SmtpProtocol.answerData} is called. */
  | { type: 'store' }
  /**
   * TLS is wanted. Nothing goes on until {@link SmtpProtocol.beginTls} or `refuseTls` is called; after the former, once
   * the reply is sent, TLS is negotiated, and {@link SmtpProtocol.secured} called.
   */
  | { type: 'starttls' }
  /** Close the connection once everything is sent. */
  | { type: 'close' }
  /** Break the connection once this is sent: the first half of a reply, or nothing. */
  | { type: 'drop'; text: string };
