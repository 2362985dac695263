import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Candidate, compilePattern, compileWildcard } from '../../../main/rules/pattern.ts';
import type { RuleStage } from '../../../main/rules/rule.ts';
import { address } from './rule.ts';

function matches(stage: RuleStage, pattern: string, text: string): boolean {
  const compiled = compilePattern(stage, pattern);
  if ('error' in compiled) throw new Error(compiled.error);
  return compiled.match(new Candidate(stage === 'host' ? text : address(text)));
}

describe('a host pattern', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.10', false],
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['0.0.0.0/0', '203.0.113.7', true],
    ['0.0.0.0/0', '::1', false],
    ['192.168.1.*', '192.168.1.77', true],
    ['192.168.1.*', '192.168.10.1', false],
    ['192.168.?.1', '192.168.5.1', true],
    ['*', '::1', true],
    ['::1', '::1', true],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['2001:DB8::/32', '2001:db8:1::5', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['/^10\\.(1|2)\\./', '10.2.0.1', true],
    ['/^10\\.(1|2)\\./', '10.3.0.1', false],
  ])('%s on %s: %s', (pattern, address, expected) => {
    expect(matches('host', pattern, address)).toBe(expected);
  });

  test.each([
    '',
    '  ',
    'mail.example.com',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    '300.1.1.1',
    '/(/',
    '/^10',
    '1.2.3',
  ])('%j is refused with a reason', (pattern) => {
    expect(compilePattern('host', pattern)).toHaveProperty('error', expect.stringMatching(/\w/));
  });
});

describe('a sender or recipient pattern', () => {
  test.each([
    ['*@example.com', 'anna@example.com', true],
    ['*@example.com', 'anna@mail.example.com', false],
    ['*@example.com', 'anna@EXAMPLE.COM', true],
    ['*@*.example.com', 'anna@mail.example.com', true],
    ['bogus*@*', 'bogus7@customer.test', true],
    ['bogus*@*', 'Bogus@customer.test', true],
    ['bogus*@*', 'notbogus@customer.test', false],
    ['denied', 'denied@anywhere.test', true],
    ['denied', 'denied', true],
    ['denied', 'denied.not@anywhere.test', false],
    ['denied*', 'denied.too@anywhere.test', true],
    ['a.c@x.test', 'abc@x.test', false],
    ['a[b]c@x.test', 'a[b]c@x.test', true],
    ['a/b@x.test', 'a/b@x.test', true],
    ['"a@b"@x.test', '"a@b"@x.test', true],
    ['?@x.test', 'a@x.test', true],
    ['?@x.test', 'ab@x.test', false],
    ['*', '', true],
    ['*@*', '', false],
    ['/^(no-?reply|bounce)@/', 'NoReply@x.test', true],
    ['/^(no-?reply|bounce)@/', 'reply@x.test', false],
    ['/\\+/', 'anna+tag@x.test', true],
    ['ünïcode@x.test', 'ÜNÏCODE@x.test', true],
  ])('%s on %s: %s', (pattern, mailbox, expected) => {
    expect(matches('recipient', pattern, mailbox)).toBe(expected);
    expect(matches('sender', pattern, mailbox)).toBe(expected);
  });

  test.each(['', '/abc', 'a b@x.test', '<a@x.test>', 'anna@', '@example.com', '/[/', '/(?=x)/'])(
    '%j is refused with a reason',
    (pattern) => {
      expect(compilePattern('sender', pattern)).toHaveProperty('error', expect.stringMatching(/\w/));
    },
  );
});

describe('the null reverse-path', () => {
  test.each([
    ['<>', '', true],
    ['<>', 'anna@x.test', false],
    ['*', '', true],
    ['/^$/', '', true],
  ])('%s on %j: %s', (pattern, mailbox, expected) => {
    expect(matches('sender', pattern, mailbox)).toBe(expected);
  });

  test('is no recipient', () => {
    expect(compilePattern('recipient', '<>')).toHaveProperty('error');
  });
});

test('an error shows the expression as it was typed', () => {
  expect(compilePattern('host', '/(/')).toEqual({ error: expect.not.stringContaining('?i') as string });
});

describe('wildcards', () => {
  test('match just as the regular expression that they stand for', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '@', '.', 'A'), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.', '@'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (wildcard, given) => {
        const source = wildcard.replace(/[.]/g, '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        expect(compileWildcard(wildcard)(given.toLowerCase())).toBe(new RegExp(`^${source}$`, 'i').test(given));
      }),
      { numRuns: 5000 },
    );
  });

  // Both would take longer than the test may with a matcher that goes back: the steps are what is bounded, not the time.
  test('take few steps also where a backtracking matcher takes forever', () => {
    expect(compileWildcard('a*'.repeat(30) + 'b')('a'.repeat(3000))).toBe(false);
    expect(matches('recipient', '/(a+)+$/', `${'a'.repeat(300)}!@x`)).toBe(false);
  });
});
