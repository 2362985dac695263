import type { Bridge, FieldError, RuleForecast } from '../../preload/contract.ts';

type Field = 'host' | 'sender' | 'recipients';

/** What would happen to a client that says this; after the first time it follows every change. */
export class Forecast {
  host = $state.raw('127.0.0.1');
  sender = $state.raw('');
  /** Separated by commas or lines. */
  recipients = $state.raw('');
  /** The last that could be told. */
  results = $state.raw<RuleForecast[]>([]);
  errors = $state.raw<Partial<Record<Field, string>>>({});

  readonly #bridge: Bridge;
  #isAsked = false;
  #questions = 0;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    bridge.on('rules.changed', () => void this.follow());
    bridge.on('rules.decided', () => void this.follow());
  }

  /** Whether the results are not for what stands in the fields, as something is wrong there. */
  get isStale(): boolean {
    return Object.keys(this.errors).length > 0;
  }

  async type(field: Field, text: string): Promise<void> {
    this[field] = text;
    await this.follow();
  }

  async test(): Promise<void> {
    this.#isAsked = true;
    await this.follow();
  }

  /** Asks anew, if anything was asked yet. */
  async follow(): Promise<void> {
    if (!this.#isAsked) return;
    const question = ++this.#questions;
    const { forecasts, errors } = await this.#bridge.call('rules.forecast', {
      host: this.host.trim(),
      sender: this.sender.trim(),
      recipients: this.recipients
        .split(/[,\n]/)
        .map((text) => text.trim())
        .filter((text) => text !== ''),
    });
    if (question !== this.#questions) return;
    this.errors = errorsOf(errors);
    if (errors.length === 0) this.results = forecasts;
  }
}

/** @returns the first error of each field @throws Error for one that belongs to no field */
function errorsOf(errors: FieldError[]): Partial<Record<Field, string>> {
  const found: Partial<Record<Field, string>> = {};
  for (const { path, message } of errors) {
    const [field] = path;
    if (field !== 'host' && field !== 'sender' && field !== 'recipients') throw new Error(message);
    found[field] ??= message;
  }
  return found;
}
