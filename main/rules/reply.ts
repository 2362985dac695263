import type { Rule } from './rule.ts';

/** What a client is told that a rule refuses. */
export interface RuleReply {
  code: number;
  /** RFC 3463. */
  enhanced: string;
  text: string;
}

type Refuses = 'deny' | 'defer' | 'greylist' | 'limit';

/**
 * What is told where a rule brings no reply of its own. A host that is refused for now is told 421 and has to go, as no
 * other temporary refusal may stand in place of a greeting (RFC 5321 section 4.3.2).
 */
const usual: Readonly<Record<Refuses, Readonly<Record<'host' | 'mailbox', RuleReply>>>> = {
  deny: {
    host: { code: 550, enhanced: '5.7.1', text: 'Access denied' },
    mailbox: { code: 553, enhanced: '5.7.1', text: 'Requested action not taken: mailbox name not allowed' },
  },
  defer: {
    host: { code: 421, enhanced: '4.3.2', text: 'Service not available, try again later' },
    mailbox: { code: 451, enhanced: '4.3.0', text: 'Requested action aborted, try again later' },
  },
  greylist: {
    host: { code: 421, enhanced: '4.7.1', text: 'Greylisted, try again later' },
    mailbox: { code: 451, enhanced: '4.7.1', text: 'Greylisted, try again later' },
  },
  limit: {
    host: { code: 421, enhanced: '4.7.0', text: 'Too many connections, try again later' },
    mailbox: { code: 450, enhanced: '4.7.0', text: 'Too many messages, try again later' },
  },
};

const refuses = (action: Rule['action']): action is Refuses => Object.hasOwn(usual, action);

/** @returns what a rule tells that has no reply of its own: a denied host the reason; null when it refuses nobody */
export function usualOf({ stage, action, reason }: Pick<Rule, 'stage' | 'action' | 'reason'>): RuleReply | null {
  if (!refuses(action)) return null;
  const reply = usual[action][stage === 'host' ? 'host' : 'mailbox'];
  const isToldWhy = stage === 'host' && action === 'deny' && reason !== '';
  return isToldWhy ? { ...reply, text: `${reply.text}: ${reason}` } : reply;
}

/** @returns what the rule tells those whom it refuses; null when it refuses nobody */
export function replyOf(rule: Rule): RuleReply | null {
  const { action, reply } = rule;
  if (!refuses(action) || reply === null) return usualOf(rule);
  return { ...reply, enhanced: reply.enhanced ?? `${Math.trunc(reply.code / 100)}.7.1` };
}

/** As it goes over the wire: there is no enhanced code before EHLO (RFC 2034 section 3), which is where hosts are told. */
export const wireText = (stage: Rule['stage'], { code, enhanced, text }: RuleReply): string =>
  stage === 'host' ? `${code} ${text}` : `${code} ${enhanced} ${text}`;
