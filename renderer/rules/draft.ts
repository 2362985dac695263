import type { FieldError, Rule, RuleAction, RuleStage } from '../../preload/contract.ts';
import { usualReply } from './wording.ts';

/** A rule as it stands in the form's fields. */
export interface RuleDraft {
  readonly id: string;
  readonly enabled: boolean;
  stage: RuleStage;
  pattern: string;
  action: RuleAction;
  /** Empty: the stage's usual code. */
  replyCode: string;
  /** Empty: the stage's usual text. */
  replyText: string;
  reason: string;
}

export type RuleField = 'stage' | 'pattern' | 'action' | 'replyCode' | 'replyText' | 'reason';
/** What was wrong: beside a field, or with the whole. */
export type RuleErrors = Partial<Record<RuleField | 'whole', string>>;

export function newDraft(): RuleDraft {
  return {
    id: crypto.randomUUID(),
    enabled: true,
    stage: 'recipient',
    pattern: '',
    action: 'deny',
    replyCode: '',
    replyText: '',
    reason: '',
  };
}

export function draftOf(rule: Rule): RuleDraft {
  const { reply, ...rest } = rule;
  return { ...rest, replyCode: reply === null ? '' : String(reply.code), replyText: reply?.text ?? '' };
}

/** The rule that the fields describe; what is wrong with it the main process says. */
export function ruleOf({ replyCode, replyText, ...draft }: RuleDraft): Rule {
  const rest = { ...draft, pattern: draft.pattern.trim(), reason: draft.reason.trim() };
  const code = replyCode.trim();
  const text = replyText.trim();
  if (rest.action === 'allow' || (code === '' && text === '')) return { ...rest, reply: null };
  const usual = usualReply(rest);
  return { ...rest, reply: { code: code === '' ? usual.code : Number(code), text: text === '' ? usual.text : text } };
}

const fields: Record<string, RuleField> = {
  stage: 'stage',
  pattern: 'pattern',
  action: 'action',
  reason: 'reason',
  reply: 'replyCode',
  'reply.code': 'replyCode',
  'reply.text': 'replyText',
};

/**
 * Brings what was wrong with a list of rules to the form that edits one of them.
 * @param errors with paths from the list on, as in `[3, 'reply', 'code']`
 * @param index of the rule that the form edits
 */
export function errorsOf(errors: FieldError[], index: number): RuleErrors {
  const found: RuleErrors = {};
  for (const { path, message } of errors) {
    const [place, ...rest] = path;
    const field = place === index ? fields[rest.join('.')] : undefined;
    if (field !== undefined) found[field] ??= message;
    else found.whole ??= typeof place === 'number' && place !== index ? `Rule ${place + 1}: ${message}` : message;
  }
  return found;
}
