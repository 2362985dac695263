import type { FieldError, Rule, RuleAction, RuleCheck, RuleStage } from '../../preload/contract.ts';

export type DropMoment = Extract<Rule, { action: 'drop' }>['moment'];

/** A rule as it stands in the form's fields: those of every action, so that nothing is lost when another is chosen. */
export interface RuleDraft {
  readonly id: string;
  readonly enabled: boolean;
  readonly stage: RuleStage;
  readonly pattern: string;
  readonly action: RuleAction;
  readonly reason: string;
  /** These three empty: the usual reply. */
  readonly replyCode: string;
  readonly enhanced: string;
  readonly replyText: string;
  /** Of a greylist. */
  readonly attempts: string;
  /** Of a greylist, a limit or a delay. */
  readonly seconds: string;
  /** Of a limit. */
  readonly count: string;
  readonly moment: DropMoment;
}

export type RuleField = Exclude<keyof RuleDraft, 'id' | 'enabled'>;
/** What was wrong: beside a field, or with the whole. */
export type RuleErrors = Partial<Record<RuleField | 'whole', string>>;

export function newDraft(fields: Partial<RuleDraft> = {}): RuleDraft {
  return {
    id: crypto.randomUUID(),
    enabled: true,
    stage: 'recipient',
    pattern: '',
    action: 'deny',
    reason: '',
    replyCode: '',
    enhanced: '',
    replyText: '',
    attempts: '1',
    seconds: '60',
    count: '5',
    moment: 'before reply',
    ...fields,
  };
}

export function draftOf(rule: Rule): RuleDraft {
  const { id, enabled, stage, pattern, action, reason, reply } = rule;
  const common = {
    ...{ id, enabled, stage, pattern, action, reason },
    replyCode: textOf(reply?.code),
    enhanced: reply?.enhanced ?? '',
    replyText: reply?.text ?? '',
  };
  switch (rule.action) {
    case 'greylist':
      return newDraft({ ...common, attempts: textOf(rule.attempts), seconds: textOf(rule.seconds) });
    case 'limit':
      return newDraft({ ...common, count: textOf(rule.count), seconds: textOf(rule.seconds) });
    case 'delay':
      return newDraft({ ...common, seconds: textOf(rule.seconds) });
    case 'drop':
      return newDraft({ ...common, moment: rule.moment });
    default:
      return newDraft(common);
  }
}

const textOf = (value: number | null | undefined): string => (typeof value === 'number' ? String(value) : '');

/** @returns NaN for what is no plain number, which the main process then names as such; `Number` takes `1e3` and ` ` */
function numberOf(text: string): number {
  return /^\d*\.?\d+$/.test(text.trim()) ? Number(text) : NaN;
}

const numberOrNone = (text: string): number | null => (text.trim() === '' ? null : numberOf(text));

/** Whether a rule with this action refuses, and so has a reply. */
export const hasReply = (action: RuleAction): boolean => ['deny', 'defer', 'greylist', 'limit'].includes(action);

/**
 * The rule that the fields describe; what is wrong with it the main process says.
 * @param usual the reply that it would give without one of its own: it fills what was left empty
 */
export function ruleOf(draft: RuleDraft, usual: RuleCheck['usual']): Rule {
  const { id, enabled, stage, action } = draft;
  const reply = hasReply(action) ? replyOf(draft, usual) : null;
  const common = { id, enabled, stage, pattern: draft.pattern.trim(), reason: draft.reason.trim(), reply };
  switch (action) {
    case 'greylist':
      return { ...common, action, attempts: numberOrNone(draft.attempts), seconds: numberOrNone(draft.seconds) };
    case 'limit':
      return { ...common, action, count: numberOf(draft.count), seconds: numberOf(draft.seconds) };
    case 'delay':
      return { ...common, action, seconds: numberOf(draft.seconds) };
    case 'drop':
      return { ...common, action, moment: draft.moment };
    default:
      return { ...common, action };
  }
}

function replyOf(draft: RuleDraft, usual: RuleCheck['usual']): Rule['reply'] {
  const code = draft.replyCode.trim();
  const text = draft.replyText.trim();
  // A host is told before EHLO, where no enhanced code is: the form does not ask for one.
  const enhanced = draft.stage === 'host' ? '' : draft.enhanced.trim();
  if (code === '' && enhanced === '' && text === '') return null;
  // The usual one goes with the usual code; with another code goes one that fits it.
  const fitting = code === '' && draft.stage !== 'host' ? (usual?.enhanced ?? null) : null;
  return {
    code: code === '' ? (usual?.code ?? NaN) : numberOf(code),
    enhanced: enhanced === '' ? fitting : enhanced,
    text: text === '' ? (usual?.text ?? '') : text,
  };
}

const fields: Readonly<Record<string, RuleField>> = {
  stage: 'stage',
  pattern: 'pattern',
  action: 'action',
  reason: 'reason',
  reply: 'replyCode',
  'reply.code': 'replyCode',
  'reply.enhanced': 'enhanced',
  'reply.text': 'replyText',
  attempts: 'attempts',
  seconds: 'seconds',
  count: 'count',
  moment: 'moment',
};

/**
 * Brings what was wrong with a rule to the fields of its form.
 * @param errors with paths from the rule on, as in `['reply', 'code']`
 */
export function errorsOf(errors: readonly FieldError[]): RuleErrors {
  const found: RuleErrors = {};
  for (const { path, message } of errors) found[fields[path.join('.')] ?? 'whole'] ??= message;
  return found;
}

/**
 * The same for a whole list of rules.
 * @param errors with paths from the list on, as in `[3, 'reply', 'code']`
 * @param index of the rule that the form edits; -1 where none is
 */
export function errorsInList(errors: readonly FieldError[], index: number): RuleErrors {
  const own = errors.filter(({ path }) => path[0] === index);
  const found = errorsOf(own.map(({ path, message }) => ({ path: path.slice(1), message })));
  const [other] = errors.filter(({ path }) => path[0] !== index);
  if (other === undefined) return found;
  const [place] = other.path;
  const whole = typeof place === 'number' ? `Rule ${place + 1}: ${other.message}` : other.message;
  return { whole, ...found };
}
