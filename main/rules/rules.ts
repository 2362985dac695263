import { EventEmitter } from 'node:events';
import type { DecidingRule } from '../mailbox/message.ts';
import { RuleMemory } from './memory.ts';
import { type Address, Candidate, type Matcher, compilePattern } from './pattern.ts';
import { type RuleReply, replyOf, usualOf } from './reply.ts';
import { type Rule, type RuleDefaults, type RuleStage, ruleDefaultsSchema, ruleStages } from './rule.ts';

/** Who or what asks to be let in. */
export type Question =
  | { stage: 'host'; remoteAddress: string }
  | { stage: 'sender'; remoteAddress: string; path: Address }
  | { stage: 'recipient'; remoteAddress: string; reversePath: Address; path: Address };

/** What was decided. */
export type Verdict = {
  /** Null when none matched, or none was asked. */
  rule: DecidingRule | null;
  /** Milliseconds before the client hears of it. */
  delay: number;
} & ({ outcome: 'allow' } | { outcome: 'refuse'; reply: RuleReply } | { outcome: 'drop'; isAmidReply: boolean });

/** Why a rule of the same stage did not decide. `later`: it matches, but one before it decided. */
export interface PassedOver {
  id: string;
  place: number;
  why: 'off' | 'no match' | 'later';
}

/** What somebody would be answered. */
export interface Forecast {
  stage: RuleStage;
  /** Null when it would not come to the question, since the client is turned away before. */
  verdict: Verdict | null;
  /** The rules of that stage that do not decide, in their order. */
  passedOver: PassedOver[];
}

export interface RuleEvents {
  /** A rule decided. */
  decided: [];
}

interface CompiledRule {
  rule: Rule;
  place: number;
  match: Matcher;
}

/** RFC 5321 section 4.5.1: mail to postmaster must be taken. */
const isPostmaster = (question: Question): boolean =>
  question.stage === 'recipient' && question.path.localPart.toLowerCase() === 'postmaster';

/** The list of rules that holds. */
export class Rules extends EventEmitter<RuleEvents> {
  #list: readonly Rule[] = [];
  #defaults: RuleDefaults = ruleDefaultsSchema.parse({});
  #byStage: ReadonlyMap<RuleStage, readonly CompiledRule[]> = new Map();
  readonly memory = new RuleMemory();

  /** In the order in which they are asked. */
  get list(): readonly Rule[] {
    return this.#list;
  }

  get defaults(): RuleDefaults {
    return this.#defaults;
  }

  /**
   * Puts a list in place of the one that holds: the next question is answered by it.
   * @throws Error when a pattern cannot be compiled; the schema of a rule refuses such a one beforehand
   */
  replace(list: readonly Rule[], defaults: RuleDefaults = this.#defaults): void {
    const compiled = list.map((rule, index) => {
      const result = compilePattern(rule.stage, rule.pattern);
      if ('error' in result) throw new Error(`Rule ${rule.id}: ${result.error}`);
      return { rule, place: index + 1, match: result.match };
    });
    this.#byStage = new Map(ruleStages.map((stage) => [stage, compiled.filter(({ rule }) => rule.stage === stage)]));
    this.#list = list;
    this.#defaults = defaults;
  }

  /**
   * The first enabled rule that matches decides; the default of the stage decides what none matches.
   * @param now milliseconds since the epoch
   */
  judge(question: Question, now = Date.now()): Verdict {
    const verdict = this.#judge(question, this.memory, now);
    if (verdict.rule !== null) {
      this.memory.decided(verdict.rule.id, now);
      this.emit('decided');
    }
    return verdict;
  }

