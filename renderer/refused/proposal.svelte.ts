import type { Rule } from '../../preload/contract.ts';
import type { RuleDraft } from '../rules/draft.ts';
import type { Rules } from '../rules/rules.svelte.ts';

/** What is known of a rule that stands in the list. */
export interface PlacedRule {
  rule: Rule;
  /** From 1 on. */
  place: number;
}

/** @returns the rule with its place; null when it is gone */
export function placedRule(rules: Rules, id: string): PlacedRule | null {
  const rule = rules.byId(id);
  return rule === undefined ? null : { rule, place: rules.list.indexOf(rule) + 1 };
}

/** A rule that was begun from something that is shown: found again once it is saved. */
export class Proposal {
  readonly #rules: Rules;
  #begun = $state.raw<{ about: number; id: string | undefined } | null>(null);

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /**
   * Opens the form for it.
   * @param about the id of what is shown
   * @param before a rule's id, or `first`
   */
  open(about: number, fields: Partial<RuleDraft>, before: string): void {
    this.#rules.open(fields, before);
    this.#begun = { about, id: this.#rules.editor?.draft.id };
  }

  /** @returns null where none was begun about it, or none that was saved and is still there */
  saved(about: number): PlacedRule | null {
    const begun = this.#begun;
    return begun?.about === about && begun.id !== undefined ? placedRule(this.#rules, begun.id) : null;
  }
}
