import { extensions } from '../../../main/smtp/extensions.ts';
import { type ProtocolOptions, SmtpProtocol } from '../../../main/smtp/protocol.ts';
import { type Reply, replies } from '../../../main/smtp/replies.ts';

export const options: ProtocolOptions = {
  hostName: 'mx.test',
  banner: 'Mailmitt',
  extensions: new Set(extensions),
  maxMessageSize: 1000,
  maxRecipients: 3,
  maxLineLength: 4096,
  maxAuthLineLength: 12_288,
  maxErrors: 50,
  authRequired: false,
  accounts: null,
};

/** What those are told who are turned away. */
export const accessDenied: Reply = { code: 550, enhanced: '5.7.1', lines: ['Access denied'] };
export const notFromTheLab: Reply = { ...accessDenied, lines: ['Access denied: not from the lab'] };
export const mailboxNotAllowed: Reply = {
  code: 553,
  enhanced: '5.7.1',
  lines: ['Requested action not taken: mailbox name not allowed'],
};

/** Who is turned away in a {@link Conversation}: sender and recipient by mailbox. */
export interface Denied {
  host?: Reply;
  mailboxes?: Readonly<Record<string, Reply>>;
}

/** Drives a protocol as a session does, without a socket; keeps what it answered, stored and discarded. */
export class Conversation {
  readonly protocol: SmtpProtocol;
  readonly stored: Buffer[] = [];
  readonly transactions: { from: string; to: string[]; clientName: string; protocol: string; user: string | null }[] =
    [];
  /** Of each transaction: those of MAIL, then those of each accepted RCPT. */
  readonly parameters: Record<string, string>[][] = [];
  /** What the transcript gets of the client's side. */
  readonly heard: string[] = [];
  readonly notes: string[] = [];
  discarded = 0;
  closed = false;
  /** Set between the reply to STARTTLS and {@link Conversation.secure}. */
  wantsHandshake = false;
  /** Whether there is a certificate. */
  hasCertificate = true;
  #replies = '';
  #content: Buffer[] = [];
  readonly #denied: Denied;

  constructor(denied: Denied = {}, changed: Partial<ProtocolOptions> = {}) {
    this.#denied = denied;
    this.protocol = new SmtpProtocol({ ...options, ...changed }, () => 'unique');
    this.#run();
  }

  /** Sends bytes, cut where the caller cuts them. @returns what is answered to these */
  send(...pieces: (string | Buffer)[]): string {
    const before = this.#replies.length;
    for (const piece of pieces) {
      this.protocol.receive(typeof piece === 'string' ? Buffer.from(piece) : piece);
      this.#run();
    }
    return this.#replies.slice(before);
  }

  /** Sends lines and adds their ends. @returns the code of each reply */
  codes(...lines: string[]): string[] {
    return codesOf(this.send(...lines.map((line) => `${line}\r\n`)));
  }

  /** TLS is negotiated. */
  secure(): void {
    this.wantsHandshake = false;
    this.protocol.secured({ version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' });
    this.#run();
  }

  /** Everything that was answered. */
  get replies(): string {
    return this.#replies;
  }

  #run(): void {
    for (let event = this.protocol.next(); event !== null; event = this.protocol.next()) {
      switch (event.type) {
        case 'reply':
          this.#replies += event.text;
          break;
        case 'heard':
          this.heard.push(event.text);
          break;
        case 'note':
          this.notes.push(event.note.text);
          break;
        case 'starttls':
          this.wantsHandshake = this.hasCertificate;
          if (this.hasCertificate) this.protocol.beginTls();
          else this.protocol.refuseTls();
          break;
        case 'verdict': {
          const refusal = event.stage === 'host' ? this.#denied.host : this.#denied.mailboxes?.[event.path.mailbox];
          if (refusal === undefined) this.protocol.allow();
          else this.protocol.deny(refusal);
          break;
        }
        case 'data': {
          const { reversePath, recipients, clientName, protocol, parameters, user } = event.transaction;
          const to = recipients.map(({ path }) => path.mailbox);
          const asRecord = (map: ReadonlyMap<string, string>): Record<string, string> => Object.fromEntries(map);
          this.parameters.push([asRecord(parameters), ...recipients.map((one) => asRecord(one.parameters))]);
          this.transactions.push({ from: reversePath.mailbox, to, clientName, protocol, user });
          this.#content = [];
          break;
        }
        case 'content':
          this.#content.push(Buffer.from(event.bytes));
          break;
        case 'discard':
          this.discarded++;
          break;
        case 'store':
          this.stored.push(Buffer.concat(this.#content));
          this.protocol.answerData(replies.messageAccepted(String(this.stored.length)));
          break;
        case 'drop':
          this.#replies += event.text;
          this.closed = true;
          break;
        case 'close':
          this.closed = true;
          break;
      }
    }
  }
}

/** @returns the code of each reply; a reply of several lines counts once */
export function codesOf(text: string): string[] {
  return text
    .split('\r\n')
    .filter((line) => /^\d{3} /.test(line))
    .map((line) => line.slice(0, 3));
}
