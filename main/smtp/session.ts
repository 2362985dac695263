import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { DecidingRule, Envelope, RefusedSession, SessionRecord } from '../mailbox/message.ts';
import type { ProtocolEvent, Transaction } from './events.ts';
import { notes } from './notes.ts';
import type { Path } from './path.ts';
import { type ProtocolOptions, SmtpProtocol } from './protocol.ts';
import { Recording, type Refused, nobody } from './recording.ts';
import { type Reply, formatReply, replies } from './replies.ts';

/** Who or what asks to be let in. */
export type Question =
  | { stage: 'host'; remoteAddress: string }
  | { stage: 'sender'; remoteAddress: string; path: Path }
  | { stage: 'recipient'; remoteAddress: string; reversePath: Path; path: Path };

export type Verdict = {
  /** For the record; null when no rule decided. */
  rule: DecidingRule | null;
  /** Milliseconds before the client hears of it. */
  delay: number;
} & (
  | { outcome: 'allow' }
  | { outcome: 'refuse'; reply: { code: number; enhanced: string; text: string } }
  /** The connection breaks in place of a reply, or in the middle of it. */
  | { outcome: 'drop'; isAmidReply: boolean }
);

export type StoreResult = { id: string } | { failed: 'no space' | 'error' };

/** Takes in one message. */
export interface Delivery {
  /** Takes a copy of the next bytes. @returns a promise when it is behind: no more bytes until it resolves */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /**
   * @param record what was said until now
   * @returns once the message is committed, or certain not to be. Never rejects.
   */
  store(record: SessionRecord): Promise<StoreResult>;
  /** Forgets what was written. */
  discard(): void;
}

/** What the server asks of the rest of the app. */
export interface MailHandler {
  judge(question: Question): Verdict;
  receive(envelope: Envelope): Delivery;
  /**
   * Something was refused in a session, or in one mail transaction of it.
   * @param part a number of its own: when it is over, it comes once more with the same, whole, and takes its own place
   * @param isOver whether it will not come again
   * @returns a promise when the store is behind: nothing more until it resolves
   */
  refused(part: number, session: RefusedSession, isOver: boolean): Promise<void> | undefined;
}

export interface SessionOptions extends ProtocolOptions {
  /**
   * Milliseconds without a whole command, or without an octet of a message, before the session is closed
   * (RFC 5321 section 4.5.3.2.7 wants at least 5 minutes).
   */
  idleTimeout: number;
  /** Milliseconds for a message, from DATA or the first BDAT to its last octet. */
  messageTimeout: number;
}

/** The connection that a session begins with. */
export interface Connection {
  socket: Socket;
  /** The client's: an IPv4 address in its own notation also where the socket is IPv6. */
  remoteAddress: string;
  /** Whether TLS comes before anything else. */
  isImplicitTls: boolean;
}

/** What a session has of the server around it. */
export interface SessionHost {
  options: SessionOptions;
  handler: MailHandler;
  /** The certificate for TLS. @throws Error when none can be had */
  secureContext: () => Promise<SecureContext>;
  /** Something is wrong on this side. */
  onProblem: (error: Error) => void;
  /** A client would not go on under TLS: mostly it does not trust the certificate. */
  onTlsFailure: (remoteAddress: string) => void;
  /** The connection is closed. */
  onClose: () => void;
}

/** Octets that may wait for an answer that the protocol needs first, before the socket has to wait, too. */
const READ_AHEAD = 64 * 1024;

/** Octets of a read from which on it is worth to free them by hand. */
const FREED_AT_ONCE = 16 * 1024;

/** Milliseconds for the client to read the last reply and close; to destroy the socket at once could lose that reply. */
const LINGER = 2000;

let lastPart = 0;

