import { expect, test } from 'vitest';
import {
  formatCount,
  formatCounted,
  formatExactly,
  formatSize,
  formatWhen,
} from '../../../../renderer/format/format.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 KB'],
  [18_412, '18.4 KB'],
  [184_120, '184 KB'],
  [999_499, '999 KB'],
  [999_500, '1 MB'],
  [2_300_000, '2.3 MB'],
  [52_428_800, '52.4 MB'],
  [1_073_741_824, '1.1 GB'],
  [5_000_000_000_000, '5,000 GB'],
])('%d octets are %s', (octets, text) => {
  expect(formatSize(octets)).toBe(text);
});

test('counts', () => {
  expect(formatCount(1204)).toBe('1,204');
  expect(formatCounted(1, 'message')).toBe('1 message');
  expect(formatCounted(0, 'message')).toBe('0 messages');
  expect(formatCounted(1204, 'message')).toBe('1,204 messages');
});

const now = new Date(2026, 10, 22, 0, 30).getTime();

test.each([
  { what: 'today', at: new Date(2026, 10, 22, 0, 5, 9), when: '00:05', exactly: '00:05:09' },
  {
    what: 'minutes ago, but yesterday',
    at: new Date(2026, 10, 21, 23, 59, 0),
    when: '21 Nov',
    exactly: '21 Nov 2026, 23:59:00',
  },
  { what: 'this year', at: new Date(2026, 0, 3, 14, 2, 11), when: '3 Jan', exactly: '3 Jan 2026, 14:02:11' },
  {
    what: 'another year',
    at: new Date(2025, 11, 31, 14, 2, 11),
    when: '31 Dec 2025',
    exactly: '31 Dec 2025, 14:02:11',
  },
])('$what', ({ at, when, exactly }) => {
  expect(formatWhen(at.getTime(), now)).toBe(when);
  expect(formatExactly(at.getTime(), now)).toBe(exactly);
});
