import type { Rule, RuleAction } from '../../../main/rules/rule.ts';
import type { Question } from '../../../main/rules/rules.ts';

let count = 0;

/** What a test may care about. */
type Changes = Partial<Omit<Rule, 'id' | 'stage' | 'pattern' | 'action' | 'reply'>> & {
  reply?: { code: number; enhanced?: string | null; text: string };
};

/** What each action needs beyond what all rules have. */
const needs = {
  allow: {},
  deny: {},
  defer: {},
  greylist: { attempts: 1, seconds: null },
  limit: { count: 1, seconds: 60 },
  delay: { seconds: 1 },
  drop: { moment: 'before reply' },
} as const;

/** A rule with an id of its own. */
export function rule(
  action: RuleAction,
  stage: Rule['stage'],
  pattern: string,
  { reply, ...changes }: Changes & Record<string, unknown> = {},
): Rule {
  return {
    ...{ id: `rule-${++count}`, enabled: true, stage, pattern, action, reason: '' },
    reply: reply === undefined ? null : { enhanced: null, ...reply },
    ...needs[action],
    ...changes,
  } as Rule;
}

export const deny = (stage: Rule['stage'], pattern: string, changes: Changes = {}): Rule =>
  rule('deny', stage, pattern, changes);
export const allow = (stage: Rule['stage'], pattern: string): Rule => rule('allow', stage, pattern);

/** @param text a mailbox without quotes */
export function address(text: string): { localPart: string; domain: string } {
  const at = text.lastIndexOf('@');
  return at === -1 ? { localPart: text, domain: '' } : { localPart: text.slice(0, at), domain: text.slice(at + 1) };
}

export const remoteAddress = '192.0.2.1';
export const askHost = (host = remoteAddress): Question => ({ stage: 'host', remoteAddress: host });
export const askSender = (path: string, host = remoteAddress): Question => ({
  stage: 'sender',
  remoteAddress: host,
  path: address(path),
});
export const askRecipient = (path: string, reversePath = 'anna@client.test', host = remoteAddress): Question => ({
  stage: 'recipient',
  remoteAddress: host,
  reversePath: address(reversePath),
  path: address(path),
});
