import type { Bridge, FieldError, Settings } from '../../preload/contract.ts';

export type ServerField = 'host' | 'port' | 'maxMessageMiB';

/** The settings, and what the user has typed over them but not saved. */
export class SettingsForm {
  /** Null until the main process has told. */
  saved = $state.raw<Settings | null>(null);
  errors = $state.raw<Partial<Record<ServerField, string>>>({});
  /** Whether the last saving took, and nothing was typed since. */
  justSaved = $state(false);

  readonly #bridge: Bridge;
  #typed = $state.raw<Partial<Record<ServerField, string>>>({});

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    bridge.on('settings.changed', (settings) => (this.saved = settings));
  }

  /** Whether anything was typed that is not saved. */
  get changed(): boolean {
    return Object.keys(this.#typed).length > 0;
  }

  async load(): Promise<void> {
    this.saved = await this.#bridge.call('settings.get', undefined);
  }

  /** What stands in a field. */
  value(field: ServerField): string {
    return this.#typed[field] ?? String(this.saved?.[field] ?? '');
  }

  type(field: ServerField, value: string): void {
    this.#typed = { ...this.#typed, [field]: value };
    this.justSaved = false;
  }

  /** Saves the fields of the server; with errors they stay as they are. */
  async save(): Promise<void> {
    const typed = this.#typed;
    const { host, port, maxMessageMiB } = typed;
    const errors = await this.#put({
      ...(host !== undefined && { host: host.trim() }),
      ...(port !== undefined && { port: Number(port) }),
      ...(maxMessageMiB !== undefined && { maxMessageMiB: Number(maxMessageMiB) }),
    });
    this.errors = Object.fromEntries(
      errors.map(({ path, message }): [ServerField, string] => [path[0] as ServerField, message]),
    );
    this.justSaved = errors.length === 0;
    // What was typed while it was being saved stays.
    if (this.justSaved && this.#typed === typed) this.#typed = {};
  }

  async setTheme(theme: Settings['theme']): Promise<void> {
    const [error] = await this.#put({ theme });
    if (error !== undefined) throw new Error(error.message);
  }

  async #put(settings: Partial<Settings>): Promise<FieldError[]> {
    const result = await this.#bridge.call('settings.save', settings);
    if (!result.saved) return result.errors;
    this.saved &&= { ...this.saved, ...settings };
    return [];
  }
}
