import { type SessionState, type Verb, helpTopics, httpMethods, isVerb, transitions } from './commands.ts';
import { DataDecoder } from './data-decoder.ts';
import { LineBuffer } from './line-buffer.ts';
import { type Path, parseParameters, parsePath } from './path.ts';
import { type Reply, formatReply, replies } from './replies.ts';

export interface ProtocolOptions {
  /** What the server calls itself in the greeting and in the reply to EHLO. */
  hostName: string;
  banner: string;
  /** Octets; announced as SIZE (RFC 1870). */
  maxMessageSize: number;
  /** Recipients of one message (RFC 5321 section 4.5.3.1.8 wants at least 100). */
  maxRecipients: number;
  /** Octets of a command line with its line end. */
  maxLineLength: number;
  /** Mistakes of the client before the session is closed. */
  maxErrors: number;
}

/** A mail transaction as far as the client has told it. */
export interface Transaction {
  reversePath: Path;
  forwardPaths: Path[];
  /** What the client called itself. */
  clientName: string;
  /** For the trace header (RFC 3848). */
  protocol: 'SMTP' | 'ESMTP';
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
  /** Mail data, dot-unstuffed. */
  | { type: 'content'; bytes: Buffer }
  /** Forget the data so far: it is more than is taken, or the session ended inside of it. */
  | { type: 'discard' }
  /** The data is complete. Nothing goes on until {@link SmtpProtocol.answerData} is called. */
  | { type: 'store' }
  /** Close the connection once everything is sent. */
  | { type: 'close' };

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const isAscii = (line: Buffer): boolean => line.every((byte) => byte < 0x80);
const bodyTypes: ReadonlySet<string> = new Set(['7BIT', '8BITMIME']);
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
  #reversePath: Path | null = null;
  #forwardPaths: Path[] = [];
  #decoder = new DataDecoder();
  #dataSize = 0;
  #errors = 0;

  constructor(options: ProtocolOptions) {
    this.#options = options;
    this.#onAllow = () => this.#reply(replies.greeting(options.hostName, options.banner));
  }

  /** Whether a message is on its way: its data comes, or it waits to be answered. */
  get isReceivingMail(): boolean {
    return this.#state === 'data';
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
    if (this.#state === 'data') this.#events.push({ type: 'discard' });
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

    const limit = this.#options.maxMessageSize;
    const wasTooLarge = this.#dataSize > limit;
    this.#dataSize += content.length;
    if (this.#dataSize > limit) {
      if (!wasTooLarge) this.#events.push({ type: 'discard' });
      if (ended) {
        this.#endTransaction();
        this.#reply(replies.messageTooLarge(limit));
      }
      return true;
    }
    if (content.length > 0) this.#events.push({ type: 'content', bytes: content });
    if (ended) this.#events.push({ type: 'store' });
    return true;
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
    if (following === undefined) return this.#reply(this.#outOfSequence(word));
    this.#execute(word, argument, ascii, following === 'same' ? this.#state : following);
  }

  #execute(verb: Verb, argument: string, ascii: boolean, following: SessionState): void {
    switch (verb) {
      case 'HELO':
      case 'EHLO':
        return this.#hello(verb, argument.trim(), following);
      case 'MAIL':
        return this.#mail(argument, ascii, following);
      case 'RCPT':
        return this.#rcpt(argument, ascii, following);
      case 'DATA':
        return this.#data(argument, following);
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
        this.#reply(replies.bye(this.#options.hostName));
        return this.#close();
    }
  }

  #outOfSequence(verb: Verb): Reply {
    if (this.#state === 'greeted' && verb !== 'DATA') return replies.sayHelloFirst;
    if (verb === 'DATA' && this.#state !== 'refused') {
      return this.#reversePath === null ? replies.noSender : replies.noRecipient;
    }
    return replies.badSequence;
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
    const keywords = ['PIPELINING', `SIZE ${maxMessageSize}`, '8BITMIME', 'ENHANCEDSTATUSCODES', 'HELP'];
    this.#reply(replies.ehlo(hostName, clientName, keywords));
  }

