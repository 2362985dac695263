import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Recording, type Refused, nobody } from '../../../main/smtp/recording.ts';

const note = (text: string): { text: string; source: string } => ({ text, source: 'RFC 5321' });
const lines = (recording: Recording): string[] => recording.record().transcript.split('\n');

test('each line has its time and side', () => {
  const recording = new Recording();
  recording.addReply(1000, '220 mx.test\r\n', null);
  recording.add(1001, 'C', 'EHLO x');
  recording.addReply(1002, '250-mx.test\r\n250 HELP\r\n', null);
  recording.add(1003, '-', 'TLS begins');
  expect(lines(recording)).toEqual([
    '1000 S 220 mx.test',
    '1001 C EHLO x',
    '1002 S 250-mx.test',
    '1002 S 250 HELP',
    '1003 - TLS begins',
  ]);
});

test('a message has the beginning of the session and its own transaction', () => {
  const recording = new Recording();
  recording.add(1, 'C', 'EHLO x');
  recording.note(note('odd name'));
  recording.beginTransaction();
  recording.add(2, 'C', 'MAIL FROM:<one@x.test>');
  recording.note(note('stray space'));
  recording.endTransaction(2);
  recording.beginTransaction();
  recording.add(3, 'C', 'MAIL FROM:<two@x.test>');
  expect(recording.record()).toEqual({
    transcript: '1 C EHLO x\n2 - (what was said of earlier messages is left out)\n3 C MAIL FROM:<two@x.test>',
    notes: [note('odd name')],
  });
});

test('refusals are those of the transaction that goes on, first things first', () => {
  const recording = new Recording();
  const refused: Refused = {
    stage: 'recipient',
    mailbox: 'bogus@x.test',
    rule: { id: 'a', place: 2, text: 'deny bogus@*' },
  };
  recording.addReply(1, '250 OK\r\n', null);
  expect(recording.refusals).toEqual([]);
  recording.addReply(1, '550-No\r\n550 never\r\n', nobody);
  recording.addReply(2, '553 No\r\n', refused);
  expect(recording.refusals).toEqual([
    { at: 1, stage: null, mailbox: '', rule: null, reply: '550-No 550 never' },
    { at: 2, ...refused, reply: '553 No' },
  ]);
  recording.endTransaction(3);
  expect(recording.refusals).toEqual([]);
});

test('a rule that decided has a line', () => {
  const recording = new Recording();
  recording.decided(7, { id: 'a', place: 2, text: 'deny bogus@*' });
  expect(lines(recording)).toEqual(['7 - Rule 2 decided: deny bogus@*']);
});

test('control characters do not break a line', () => {
  const recording = new Recording();
  recording.add(1, 'C', 'NOOP \r\x00\x1b[2J');
  expect(lines(recording)).toEqual(['1 C NOOP \\x0d\\x00\\x1b[2J']);
});

describe('whatever is said, the record is bounded', () => {
  test('many lines: the first and the last are kept', () => {
    const recording = new Recording();
    recording.beginTransaction();
    recording.add(0, 'C', 'MAIL FROM:<>');
    for (let count = 0; count < 10_000; count++) recording.add(count, 'C', `RCPT TO:<${count}@x.test>`);
    const kept = lines(recording);
    expect(kept[1]).toBe('0 C RCPT TO:<0@x.test>');
    expect(kept.at(-1)).toBe('9999 C RCPT TO:<9999@x.test>');
    const leftOut = kept.filter((line) => line.includes('left out'));
    expect(leftOut).toEqual([`9999 - (${10_001 - (kept.length - 1)} lines left out)`]);
  });

  test('many refusals: the first are kept', () => {
    const recording = new Recording();
    for (let count = 0; count < 1000; count++) recording.refuse(count, `550 ${count}`);
    expect(recording.refusals.map(({ at }) => at)).toEqual(Array.from({ length: 100 }, (_, at) => at));
  });

  test('any lines and notes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 5000 }), { maxLength: 50 }), (texts) => {
        const recording = new Recording();
        for (let round = 0; round < 5; round++) {
          for (const text of texts) {
            recording.add(round, 'C', text);
            recording.note(note(text));
            recording.refuse(round, text);
          }
        }
        const record = recording.record();
        expect(record.transcript.length).toBeLessThan(80_000 * 4);
        expect(recording.refusals.length).toBeLessThanOrEqual(100);
        expect(record.notes.length).toBeLessThanOrEqual(100);
      }),
      { numRuns: 50 },
    );
  });
});
