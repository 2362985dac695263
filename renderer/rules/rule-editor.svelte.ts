import type { Bridge, Rule, RuleCheck } from '../../preload/contract.ts';
import { errorsOf, newDraft, ruleOf, type RuleDraft, type RuleErrors, type RuleField } from './draft.ts';

/** The form that edits one rule. The main process looks at every change of it. */
export class RuleEditor {
  draft: RuleDraft = $state.raw(newDraft());
  readonly isNew: boolean;
  /** Whether it may begin with a preset, which fills all of it. */
  readonly offersPresets: boolean;
  /** The rule that a new one goes before; `first`: at the top; without: at the end. */
  readonly before: string | undefined;

  readonly #bridge: Bridge;
  #check = $state.raw<RuleCheck>({ errors: [], answer: null, usual: null });
  #errors = $state.raw<RuleErrors>({});
  /** Fields that the user was in. */
  #touched = $state.raw<readonly RuleField[]>([]);
  /** Whether the user wanted to save already. */
  #insisted = $state(false);
  #looks = 0;

  constructor(bridge: Bridge, draft: RuleDraft, isNew: boolean, before?: string) {
    this.#bridge = bridge;
    this.draft = draft;
    this.isNew = isNew;
    this.offersPresets = isNew && draft.pattern === '';
    this.before = before;
  }

  /** The rule as it stands in the fields. */
  get rule(): Rule {
    return ruleOf(this.draft, this.usual);
  }

  /** The reply to whom it refuses, as it goes over the wire. */
  get answer(): string | null {
    return this.#check.answer;
  }

  /** The reply without one of its own. */
  get usual(): RuleCheck['usual'] {
    return this.#check.usual;
  }

  /** What is wrong. What nobody has filled in yet is not, before the user left it or wanted to save. */
  get errors(): RuleErrors {
    if (!this.isNew || this.#insisted) return this.#errors;
    const isDue = ([field]: [string, string]): boolean =>
      field === 'whole' || this.draft[field as RuleField] !== '' || this.#touched.includes(field as RuleField);
    return Object.fromEntries(Object.entries(this.#errors).filter(isDue));
  }

  async set<F extends RuleField>(field: F, value: RuleDraft[F]): Promise<void> {
    this.draft = { ...this.draft, [field]: value };
    this.leave(field);
    await this.look();
  }

  /** The user was in a field. */
  leave(field: RuleField): void {
    if (!this.#touched.includes(field)) this.#touched = [...this.#touched, field];
  }

  /** Fills the whole form. */
  async fill(fields: Partial<RuleDraft>): Promise<void> {
    const { id, enabled } = this.draft;
    this.draft = newDraft({ ...fields, id, enabled });
    this.#touched = [];
    await this.look();
  }

  /** Lets the main process look at the rule; an answer that comes after a newer question is not taken. */
  async look(): Promise<void> {
    const look = ++this.#looks;
    const ask = (usual: RuleCheck['usual']): Promise<RuleCheck> =>
      this.#bridge.call('rules.check', { rule: ruleOf(this.draft, usual) });
    let check = await ask(this.usual);
    // What is left empty of a reply is the usual, and that may just have become another.
    if (look === this.#looks && !areSame(check.usual, this.usual)) check = await ask(check.usual);
    if (look !== this.#looks) return;
    this.#check = check;
    this.#errors = errorsOf(check.errors);
  }

  /** Shows what was wrong with what was to be saved. */
  refuse(errors: RuleErrors): void {
    this.#insisted = true;
    this.#errors = errors;
  }
}

const areSame = (a: RuleCheck['usual'], b: RuleCheck['usual']): boolean =>
  a?.code === b?.code && a?.enhanced === b?.enhanced && a?.text === b?.text;