  #mail(argument: string, ascii: boolean, following: SessionState): void {
    const read = this.#pathAndParameters('FROM:', argument, ascii);
    if ('code' in read) return this.#reply(read);
    for (const [name, value] of read.parameters) {
      const refusal = this.#isEsmtp ? this.#checkMailParameter(name, value) : replies.unknownParameter(name);
      if (refusal !== null) return this.#reply(refusal);
    }
    this.#ask('sender', read.path, () => {
      this.#reversePath = read.path;
      this.#state = following;
      this.#reply(replies.senderOk);
    });
  }

  #checkMailParameter(name: string, value: string): Reply | null {
    switch (name) {
      case 'SIZE':
        // RFC 1870 section 4: at most 20 digits.
        if (!/^\d{1,20}$/.test(value)) return replies.syntaxError('SIZE=<octets>');
        return Number(value) > this.#options.maxMessageSize
          ? replies.messageTooLarge(this.#options.maxMessageSize)
          : null;
      case 'BODY':
        return bodyTypes.has(value.toUpperCase()) ? null : replies.syntaxError('BODY=7BIT or BODY=8BITMIME');
      default:
        return replies.unknownParameter(name);
    }
  }

  #rcpt(argument: string, ascii: boolean, following: SessionState): void {
    const read = this.#pathAndParameters('TO:', argument, ascii);
    if ('code' in read) return this.#reply(read);
    if (read.path.mailbox === '') return this.#reply(replies.syntaxError('RCPT TO:<forward-path>'));
    for (const name of read.parameters.keys()) return this.#reply(replies.unknownParameter(name));
    if (this.#forwardPaths.length >= this.#options.maxRecipients) return this.#reply(replies.tooManyRecipients);
    this.#ask('recipient', read.path, () => {
      this.#forwardPaths.push(read.path);
      this.#state = following;
      this.#reply(replies.recipientOk);
    });
  }

  #pathAndParameters(
    keyword: 'FROM:' | 'TO:',
    argument: string,
    ascii: boolean,
  ): { path: Path; parameters: Map<string, string> } | Reply {
    if (argument.slice(0, keyword.length).toUpperCase() !== keyword) {
      return replies.syntaxError(keyword === 'FROM:' ? 'MAIL FROM:<reverse-path>' : 'RCPT TO:<forward-path>');
    }
    const parsed = parsePath(argument.slice(keyword.length));
    if ('error' in parsed) return replies.syntaxError(parsed.error);
    const parameters = parseParameters(parsed.rest);
    if ('error' in parameters) return replies.syntaxError(parameters.error);
    if (!ascii) return replies.nonAsciiPath;
    return { path: parsed.path, parameters: parameters.parameters };
  }

  #data(argument: string, following: SessionState): void {
    if (argument.trim() !== '') return this.#reply(replies.syntaxError('DATA takes no argument'));
    this.#state = following;
    this.#decoder = new DataDecoder();
    this.#dataSize = 0;
    this.#events.push({
      type: 'data',
      transaction: {
        reversePath: this.#reversePath as Path,
        forwardPaths: this.#forwardPaths,
        clientName: this.#clientName,
        protocol: this.#isEsmtp ? 'ESMTP' : 'SMTP',
      },
    });
    this.#reply(replies.startMailInput);
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
    this.#reversePath = null;
    this.#forwardPaths = [];
  }

  #endTransaction(): void {
    this.#resetTransaction();
    this.#state = 'ready';
  }

  #reply(reply: Reply): void {
    this.#events.push({ type: 'reply', text: formatReply(reply, this.#isEsmtp) });
    if (reply.isError === true && ++this.#errors >= this.#options.maxErrors) {
      this.terminate(replies.tooManyErrors);
    }
  }

  #close(): void {
    this.#state = 'closed';
    this.#events.push({ type: 'close' });
  }
}
