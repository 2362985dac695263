import { describe, expect, test } from 'vitest';
import { formatElapsed, messageTimeline, timelineOf, timelineText } from '../../../../renderer/message/timeline.ts';
import { messageOf, sessionOf, summaryOf } from '../support/messages.ts';

const lineOf = (line: string): object | undefined => timelineOf(`1000 - Connected from 127.0.0.1\n${line}`).lines[1];

test.each([
  { line: '1000 C EHLO my_pc', speaker: 'Client', text: 'EHLO my_pc', elapsed: 0 },
  { line: '1012 S 250-mx.test', speaker: 'Server', text: '250-mx.test', elapsed: 12 },
  { line: '61000 - TLS begins: TLSv1.3', speaker: 'Mailmitt', text: 'TLS begins: TLSv1.3', elapsed: 60_000 },
  { line: '1001 C ', speaker: 'Client', text: '', elapsed: 1 },
  { line: '1001 C   NOOP  ', speaker: 'Client', text: '  NOOP  ', elapsed: 1 },
  { line: '1001 C MAIL FROM:<a\u2028b@x.test>', speaker: 'Client', text: 'MAIL FROM:<a\u2028b@x.test>', elapsed: 1 },
  { line: '990 C QUIT', speaker: 'Client', text: 'QUIT', elapsed: -10 },
])('$line', ({ line, ...read }) => {
  expect(lineOf(line)).toEqual({ ...read, kind: null });
});

test.each([
  { line: 'S 553 5.7.1 Requested action not taken', kind: 'refusal' },
  { line: 'S 550-No', kind: 'refusal' },
  { line: 'S 452 4.5.3 Too many recipients', kind: 'refusal' },
  { line: '- The connection was dropped before the reply', kind: 'refusal' },
  { line: '- Rule 2 decided: deny bogus*@*', kind: 'decision' },
  { line: 'C Rule 2 decided: deny bogus*@*', kind: null },
  { line: 'S 250 2.1.5 Recipient OK', kind: null },
  { line: 'S 354 Start mail input', kind: null },
  { line: 'C 550 is no command', kind: null },
  { line: '- 500 lines left out', kind: null },
])('what “$line” tells: $kind', ({ line, kind }) => {
  expect(lineOf(`1000 ${line}`)).toMatchObject({ kind });
});

test.each(['', 'EHLO my_pc', '1000 X EHLO my_pc'])('“%s” is no line of a transcript', (line) => {
  expect(() => lineOf(line)).toThrow(`The transcript holds a line that is none: ${line}`);
});

describe('the timeline', () => {
  const message = {
    ...messageOf(7, {}, sessionOf({ transcript: '1000 - Connected from 127.0.0.1\n1002 C (12 octets of data)' })),
    summary: summaryOf(7, { receivedAt: 1003 }),
  };

  test('begins with the first line, and ends with what became of the message', () => {
    const timeline = messageTimeline(message);
    expect(timeline?.startedAt).toBe(1000);
    expect(timeline?.lines.map(({ elapsed, speaker, text }) => [elapsed, speaker, text])).toEqual([
      [0, 'Mailmitt', 'Connected from 127.0.0.1'],
      [2, 'Client', '(12 octets of data)'],
      [3, 'Mailmitt', 'Committed as message 7.'],
    ]);
  });

  test('is not there for a message of an older version', () => {
    expect(messageTimeline({ ...message, session: null })).toBeNull();
  });

  test('is copied with its times below each other', () => {
    const timeline = timelineOf('1000 - Connected from 127.0.0.1\n1012 S 220 mx.test\n11500 C QUIT');
    expect(timelineText(timeline)).toBe(
      [
        ' 0.000 s  Mailmitt  Connected from 127.0.0.1',
        ' 0.012 s  Server    220 mx.test',
        '10.500 s  Client    QUIT',
      ].join('\n'),
    );
  });
});

test.each([
  [0, '0.000 s'],
  [12, '0.012 s'],
  [61_500, '61.500 s'],
  [-5, '-0.005 s'],
])('%d milliseconds are %s', (elapsed, text) => {
  expect(formatElapsed(elapsed)).toBe(text);
});
