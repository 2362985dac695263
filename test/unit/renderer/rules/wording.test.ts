import { expect, test } from 'vitest';
import type { Rule } from '../../../../preload/contract.ts';
import { answerOf, sentenceOf } from '../../../../renderer/rules/wording.ts';

const rule = (changes: Partial<Rule>): Rule => ({
  id: '1',
  enabled: true,
  stage: 'recipient',
  pattern: 'bogus*@*',
  action: 'deny',
  reason: '',
  reply: null,
  ...changes,
});

const notAllowed = '553 5.7.1 Requested action not taken: mailbox name not allowed';

test.each<{ says: string; answers: string | null; changes: Partial<Rule> }>([
  { changes: {}, says: 'Refuses mail to bogus*@*', answers: notAllowed },
  { changes: { reason: 'made up' }, says: 'Refuses mail to bogus*@*', answers: notAllowed },
  { changes: { action: 'allow' }, says: 'Accepts mail to bogus*@*', answers: null },
  {
    changes: { stage: 'sender', pattern: '*@example.com' },
    says: 'Refuses mail from *@example.com',
    answers: notAllowed,
  },
  {
    changes: { stage: 'sender', action: 'allow', pattern: 'root' },
    says: 'Accepts mail from root at any domain',
    answers: null,
  },
  { changes: { stage: 'host', pattern: '10.0.0.7' }, says: 'Refuses the host 10.0.0.7', answers: '550 Access denied' },
  {
    changes: { stage: 'host', pattern: '192.168.1.*', reason: 'not from the lab' },
    says: 'Refuses hosts in 192.168.1.*, told why',
    answers: '550 Access denied: not from the lab',
  },
  {
    changes: { stage: 'host', pattern: '10.0.0.0/8', reason: 'no', reply: { code: 554, text: 'Go away' } },
    says: 'Refuses hosts in 10.0.0.0/8',
    answers: '554 Go away',
  },
  { changes: { stage: 'host', pattern: '::1', action: 'allow' }, says: 'Accepts the host ::1', answers: null },
  {
    changes: { reply: { code: 552, text: 'Mailbox full' } },
    says: 'Refuses mail to bogus*@*',
    answers: '552 5.7.1 Mailbox full',
  },
])('“$says” answers $answers', ({ changes, says, answers }) => {
  const { before, pattern, after } = sentenceOf(rule(changes));
  expect(before + pattern + after).toBe(says);
  expect(answerOf(rule(changes))).toBe(answers);
});
