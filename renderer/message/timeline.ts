import type { Message } from '../../preload/contract.ts';

export interface TimelineLine {
  /** Milliseconds since the first line; negative where the clock was set back meanwhile. */
  elapsed: number;
  /** Mailmitt tells what happened to the connection and the message; the others spoke on the wire. */
  speaker: 'Client' | 'Server' | 'Mailmitt';
  text: string;
  /** `refusal`: a 4yz or 5yz reply (RFC 5321 section 4.2.1), or a connection that was dropped in place of one. */
  kind: 'refusal' | 'decision' | null;
}

export interface Timeline {
  /** When the first line was: milliseconds since the epoch. */
  startedAt: number;
  lines: TimelineLine[];
}

const speakers: Readonly<Record<string, TimelineLine['speaker']>> = { C: 'Client', S: 'Server', '-': 'Mailmitt' };

// What a client says may hold U+2028, which `.` without the flag does not match.
const transcriptLine = /^(\d+) ([CS-]) (.*)$/s;

function kindOf(speaker: TimelineLine['speaker'], text: string): TimelineLine['kind'] {
  if (speaker === 'Server') return /^[45]\d\d[ -]/.test(text) ? 'refusal' : null;
  if (speaker === 'Client') return null;
  if (/^Rule \d+ decided:/.test(text)) return 'decision';
  return text.startsWith('The connection was dropped') ? 'refusal' : null;
}

/**
 * What was said, line by line.
 * @param end what is known to have happened after the last line
 * @throws Error when the transcript is none
 */
export function timelineOf(transcript: string, end?: { at: number; text: string }): Timeline {
  const said = transcript.split('\n').map((line) => {
    const [, at, side = '', text = ''] = transcriptLine.exec(line) ?? [];
    const speaker = speakers[side];
    if (speaker === undefined) throw new Error(`The transcript holds a line that is none: ${line}`);
    return { at: Number(at), speaker, text, kind: kindOf(speaker, text) };
  });
  const startedAt = said[0]?.at ?? 0;
  const all = end === undefined ? said : [...said, { ...end, speaker: 'Mailmitt' as const, kind: null }];
  return { startedAt, lines: all.map(({ at, ...line }) => ({ elapsed: at - startedAt, ...line })) };
}

/**
 * What was said while a message came in, up to its being kept.
 * @returns null for a message that an older version received
 */
export function messageTimeline({ session, summary: { id, receivedAt } }: Message): Timeline | null {
  if (session === null) return null;
  // The transcript was committed with the message, so the reply that tells the client of it is not in there.
  return timelineOf(session.transcript, { at: receivedAt, text: `Committed as message ${id}.` });
}

/** A timeline as text, to be copied. */
export function timelineText({ lines }: Timeline): string {
  const width = Math.max(...lines.map(({ elapsed }) => formatElapsed(elapsed).length));
  return lines
    .map(({ elapsed, speaker, text }) => `${formatElapsed(elapsed).padStart(width)}  ${speaker.padEnd(8)}  ${text}`)
    .join('\n');
}

/**
 * @param elapsed milliseconds
 * @returns `0.012 s`
 */
export function formatElapsed(elapsed: number): string {
  return `${(elapsed / 1000).toFixed(3)} s`;
}
