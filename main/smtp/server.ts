import { EventEmitter } from 'node:events';
import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { hostname } from 'node:os';
import type { SecureContext } from 'node:tls';
import type { Certificates } from './certificate.ts';
import { extensions } from './extensions.ts';
import { replies } from './replies.ts';
import { type MailHandler, Session, type SessionOptions, turnAway } from './session.ts';

/** Where the server listens, or would. */
export interface ServerAddress {
  host: string;
  port: number;
  /** Where TLS comes before anything else; null for nowhere. */
  tlsPort: number | null;
}

/** Where the server stands, and where it listens or would listen. */
export type ServerStatus =
  | ({ state: 'stopped' | 'listening' } & ServerAddress)
  | ({
      state: 'failed';
      /** Which of the two ports could not be had. */
      failed: 'port' | 'tlsPort';
      /** What happened and what to do, for people. */
      message: string;
      /** Another port that is free on that host; null where that would not help. */
      freePort: number | null;
    } & ServerAddress);

export interface ServerOptions extends SessionOptions {
  /** Sessions at the same time; one more is told 421. */
  maxConnections: number;
}

const defaults: Readonly<ServerOptions> = {
  hostName: hostname(),
  banner: 'Mailmitt',
  extensions: new Set(extensions),
  maxMessageSize: 50 * 1024 * 1024,
  maxRecipients: 1000,
  maxLineLength: 4096,
  maxAuthLineLength: 12_288,
  maxErrors: 50,
  maxConnections: 2000,
  idleTimeout: 5 * 60 * 1000,
  messageTimeout: 30 * 60 * 1000,
  authRequired: false,
  accounts: null,
};

/** The options' names. */
export const optionNames = Object.keys(defaults) as (keyof ServerOptions)[];

function checkName(name: string): void {
  if (Object.hasOwn(defaults, name)) return;
  throw new Error(`The SMTP server has no option “${name}”. The options are ${optionNames.join(', ')}.`);
}

export interface ServerEvents {
  status: [ServerStatus];
  /** A client could not be served, for want of file descriptors or of a certificate, say; the server goes on. */
  problem: [Error];
  /** A client would not go on under TLS: mostly it does not trust the certificate. */
  tlsFailure: [remoteAddress: string];
}

/** An IPv4 client on an IPv6 socket appears as `::ffff:192.0.2.1` (RFC 4291 section 2.5.5.2); rules speak of 192.0.2.1. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

/** The SMTP server: listens, and gives every connection a session. Tells its status with each change of it. */
export class SmtpServer extends EventEmitter<ServerEvents> {
  readonly #handler: MailHandler;
  readonly #certificates: Pick<Certificates, 'context'> | null;
  readonly #sessions = new Set<Session>();
  #options: ServerOptions = defaults;
  /** The same without what needs a certificate. */
  #withoutTls: ServerOptions = defaults;
  #listeners: Server[] = [];
  #status: ServerStatus = { state: 'stopped', host: '127.0.0.1', port: 1025, tlsPort: null };
  #clock: NodeJS.Timeout | null = null;
  #onIdle: (() => void) | null = null;

  /** @param certificates what TLS is done with; null where it cannot be had */
  constructor(
    handler: MailHandler,
    options: Partial<ServerOptions> = {},
    certificates: Pick<Certificates, 'context'> | null = null,
  ) {
    super();
    this.#handler = handler;
    this.#certificates = certificates;
    this.configure(options);
  }

  get status(): ServerStatus {
    return this.#status;
  }

  /** @throws Error when there is no option of that name; it lists those that there are */
  option<K extends keyof ServerOptions>(name: K): ServerOptions[K] {
    checkName(name);
    return this.#options[name];
  }

