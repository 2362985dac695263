import type { Envelope, MailAddress, Message, MessageSummary } from '../../preload/contract.ts';

/** A path of the envelope as people read it; the null reverse-path is `<>`. */
export function formatPath(path: string): string {
  return path === '' ? '<>' : path;
}

/** The reverse-path as people read it. From a file there may be none: then nobody knows. */
export function formatReversePath({ reversePath, protocol }: Envelope): string {
  return reversePath === '' && protocol === null ? 'unknown sender' : formatPath(reversePath);
}

type Listed = Pick<MessageSummary, 'digest' | 'envelope'>;

/** Who a message is from, as its row says it: the header's name or address, else the envelope's reverse-path. */
export function senderOf({ digest, envelope }: Listed): string {
  const { name = '', address = '' } = digest?.from ?? {};
  if (name !== '') return name;
  return address === '' ? formatReversePath(envelope) : address;
}

/** Whom a message is to, as its row says it: the header's addresses, else the envelope's forward-paths. */
export function recipientsOf({ digest, envelope }: Listed): string {
  const named = digest?.to.map(({ name, address }) => (address === '' ? name : address)) ?? [];
  const recipients = named.length > 0 ? named : envelope.forwardPaths;
  if (recipients.length > 0) return recipients.join(', ');
  // What came from a file has no envelope that would know more than the header.
  return digest === null ? '…' : 'undisclosed recipients';
}

/** The envelope where it says other than the header, or more. */
export interface DifferingEnvelope {
  reversePath: string;
  recipients: {
    path: string;
    /** Neither To nor Cc names it, as with Bcc. */
    hidden: boolean;
  }[];
}

/** @returns null when the envelope says what the header says, when there is none, or when no header could be read */
export function differingEnvelope({ content, summary: { envelope } }: Message): DifferingEnvelope | null {
  if (content === null || envelope.protocol === null) return null;
  const addressesOf = (list: MailAddress[]): string[] => list.map(({ address }) => address.toLowerCase());
  const named = new Set(addressesOf([...content.to, ...content.cc]));
  const recipients = envelope.forwardPaths.map((path) => ({ path, hidden: !named.has(path.toLowerCase()) }));

  const sameSender = addressesOf(content.from).includes(envelope.reversePath.toLowerCase());
  const sameRecipients = recipients.length === named.size && !recipients.some(({ hidden }) => hidden);
  if (sameSender && sameRecipients) return null;
  return { reversePath: formatPath(envelope.reversePath), recipients };
}
