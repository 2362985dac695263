import { type Matcher, type Subject, compilePattern } from './pattern.ts';
import { type Rule, type RuleStage, ruleStages } from './rule.ts';

/** What was decided, and by which rule; by none, when none matched. */
export type Verdict =
  { allowed: true; rule: Rule | null } | { allowed: false; rule: Rule; reason: string; reply: Rule['reply'] };

interface CompiledRule {
  rule: Rule;
  match: Matcher;
}

/** The list of rules that holds. */
export class Rules {
  #list: readonly Rule[] = [];
  #enabledByStage = new Map<RuleStage, CompiledRule[]>();

  /** In the order in which they are asked. */
  get list(): readonly Rule[] {
    return this.#list;
  }

  /**
   * Puts a list in place of the one that holds: the next question is answered by it.
   * @throws Error when a pattern cannot be compiled; the schema of a rule refuses such a one beforehand
   */
  replace(list: readonly Rule[]): void {
    const compiled = list
      .filter((rule) => rule.enabled)
      .map((rule) => {
        const result = compilePattern(rule.stage, rule.pattern);
        if ('error' in result) throw new Error(`Rule ${rule.id}: ${result.error}`);
        return { rule, match: result.match };
      });
    this.#enabledByStage = new Map(
      ruleStages.map((stage) => [stage, compiled.filter(({ rule }) => rule.stage === stage)]),
    );
    this.#list = list;
  }

  /** The first enabled rule that matches decides; what none matches is allowed. */
  judge(subject: Subject): Verdict {
    // RFC 5321 section 4.5.1: mail to postmaster must be taken.
    if (subject.stage === 'recipient' && subject.localPart.toLowerCase() === 'postmaster') {
      return { allowed: true, rule: null };
    }
    const decisive = this.#enabledByStage.get(subject.stage)?.find(({ match }) => match(subject))?.rule;
    if (decisive === undefined) return { allowed: true, rule: null };
    if (decisive.action === 'allow') return { allowed: true, rule: decisive };
    return { allowed: false, rule: decisive, reason: decisive.reason, reply: decisive.reply };
  }
}
