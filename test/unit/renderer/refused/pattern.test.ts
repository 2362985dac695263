import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Candidate, compilePattern } from '../../../../main/rules/pattern.ts';
import { parsePath } from '../../../../main/smtp/path.ts';
import type { RuleStage } from '../../../../preload/contract.ts';
import { exactPattern } from '../../../../renderer/refused/pattern.ts';

/** What rules are asked about when a client says this path. */
function candidateOf(mailbox: string): Candidate {
  const parsed = parsePath(`<${mailbox}>`);
  if ('error' in parsed) throw new Error(`${mailbox}: ${parsed.error}`);
  return new Candidate(parsed.path);
}

function matches(stage: RuleStage, pattern: string, candidate: Candidate): boolean {
  const compiled = compilePattern(stage, pattern);
  if ('error' in compiled) throw new Error(`${pattern}: ${compiled.error}`);
  return compiled.match(candidate);
}

describe('the pattern of just one', () => {
  test.each([
    { stage: 'recipient', subject: 'bogus7@customer.test', pattern: 'bogus7@customer.test' },
    { stage: 'recipient', subject: "o'neil+tag=1@x.test", pattern: "o'neil+tag=1@x.test" },
    { stage: 'recipient', subject: '注文@bücher.test', pattern: '注文@bücher.test' },
    { stage: 'recipient', subject: 'a@[192.0.2.1]', pattern: 'a@[192.0.2.1]' },
    { stage: 'recipient', subject: 'all*@x.test', pattern: '/^all\\*@x\\.test$/' },
    { stage: 'recipient', subject: 'who?@x.test', pattern: '/^who\\?@x\\.test$/' },
    { stage: 'recipient', subject: '/etc/@x.test', pattern: '/^/etc/@x\\.test$/' },
    { stage: 'recipient', subject: 'root', pattern: '/^root$/' },
    { stage: 'recipient', subject: '"john doe"@x.test', pattern: '/^john doe@x\\.test$/' },
    { stage: 'recipient', subject: '"john"@x.test', pattern: 'john@x.test' },
    { stage: 'recipient', subject: '"a\\"b"@x.test', pattern: 'a"b@x.test' },
    { stage: 'recipient', subject: '"a<b"@x.test', pattern: '/^a<b@x\\.test$/' },
    { stage: 'recipient', subject: '"@"@x.test', pattern: '/^@@x\\.test$/' },
    { stage: 'sender', subject: '', pattern: '<>' },
    { stage: 'sender', subject: 'root', pattern: '/^root$/' },
    { stage: 'host', subject: '10.0.0.7', pattern: '10.0.0.7' },
    { stage: 'host', subject: '2001:db8::1', pattern: '2001:db8::1' },
    { stage: 'host', subject: 'fe80::1%eth0', pattern: '/^fe80::1%eth0$/' },
  ] as const)('$stage “$subject”: $pattern', ({ stage, subject, pattern }) => {
    expect(exactPattern(stage, subject)).toBe(pattern);
    expect(matches(stage, pattern, stage === 'host' ? new Candidate(subject) : candidateOf(subject))).toBe(true);
  });

  test.each([
    { stage: 'recipient', subject: 'all*@x.test', other: 'alle@x.test' },
    { stage: 'recipient', subject: 'root', other: 'root@x.test' },
    { stage: 'sender', subject: 'root', other: 'root@x.test' },
    { stage: 'recipient', subject: '"*"@x.test', other: 'a@x.test' },
    { stage: 'recipient', subject: '"a b"@x.test', other: '"a b"@xytest' },
  ] as const)('of $subject does not match $other', ({ stage, subject, other }) => {
    expect(matches(stage, exactPattern(stage, subject), candidateOf(other))).toBe(false);
  });
});

test('whatever a client says, its pattern can be compiled, matches it, and matches no other', () => {
  const character = fc.constantFrom(...Array.from('aB9.*?/\\@ "[](){}|^$+-<>:,_é'));
  const local = fc.string({ unit: character, maxLength: 8 }).map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`);
  const mailbox = fc
    .tuple(local, fc.constantFrom('', '@x.test', '@xytest', '@[192.0.2.1]'))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(mailbox, mailbox, fc.constantFrom<RuleStage>('sender', 'recipient'), (one, other, stage) => {
      const pattern = exactPattern(stage, one);
      expect(matches(stage, pattern, candidateOf(one))).toBe(true);
      expect(matches(stage, pattern, candidateOf(other))).toBe(
        candidateOf(one).lowerCase === candidateOf(other).lowerCase,
      );
    }),
  );
});
