import type { Rule } from '../../../main/rules/rule.ts';

let count = 0;

/** A rule that denies, with what the test cares about. */
export function deny(stage: Rule['stage'], pattern: string, changes: Partial<Rule> = {}): Rule {
  return {
    id: `rule-${++count}`,
    enabled: true,
    stage,
    pattern,
    action: 'deny',
    reason: '',
    reply: null,
    ...changes,
  };
}

export const allow = (stage: Rule['stage'], pattern: string): Rule => deny(stage, pattern, { action: 'allow' });