/** Drives the protocol over one connection: I/O, TLS, time-outs, backpressure and the record, and nothing else. */
export class Session {
  readonly #host: SessionHost;
  readonly #protocol: SmtpProtocol;
  readonly #recording = new Recording();
  readonly #remoteAddress: string;
  readonly #startedAt = Date.now();
  #socket: Socket;
  readonly #isImplicitTls: boolean;
  #isNegotiatingTls = false;
  #isAwaitingCertificate = false;
  #hasTlsFailed = false;
  /** Whether this side ends the session. */
  #isEnding = false;
  #isClosed = false;
  #delivery: Delivery | null = null;
  #isStoring = false;
  #output = '';
  #inputEnded = false;
  /** What the client is told once the message that is on its way is answered; then the session ends. */
  #farewell: Reply | null = null;
  /** What reading waits for: the store to catch up, the client to read its replies, an answer the protocol needs. */
  readonly #waits = new Set<'store' | 'client' | 'protocol'>();
  /** When something last came of what the client sent: milliseconds since the epoch. */
  #activeAt = this.#startedAt;
  /** When the message that is on its way began. */
  #messageBegan: number | null = null;
  /** Until the client hears of a verdict. */
  #delay: NodeJS.Timeout | null = null;
  /** Who waits so long. */
  #awaited: Refused | null = null;
  /** Whom the next reply turns away. */
  #refused: Refused | null = null;
  /** Who said MAIL, and for whom; null outside a mail transaction, or when it could not be read. */
  #mail: Pick<RefusedSession, 'clientName' | 'reversePath'> | null = null;
  /** Of this session or transaction, when something that was refused in it is kept already. */
  #part: number | null = null;

  constructor({ socket, remoteAddress, isImplicitTls }: Connection, host: SessionHost) {
    this.#host = host;
    this.#remoteAddress = remoteAddress;
    this.#isImplicitTls = isImplicitTls;
    this.#protocol = new SmtpProtocol(host.options, randomUUID);
    this.#socket = socket;
    socket.setNoDelay(true);
    this.#recording.add(this.#startedAt, '-', `Connected from ${remoteAddress}`);
    this.#listen(socket);
    if (isImplicitTls) void this.#beginImplicitTls();
    else this.#run();
  }

