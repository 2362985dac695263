import type { Bridge, CertificateInfo } from '../../preload/contract.ts';

/** The certificate that TLS is done with, and what can be done with it. */
export class Certificate {
  /** Null until the main process has told, or where it has none to show. */
  info = $state.raw<CertificateInfo | null>(null);
  /** Why there is none to show, in words for people; empty where there is one. */
  error = $state('');
  /** What became of the last thing that the user asked for. */
  outcome = $state('');
  /** Whether something was asked for and is not answered yet. */
  busy = $state(false);
  readonly #bridge: Bridge;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** Asks for the one that is in use now. */
  async load(): Promise<void> {
    this.outcome = '';
    try {
      this.info = await this.#bridge.call('certificate.info', undefined);
      this.error = '';
    } catch (error) {
      this.info = null;
      this.error = (error as Error).message;
    }
  }

  /** Puts a new one in the place of the one that Mailmitt made. */
  async renew(): Promise<void> {
    await this.#ask(async () => {
      this.info = await this.#bridge.call('certificate.renew', undefined);
      this.error = '';
      return 'Renewed. Clients that trusted the one before have to trust this one now.';
    });
  }

  /** Saves it, without its key, where the user chooses. */
  async export(): Promise<void> {
    await this.#ask(async () => {
      const saved = await this.#bridge.call('certificate.export', undefined);
      return saved === null ? '' : `Saved as ${saved.path}, without its key.`;
    });
  }

  async #ask(call: () => Promise<string>): Promise<void> {
    this.busy = true;
    this.outcome = '';
    try {
      this.outcome = await call();
    } finally {
      this.busy = false;
    }
  }
}