  /**
   * Changes options; sessions that run keep theirs.
   * @throws Error when there is no option of one of the names; it lists those that there are, and nothing is changed
   */
  configure(options: Partial<ServerOptions>): void {
    Object.keys(options).forEach(checkName);
    this.#options = { ...this.#options, ...options };
    const others = [...this.#options.extensions].filter((extension) => extension !== 'STARTTLS');
    this.#withoutTls = { ...this.#options, extensions: new Set(others) };
  }

  /**
   * Listens.
   * @param port 0 for any free one; the status names it
   * @param tlsPort a second port, where TLS comes before anything else; null for none
   * @returns the status: `failed`, with the reason, where a port could not be had; then neither is
   * @throws Error when the server listens already
   */
  async start(host: string, port: number, tlsPort: number | null = null): Promise<ServerStatus> {
    if (this.#listeners.length > 0) throw new Error('The SMTP server is running already.');
    const address = { host, port, tlsPort };
    for (const which of ['port', 'tlsPort'] as const) {
      const wanted = address[which];
      if (wanted === null) continue;
      // A client that shuts its side down after the last command still wants its replies.
      const listener = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket, which === 'tlsPort'));
      this.#listeners.push(listener);
      try {
        address[which] = (await listen(listener, host, wanted)).port;
        listener.on('error', (error) => this.emit('problem', error));
      } catch (error) {
        this.#closeListeners();
        return this.#setStatus({
          state: 'failed',
          ...{ host, port, tlsPort },
          failed: which,
          ...(await explain(error, host, wanted, which === 'port' ? tlsPort : address.port)),
        });
      }
    }
    return this.#setStatus({ state: 'listening', ...address });
  }

  /** Stops listening and frees the ports. Sessions that run go on until their clients end them. */
  stop(): Promise<ServerStatus> {
    const { host, port, tlsPort } = this.#status;
    this.#closeListeners();
    return Promise.resolve(this.#setStatus({ state: 'stopped', host, port, tlsPort }));
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

  #closeListeners(): void {
    for (const listener of this.#listeners) listener.close();
    this.#listeners = [];
  }

  #accept(socket: Socket, isImplicitTls: boolean): void {
    if (this.#sessions.size >= this.#options.maxConnections) {
      if (isImplicitTls) socket.destroy();
      else turnAway(socket, replies.tooManyConnections);
      return;
    }
    // A client that is gone already has no address any more.
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const remoteAddress = plainAddress(socket.remoteAddress);
    const session: Session = new Session(
      { socket, remoteAddress, isImplicitTls },
      {
        options: this.#certificates === null ? this.#withoutTls : this.#options,
        handler: this.#handler,
        secureContext: () => this.#secureContext(),
        onProblem: (error) => this.emit('problem', error),
        onTlsFailure: (address) => this.emit('tlsFailure', address),
        onClose: () => this.#forget(session),
      },
    );
    this.#sessions.add(session);
    this.#clock ??= setInterval(() => this.#checkTime(), this.#tick()).unref();
  }

  async #secureContext(): Promise<SecureContext> {
    if (this.#certificates === null) throw new Error('The SMTP server has no certificate.');
    return this.#certificates.context();
  }

  #forget(session: Session): void {
    this.#sessions.delete(session);
    if (this.#sessions.size > 0) return;
    if (this.#clock !== null) clearInterval(this.#clock);
    this.#clock = null;
    this.#onIdle?.();
  }

  /** @returns milliseconds between two looks at the sessions: one timer for them all costs less than one for each */
  #tick(): number {
    const { idleTimeout, messageTimeout } = this.#options;
    return Math.max(10, Math.min(1000, idleTimeout / 4, messageTimeout / 4));
  }

  #checkTime(): void {
    const now = Date.now();
    for (const session of this.#sessions) session.checkTime(now);
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

/** @param otherPort the server's own second one, which is no way out */
async function explain(
  error: unknown,
  host: string,
  port: number,
  otherPort: number | null,
): Promise<{ message: string; freePort: number | null }> {
  const { code = '', message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return {
        message: `Port ${port} on ${host} is in use by another program, so the server does not run.`,
        freePort: await findFreePort(host, port + 1, otherPort),
      };
    case 'EACCES':
      return {
        message: `Port ${port} needs more rights than Mailmitt has. Ports from 1024 on do not.`,
        freePort: await findFreePort(host, 1025, otherPort),
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return { message: `${host} is no address of this machine. Set another host in the settings.`, freePort: null };
    default:
      return { message: `The SMTP server could not listen on ${host}:${port}: ${message}`, freePort: null };
  }
}

/** @returns the first free port from `first` on, or, when the next twenty are taken, any; null when none can be had */
async function findFreePort(host: string, first: number, not: number | null): Promise<number | null> {
  const near = Array.from({ length: 20 }, (_, index) => first + index);
  const candidates = near.filter((port) => port <= 65_535 && port !== not);
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