  /**
   * What would become of a session that says this, in this order. Nothing is remembered of it.
   * @returns a forecast for the host, one for the sender, and one for each recipient
   */
  forecast(
    { remoteAddress, reversePath, recipients }: { remoteAddress: string; reversePath: Address; recipients: Address[] },
    now = Date.now(),
  ): Forecast[] {
    const memory = this.memory.copy();
    const questions: Question[] = [
      { stage: 'host', remoteAddress },
      { stage: 'sender', remoteAddress, path: reversePath },
      ...recipients.map((path) => ({ stage: 'recipient', remoteAddress, reversePath, path }) as const),
    ];
    let isOver = false;
    let time = now;
    return questions.map((question) => {
      if (isOver) return { stage: question.stage, verdict: null, passedOver: [] };
      const verdict = this.#judge(question, memory, time);
      time += verdict.delay;
      isOver = endsThere(question.stage, verdict);
      return { stage: question.stage, verdict, passedOver: this.#passedOver(question, verdict) };
    });
  }

  #judge(question: Question, memory: RuleMemory, now: number): Verdict {
    if (isPostmaster(question)) return allowed(null);
    const candidate = candidateOf(question);
    const decisive = this.#byStage.get(question.stage)?.find(({ rule, match }) => rule.enabled && match(candidate));
    if (decisive !== undefined) return verdictOf(decisive, question, memory, now);
    if (this.#defaults[question.stage] === 'allow') return allowed(null);
    return refused(null, usualOf({ stage: question.stage, action: 'deny', reason: '' }) as RuleReply);
  }

  #passedOver(question: Question, { rule: decisive }: Verdict): PassedOver[] {
    const candidate = candidateOf(question);
    const others = (this.#byStage.get(question.stage) ?? []).filter(({ rule }) => rule.id !== decisive?.id);
    return others.map(({ rule, place, match }) => {
      if (!rule.enabled) return { id: rule.id, place, why: 'off' };
      return { id: rule.id, place, why: match(candidate) ? 'later' : 'no match' };
    });
  }
}

const candidateOf = (question: Question): Candidate =>
  new Candidate(question.stage === 'host' ? question.remoteAddress : question.path);

const allowed = (rule: DecidingRule | null, delay = 0): Verdict => ({ rule, delay, outcome: 'allow' });
const refused = (rule: DecidingRule | null, reply: RuleReply): Verdict => ({
  rule,
  delay: 0,
  outcome: 'refuse',
  reply,
});

function verdictOf({ rule, place }: CompiledRule, question: Question, memory: RuleMemory, now: number): Verdict {
  const deciding = (more = ''): DecidingRule => ({ id: rule.id, place, text: `${rule.action} ${rule.pattern}${more}` });
  const reply = replyOf(rule) as RuleReply;
  switch (rule.action) {
    case 'allow':
      return allowed(deciding());
    case 'deny':
    case 'defer':
      return refused(deciding(), reply);
    case 'greylist': {
      const { attempts, firstAt } = memory.attempt(rule.id, attemptKey(question), now);
      const isOver =
        (rule.attempts !== null && attempts > rule.attempts) ||
        (rule.seconds !== null && now - firstAt >= rule.seconds * 1000);
      const more = `, attempt ${attempts}${rule.attempts === null ? '' : ` of ${rule.attempts}`}`;
      return isOver ? allowed(deciding(', over')) : refused(deciding(more), reply);
    }
    case 'limit': {
      const rate = `, ${rule.count} in ${rule.seconds} s`;
      const isLeft = memory.take(rule.id, rule.count, rule.seconds * 1000, now);
      return isLeft ? allowed(deciding(rate)) : refused(deciding(`${rate}, exceeded`), reply);
    }
    case 'delay':
      return allowed(deciding(`, ${rule.seconds} s`), rule.seconds * 1000);
    case 'drop':
      return { rule: deciding(), delay: 0, outcome: 'drop', isAmidReply: rule.moment === 'amid reply' };
  }
}

/** Whose attempt it is, for greylists. */
function attemptKey(question: Question): string {
  const known: (string | Address)[] = [question.remoteAddress];
  if (question.stage === 'recipient') known.push(question.reversePath);
  if (question.stage !== 'host') known.push(question.path);
  return known.map((one) => new Candidate(one).lowerCase).join('\n');
}

/** Whether nothing more is asked: who is refused as a host or sender has no recipients, and 421 and a drop end it all. */
const endsThere = (stage: RuleStage, verdict: Verdict): boolean =>
  verdict.outcome === 'drop' || (verdict.outcome === 'refuse' && (stage !== 'recipient' || verdict.reply.code === 421));
