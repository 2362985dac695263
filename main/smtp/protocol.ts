import { type SessionState, type Verb, helpTopics, httpMethods, isVerb, transitions } from './commands.ts';
import { DataDecoder } from './data-decoder.ts';
import {
  type Extension,
  extensions,
  isBinaryBody,
  mailParameters,
  type ParameterTable,
  rcptParameters,
} from './extensions.ts';
import { LineBuffer } from './line-buffer.ts';
import { type Path, parseParameters, parsePath } from './path.ts';
import { type Reply, formatReply, replies } from './replies.ts';

export interface ProtocolOptions {
  /** What the server calls itself in the greeting and in the reply to EHLO. */
  hostName: string;
  banner: string;
  /** What EHLO announces. Without an extension its parameters and commands are not known. */
  extensions: ReadonlySet<Extension>;
  /** Octets; announced as SIZE (RFC 1870). */
  maxMessageSize: number;
  /** Recipients of one message (RFC 5321 section 4.5.3.1.8 wants at least 100). */
  maxRecipients: number;
  /** Octets of a command line with its line end. */
  maxLineLength: number;
  /** Mistakes of the client before the session is closed. */
  maxErrors: number;
}

/** An accepted recipient, and what RCPT said beyond the path. */
export interface Recipient {
  path: Path;
  /** Keyword in upper case → value, or empty. */
  parameters: ReadonlyMap<string, string>;
}

/** What MAIL and RCPT said so far. */
interface Mail {
  reversePath: Path;
  /** What MAIL said beyond the path: keyword in upper case → value, or empty. */
  parameters: ReadonlyMap<string, string>;
  recipients: Recipient[];
}

/** A mail transaction whose data is about to come. */
export interface Transaction extends Mail {
  /** What the client called itself. */
  clientName: string;
  /** For the trace header (RFC 3848, RFC 6531 section 4.3). */
  protocol: 'SMTP' | 'ESMTP' | 'UTF8SMTP';
}

/** A chunk that is on its way. */
interface Chunk {
  /** Octets. */
  size: number;
  left: number;
  isLast: boolean;
  /** What it will be answered instead of being taken: its octets come all the same (RFC 3030 section 2). */
  refusal: Reply | null;
  /** Where the session stands after a refusal. */
  stateBefore: SessionState;
}

/** What the protocol asks of the one who drives it. */
export type ProtocolEvent =
  /** Send this. */
  | { type: 'reply'; text: string }
  /** Is this host, sender or recipient welcome? Nothing goes on until {@link SmtpProtocol.allow} or `deny` is called. */
  | { type: 'verdict'; stage: 'host' }
  | { type: 'verdict'; stage: 'sender' | 'recipient'; path: Path }
  /** Mail data is about to come. */
  | { type: 'data'; transaction: Transaction }
  /** Mail data, as the client meant it. */
  | { type: 'content'; bytes: Buffer }
  /** Forget the data so far: it is more than is taken, or the client gave it up. */
  | { type: 'discard' }
  /** The data is complete. Nothing goes on until {@link SmtpProtocol.answerData} is called. */
  | { type: 'store' }
  /** Close the connection once everything is sent. */
  | { type: 'close' };

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** What the decoder puts in place of octets that are no UTF-8. */
const REPLACEMENT = '\ufffd';
const isAscii = (line: Buffer): boolean => line.every((byte) => byte < 0x80);
// eslint-disable-next-line no-control-regex -- control characters are what it is there to find
const controlCharacter = /[\x00-\x1f\x7f]/;

/**
 * One SMTP session (RFC 5321), without socket, timer, promise or clock: bytes go in with {@link receive}, what is to be
 * done comes out of {@link next}. How the bytes are split makes no difference to what comes out.
 */
export class SmtpProtocol {
  readonly #options: ProtocolOptions;
  readonly #input = new LineBuffer();
  readonly #events: ProtocolEvent[] = [{ type: 'verdict', stage: 'host' }];
  #state: SessionState = 'greeted';
  #awaiting: 'allow or deny' | 'answerData' | null = null;
  #onAllow: () => void;
  #isEsmtp = false;
  #clientName = '';
  #mail: Mail | null = null;
  #decoder = new DataDecoder();
  #chunk: Chunk | null = null;
  /** Octets of the message so far. */
  #dataSize = 0;
  #errors = 0;

  constructor(options: ProtocolOptions) {
    this.#options = options;
    this.#onAllow = () => this.#reply(replies.greeting(options.hostName, options.banner));
  }

