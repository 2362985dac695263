import type { JsonFile } from './settings/json-file.ts';
import type { Settings } from './settings/settings.ts';
import type { ServerStatus, SmtpServer } from './smtp/server.ts';

/** What the command line says in place of the settings, for this run. */
export interface Override {
  host: string | null;
  port: number | null;
}

/** Switches the SMTP server on and off where the settings say. */
export class ServerSwitch {
  readonly #server: SmtpServer;
  readonly #settings: JsonFile<Settings>;
  #override: Override;
  /** Starts and stops, one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(server: SmtpServer, settings: JsonFile<Settings>, override: Override) {
    this.#server = server;
    this.#settings = settings;
    this.#override = override;
    this.#configure();
  }

  get status(): ServerStatus {
    return this.#server.status;
  }

  /**
   * Listens, unless it does already.
   * @param port listens there instead, and keeps it as the setting
   */
  start(port?: number): Promise<ServerStatus> {
    return this.#inTurn(async () => {
      if (port !== undefined) {
        this.#settings.set({ ...this.#settings.value, port });
        this.#override = { ...this.#override, port: null };
        if (this.status.port !== port) await this.#server.stop();
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
    const { host, port } = this.#settings.value;
    // What somebody sets now counts for more than what the command line said at the start.
    if (host !== before.host) this.#override = { ...this.#override, host: null };
    if (port !== before.port) this.#override = { ...this.#override, port: null };
    if (host === before.host && port === before.port) return;
    await this.#inTurn(async () => {
      if (this.status.state === 'stopped') return;
      await this.#server.stop();
      await this.#start();
    });
  }

  #configure(): void {
    this.#server.configure({ maxMessageSize: this.#settings.value.maxMessageMiB * 1024 * 1024 });
  }

  async #start(): Promise<ServerStatus> {
    if (this.status.state === 'listening') return this.status;
    const { host, port } = this.#settings.value;
    return this.#server.start(this.#override.host ?? host, this.#override.port ?? port);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
