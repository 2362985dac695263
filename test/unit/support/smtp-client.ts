import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A reply as it came off the wire (RFC 5321 section 4.2). */
export interface ReceivedReply {
  code: number;
  /** All its lines, with codes and line ends. */
  text: string;
}

/** The client's side of an SMTP session over a real socket, of which every byte is the test's own. */
export class SmtpClient {
  #socket: Socket;
  #replies: AsyncGenerator<ReceivedReply, void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#replies = readReplies(socket);
  }

  /** Connects to a server on 127.0.0.1. */
  static async connect(port: number): Promise<SmtpClient> {
    const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1');
    await once(socket, 'connect');
    return new SmtpClient(socket);
  }

  /** Connects where TLS comes before anything else. */
  static async connectTls(port: number): Promise<SmtpClient> {
    return new SmtpClient(await shakeHands(connect(port, '127.0.0.1')));
  }

  /** Negotiates TLS on the connection that is there, whatever the certificate. */
  async secure(): Promise<void> {
    this.#replies = readReplies((this.#socket = await shakeHands(this.#socket)));
  }

  /** Sends octets, each as the character of that number, in one write. */
  send(octets: string): void {
    this.#socket.write(octets, 'latin1');
  }

  /** Octets that were sent and that the other side has not taken yet. */
  get unsent(): number {
    return this.#socket.writableLength;
  }

  /** @returns the next reply; null once the server has closed the connection */
  async reply(): Promise<ReceivedReply | null> {
    return (await this.#replies.next()).value ?? null;
  }

  /** Ends this side of the connection. @returns the replies that still came until the server closed its own */
  async end(): Promise<ReceivedReply[]> {
    this.#socket.end();
    const replies: ReceivedReply[] = [];
    for await (const reply of this.#replies) replies.push(reply);
    return replies;
  }

  /** Drops the connection where it stands. */
  destroy(): void {
    this.#socket.destroy();
  }
}

async function shakeHands(socket: Socket): Promise<Socket> {
  // The iterator that read the replies until now would read on.
  socket.removeAllListeners('readable');
  const secure = connectTls({ socket, rejectUnauthorized: false }).setEncoding('latin1');
  await once(secure, 'secureConnect');
  return secure;
}

const replyPattern = /^(?:\d{3}-.*\r\n)*(\d{3})(?: .*)?\r\n/;

async function* readReplies(socket: Socket): AsyncGenerator<ReceivedReply, void> {
  let received = '';
  for await (const chunk of socket) {
    received += chunk as string;
    for (let match = replyPattern.exec(received); match !== null; match = replyPattern.exec(received)) {
      const [text, code] = match;
      received = received.slice(text.length);
      yield { code: Number(code), text };
    }
  }
  if (received !== '') throw new Error(`The server closed after half a reply: ${JSON.stringify(received)}`);
}
