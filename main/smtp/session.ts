import type { Socket } from 'node:net';
import type { Envelope } from '../mailbox/message.ts';
import type { Path } from './path.ts';
import { type ProtocolEvent, type ProtocolOptions, SmtpProtocol, type Transaction } from './protocol.ts';
import { type Reply, formatReply, replies } from './replies.ts';

/** Who or what asks to be let in. */
export type Question =
  { stage: 'host'; remoteAddress: string } | { stage: 'sender' | 'recipient'; remoteAddress: string; path: Path };

export type Verdict =
  | { allowed: true }
  | {
      allowed: false;
      /** Told to a host, kept from a sender or recipient. */
      reason: string;
      /** Takes the place of the stage's usual reply. */
      reply: { code: number; text: string } | null;
    };

export type StoreResult = { id: string } | { failed: 'no space' | 'error' };

/** Takes in one message. */
export interface Delivery {
  /** Takes a copy of the next bytes. @returns a promise when it is behind: no more bytes until it resolves */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** @returns once the message is committed, or certain not to be. Never rejects. */
  store(): Promise<StoreResult>;
  /** Forgets what was written. */
  discard(): void;
}

/** What the server asks of the rest of the app. */
export interface MailHandler {
  judge(question: Question): Verdict;
  receive(envelope: Envelope): Delivery;
}

export interface SessionOptions extends ProtocolOptions {
  /** Milliseconds without a byte before the session is closed (RFC 5321 section 4.5.3.2.7 wants at least 5 minutes). */
  idleTimeout: number;
}

/** Octets that may wait for an answer that the protocol needs first, before the socket has to wait, too. */
const READ_AHEAD = 64 * 1024;

/** Milliseconds for the client to read the last reply and close; to destroy the socket at once could lose that reply. */
const LINGER = 2000;

function refusal(question: Question, { reason, reply }: Verdict & { allowed: false }): Reply {
  if (reply !== null) {
    return { code: reply.code, enhanced: `${Math.trunc(reply.code / 100)}.7.1`, lines: [reply.text] };
  }
  return question.stage === 'host' ? replies.accessDenied(reason) : replies.mailboxNotAllowed;
}

/** Drives the protocol over one socket: I/O, time-out and backpressure, and nothing else. */
export class Session {
  readonly #socket: Socket;
  readonly #protocol: SmtpProtocol;
  readonly #handler: MailHandler;
  readonly #remoteAddress: string;
  #delivery: Delivery | null = null;
  #isStoring = false;
  #output = '';
  #inputEnded = false;
  /** What the client is told once the message that is on its way is answered; then the session ends. */
  #farewell: Reply | null = null;
  /** What reading waits for: the store to catch up, the client to read its replies, an answer the protocol needs. */
  readonly #waits = new Set<'store' | 'client' | 'protocol'>();

