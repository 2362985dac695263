import { isIPv6 } from 'node:net';
import type { MessageSummary } from '../mailbox/message.ts';

/** Octets of a line without its line end (RFC 5322 section 2.1.1). */
const MAX_LINE = 998;
/** Octets of a domain (RFC 5321 section 4.5.3.1.2). */
const MAX_DOMAIN = 255;

/** Whatever could end a line for anybody: no value of an envelope begins a header field of its own. */
const notInALine = /[\p{Cc}\p{Zl}\p{Zp}]/gu;
/** What can stand in neither a domain nor an address literal (RFC 5321 section 4.1.2), nor in a U-label (RFC 6531). */
const notInADomain = /[^\p{L}\p{M}\p{N}.:_[\]-]/gu;

const clean = (path: string): string => path.replace(notInALine, '?');
const fits = (line: string): boolean => Buffer.byteLength(line) <= MAX_LINE;

/** What the client said of itself, whatever that was. */
function domainOf(clientName: string): string {
  const domain = clientName.replace(notInADomain, '?');
  return domain === '' || Buffer.byteLength(domain) > MAX_DOMAIN ? 'unknown' : domain;
}

const literalOf = (address: string): string =>
  `[${isIPv6(address) ? 'IPv6:' : ''}${address.replace(notInADomain, '?')}]`;

/** @returns `Wed, 25 Nov 2026 13:47:10 +0000` (RFC 5322 section 3.3) */
const dateTime = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000');

/**
 * The header fields that a server adds to what it takes in (RFC 5321 section 4.4): Return-Path and Received. Values beyond
 * ASCII are UTF-8 (RFC 6532).
 * @param hostName of the server that took it in
 * @returns whole lines; empty for a message that came from a file: nobody sent it here
 */
export function traceHeaders(
  { id, receivedAt, envelope }: Pick<MessageSummary, 'id' | 'receivedAt' | 'envelope'>,
  hostName: string,
): string {
  const { reversePath, forwardPaths, remoteAddress, clientName, protocol, tls } = envelope;
  if (protocol === null) return '';
  const [recipient, ...others] = forwardPaths.map(clean);
  const lines = [
    `Received: from ${domainOf(clientName)} (${literalOf(remoteAddress)})`,
    ` by ${domainOf(hostName)} (Mailmitt) with ${protocol} id ${id}`,
    // More than one would tell those of Bcc (RFC 5321 section 7.2).
    ...(recipient !== undefined && others.length === 0 ? [` for <${recipient}>`] : []),
    // RFC 8314 section 4.3
    ...(tls === null ? [] : [` tls ${tls.cipher} (${tls.version})`]),
  ];
  const returnPath = `Return-Path: <${clean(reversePath)}>`;
  const stamp = `${lines.filter(fits).join('\r\n')};\r\n ${dateTime(receivedAt)}\r\n`;
  return fits(returnPath) ? `${returnPath}\r\n${stamp}` : stamp;
}
