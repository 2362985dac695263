import { isAscii } from 'node:buffer';
import { isIP } from 'node:net';
import type { Note, TlsParameters, TransmissionType } from '../mailbox/message.ts';
import { Authentication, type AuthenticationOptions } from './authentication.ts';
import { type SessionState, type Verb, helpTopics, httpMethods, isVerb, transitions } from './commands.ts';
import { type Chunk, Content } from './content.ts';
import type { Mail, ProtocolEvent } from './events.ts';
import {
  type Extension,
  commandExtensions,
  extensions,
  isBinaryBody,
  mailParameters,
  type ParameterTable,
  rcptParameters,
} from './extensions.ts';
import { type Line, LineBuffer } from './line-buffer.ts';
import { type MailArgument, readMailArgument } from './mail-argument.ts';
import { notes } from './notes.ts';
import { type Path, isAddressLiteral, isDomain } from './path.ts';
import { type Reply, formatReply, replies } from './replies.ts';
import { blotAuth, mechanisms, sendsPassword } from './sasl.ts';

export interface ProtocolOptions extends AuthenticationOptions {
  banner: string;
  /** What EHLO announces. Without an extension its parameters and commands are not known. */
  extensions: ReadonlySet<Extension>;
  /** Octets; announced as SIZE (RFC 1870). */
  maxMessageSize: number;
  /** Recipients of one message (RFC 5321 section 4.5.3.1.8 wants at least 100). */
  maxRecipients: number;
  /** Octets of a command line with its line end (RFC 5321 section 4.5.3.1.4 wants at least 512). */
  maxLineLength: number;
  /** The same for AUTH and what answers its challenges (RFC 4954 section 4 wants 12,288). */
  maxAuthLineLength: number;
  /** Mistakes of the client before the session is closed. */
  maxErrors: number;
  /** Whether MAIL needs AUTH first. */
  authRequired: boolean;
}

/** What follows when a question is answered with yes. */
interface Welcome {
  accept: () => void;
  reply: Reply;
}

/** A chunk that is refused: its octets come all the same (RFC 3030 section 2). */
interface RefusedChunk {
  content: Content;
  reply: Reply;
  /** Where the session stands after it. */
  following: SessionState;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** What the decoder puts in place of octets that are no UTF-8. */
const REPLACEMENT = '\ufffd';
// eslint-disable-next-line no-control-regex -- control characters are what it is there to find
const controlCharacter = /[\x00-\x1f\x7f]/;
/** RFC 2920 section 3.1, and what changes what is said next: after these a client has to wait for the reply. */
const mustBeLast: ReadonlySet<Verb> = new Set(['EHLO', 'HELO', 'DATA', 'VRFY', 'EXPN', 'NOOP', 'STARTTLS', 'AUTH']);
/** RFC 5321 section 4.1.1: these stand alone. */
const withoutArgument: ReadonlySet<Verb> = new Set(['RSET', 'QUIT']);

/**
 * One SMTP session (RFC 5321), without socket, timer, promise or clock: bytes go in with {@link receive}, what is to be
 * done comes out of {@link next}. How the bytes are split makes no difference to what comes out.
 */
export class SmtpProtocol {
  readonly #options: ProtocolOptions;
  readonly #authentication: Authentication;
  readonly #input = new LineBuffer();
  readonly #events: ProtocolEvent[] = [{ type: 'verdict', stage: 'host' }];
  #state: SessionState = 'greeted';
  #awaiting: 'verdict' | 'answerData' | 'beginTls or refuseTls' | null = null;
  #welcome: Welcome;
  #tls: TlsParameters | null = null;
  #isEsmtp = false;
  #clientName = '';
  /** Whether what comes may be an answer to a challenge that was never given. */
  #mayHoldPassword = false;
  #mail: Mail | null = null;
  /** Of the message on its way. */
  #content: Content | null = null;
  /** What goes on in the state `chunk`. */
  #chunk: Chunk | null = null;
  #refusedChunk: RefusedChunk | null = null;
  #errors = 0;

  /** @param unique gives what it never gave before, for challenges; printable ASCII without spaces */
  constructor(options: ProtocolOptions, unique: () => string) {
    this.#options = options;
    this.#authentication = new Authentication(options, unique);
    this.#welcome = { accept: () => undefined, reply: replies.greeting(options.hostName, options.banner) };
  }

  /** What the client called itself; empty until it did. */
  get clientName(): string {
    return this.#clientName;
  }

