import type { Rule } from '../../preload/contract.ts';

/** A rule in words, around its pattern. */
export interface Sentence {
  before: string;
  pattern: string;
  after: string;
}

type Worded = Pick<Rule, 'stage' | 'action' | 'pattern' | 'reason' | 'reply'>;

/** What the rule does, as a sentence. */
export function sentenceOf({ stage, action, pattern, reason, reply }: Worded): Sentence {
  const verb = action === 'deny' ? 'Refuses' : 'Accepts';
  const objects = {
    host: /[*/]/.test(pattern) ? 'hosts in' : 'the host',
    sender: 'mail from',
    recipient: 'mail to',
  };
  const toldWhy = stage === 'host' && action === 'deny' && reason !== '' && reply === null;
  const isLocalPart = stage !== 'host' && /^[^@/<*]+$/.test(pattern.trim());
  const after = isLocalPart ? ' at any domain' : toldWhy ? ', told why' : '';
  return { before: `${verb} ${objects[stage]} `, pattern, after };
}

/** The stage's usual refusal, for a rule that brings no reply of its own. */
export function usualReply({ stage, reason }: Pick<Rule, 'stage' | 'reason'>): { code: number; text: string } {
  if (stage === 'host') return { code: 550, text: reason === '' ? 'Access denied' : `Access denied: ${reason}` };
  return { code: 553, text: 'Requested action not taken: mailbox name not allowed' };
}

/**
 * What the client is told, as it goes over the wire; null when it is accepted. Senders and recipients are judged after
 * EHLO, where replies carry an enhanced status code (RFC 2034).
 */
export function answerOf(rule: Pick<Rule, 'stage' | 'action' | 'reason' | 'reply'>): string | null {
  if (rule.action === 'allow') return null;
  const { code, text } = rule.reply ?? usualReply(rule);
  return rule.stage === 'host' ? `${code} ${text}` : `${code} 5.7.1 ${text}`;
}
