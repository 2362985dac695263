import type { Bridge, FieldError, Rule } from '../../preload/contract.ts';
import { draftOf, errorsOf, newDraft, ruleOf, type RuleDraft, type RuleErrors } from './draft.ts';

/** The list of rules and the form that edits one of them. */
export class Rules {
  /** In the order in which they are asked. */
  list = $state.raw<Rule[]>([]);
  /** What the form holds; null when it is closed. */
  draft = $state<RuleDraft | null>(null);
  errors = $state.raw<RuleErrors>({});

  readonly #bridge: Bridge;
  /** Savings that are on their way. */
  #saving = 0;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
    bridge.on('rules.changed', (rules) => {
      // The echo of an earlier saving would take back a later change.
      if (this.#saving === 0) this.list = rules;
    });
  }

  async load(): Promise<void> {
    this.list = await this.#bridge.call('rules.list', undefined);
  }

  /** Opens the form for a new rule, which will be the last. */
  add(): void {
    this.#openForm(newDraft());
  }

  /** Opens the form for a rule of the list. */
  edit(rule: Rule): void {
    this.#openForm(draftOf(rule));
  }

  cancel(): void {
    this.draft = null;
  }

  /** Saves what the form holds and closes it; with errors it stays open as it is. */
  async save(): Promise<void> {
    if (this.draft === null) return;
    const rule = ruleOf(this.draft);
    const known = this.list.findIndex(({ id }) => id === rule.id);
    const index = known === -1 ? this.list.length : known;
    const list = this.list.toSpliced(index, 1, rule);
    const errors = await this.#put(list);
    this.errors = errorsOf(errors, index);
    if (errors.length > 0) return;
    this.list = list;
    this.draft = null;
  }

  async setEnabled(rule: Rule, enabled: boolean): Promise<void> {
    await this.#change(this.list.map((other) => (other.id === rule.id ? { ...other, enabled } : other)));
  }

  /** @param by how many places down; negative: up */
  async move(rule: Rule, by: number): Promise<void> {
    const rest = this.list.filter(({ id }) => id !== rule.id);
    const index = this.list.findIndex(({ id }) => id === rule.id);
    const target = Math.min(Math.max(index + by, 0), rest.length);
    if (target === index) return;
    await this.#change(rest.toSpliced(target, 0, rule));
  }

  async remove(rule: Rule): Promise<void> {
    await this.#change(this.list.filter(({ id }) => id !== rule.id));
  }

  #openForm(draft: RuleDraft): void {
    this.draft = draft;
    this.errors = {};
  }

  /** A change without a form: shown at once, so that the next one builds on it; taken back when it did not hold. */
  async #change(rules: Rule[]): Promise<void> {
    this.list = rules;
    try {
      const errors = await this.#put(rules);
      if (errors.length > 0) throw new Error(errorsOf(errors, -1).whole);
    } catch (error) {
      await this.load();
      throw error;
    }
  }

  async #put(rules: Rule[]): Promise<FieldError[]> {
    this.#saving += 1;
    try {
      const result = await this.#bridge.call('rules.save', { rules });
      return result.saved ? [] : result.errors;
    } finally {
      this.#saving -= 1;
    }
  }
}
