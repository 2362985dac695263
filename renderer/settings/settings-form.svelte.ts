import type { Bridge, FieldError, Settings } from '../../preload/contract.ts';
import { lineOfAccount } from './accounts.ts';
import { Certificate } from './certificate.svelte.ts';
import type { Extension } from './extensions.ts';
import { type FieldName, fields, textOf } from './fields.ts';

const fieldNames = Object.keys(fields) as FieldName[];
type Texts = Partial<Record<FieldName, string>>;

/** The settings, and what the user has typed over them but not saved. */
export class SettingsForm {
  /** Null until the main process has told. */
  saved = $state.raw<Settings | null>(null);
  /** What was wrong with what was to be saved last, by its field. */
  errors = $state.raw<Texts>({});
  /** Whether the last saving took, and nothing was typed since. */
  justSaved = $state(false);
  readonly certificate: Certificate;

  readonly #bridge: Bridge;
  #typed = $state.raw<Texts>({});
  /** Changes that take effect at once, one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    this.certificate = new Certificate(bridge);
    bridge.on('settings.changed', (settings) => (this.saved = settings));
  }

  /** Whether anything was typed that is not saved. */
  get changed(): boolean {
    return this.#changedFields().length > 0;
  }

  async load(): Promise<void> {
    this.saved = await this.#bridge.call('settings.get', undefined);
  }

  /** What stands in a field. */
  value(field: FieldName): string {
    return this.#typed[field] ?? this.#savedText(field);
  }

  type(field: FieldName, text: string): void {
    this.#typed = { ...this.#typed, [field]: text };
    this.justSaved = false;
    if (!this.changed) this.errors = {};
  }

  /** Drops what was typed and not saved. */
  discard(): void {
    this.#typed = {};
    this.errors = {};
  }

  /** Saves what was typed; with errors it stays as it is. */
  async save(): Promise<void> {
    const sent = Object.fromEntries(this.#changedFields().map((field) => [field, this.value(field)])) as Texts;
    const errors = await this.#put(settingsOf(sent));
    this.errors = errorsOf(errors, this.value('accounts'));
    this.justSaved = errors.length === 0;
    if (!this.justSaved) return;
    // What was typed while it was being saved stays.
    const unsent = Object.entries(this.#typed).filter(([field, text]) => sent[field as FieldName] !== text);
    this.#typed = Object.fromEntries(unsent);
  }

  setTheme(theme: Settings['theme']): Promise<void> {
    return this.#change(() => ({ theme }));
  }

  setAuthRequired(authRequired: boolean): Promise<void> {
    return this.#change(() => ({ authRequired }));
  }

  /** @param on whether the server has it for connections that begin from now on */
  setExtension(extension: Extension, on: boolean): Promise<void> {
    return this.#change(({ switchedOff }) => {
      const others = switchedOff.filter((other) => other !== extension);
      return { switchedOff: on ? others : [...others, extension] };
    });
  }

  #savedText(field: FieldName): string {
    return this.saved === null ? '' : textOf(field, this.saved);
  }

  #changedFields(): FieldName[] {
    return fieldNames.filter((field) => this.value(field) !== this.#savedText(field));
  }

  /** A change without the form. Each builds on what the one before left; one that fails shows what holds again. */
  #change(changesOf: (saved: Settings) => Partial<Settings>): Promise<void> {
    const done = this.#last.then(async () => {
      if (this.saved === null) return;
      try {
        const [error] = await this.#put(changesOf(this.saved));
        if (error !== undefined) throw new Error(error.message);
      } catch (error) {
        await this.load();
        throw error;
      }
    });
    // Who asked for it gets the error.
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #put(settings: Partial<Settings>): Promise<FieldError[]> {
    const result = await this.#bridge.call('settings.save', settings);
    if (!result.saved) return result.errors;
    this.saved &&= { ...this.saved, ...settings };
    return [];
  }
}

function settingsOf(texts: Texts): Partial<Settings> {
  const read = Object.entries(texts).map(([field, text]) => [field, fields[field as FieldName].kind.read(text)]);
  return Object.fromEntries(read) as Partial<Settings>;
}

/** @returns the first error of each field @throws Error for one that belongs to no field */
function errorsOf(errors: FieldError[], accounts: string): Texts {
  const found: Texts = {};
  for (const { path, message } of errors) {
    const [name, index] = path;
    const field = fieldNames.find((other) => other === name);
    if (field === undefined) throw new Error(message);
    const line = field === 'accounts' && typeof index === 'number' ? lineOfAccount(accounts, index) : undefined;
    found[field] ??= line === undefined ? message : `Line ${line}: ${message}`;
  }
  return found;
}
