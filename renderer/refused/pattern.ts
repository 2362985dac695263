import type { RuleStage } from '../../preload/contract.ts';

const quotedLocalPart = /^"((?:[^"\\]|\\.)*)"/;
/** What stands for itself in a pattern, and for nothing else: a bare name would match at any domain. */
const plain: Readonly<Record<RuleStage, RegExp>> = {
  host: /^[\da-f.:]+$/i,
  sender: /^[^\s*?<>@/][^\s*?<>]*@[^\s*?<>@]+$/,
  recipient: /^[^\s*?<>@/][^\s*?<>]*@[^\s*?<>@]+$/,
};

/**
 * A rule's pattern that matches this host, sender or recipient and no other.
 * @param subject an IP address, or a path without its angle brackets
 */
export function exactPattern(stage: RuleStage, subject: string): string {
  if (stage === 'sender' && subject === '') return '<>';
  // Rules see a local part without its quotes and backslashes.
  const unquoted = (_: string, inner: string): string => inner.replace(/\\(.)/g, '$1');
  const text = stage === 'host' ? subject : subject.replace(quotedLocalPart, unquoted);
  return plain[stage].test(text) ? text : `/^${text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$/`;
}