  /** Whether a message is on its way: its data comes, or it waits to be answered. */
  get isReceivingMail(): boolean {
    return this.#state === 'data' || this.#state === 'chunk' || this.#state === 'chunks';
  }

  /** Octets that came and were not used yet. */
  get buffered(): number {
    return this.#input.length;
  }

  /** Takes bytes off the wire, and keeps them: the caller must not change them afterwards. */
  receive(bytes: Buffer): void {
    if (this.#state !== 'closed') this.#input.append(bytes);
  }

  /** @returns what is to be done next; null when more bytes or the answer to a question is needed first */
  next(): ProtocolEvent | null {
    while (this.#events.length === 0) {
      if (this.#awaiting !== null || !this.#advance()) return null;
    }
    const event = this.#events.shift() as ProtocolEvent;
    if (event.type === 'verdict') this.#awaiting = 'allow or deny';
    else if (event.type === 'store') this.#awaiting = 'answerData';
    return event;
  }

  /** Answers a verdict event: welcome. */
  allow(): void {
    this.#answer('allow or deny');
    this.#onAllow();
  }

  /** Answers a verdict event: turned away with this reply. Other recipients, and another sender, may still be welcome. */
  deny(reply: Reply): void {
    this.#answer('allow or deny');
    // Before HELO and EHLO only the host is asked about.
    if (this.#state === 'greeted') this.#state = 'refused';
    this.#reply(reply);
  }

  /** Answers a store event. */
  answerData(reply: Reply): void {
    this.#answer('answerData');
    this.#endTransaction();
    this.#reply(reply);
  }

  /** Ends the session from this side, whatever it is doing. */
  terminate(reply: Reply): void {
    if (this.#state === 'closed') return;
    this.#discardContent();
    this.#awaiting = null;
    this.#reply(reply);
    this.#close();
  }

  #answer(expected: 'allow or deny' | 'answerData'): void {
    if (this.#awaiting !== expected) throw new Error(`the SMTP protocol asked for no ${expected}`);
    this.#awaiting = null;
  }

  /** Uses up some input. @returns whether it could */
  #advance(): boolean {
    if (this.#state === 'closed') return false;
    if (this.#state === 'data') return this.#advanceData();
    if (this.#state === 'chunk') return this.#advanceChunk();
    const line = this.#input.takeLine(this.#options.maxLineLength);
    if (line === null) return false;
    if (line === 'too long') this.#reply(replies.lineTooLong);
    else this.#command(line);
    return true;
  }

  #advanceData(): boolean {
    if (this.#input.length === 0) return false;
    const bytes = this.#input.takeAll();
    const { content, ended, used } = this.#decoder.decode(bytes);
    if (ended && used < bytes.length) this.#input.putBack(bytes.subarray(used));

    this.#takeContent(content);
    if (ended) this.#endContent();
    return true;
  }

  #advanceChunk(): boolean {
    const chunk = this.#chunk as Chunk;
    if (this.#input.length === 0 && chunk.left > 0) return false;
    const bytes = this.#input.takeAll();
    const content = bytes.subarray(0, chunk.left);
    if (content.length < bytes.length) this.#input.putBack(bytes.subarray(content.length));
    chunk.left -= content.length;
    if (chunk.refusal === null) this.#takeContent(content);
    if (chunk.left > 0) return true;

    this.#chunk = null;
    if (chunk.refusal !== null) {
      this.#state = chunk.stateBefore;
      this.#reply(chunk.refusal);
    } else if (chunk.isLast) {
      this.#endContent();
    } else {
      this.#state = 'chunks';
      this.#reply(replies.chunkReceived(chunk.size));
    }
    return true;
  }

  get #isTooLarge(): boolean {
    return this.#dataSize > this.#options.maxMessageSize;
  }

  #takeContent(bytes: Buffer): void {
    if (bytes.length === 0 || this.#isTooLarge) return;
    this.#dataSize += bytes.length;
    const fits = this.#dataSize <= this.#options.maxMessageSize;
    this.#events.push(fits ? { type: 'content', bytes } : { type: 'discard' });
  }

  #endContent(): void {
    if (!this.#isTooLarge) {
      this.#events.push({ type: 'store' });
      return;
    }
    this.#endTransaction();
    this.#reply(replies.messageTooLarge(this.#options.maxMessageSize));
  }

  /** Whatever came of a message is of no use any more. */
  #discardContent(): void {
    if (this.isReceivingMail && !this.#isTooLarge) this.#events.push({ type: 'discard' });
  }

  #command(line: Buffer): void {
    const ascii = isAscii(line);
    const text = ascii ? line.toString('latin1') : utf8.decode(line);
    const space = text.indexOf(' ');
    const word = (space === -1 ? text : text.slice(0, space)).toUpperCase();
    const argument = space === -1 ? '' : text.slice(space + 1);

    if (httpMethods.has(word)) return this.terminate(replies.notHttp);
    if (!isVerb(word)) return this.#reply(replies.unknownCommand);
    const following = transitions[this.#state][word];
    if (word === 'BDAT' && !this.#options.extensions.has('CHUNKING')) return this.#reply(replies.notImplemented);
    if (word === 'HELP' && !this.#options.extensions.has('HELP')) return this.#reply(replies.notImplemented);
    if (following === undefined) {
      const refusal = this.#outOfSequence(word);
      // The octets of a chunk follow whatever it is answered; read as commands they would be a smuggler's way in.
      return word === 'BDAT' ? this.#bdat(argument, 'chunk', refusal) : this.#reply(refusal);
    }
    this.#execute(word, argument, ascii, following === 'same' ? this.#state : following);
  }

  #execute(verb: Verb, argument: string, ascii: boolean, following: SessionState): void {
    switch (verb) {
      case 'HELO':
      case 'EHLO':
        return this.#hello(verb, argument.trim(), following);
      case 'MAIL':
        return this.#beginMail(argument, ascii, following);
      case 'RCPT':
        return this.#rcpt(argument, ascii, following);
      case 'DATA':
        return this.#data(argument, following);
      case 'BDAT':
        return this.#bdat(argument, following);
      case 'RSET':
        this.#resetTransaction();
        this.#state = following;
        return this.#reply(replies.resetOk);
      case 'NOOP':
        return this.#reply(replies.noopOk);
      case 'VRFY':
        return this.#reply(argument.trim() === '' ? replies.syntaxError('VRFY <user>') : replies.cannotVerify);
      case 'EXPN':
        return this.#reply(replies.notImplemented);
      case 'HELP':
        return this.#help(argument.trim().toUpperCase());
      case 'QUIT':
        this.#discardContent();
        this.#reply(replies.bye(this.#options.hostName));
        return this.#close();
    }
  }

  #outOfSequence(verb: Verb): Reply {
    if (this.#state === 'refused' || this.#state === 'chunks') return replies.badSequence;
    if (verb === 'DATA' || verb === 'BDAT') return this.#mail === null ? replies.noSender : replies.noRecipient;
    return this.#state === 'greeted' ? replies.sayHelloFirst : replies.badSequence;
  }

  #hello(verb: 'HELO' | 'EHLO', clientName: string, following: SessionState): void {
    if (clientName === '' || controlCharacter.test(clientName)) {
      return this.#reply(replies.syntaxError(`${verb} <domain>`));
    }
    this.#resetTransaction();
    this.#clientName = clientName;
    this.#isEsmtp = verb === 'EHLO';
    this.#state = following;
    const { hostName, maxMessageSize } = this.#options;
    if (verb === 'HELO') return this.#reply(replies.helo(hostName, clientName));
    const keywords = extensions
      .filter((extension) => this.#has(extension))
      .map((extension) => (extension === 'SIZE' ? `SIZE ${maxMessageSize}` : extension));
    this.#reply(replies.ehlo(hostName, clientName, keywords));
  }

  /** An extension is there for who said EHLO. */
  #has(extension: Extension): boolean {
    return this.#isEsmtp && this.#options.extensions.has(extension);
  }

  #beginMail(argument: string, ascii: boolean, following: SessionState): void {
    const read = this.#pathAndParameters('FROM:', argument, mailParameters);
    if ('code' in read) return this.#reply(read);
    if (isBinaryBody(read.parameters) && !this.#has('BINARYMIME')) {
      return this.#reply(replies.unknownParameter('BODY=BINARYMIME'));
    }
    const refusal = this.#checkCharacters(read.path, ascii, read.parameters);
    if (refusal !== null) return this.#reply(refusal);
    this.#ask('sender', read.path, () => {
      this.#mail = { reversePath: read.path, parameters: read.parameters, recipients: [] };
      this.#state = following;
      this.#reply(replies.senderOk);
    });
  }

  #rcpt(argument: string, ascii: boolean, following: SessionState): void {
    const mail = this.#mail as Mail;
    const read = this.#pathAndParameters('TO:', argument, rcptParameters);
    if ('code' in read) return this.#reply(read);
    if (read.path.mailbox === '') return this.#reply(replies.syntaxError('RCPT TO:<forward-path>'));
    const refusal = this.#checkCharacters(read.path, ascii, mail.parameters);
    if (refusal !== null) return this.#reply(refusal);
    if (mail.recipients.length >= this.#options.maxRecipients) return this.#reply(replies.tooManyRecipients);
    this.#ask('recipient', read.path, () => {
      mail.recipients.push(read);
      this.#state = following;
      this.#reply(replies.recipientOk);
    });
  }

  /** RFC 6531 section 3.3: beyond ASCII only in a transaction that began with SMTPUTF8, and only as UTF-8. */
  #checkCharacters({ mailbox }: Path, ascii: boolean, parameters: ReadonlyMap<string, string>): Reply | null {
    if (!ascii && !parameters.has('SMTPUTF8')) return replies.nonAsciiPath;
    return mailbox.includes(REPLACEMENT) ? replies.notUtf8 : null;
  }

  #pathAndParameters(keyword: 'FROM:' | 'TO:', argument: string, known: ParameterTable): Recipient | Reply {
    if (argument.slice(0, keyword.length).toUpperCase() !== keyword) {
      return replies.syntaxError(keyword === 'FROM:' ? 'MAIL FROM:<reverse-path>' : 'RCPT TO:<forward-path>');
    }
    const parsed = parsePath(argument.slice(keyword.length));
    if ('error' in parsed) return replies.syntaxError(parsed.error);
    const read = parseParameters(parsed.rest);
    if ('error' in read) return replies.syntaxError(read.error);
    for (const [name, value] of read.parameters) {
      const parameter = known.get(name);
      if (parameter === undefined || !this.#has(parameter.extension)) return replies.unknownParameter(name);
      const refusal = parameter.check(value, this.#options);
      if (refusal !== null) return refusal;
    }
    return { path: parsed.path, parameters: read.parameters };
  }

  #data(argument: string, following: SessionState): void {
    if (argument.trim() !== '') return this.#reply(replies.syntaxError('DATA takes no argument'));
    if (isBinaryBody((this.#mail as Mail).parameters)) return this.#reply(replies.binaryNeedsChunks);
    this.#state = following;
    this.#decoder = new DataDecoder();
    this.#beginContent();
    this.#reply(replies.startMailInput);
  }

  #bdat(argument: string, following: SessionState, refusal: Reply | null = null): void {
    const [, octets, last] = /^ *(\d{1,15})(?: +(LAST))? *$/i.exec(argument) ?? [];
    if (octets === undefined) return this.#reply(replies.syntaxError('BDAT <octets> [LAST]'));
    const size = Number(octets);
    this.#chunk = { size, left: size, isLast: last !== undefined, refusal, stateBefore: this.#state };
    if (refusal === null && this.#state === 'recipients') this.#beginContent();
    this.#state = following;
  }

  #beginContent(): void {
    const mail = this.#mail as Mail;
    this.#dataSize = 0;
    const protocol = mail.parameters.has('SMTPUTF8') ? 'UTF8SMTP' : this.#isEsmtp ? 'ESMTP' : 'SMTP';
    this.#events.push({ type: 'data', transaction: { ...mail, clientName: this.#clientName, protocol } });
  }

  #help(topic: string): void {
    const lines = Object.hasOwn(helpTopics, topic) ? helpTopics[topic] : undefined;
    this.#reply(lines === undefined ? replies.unknownHelpTopic : replies.help(lines));
  }

  #ask(stage: 'sender' | 'recipient', path: Path, onAllow: () => void): void {
    this.#onAllow = onAllow;
    this.#events.push({ type: 'verdict', stage, path });
  }

  #resetTransaction(): void {
    this.#discardContent();
    this.#mail = null;
    this.#dataSize = 0;
  }

  #endTransaction(): void {
    this.#state = 'ready';
    this.#resetTransaction();
  }

  #reply(reply: Reply): void {
    this.#events.push({ type: 'reply', text: formatReply(reply, this.#has('ENHANCEDSTATUSCODES')) });
    if (reply.isError === true && ++this.#errors >= this.#options.maxErrors) {
      this.terminate(replies.tooManyErrors);
    }
  }

  #close(): void {
    this.#state = 'closed';
    this.#events.push({ type: 'close' });
  }
}