  /** @param remoteAddress the client's, an IPv4 address in its own notation also where the socket is IPv6 */
  constructor(socket: Socket, remoteAddress: string, options: SessionOptions, handler: MailHandler) {
    this.#socket = socket;
    this.#remoteAddress = remoteAddress;
    this.#handler = handler;
    this.#protocol = new SmtpProtocol(options);

    socket.setNoDelay(true);
    socket.setTimeout(options.idleTimeout, () => this.terminate(replies.idleTooLong));
    socket.on('data', (bytes: Buffer) => {
      this.#protocol.receive(bytes);
      this.#run();
    });
    socket.on('end', () => {
      this.#inputEnded = true;
      this.#run();
    });
    socket.on('drain', () => this.#resume('client'));
    socket.on('close', () => this.#discard());
    // 'close' follows, and a client that vanishes is no news.
    socket.on('error', () => undefined);
    this.#run();
  }

  /** Ends the session from this side: at once, or, where a message is on its way, once that message is answered. */
  finish(reply: Reply): void {
    if (this.#protocol.isReceivingMail) this.#farewell = reply;
    else this.terminate(reply);
  }

  /** Ends the session from this side at once; only a message that is being committed is answered first. */
  terminate(reply: Reply): void {
    if (this.#isStoring) {
      this.#farewell = reply;
      return;
    }
    this.#protocol.terminate(reply);
    this.#run();
  }

  #run(): void {
    for (let event = this.#protocol.next(); event !== null; event = this.#protocol.next()) {
      this.#handle(event);
      if (this.#farewell !== null && !this.#protocol.isReceivingMail) {
        this.#protocol.terminate(this.#farewell);
        this.#farewell = null;
      }
    }

    // One write for all that was answered: a pipelining client gets one segment (RFC 2920 section 3.2).
    if (this.#output !== '') {
      const output = this.#output;
      this.#output = '';
      if (!this.#socket.write(output, 'latin1')) this.#wait('client');
    }
    if (this.#protocol.buffered > READ_AHEAD) this.#wait('protocol');
    else this.#resume('protocol');
    if (this.#inputEnded && !this.#isStoring && !this.#socket.writableEnded) endSoon(this.#socket);
  }

  #handle(event: ProtocolEvent): void {
    switch (event.type) {
      case 'reply':
        this.#output += event.text;
        break;
      case 'verdict':
        this.#judge(
          event.stage === 'host'
            ? { stage: 'host', remoteAddress: this.#remoteAddress }
            : { stage: event.stage, remoteAddress: this.#remoteAddress, path: event.path },
        );
        break;
      case 'data':
        this.#delivery = this.#handler.receive(this.#envelope(event.transaction));
        break;
      case 'content': {
        const ready = this.#delivery?.write(event.bytes);
        if (ready !== undefined) {
          this.#wait('store');
          void ready.then(() => this.#resume('store'));
        }
        break;
      }
      case 'discard':
        this.#discard();
        break;
      case 'store':
        void this.#store();
        break;
      case 'close':
        this.#inputEnded = true;
        break;
    }
  }

  #judge(question: Question): void {
    const verdict = this.#handler.judge(question);
    if (verdict.allowed) this.#protocol.allow();
    else this.#protocol.deny(refusal(question, verdict));
  }

  #envelope({ reversePath, parameters, recipients, clientName, protocol }: Transaction): Envelope {
    return {
      reversePath: reversePath.mailbox,
      parameters: Object.fromEntries(parameters),
      forwardPaths: recipients.map(({ path }) => path.mailbox),
      forwardPathParameters: recipients.map((recipient) => Object.fromEntries(recipient.parameters)),
      remoteAddress: this.#remoteAddress,
      clientName,
      protocol,
    };
  }

  async #store(): Promise<void> {
    const delivery = this.#delivery as Delivery;
    this.#delivery = null;
    this.#isStoring = true;
    const result = await delivery.store();
    this.#isStoring = false;
    if ('id' in result) this.#protocol.answerData(replies.messageAccepted(result.id));
    else this.#protocol.answerData(result.failed === 'no space' ? replies.insufficientStorage : replies.storeFailed);
    this.#run();
  }

  #discard(): void {
    this.#delivery?.discard();
    this.#delivery = null;
  }

  #wait(reason: 'store' | 'client' | 'protocol'): void {
    this.#waits.add(reason);
    this.#socket.pause();
  }

  #resume(reason: 'store' | 'client' | 'protocol'): void {
    if (this.#waits.delete(reason) && this.#waits.size === 0) this.#socket.resume();
  }
}

/** Turns a connection away that there is no room for. */
export function turnAway(socket: Socket, reply: Reply): void {
  socket.on('error', () => undefined);
  socket.write(formatReply(reply, false), 'latin1');
  endSoon(socket);
}

/** Closes this side, and the connection whatever the client does. What it still sends is thrown away. */
function endSoon(socket: Socket): void {
  socket.end();
  socket.resume();
  const linger = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(linger));
}
