import type { RuleDraft } from './draft.ts';

/** What a new rule can start from: what servers do that senders have to cope with. */
export const presets: readonly { name: string; fields: Partial<RuleDraft> }[] = [
  {
    name: 'mailbox full',
    fields: {
      ...{ stage: 'recipient', pattern: 'full@*', action: 'defer' },
      ...{ replyCode: '452', enhanced: '4.2.2', replyText: 'Mailbox full' },
    },
  },
  {
    name: 'unknown user',
    fields: {
      ...{ stage: 'recipient', pattern: 'unknown*@*', action: 'deny' },
      ...{ replyCode: '550', enhanced: '5.1.1', replyText: 'User unknown' },
    },
  },
  {
    name: 'greylisting',
    fields: { stage: 'recipient', pattern: 'grey@*', action: 'greylist', attempts: '1', seconds: '60' },
  },
  {
    name: 'temporary failure',
    fields: {
      ...{ stage: 'sender', pattern: 'later@*', action: 'defer' },
      ...{ replyCode: '451', enhanced: '4.3.0', replyText: 'Temporary failure, try again later' },
    },
  },
  {
    name: 'rate limited',
    fields: {
      ...{ stage: 'sender', pattern: 'bulk@*', action: 'limit', count: '5', seconds: '60' },
      ...{ replyCode: '450', enhanced: '4.7.0', replyText: 'Too many messages, try again later' },
    },
  },
  {
    name: 'blocked as spam',
    fields: {
      ...{ stage: 'sender', pattern: '*@spam.test', action: 'deny' },
      ...{ replyCode: '554', enhanced: '5.7.1', replyText: 'Message rejected as spam' },
    },
  },
  {
    name: 'message refused by policy',
    fields: {
      ...{ stage: 'sender', pattern: '*@blocked.test', action: 'deny' },
      ...{ replyCode: '550', enhanced: '5.7.1', replyText: 'Message refused by policy' },
    },
  },
  {
    name: 'a server that hangs',
    fields: { stage: 'recipient', pattern: 'slow@*', action: 'delay', seconds: '600' },
  },
];
