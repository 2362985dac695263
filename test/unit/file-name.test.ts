import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanFileName } from '../../main/file-name.ts';

test.each<[string, string]>([
  ['invoice.pdf', 'invoice.pdf'],
  ['注文.pdf', '注文.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['..\\..\\windows\\system.ini', 'system.ini'],
  ['/etc/passwd', 'passwd'],
  ['C:\\autoexec.bat', 'autoexec.bat'],
  ['..', 'attachment-3'],
  ['', 'attachment-3'],
  ['a\0b.txt', 'ab.txt'],
  ['a\r\nb.txt', 'ab.txt'],
  ['harmless\u202Efdp.exe', 'harmlessfdp.exe'],
  ['.bashrc', 'bashrc'],
  ['what?.txt', 'what_.txt'],
  ['CON', '_CON'],
  ['nul.txt', '_nul.txt'],
  ['console.txt', 'console.txt'],
  ['trailing. ', 'trailing'],
  [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(196)}.pdf`],
  [`${'注'.repeat(300)}.pdf`, `${'注'.repeat(65)}.pdf`],
])('%j becomes %j', (name, expected) => {
  expect(cleanFileName(name, 'attachment-3')).toBe(expected);
});

test('whatever the sender wrote, it is one visible segment of bounded length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      const clean = cleanFileName(name, 'attachment-1');
      expect(clean).toMatch(/^[^\\/\p{Cc}\p{Cf}]+$/u);
      expect(Buffer.byteLength(clean)).toBeLessThanOrEqual(200);
      expect(['.', '..']).not.toContain(clean);
    }),
    { numRuns: 2000 },
  );
});