  /** Whether a message is on its way: its data comes, or it waits to be answered. */
  get isReceivingMail(): boolean {
    return this.#state === 'data' || this.#state === 'chunk' || this.#state === 'chunks';
  }

  /** Whether the octets that come are a message's, or a chunk's that is refused. */
  get isReceivingOctets(): boolean {
    return this.#state === 'data' || this.#state === 'chunk';
  }

  /** Octets that came and were not used yet. */
  get buffered(): number {
    return this.#input.length;
  }

  /** Takes bytes off the wire, and keeps them: the caller must not change them afterwards. */
  receive(bytes: Buffer): void {
    if (this.#state !== 'closed' && this.#state !== 'handshake') this.#input.append(bytes);
  }

  /** @returns what is to be done next; null when more bytes or the answer to a question is needed first */
  next(): ProtocolEvent | null {
    while (this.#events.length === 0) {
      if (this.#awaiting !== null || !this.#advance()) return null;
    }
    const event = this.#events.shift() as ProtocolEvent;
    if (event.type === 'verdict') this.#awaiting = 'verdict';
    else if (event.type === 'store') this.#awaiting = 'answerData';
    else if (event.type === 'starttls') this.#awaiting = 'beginTls or refuseTls';
    return event;
  }

  /** Answers a verdict event: welcome. */
  allow(): void {
    this.#answer('verdict');
    this.#welcome.accept();
    this.#reply(this.#welcome.reply);
  }

  /**
   * Answers a verdict event: turned away with this reply. Other recipients, and another sender, may still be welcome,
   * unless it is 421, which closes the connection (RFC 5321 section 3.8).
   */
  deny(reply: Reply): void {
    this.#answer('verdict');
    if (reply.code === 421) return this.#end(reply, true);
    // Before HELO and EHLO only the host is asked about.
    if (this.#state === 'greeted') this.#state = 'refused';
    this.#reply(reply);
  }

  /** Answers a verdict event: the connection breaks in place of a reply, or when half of the reply of a welcome is sent. */
  drop(isAmidReply: boolean): void {
    this.#answer('verdict');
    const text = this.#format(this.#welcome.reply);
    this.#state = 'closed';
    this.#events.push({ type: 'drop', text: isAmidReply ? text.slice(0, text.length / 2) : '' });
  }

  /** Answers a store event. */
  answerData(reply: Reply): void {
    this.#answer('answerData');
    this.#endTransaction();
    this.#reply(reply);
  }

  /** Answers a starttls event: there is a certificate. */
  beginTls(): void {
    this.#answer('beginTls or refuseTls');
    // What came behind the command was sent in the clear and could be anybody's (CVE-2011-0411, CVE-2024-34083).
    this.#input.takeAll();
    this.#resetTransaction();
    this.#state = 'handshake';
    this.#reply(replies.startTls);
  }

  /** Answers a starttls event: there is no certificate. */
  refuseTls(): void {
    this.#answer('beginTls or refuseTls');
    this.#reply(replies.tlsUnavailable);
  }

  /** TLS was negotiated, after STARTTLS or before anything else. RFC 3207 section 4.2: nothing that was said before holds. */
  secured(tls: TlsParameters): void {
    this.#tls = tls;
    this.#state = 'greeted';
    this.#isEsmtp = false;
    this.#clientName = '';
    this.#authentication.forget();
  }

  /** Ends the session from this side, whatever it is doing. */
  terminate(reply: Reply): void {
    if (this.#state !== 'closed') this.#end(reply, false);
  }

  #answer(expected: 'verdict' | 'answerData' | 'beginTls or refuseTls'): void {
    if (this.#awaiting !== expected) throw new Error(`the SMTP protocol asked for no ${expected}`);
    this.#awaiting = null;
  }

  /** Uses up some input. @returns whether it could */
  #advance(): boolean {
    switch (this.#state) {
      case 'closed':
      case 'handshake':
        return false;
      case 'data':
      case 'chunk':
        return this.#refusedChunk === null
          ? this.#takeContent(this.#content as Content)
          : this.#swallowChunk(this.#refusedChunk);
      default:
        return this.#takeLine();
    }
  }

  #takeContent(content: Content): boolean {
    const fitted = !content.isTooLarge;
    const stretch = content.take(this.#input);
    if (stretch === null) return false;
    if (!content.isTooLarge) {
      if (stretch.bytes.length > 0) this.#events.push({ type: 'content', bytes: stretch.bytes });
    } else if (fitted) {
      this.#events.push({ type: 'discard' });
    }
    if (stretch.ended !== null) this.#endStretch(content);
    return true;
  }

  /** DATA or a chunk came to its end. */
  #endStretch(content: Content): void {
    const chunk = this.#chunk;
    this.#chunk = null;
    if (chunk !== null) this.#heard(`(${chunk.size} octets)`);
    if (chunk !== null && !chunk.isLast) {
      this.#state = 'chunks';
      return this.#reply(replies.chunkReceived(chunk.size));
    }
    if (chunk === null) this.#heard(`(${content.size} octets of data)`);
    if (content.isTooLarge) {
      this.#endTransaction();
      return this.#reply(replies.messageTooLarge(this.#options.maxMessageSize));
    }
    const declared = this.#mail?.parameters.get('SIZE');
    if (declared !== undefined && content.size > Number(declared)) {
      this.#note(notes.sizeExceeded(Number(declared), content.size));
    }
    this.#events.push({ type: 'store' });
  }

  #swallowChunk({ content, reply, following }: RefusedChunk): boolean {
    const stretch = content.take(this.#input);
    if (stretch === null) return false;
    if (stretch.ended !== null) {
      this.#heard(`(${content.size} octets)`);
      this.#refusedChunk = null;
      this.#state = following;
      this.#reply(reply);
    }
    return true;
  }

  #takeLine(): boolean {
    const { maxLineLength, maxAuthLineLength } = this.#options;
    const isAuth = this.#state === 'auth' || this.#input.startsWith('AUTH ');
    const limit = isAuth ? maxAuthLineLength : maxLineLength;
    const line = this.#input.takeLine(limit);
    if (line === null) return false;
    if (line === 'too long') {
      this.#heard(`(a line of more than ${limit} octets)`);
      if (this.#state === 'auth') {
        this.#authentication.cancel();
        this.#state = 'ready';
      }
      this.#reply(replies.lineTooLong);
      return true;
    }
    if (!line.endedWithCrLf) this.#note(notes.bareLf);
    if (this.#state === 'auth') this.#respond(line.bytes.toString('latin1'));
    else this.#command(line);
    return true;
  }

  /** Whatever came of a message is of no use any more. */
  #discardContent(): void {
    const content = this.#content;
    if (content === null) return;
    this.#content = null;
    this.#chunk = null;
    this.#heard(`(${content.size} octets, given up)`);
    if (!content.isTooLarge) this.#events.push({ type: 'discard' });
  }

  #command({ bytes }: Line): void {
    const ascii = isAscii(bytes);
    const text = ascii ? bytes.toString('latin1') : utf8.decode(bytes);
    const space = text.indexOf(' ');
    const word = (space === -1 ? text : text.slice(0, space)).toUpperCase();
    const argument = space === -1 ? '' : text.slice(space + 1);
    if (!isVerb(word)) return this.#unknownCommand(word, text);
    if (word === 'MAIL' && transitions[this.#state].MAIL !== undefined) this.#events.push({ type: 'transaction' });
    this.#heard(word === 'AUTH' ? blotAuth(text) : text);
    if (word === 'AUTH') this.#mayHoldPassword = true;
    else if (word === 'EHLO' || word === 'HELO' || word === 'MAIL') this.#mayHoldPassword = false;
    const following = transitions[this.#state][word];
    const extension = commandExtensions[word];
    const isOff = extension !== undefined && !this.#options.extensions.has(extension) && this.#state !== 'refused';
    if (isOff || following === undefined) {
      const refusal = isOff ? replies.notImplemented : this.#outOfSequence(word);
      // The octets of a chunk follow whatever it is answered; read as commands they would be a smuggler's way in.
      return word === 'BDAT' ? this.#bdat(argument, this.#state, refusal) : this.#reply(refusal);
    }
    this.#noteManners(word, argument, bytes);
    this.#execute(word, argument, ascii, following === 'same' ? this.#state : following);
  }

  #unknownCommand(word: string, text: string): void {
    const auth = text.search(/\bAUTH\b/i);
    if (this.#mayHoldPassword) this.#heard('***');
    else this.#heard(auth === -1 ? text : `${text.slice(0, auth)}AUTH ***`);
    this.#mayHoldPassword ||= auth !== -1;
    if (httpMethods.has(word)) this.#end(replies.notHttp, true);
    else this.#reply(replies.unknownCommand);
  }

  #noteManners(verb: Verb, argument: string, line: Buffer): void {
    if (line.length > 510 && verb !== 'MAIL' && verb !== 'RCPT' && verb !== 'AUTH') this.#note(notes.longLine);
    if (line.includes(0x0d)) this.#note(notes.bareCr);
    if (argument !== '' && withoutArgument.has(verb)) this.#note(notes.argument(verb));
    if (this.#input.length === 0) return;
    if (mustBeLast.has(verb)) this.#note(notes.pipelinedEarly(verb));
    else if (!this.#has('PIPELINING') && verb !== 'QUIT') this.#note(notes.pipelinedUnasked);
  }

  #execute(verb: Verb, argument: string, ascii: boolean, following: SessionState): void {
    switch (verb) {
      case 'HELO':
      case 'EHLO':
        return this.#hello(verb, argument.trim(), following);
      case 'STARTTLS':
        return this.#startTls(argument);
      case 'AUTH':
        return this.#auth(argument, following);
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
    if (verb === 'AUTH' && this.#state === 'greeted') return replies.sayEhloFirst;
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
    if (isIP(clientName) !== 0) this.#note(notes.helloBareAddress(clientName));
    else if (!isDomain(clientName) && !isAddressLiteral(clientName)) this.#note(notes.helloName(clientName));
    const { hostName } = this.#options;
    if (verb === 'HELO') return this.#reply(replies.helo(hostName, clientName));
    this.#reply(replies.ehlo(hostName, clientName, this.#keywords()));
  }

  #keywords(): string[] {
    return extensions.flatMap((extension) => {
      if (!this.#has(extension) || (extension === 'STARTTLS' && this.#tls !== null)) return [];
      if (extension === 'SIZE') return [`SIZE ${this.#options.maxMessageSize}`];
      return extension === 'AUTH' ? [`AUTH ${[...mechanisms.keys()].join(' ')}`] : [extension];
    });
  }

  /** An extension is there for who said EHLO. RFC 3030 section 3: BINARYMIME is nothing without CHUNKING. */
  #has(extension: Extension): boolean {
    const { extensions: on } = this.#options;
    return this.#isEsmtp && on.has(extension) && (extension !== 'BINARYMIME' || on.has('CHUNKING'));
  }

  #startTls(argument: string): void {
    if (argument.trim() !== '') return this.#reply(replies.syntaxError('STARTTLS takes no argument'));
    if (this.#tls !== null) return this.#reply(replies.tlsActive);
    this.#events.push({ type: 'starttls' });
  }

  #auth(argument: string, following: SessionState): void {
    if (!this.#isEsmtp) return this.#reply(replies.sayEhloFirst);
    const reply = this.#authentication.begin(argument);
    if (this.#tls === null && sendsPassword(argument.trim().split(' ')[0] ?? '')) this.#note(notes.plainPassword);
    if (this.#authentication.isGoingOn) this.#state = following;
    this.#reply(reply);
  }

  #respond(line: string): void {
    this.#heard(line === '*' ? line : '***');
    const reply = this.#authentication.respond(line);
    if (!this.#authentication.isGoingOn) this.#state = 'ready';
    this.#reply(reply);
  }

  #beginMail(argument: string, ascii: boolean, following: SessionState): void {
    if (this.#options.authRequired && this.#authentication.user === null) return this.#reply(replies.authRequired);
    const read = this.#readMailArgument('FROM:', argument, mailParameters);
    if ('code' in read) return this.#reply(read);
    const { path, parameters } = read;
    if (isBinaryBody(parameters) && !this.#has('BINARYMIME')) {
      return this.#reply(replies.unknownParameter('BODY=BINARYMIME'));
    }
    const refusal = this.#checkCharacters(path, ascii, parameters);
    if (refusal !== null) return this.#reply(refusal);
    const accept = (): void => {
      this.#mail = { reversePath: path, parameters, recipients: [] };
      this.#state = following;
    };
    this.#welcome = { accept, reply: replies.senderOk };
    this.#events.push({ type: 'verdict', stage: 'sender', path });
  }

  #rcpt(argument: string, ascii: boolean, following: SessionState): void {
    const mail = this.#mail as Mail;
    const read = this.#readMailArgument('TO:', argument, rcptParameters);
    if ('code' in read) return this.#reply(read);
    const { path, parameters } = read;
    const refusal = this.#checkCharacters(path, ascii, mail.parameters);
    if (refusal !== null) return this.#reply(refusal);
    if (mail.recipients.length >= this.#options.maxRecipients) return this.#reply(replies.tooManyRecipients);
    const accept = (): void => {
      mail.recipients.push({ path, parameters });
      if (mail.recipients.length === 101) this.#note(notes.manyRecipients);
      this.#state = following;
    };
    this.#welcome = { accept, reply: replies.recipientOk };
    this.#events.push({ type: 'verdict', stage: 'recipient', path, reversePath: mail.reversePath });
  }

  /** RFC 6531 section 3.3: beyond ASCII only in a transaction that began with SMTPUTF8, and only as UTF-8. */
  #checkCharacters({ mailbox }: Path, ascii: boolean, parameters: ReadonlyMap<string, string>): Reply | null {
    if (!ascii && !parameters.has('SMTPUTF8')) return replies.nonAsciiPath;
    return mailbox.includes(REPLACEMENT) ? replies.notUtf8 : null;
  }

  #readMailArgument(keyword: 'FROM:' | 'TO:', argument: string, parameters: ParameterTable): MailArgument | Reply {
    const { maxMessageSize } = this.#options;
    const read = readMailArgument(argument, {
      keyword,
      parameters,
      has: (extension) => this.#has(extension),
      maxMessageSize,
    });
    if ('notes' in read) for (const note of read.notes) this.#note(note);
    return read;
  }

  #data(argument: string, following: SessionState): void {
    if (argument.trim() !== '') return this.#reply(replies.syntaxError('DATA takes no argument'));
    if (isBinaryBody((this.#mail as Mail).parameters)) return this.#reply(replies.binaryNeedsChunks);
    this.#state = following;
    this.#beginContent();
    this.#reply(replies.startMailInput);
  }

  #bdat(argument: string, following: SessionState, refusal: Reply | null = null): void {
    const [, octets, last] = /^ *0*(\d{1,15})(?: +(LAST))? *$/i.exec(argument) ?? [];
    if (octets === undefined) {
      // What follows may be a chunk, of nobody knows what size: read as commands it would be a smuggler's way in.
      this.#reply(refusal ?? replies.syntaxError('BDAT <octets> [LAST]'));
      if (this.#state !== 'closed') this.#end(replies.chunkOfUnknownSize, true);
      return;
    }
    const chunk = { size: Number(octets), isLast: last !== undefined };
    if (refusal === null) {
      this.#content ??= this.#beginContent();
      this.#content.beginChunk(chunk);
      this.#chunk = chunk;
    } else {
      const content = new Content(Infinity);
      content.beginChunk(chunk);
      this.#refusedChunk = { content, reply: refusal, following };
    }
    this.#state = 'chunk';
  }

  #beginContent(): Content {
    const mail = this.#mail as Mail;
    const content = new Content(this.#options.maxMessageSize);
    this.#content = content;
    const transaction = { ...mail, clientName: this.#clientName, tls: this.#tls, user: this.#authentication.user };
    this.#events.push({ type: 'data', transaction: { ...transaction, protocol: this.#transmissionType(mail) } });
    return content;
  }

  #transmissionType({ parameters }: Mail): TransmissionType {
    if (!this.#isEsmtp) return 'SMTP';
    const secure = this.#tls === null ? '' : 'S';
    const authenticated = this.#authentication.user === null ? '' : 'A';
    return `${parameters.has('SMTPUTF8') ? 'UTF8SMTP' : 'ESMTP'}${secure}${authenticated}`;
  }

  #help(topic: string): void {
    const lines = Object.hasOwn(helpTopics, topic) ? helpTopics[topic] : undefined;
    this.#reply(lines === undefined ? replies.unknownHelpTopic : replies.help(lines));
  }

  #resetTransaction(): void {
    this.#discardContent();
    this.#mail = null;
  }

  #endTransaction(): void {
    this.#state = 'ready';
    this.#content = null;
    this.#mail = null;
  }

  #heard(text: string): void {
    this.#events.push({ type: 'heard', text });
  }

  #note(note: Note): void {
    this.#events.push({ type: 'note', note });
  }

  #reply(reply: Reply): void {
    this.#events.push({ type: 'reply', text: this.#format(reply), isRefusal: reply.code >= 400 });
    if (reply.isError === true && ++this.#errors >= this.#options.maxErrors) this.#end(replies.tooManyErrors, true);
  }

  #format(reply: Reply): string {
    return formatReply(reply, this.#has('ENHANCEDSTATUSCODES'));
  }

  #end(reply: Reply, isRefusal: boolean): void {
    this.#discardContent();
    this.#awaiting = null;
    this.#events.push({ type: 'reply', text: this.#format(reply), isRefusal });
    this.#close();
  }

  #close(): void {
    this.#state = 'closed';
    this.#events.push({ type: 'close' });
  }
}
