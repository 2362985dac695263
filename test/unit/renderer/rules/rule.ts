import type { Rule } from '../../../../preload/contract.ts';

type Denying = Extract<Rule, { action: 'allow' | 'deny' | 'defer' }>;

const common = { enabled: true, stage: 'recipient', reason: '', reply: null } as const;

/** A rule that denies, with what the test cares about. */
export const rule = (id: string, changes: Partial<Denying> = {}): Denying => ({
  ...{ ...common, id, pattern: `${id}@*`, action: 'deny' },
  ...changes,
});

/** One of each action. */
export const everyAction: readonly Rule[] = [
  rule('allow', { action: 'allow' }),
  rule('deny', { stage: 'sender', reason: 'spam', reply: { code: 554, enhanced: '5.7.1', text: 'Go away' } }),
  rule('defer', { action: 'defer', reply: { code: 452, enhanced: null, text: 'Mailbox full' } }),
  { ...common, id: 'greylist', pattern: '*', action: 'greylist', attempts: 2, seconds: 60 },
  { ...common, id: 'by-time', pattern: '*', action: 'greylist', attempts: null, seconds: 60 },
  { ...common, id: 'by-attempts', pattern: '*', action: 'greylist', attempts: 2, seconds: null },
  { ...common, id: 'limit', pattern: 'bulk@*', action: 'limit', count: 5, seconds: 60 },
  { ...common, id: 'delay', pattern: 'slow@*', action: 'delay', seconds: 0.5 },
  { ...common, id: 'drop', pattern: 'crash@*', action: 'drop', moment: 'amid reply' },
];
