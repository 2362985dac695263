import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { acceptedAs, deliver, hello, ignoreReset } from '../support/delivery.ts';
import type { SmtpClient } from '../support/smtp-client.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import type { ServerProcess } from './server-process.ts';

const LARGEST = 1_500_000;
/** Octets: large messages take many, and so are on their way for long. */
const CHUNK = 100_000;
/** What messages are made of: lines that do not compress to nothing, some of them with a dot to double. */
const lines = randomBytes(LARGEST)
  .toString('base64')
  .replace(/.{76}/g, (line, at) => (at % 20 === 0 ? `.${line.slice(1)}` : line) + '\r\n');

let lastMessage = 0;

/** No two are the same, nor are the words in the subjects of two. */
function newMessage(size: number): Buffer {
  const type = 'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n';
  return Buffer.from(`Subject: d${++lastMessage}\r\n${size > 20_000 ? type : ''}\r\n${lines.slice(0, size)}\r\n`);
}

interface Sender {
  /** Octets of its messages, least and most. */
  sizes: readonly [number, number];
  /** Whom it authenticates as. */
  user: string | null;
}

/** SMTP clients that deliver to a server, each one message after the other. */
export class Senders {
  readonly #server: ServerProcess;
  readonly #ledger: Ledger;
  readonly #senders: readonly Sender[];
  readonly #events = new EventEmitter<{ accepted: [] }>();
  #accepted = 0;
  #isOver = false;

  /** @param name ends the names of the users that they are, so that there are new mailboxes for them */
  constructor(server: ServerProcess, ledger: Ledger, name: string) {
    this.#server = server;
    this.#ledger = ledger;
    this.#senders = [
      { sizes: [100, 1000], user: null },
      { sizes: [200, 20_000], user: `shop-${name}` },
      { sizes: [20_000, 300_000], user: null },
      { sizes: [300_000, LARGEST], user: `blog-${name}` },
      { sizes: [600_000, LARGEST], user: null },
    ];
  }

  /**
   * Resolves when the server is dead, or can store nothing any more, or {@link stop} was called.
   * @param random what each of them chooses by
   */
  async run(random: (sender: number) => Random): Promise<void> {
    const port = await this.#server.port;
    if (port === null) return;
    const all = this.#senders.map((sender, index) => this.#send(port, sender, random(index)));
    await Promise.all([...all, this.#sendRefused(port)]);
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Resolves when so many more messages were accepted. */
  async deliver(count: number): Promise<void> {
    for (const end = this.#accepted + count; this.#accepted < end;) await once(this.#events, 'accepted');
  }

  async #send(port: number, { sizes: [least, most], user }: Sender, random: Random): Promise<void> {
    await this.#inSession(port, user, async (client) => {
      // Where nothing can be stored any more, nothing is accepted any more.
      for (let failures = 0; !this.#isOver && failures < 3;) {
        const message = newMessage(random.integer(least, most));
        const kept = this.#ledger.sends(createHash('sha256').update(message).digest('hex'), user);
        const reply = await deliver(client, message, random.pick([null, CHUNK]));
        if (reply === null) return false;
        const id = acceptedAs(reply);
        if (id !== null && failures === 0) {
          this.#ledger.acknowledges(id, kept);
          this.#accepted++;
          this.#events.emit('accepted');
        } else if (reply.code === 451 && this.#server.isStruck) {
          failures++;
        } else {
          throw new Error(`A message was answered with ${reply.text}`);
        }
      }
      return true;
    });
  }

  async #sendRefused(port: number): Promise<void> {
    await this.#inSession(port, null, async (client) => {
      for (let count = 0; !this.#isOver && count < 50; count++) {
        client.send('MAIL FROM:<a@x.test>\r\nRCPT TO:<refused@y.test>\r\nRSET\r\n');
        for (const code of [250, 553, 250]) {
          const reply = await client.reply();
          if (reply === null) return false;
          if (reply.code !== code) throw new Error(`A recipient was answered with ${reply.text}`);
        }
      }
      return true;
    });
  }

  /** @param session resolves to whether it came to its end: the server may be killed in the middle of it */
  async #inSession(
    port: number,
    user: string | null,
    session: (client: SmtpClient) => Promise<boolean>,
  ): Promise<void> {
    let isWhole = false;
    try {
      const client = await hello(port, user);
      isWhole = await session(client);
      client.destroy();
    } catch (error) {
      ignoreReset(error as NodeJS.ErrnoException);
    }
    if (!isWhole && !this.#server.isStruck) throw new Error('The server broke a session off before it was killed.');
  }
}
