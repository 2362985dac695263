import type { Envelope, RuleStage } from '../../preload/contract.ts';

/** Recipients that are offered; more would be no menu. */
const MAX_RECIPIENTS = 10;

/** Somebody whom a rule could turn away from now on. */
export interface Refusable {
  /** What stands before the subject. */
  label: string;
  stage: RuleStage;
  /** The host's address or a path. */
  subject: string;
}

/** Whom a rule could turn away of those that a message came from and went to; nobody where it came from a file. */
export function refusable({ forwardPaths, reversePath, remoteAddress, protocol }: Envelope): Refusable[] {
  if (protocol === null) return [];
  const recipients = [...new Set(forwardPaths)].slice(0, MAX_RECIPIENTS);
  return [
    ...recipients.map((subject): Refusable => ({ label: 'Mail to', stage: 'recipient', subject })),
    { label: 'Mail from', stage: 'sender', subject: reversePath },
    { label: 'The host', stage: 'host', subject: remoteAddress },
  ];
}
