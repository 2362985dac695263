import { hostname } from 'node:os';
import type { JsonFile } from './settings/json-file.ts';
import type { Settings } from './settings/settings.ts';
import type { Certificates } from './smtp/certificate.ts';
import { type Extension, extensions } from './smtp/extensions.ts';
import type { ServerOptions, ServerStatus, SmtpServer } from './smtp/server.ts';

/** What the command line says in place of the settings, for this run. */
export interface Override {
  host: string | null;
  port: number | null;
}

/** @returns what the settings mean to the SMTP server */
function serverOptions(settings: Settings): ServerOptions {
  const { hostName, banner, maxRecipients, maxConnections, maxErrors, maxLineLength, maxAuthLineLength } = settings;
  const switchedOff: readonly Extension[] = settings.switchedOff;
  return {
    hostName: hostName === '' ? hostname() : hostName,
    ...{ banner, maxRecipients, maxConnections, maxErrors, maxLineLength, maxAuthLineLength },
    extensions: new Set(extensions.filter((extension) => !switchedOff.includes(extension))),
    maxMessageSize: settings.maxMessageMiB * 1024 * 1024,
    idleTimeout: settings.idleSeconds * 1000,
    messageTimeout: settings.messageSeconds * 1000,
    authRequired: settings.authRequired,
    accounts:
      settings.accounts.length === 0 ? null : new Map(settings.accounts.map(({ user, password }) => [user, password])),
  };
}

/** Switches the SMTP server on and off where the settings say, and lets it do what they say. */
export class ServerSwitch {
  readonly #server: SmtpServer;
  readonly #certificates: Certificates;
  readonly #settings: JsonFile<Settings>;
  #override: Override;
  /** Starts and stops, one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(server: SmtpServer, certificates: Certificates, settings: JsonFile<Settings>, override: Override) {
    this.#server = server;
    this.#certificates = certificates;
    this.#settings = settings;
    this.#override = override;
    this.#configure();
  }

  get status(): ServerStatus {
    return this.#server.status;
  }

  /**
   * Listens, unless it does already.
   * @param ports listens there instead, and keeps them as the settings
   */
  start(ports: { port?: number | undefined; tlsPort?: number | undefined } = {}): Promise<ServerStatus> {
    return this.#inTurn(async () => {
      const { port = this.#settings.value.port, tlsPort = this.#settings.value.tlsPort } = ports;
      if (ports.port !== undefined) this.#override = { ...this.#override, port: null };
      if (ports.port !== undefined || ports.tlsPort !== undefined) {
        this.#settings.set({ ...this.#settings.value, port, tlsPort });
        if (this.status.port !== port || this.status.tlsPort !== tlsPort) await this.#server.stop();
      }
      return this.#start();
    });
  }

  stop(): Promise<ServerStatus> {
    return this.#inTurn(() => this.#server.stop());
  }

  /** Takes over settings that changed. @param before what held until now */
  async apply(before: Settings): Promise<void> {
    this.#configure();
    const { host, port, tlsPort } = this.#settings.value;
    // What somebody sets now counts for more than what the command line said at the start.
    if (host !== before.host) this.#override = { ...this.#override, host: null };
    if (port !== before.port) this.#override = { ...this.#override, port: null };
    if (host === before.host && port === before.port && tlsPort === before.tlsPort) return;
    await this.#inTurn(async () => {
      if (this.status.state === 'stopped') return;
      await this.#server.stop();
      await this.#start();
    });
  }

  #configure(): void {
    const settings = this.#settings.value;
    this.#server.configure(serverOptions(settings));
    const { tlsCertificate: certificate, tlsKey: key } = settings;
    this.#certificates.use(certificate === '' ? null : { certificate, key });
  }

  async #start(): Promise<ServerStatus> {
    if (this.status.state === 'listening') return this.status;
    const { host, port, tlsPort } = this.#settings.value;
    return this.#server.start(this.#override.host ?? host, this.#override.port ?? port, tlsPort);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
