import type { Bridge, Notice } from '../../preload/contract.ts';

/** What happened outside of any call, until dismissed. */
export class Notices {
  list = $state.raw<Notice[]>([]);
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    bridge.on('notices.changed', (notices) => (this.list = notices));
  }

  async load(): Promise<void> {
    this.list = await this.#bridge.call('notices.list', undefined);
  }

  async dismiss(id: string): Promise<void> {
    await this.#bridge.call('notices.dismiss', { id });
  }
}
