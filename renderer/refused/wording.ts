import type { RefusedSummary, Refusal, RuleStage } from '../../preload/contract.ts';
import { formatCount } from '../format/format.ts';
import { formatPath } from '../message/addresses.ts';

/** The command that a stage belongs to. */
const commands: Readonly<Record<RuleStage, string>> = { host: 'connect', sender: 'MAIL', recipient: 'RCPT' };

type Refused = Pick<RefusedSummary, 'refusals' | 'remoteAddress' | 'reversePath'>;

/**
 * What was refused, less what only follows from it: a client that sends its commands ahead (RFC 2920) goes on to DATA
 * without a recipient, and is told 503.
 */
export function tellingRefusals({ refusals }: Pick<Refused, 'refusals'>): Refusal[] {
  const telling = refusals.filter(({ reply }) => !reply.startsWith('503'));
  return telling.length === 0 ? refusals : telling;
}

/** The refusal that a session is named after: the first that turned somebody away, else the first. */
export function mainRefusal(session: Pick<Refused, 'refusals'>): Refusal {
  const telling = tellingRefusals(session);
  return telling.find(({ stage }) => stage !== null) ?? (telling[0] as Refusal);
}

const isDrop = ({ reply }: Refusal): boolean => reply.startsWith('The connection was dropped');

const isLeft = ({ reply }: Refusal): boolean => reply.startsWith('The client left');

/** What the client got, for a chip. */
export function codeOf(refusal: Refusal): { text: string; tone: 'warn' | 'bad' } {
  const [code] = /^[45]\d\d\b/.exec(refusal.reply) ?? [];
  if (isLeft(refusal)) return { text: 'no answer', tone: 'warn' };
  if (code === undefined) return { text: isDrop(refusal) ? 'dropped' : 'failed', tone: 'bad' };
  return { text: code, tone: code.startsWith('4') ? 'warn' : 'bad' };
}

/** @returns `RCPT, greylist *@x.test, attempt 1 of 2`; null for what no question to the rules led to */
export function whereOf({ stage, rule }: Refusal): string | null {
  if (stage === null) return null;
  // Not the place that the rule had: by now another may be there.
  return `${commands[stage]}, ${rule?.text ?? 'default'}`;
}

/** The words of a reply, without its codes. */
const wordsOf = (reply: string): string => reply.replace(/^\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3} )?/, '');

/** Who was refused, for the first line of a row: the sender, or the host where there is none. */
export function whoOf(session: Refused): string {
  const isHost = mainRefusal(session).stage === 'host';
  return session.reversePath === null || isHost ? session.remoteAddress : formatPath(session.reversePath);
}

/** What was refused, for the second line of a row. */
export function whatOf(session: Refused): string {
  const refusal = mainRefusal(session);
  switch (refusal.stage) {
    case 'host':
      return isDrop(refusal) ? 'Connection dropped at the door' : 'Host refused at the door';
    case 'sender':
      return isDrop(refusal) ? 'Connection dropped at MAIL' : 'Sender refused';
    case 'recipient':
      return formatPath(refusal.mailbox);
    case null:
      return wordsOf(refusal.reply);
  }
}

/** @returns `and 2 more`; empty where nothing else was refused */
export function othersOf(session: Pick<Refused, 'refusals'>): string {
  const count = tellingRefusals(session).length - 1;
  return count === 0 ? '' : `and ${formatCount(count)} more`;
}

/** Who was turned away: the host's address or a path; null where the refusal is about something else. */
export function subjectOf(
  { stage, mailbox }: Refusal,
  { remoteAddress }: Pick<Refused, 'remoteAddress'>,
): string | null {
  if (stage === null) return null;
  return stage === 'host' ? remoteAddress : formatPath(mailbox);
}

/** A refusal as a heading: what happened, and to whom. */
export function headingOf(
  refusal: Refusal,
  session: Pick<Refused, 'remoteAddress'>,
): { lead: string; subject: string | null } {
  const { stage } = refusal;
  if (stage === null) return { lead: refusal.reply, subject: null };
  const at = stage === 'host' ? 'Host' : commands[stage];
  if (isLeft(refusal)) return { lead: `Gave up at ${commands[stage]}:`, subject: subjectOf(refusal, session) };
  const lead = isDrop(refusal) ? `Dropped at ${commands[stage]}:` : `${at} refused:`;
  return { lead, subject: subjectOf(refusal, session) };
}

/** All that a row says, for those who do not see it. */
export function rowName(session: RefusedSummary, when: string): string {
  const refusal = mainRefusal(session);
  const { lead, subject } = headingOf(refusal, session);
  const code = codeOf(refusal).text;
  return [
    subject === null ? lead : `${lead} ${subject}`,
    othersOf(session),
    ...(refusal.stage === 'host' ? [] : [`from ${whoOf(session)}`]),
    refusal.stage === null ? '' : code,
    whereOf(refusal) ?? '',
    when,
    session.unread ? 'unread' : '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}