  /** Ends the session from this side: at once, or, where a message is on its way, once that message is answered. */
  finish(reply: Reply): void {
    if (this.#protocol.isReceivingMail) this.#farewell = reply;
    else this.terminate(reply);
  }

  /** Ends the session from this side at once; only a message that is being committed is answered first. */
  terminate(reply: Reply): void {
    this.#isEnding = true;
    if (this.#isStoring) {
      this.#farewell = reply;
      return;
    }
    if (this.#isNegotiatingTls) {
      this.#socket.destroy();
      return;
    }
    this.#forgetDelay();
    this.#protocol.terminate(reply);
    this.#run();
  }

  /** Ends the session when the client takes too long. @param now milliseconds since the epoch */
  checkTime(now: number): void {
    // What waits for this side is not the client's fault.
    if (this.#isAnswerDue) {
      this.#activeAt = now;
      return;
    }
    const { idleTimeout, messageTimeout } = this.#host.options;
    if (now - this.#activeAt >= idleTimeout) this.#timeOut(replies.idleTooLong);
    else if (now - (this.#messageBegan ?? now) >= messageTimeout) this.#timeOut(replies.messageTooSlow);
  }

  #timeOut(reply: Reply): void {
    // A message is lost to it.
    if (this.#messageBegan !== null) this.#recording.refuse(Date.now(), formatReply(reply, false).trimEnd());
    this.terminate(reply);
  }

  /** Whether the client waits for something that goes on elsewhere. */
  get #isAnswerDue(): boolean {
    return this.#isStoring || this.#isAwaitingCertificate || this.#delay !== null || this.#waits.has('store');
  }

  readonly #onData = (bytes: Buffer<ArrayBuffer>): void => {
    // A message that is too large is not done with before its end, nor is a chunk that is refused.
    if (this.#protocol.isReceivingOctets) this.#activeAt = Date.now();
    this.#protocol.receive(bytes);
    this.#run();
    // Freed at once: the garbage collector would let tens of megabytes of what came off the wire gather first.
    if (bytes.length > FREED_AT_ONCE && this.#protocol.buffered === 0) bytes.buffer.transfer(0);
  };
  readonly #onEnd = (): void => {
    this.#inputEnded = true;
    this.#giveUpWaiting();
    this.#run();
  };
  readonly #onDrain = (): void => this.#resume('client');
  readonly #onClose = (): void => this.#close();
  readonly #onError = (error: Error): void => this.#fail(error);

  #listen(socket: Socket): void {
    socket.on('data', this.#onData).on('end', this.#onEnd).on('drain', this.#onDrain);
    socket.on('close', this.#onClose).on('error', this.#onError);
  }

  #unlisten(socket: Socket): void {
    socket.off('data', this.#onData).off('end', this.#onEnd).off('drain', this.#onDrain);
    socket.off('close', this.#onClose).off('error', this.#onError);
  }

  #run(): void {
    // What still came before the connection closed is nobody's any more.
    if (this.#isClosed) return;
    const now = Date.now();
    while (this.#step(now)) this.#activeAt = now;
    this.#messageBegan = this.#protocol.isReceivingMail ? (this.#messageBegan ?? now) : null;
    this.#flush();
    if (this.#part === null && this.#recording.refusals.some(({ stage }) => stage !== null)) this.#keepRefused(false);
    if (this.#protocol.buffered > READ_AHEAD) this.#wait('protocol');
    else this.#resume('protocol');
    if (this.#inputEnded && !this.#isAnswerDue && !this.#socket.writableEnded) endSoon(this.#socket);
  }

  /** Does what the protocol wants done next. @returns whether there was something */
  #step(now: number): boolean {
    return !this.#isNegotiatingTls && !this.#waits.has('store') && this.#advance(now);
  }

  #advance(now: number): boolean {
    const event = this.#protocol.next();
    if (event === null) return false;
    this.#handle(event, now);
    if (this.#farewell !== null && !this.#protocol.isReceivingMail) {
      this.#protocol.terminate(this.#farewell);
      this.#farewell = null;
    }
    return true;
  }

  /** One write for all that was answered: a pipelining client gets one segment (RFC 2920 section 3.2). */
  #flush(): void {
    if (this.#output === '') return;
    const output = this.#output;
    this.#output = '';
    if (!this.#socket.write(output, 'latin1')) this.#wait('client');
  }

  #handle(event: ProtocolEvent, now: number): void {
    switch (event.type) {
      case 'reply':
        this.#output += event.text;
        this.#recording.addReply(now, event.text, event.isRefusal ? (this.#refused ?? nobody) : null);
        this.#refused = null;
        break;
      case 'transaction':
        this.#beginTransaction(now);
        break;
      case 'heard':
        this.#recording.add(now, 'C', event.text);
        break;
      case 'note':
        this.#recording.note(event.note);
        break;
      case 'verdict':
        this.#judge(this.#question(event), now);
        break;
      case 'data':
        this.#messageBegan = now;
        this.#delivery = this.#host.handler.receive(this.#envelope(event.transaction));
        break;
      case 'content': {
        this.#waitForStore(this.#delivery?.write(event.bytes));
        break;
      }
      case 'discard':
        this.#discard();
        break;
      case 'store':
        void this.#store();
        break;
      case 'starttls':
        void this.#answerStartTls();
        break;
      case 'close':
        this.#isEnding = true;
        this.#inputEnded = true;
        break;
      case 'drop':
        this.#output += event.text;
        this.#flush();
        this.#isEnding = true;
        this.#socket.destroySoon();
        cutOff(this.#socket);
        break;
    }
  }

  #question(event: ProtocolEvent & { type: 'verdict' }): Question {
    const remoteAddress = this.#remoteAddress;
    if (event.stage === 'host') return { stage: 'host', remoteAddress };
    if (event.stage === 'sender') {
      this.#mail = { clientName: this.#protocol.clientName, reversePath: event.path.mailbox };
      return { stage: 'sender', remoteAddress, path: event.path };
    }
    return { stage: 'recipient', remoteAddress, reversePath: event.reversePath, path: event.path };
  }

  #judge(question: Question, now: number): void {
    const verdict = this.#host.handler.judge(question);
    if (verdict.rule !== null) this.#recording.decided(now, verdict.rule);
    if (verdict.delay === 0) {
      this.#answer(question, verdict);
      return;
    }
    this.#awaited = refusedBy(question, verdict);
    this.#delay = setTimeout(() => {
      this.#delay = null;
      this.#awaited = null;
      this.#answer(question, verdict);
      this.#run();
    }, verdict.delay);
  }

  #answer(question: Question, verdict: Verdict): void {
    const refused = refusedBy(question, verdict);
    switch (verdict.outcome) {
      case 'allow':
        this.#protocol.allow();
        break;
      case 'refuse': {
        const { code, enhanced, text } = verdict.reply;
        this.#refused = refused;
        this.#protocol.deny({ code, enhanced, lines: [text] });
        break;
      }
      case 'drop': {
        const how = `The connection was dropped ${verdict.isAmidReply ? 'in the middle of the reply' : 'before the reply'}`;
        this.#recording.add(Date.now(), '-', how);
        this.#recording.refuse(Date.now(), how, refused);
        this.#protocol.drop(verdict.isAmidReply);
        break;
      }
    }
  }

  /** A client that leaves before it is answered was turned away as far as it knows. */
  #giveUpWaiting(): void {
    if (this.#awaited === null) return;
    const what = 'The client left before it was answered';
    this.#recording.add(Date.now(), '-', what);
    this.#recording.refuse(Date.now(), what, this.#awaited);
    this.#awaited = null;
  }

  #forgetDelay(): void {
    if (this.#delay !== null) clearTimeout(this.#delay);
    this.#delay = null;
  }

  /** MAIL was said. What was refused before it belongs to another transaction, unless it was the host itself. */
  #beginTransaction(now: number): void {
    const { refusals, isInTransaction } = this.#recording;
    if (isInTransaction && refusals.length > 0 && refusals.every(({ stage }) => stage !== 'host')) {
      this.#keepRefused(true);
      this.#endTransaction(now);
    }
    this.#mail = { clientName: this.#protocol.clientName, reversePath: null };
    this.#recording.beginTransaction();
  }

  #endTransaction(now: number): void {
    this.#recording.endTransaction(now);
    this.#mail = null;
  }

  #keepRefused(isOver: boolean): void {
    this.#part ??= ++lastPart;
    const session = {
      startedAt: this.#startedAt,
      remoteAddress: this.#remoteAddress,
      ...(this.#mail ?? { clientName: this.#protocol.clientName, reversePath: null }),
      refusals: [...this.#recording.refusals],
      ...this.#recording.record(),
    };
    this.#waitForStore(this.#host.handler.refused(this.#part, session, isOver));
    if (isOver) this.#part = null;
  }

  #envelope({ reversePath, parameters, recipients, clientName, protocol, tls, user }: Transaction): Envelope {
    return {
      reversePath: reversePath.mailbox,
      parameters: Object.fromEntries(parameters),
      forwardPaths: recipients.map(({ path }) => path.mailbox),
      forwardPathParameters: recipients.map((recipient) => Object.fromEntries(recipient.parameters)),
      remoteAddress: this.#remoteAddress,
      clientName,
      protocol,
      tls,
      user,
    };
  }

  async #store(): Promise<void> {
    const delivery = this.#delivery as Delivery;
    this.#delivery = null;
    this.#isStoring = true;
    const result = await delivery.store(this.#recording.record());
    this.#isStoring = false;
    if ('id' in result) {
      this.#protocol.answerData(replies.messageAccepted(result.id));
      this.#advance(Date.now());
      if (this.#part !== null) this.#keepRefused(true);
      this.#endTransaction(Date.now());
    } else {
      this.#protocol.answerData(result.failed === 'no space' ? replies.insufficientStorage : replies.storeFailed);
    }
    this.#run();
  }

  #discard(): void {
    this.#delivery?.discard();
    this.#delivery = null;
  }

  async #answerStartTls(): Promise<void> {
    const context = await this.#secureContext();
    if (this.#isClosed || this.#isEnding) return;
    if (context === null) {
      this.#protocol.refuseTls();
      this.#run();
      if (this.#waits.size === 0) this.#socket.resume();
      return;
    }
    // What came meanwhile was sent in the clear: it is thrown away as what came with the command is.
    while (this.#socket.read() !== null);
    this.#protocol.beginTls();
    this.#run();
    this.#negotiateTls(context);
  }

  async #beginImplicitTls(): Promise<void> {
    this.#isNegotiatingTls = true;
    const context = await this.#secureContext();
    if (this.#isClosed) return;
    if (context !== null) {
      this.#negotiateTls(context);
      return;
    }
    this.#isEnding = true;
    this.#recording.refuse(Date.now(), 'TLS cannot be had for want of a certificate');
    this.#socket.destroy();
  }

  async #secureContext(): Promise<SecureContext | null> {
    // What comes from now on belongs to the handshake.
    this.#socket.pause();
    this.#isAwaitingCertificate = true;
    try {
      return await this.#host.secureContext();
    } catch (error) {
      this.#host.onProblem(error as Error);
      return null;
    } finally {
      this.#isAwaitingCertificate = false;
    }
  }

  #negotiateTls(secureContext: SecureContext): void {
    this.#isNegotiatingTls = true;
    this.#activeAt = Date.now();
    this.#unlisten(this.#socket);
    const socket = new TLSSocket(this.#socket, { isServer: true, secureContext });
    this.#socket = socket;
    this.#waits.clear();
    this.#listen(socket);
    // A handshake that failed, or ended well, is told on this side by these two events alone, which Node does not document.
    socket.on('_tlsError', (error: Error) => {
      this.#fail(error);
      socket.destroy();
    });
    socket.once('secure', () => {
      const tls = { version: socket.getProtocol() ?? '', cipher: socket.getCipher().standardName };
      this.#isNegotiatingTls = false;
      this.#recording.add(Date.now(), '-', `TLS begins: ${tls.version}, ${tls.cipher}`);
      this.#protocol.secured(tls);
      this.#run();
    });
  }

  /** The connection broke; 'close' follows. A client that vanishes is no news, one that will have no TLS is. */
  #fail(error: Error & { reason?: string }): void {
    // What OpenSSL says in full names its own source.
    const reason = error.reason ?? error.message;
    this.#recording.add(Date.now(), '-', reason);
    if (!this.#isEnding && (this.#isNegotiatingTls || this.#isTlsUnused)) this.#failTls(reason);
  }

  /** Whether TLS was negotiated and nothing was said under it. */
  get #isTlsUnused(): boolean {
    return !this.#isNegotiatingTls && this.#socket instanceof TLSSocket && this.#protocol.clientName === '';
  }

  #failTls(reason: string): void {
    this.#hasTlsFailed = true;
    this.#recording.refuse(Date.now(), `TLS could not be begun: ${reason}`);
    this.#recording.note(notes.tlsFailed(reason));
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#giveUpWaiting();
    this.#forgetDelay();
    this.#discard();
    // Many clients look at the certificate after the handshake, and leave without a word.
    const hasLeft = this.#isTlsUnused || (this.#isNegotiatingTls && !this.#isImplicitTls);
    if (hasLeft && !this.#hasTlsFailed && !this.#isEnding) this.#failTls('the client closed the connection');
    if (this.#hasTlsFailed) this.#host.onTlsFailure(this.#remoteAddress);
    this.#host.onClose();
    if (this.#recording.refusals.length > 0) this.#keepRefused(true);
  }

  /** @param ready from the store, when it is behind */
  #waitForStore(ready: Promise<void> | undefined): void {
    if (ready === undefined) return;
    this.#wait('store');
    void ready.then(() => {
      this.#resume('store');
      this.#run();
    });
  }

  #wait(reason: 'store' | 'client' | 'protocol'): void {
    this.#waits.add(reason);
    this.#socket.pause();
  }

  #resume(reason: 'store' | 'client' | 'protocol'): void {
    if (this.#waits.delete(reason) && this.#waits.size === 0) this.#socket.resume();
  }
}

const refusedBy = (question: Question, { rule }: Verdict): Refused => ({
  stage: question.stage,
  mailbox: question.stage === 'host' ? '' : question.path.mailbox,
  rule,
});

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
  cutOff(socket);
}

/** Closes the connection whether or not the client reads what was sent. */
function cutOff(socket: Socket): void {
  const linger = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(linger));
}
