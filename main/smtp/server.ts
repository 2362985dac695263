import { EventEmitter } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { hostname } from 'node:os';
import { extensions } from './extensions.ts';
import { replies } from './replies.ts';
import { type MailHandler, Session, type SessionOptions, turnAway } from './session.ts';

/** Where the server stands, and where it listens or would listen. */
export type ServerStatus =
  | { state: 'stopped' | 'listening'; host: string; port: number }
  | {
      state: 'failed';
      host: string;
      port: number;
      /** What happened and what to do, for people. */
      message: string;
      /** Another port that is free on that host; null where that would not help. */
      freePort: number | null;
    };

export interface ServerOptions extends SessionOptions {
  /** Sessions at the same time; one more is told 421. */
  maxConnections: number;
}

const defaults: ServerOptions = {
  hostName: hostname(),
  banner: 'Mailmitt',
  extensions: new Set(extensions),
  maxMessageSize: 50 * 1024 * 1024,
  maxRecipients: 1000,
  maxLineLength: 4096,
  maxErrors: 50,
  idleTimeout: 5 * 60 * 1000,
  maxConnections: 2000,
};

export interface ServerEvents {
  status: [ServerStatus];
  /** A connection could not be accepted, for want of file descriptors, say; the server goes on. */
  problem: [Error];
}

/** An IPv4 client on an IPv6 socket appears as `::ffff:192.0.2.1` (RFC 4291 section 2.5.5.2); rules speak of 192.0.2.1. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

/** The SMTP server: listens, and gives every connection a session. Tells its status with each change of it. */
export class SmtpServer extends EventEmitter<ServerEvents> {
  readonly #handler: MailHandler;
  readonly #sessions = new Set<Session>();
  #options: ServerOptions;
  #listener: Server | null = null;
  #status: ServerStatus = { state: 'stopped', host: '127.0.0.1', port: 1025 };
  #onIdle: (() => void) | null = null;

  constructor(handler: MailHandler, options: Partial<ServerOptions> = {}) {
    super();
    this.#handler = handler;
    this.#options = { ...defaults, ...options };
  }

  get status(): ServerStatus {
    return this.#status;
  }

  /** Changes options; sessions that run keep theirs. */
  configure(options: Partial<ServerOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /**
   * Listens.
   * @param port 0 for any free one; the status names it
   * @returns the status: `failed`, with the reason, where the port could not be had
   * @throws Error when the server listens already
   */
  async start(host: string, port: number): Promise<ServerStatus> {
    if (this.#listener !== null) throw new Error('The SMTP server is running already.');
    // A client that shuts its side down after the last command still wants its replies.
    const listener = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#listener = listener;
    try {
      const bound = await listen(listener, host, port);
      listener.on('error', (error) => this.emit('problem', error));
      return this.#setStatus({ state: 'listening', host, port: bound.port });
    } catch (error) {
      this.#listener = null;
      return this.#setStatus({ state: 'failed', host, port, ...(await explain(error, host, port)) });
    }
  }

  /** Stops listening and frees the port. Sessions that run go on until their clients end them. */
  stop(): Promise<ServerStatus> {
    const { host, port } = this.#status;
    this.#listener?.close();
    this.#listener = null;
    return Promise.resolve(this.#setStatus({ state: 'stopped', host, port }));
  }

  /**
   * Stops listening and ends every session: at once where no message is on its way, otherwise after that message.
   * @param grace milliseconds for the messages that are on their way; what is not complete by then is not kept
   */
  async shutdown(grace: number): Promise<void> {
    await this.stop();
    for (const session of this.#sessions) session.finish(replies.shuttingDown);
    if (this.#sessions.size === 0) return;
    const timer = setTimeout(() => {
      for (const session of this.#sessions) session.terminate(replies.shuttingDown);
    }, grace);
    await new Promise<void>((resolve) => (this.#onIdle = resolve));
    clearTimeout(timer);
  }

  #accept(socket: Socket): void {
    if (this.#sessions.size >= this.#options.maxConnections) return turnAway(socket, replies.tooManyConnections);
    // A client that is gone already has no address any more.
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const session = new Session(socket, plainAddress(socket.remoteAddress), this.#options, this.#handler);
    this.#sessions.add(session);
    socket.once('close', () => {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) this.#onIdle?.();
    });
  }

  #setStatus(status: ServerStatus): ServerStatus {
    this.#status = status;
    this.emit('status', status);
    return status;
  }
}

function listen(listener: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen({ host, port, exclusive: true }, () => {
      listener.off('error', reject);
      resolve(listener.address() as AddressInfo);
    });
  });
}

async function explain(
  error: unknown,
  host: string,
  port: number,
): Promise<{ message: string; freePort: number | null }> {
  const { code = '', message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return {
        message: `Port ${port} on ${host} is in use by another program, so no mail can be caught there.`,
        freePort: await findFreePort(host, port + 1),
      };
    case 'EACCES':
      return {
        message: `Port ${port} needs more rights than Mailmitt has. Ports from 1024 on do not.`,
        freePort: await findFreePort(host, 1025),
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return { message: `${host} is no address of this machine. Set another host in the settings.`, freePort: null };
    default:
      return { message: `The SMTP server could not listen on ${host}:${port}: ${message}`, freePort: null };
  }
}

/** @returns the first free port from `first` on, or, when the next twenty are taken, any; null when none can be had */
async function findFreePort(host: string, first: number): Promise<number | null> {
  const candidates = Array.from({ length: 20 }, (_, index) => first + index).filter((port) => port <= 65_535);
  for (const port of [...candidates, 0]) {
    const probe = createServer();
    try {
      return (await listen(probe, host, port)).port;
    } catch {
      // Taken as well: the next one.
    } finally {
      probe.close();
    }
  }
  return null;
}
