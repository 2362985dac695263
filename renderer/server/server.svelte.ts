import type { Bridge, Calls, ServerStatus } from '../../preload/contract.ts';

/** The SMTP server as the window sees it. */
export class Server {
  /** Null until the main process has told. */
  status = $state.raw<ServerStatus | null>(null);
  /** Whether it was asked to start or stop and has not answered yet. */
  busy = $state(false);
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    bridge.on('server.changed', (status) => (this.status = status));
  }

  async load(): Promise<void> {
    this.status = await this.#bridge.call('server.status', undefined);
  }

  /** @param ports 1 to 65535, kept as the settings; without them those that are set */
  async start(ports: Calls['server.start']['argument'] = {}): Promise<void> {
    await this.#ask(() => this.#bridge.call('server.start', ports));
  }

  async stop(): Promise<void> {
    await this.#ask(() => this.#bridge.call('server.stop', undefined));
  }

  async #ask(call: () => Promise<ServerStatus>): Promise<void> {
    this.busy = true;
    try {
      this.status = await call();
    } finally {
      this.busy = false;
    }
  }
}
