import type { Message } from '../../preload/contract.ts';

export interface TimelineLine {
  /** Milliseconds since the first line; negative where the clock was set back meanwhile. */
  elapsed: number;
  /** Mailmitt tells what happened to the connection and the message; the others spoke on the wire. */
  speaker: 'Client' | 'Server' | 'Mailmitt';
  text: string;
  /** Whether it is a 4yz or 5yz reply (RFC 5321 section 4.2.1). */
  isRefusal: boolean;
}

export interface Timeline {
  /** When the first line was: milliseconds since the epoch. */
  startedAt: number;
  lines: TimelineLine[];
}

const speakers: Readonly<Record<string, TimelineLine['speaker']>> = { C: 'Client', S: 'Server', '-': 'Mailmitt' };

// What a client says may hold U+2028, which `.` without the flag does not match.
const transcriptLine = /^(\d+) ([CS-]) (.*)$/s;

/**
 * What was said while a message came in, up to its being kept.
 * @returns null for a message that an older version received
 * @throws Error when the transcript is none
 */
export function timelineOf({ session, summary: { id, receivedAt } }: Message): Timeline | null {
  if (session === null) return null;
  const said = session.transcript.split('\n').map((line) => {
    const [, at, side = '', text = ''] = transcriptLine.exec(line) ?? [];
    const speaker = speakers[side];
    if (speaker === undefined) throw new Error(`The transcript holds a line that is none: ${line}`);
    return { at: Number(at), speaker, text, isRefusal: speaker === 'Server' && /^[45]\d\d[ -]/.test(text) };
  });
  // The transcript was committed with the message, so the reply that tells the client of it is not in there.
  const kept = `Committed as message ${id}.`;
  const all = [...said, { at: receivedAt, speaker: 'Mailmitt' as const, text: kept, isRefusal: false }];
  const startedAt = said[0]?.at ?? receivedAt;
  return { startedAt, lines: all.map(({ at, ...line }) => ({ elapsed: at - startedAt, ...line })) };
}

/**
 * @param elapsed milliseconds
 * @returns `0.012 s`
 */
export function formatElapsed(elapsed: number): string {
  return `${(elapsed / 1000).toFixed(3)} s`;
}
