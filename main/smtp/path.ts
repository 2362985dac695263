import { isIPv4, isIPv6 } from 'node:net';
import type { Note } from '../mailbox/message.ts';
import { notes } from './notes.ts';

/** A reverse-path or forward-path (RFC 5321 section 4.1.2), its source route dropped. */
export interface Path {
  /** As it stood between the angle brackets, less the source route; empty for `<>`. */
  readonly mailbox: string;
  /** The local part without quotes and backslashes. */
  readonly localPart: string;
  /** Without the `@`; empty where the client gave none. */
  readonly domain: string;
}

/** The null reverse-path (RFC 5321 section 4.5.5). */
export const nullPath: Path = { mailbox: '', localPart: '', domain: '' };

/** A path and what stands after it, or what is wrong, for the reply to the client. */
export type ParsedPath = { path: Path; rest: string; notes: readonly Note[] } | { error: string };

// eslint-disable-next-line no-control-regex -- control characters are what it is there to find
const controlCharacter = /[\x00-\x1f\x7f]/;
const sourceRoute = /^@[^@:<>\s"]+(?:,@[^@:<>\s"]+)*:/;
const quotedString = /^"(?:[^"\\]|\\.)*"/;
const dotString = /^[^\s"(),:;<>@[\\\]]+/;
const domainName = /^[^\s"(),:;<>@[\\\]]+$/;
const addressLiteral = /^\[[0-9A-Za-z:.-]+\]$/;

/**
 * Reads a path at the start of the text behind `FROM:` or `TO:`. More is taken than RFC 5321 allows where real clients
 * do it: a stray space before it, no domain, dots side by side.
 */
export function parsePath(text: string): ParsedPath {
  if (controlCharacter.test(text)) return { error: 'control character in path' };
  const start = text.trimStart();
  if (!start.startsWith('<')) return { error: 'the path needs angle brackets' };

  const route = sourceRoute.exec(start.slice(1))?.[0] ?? '';
  const inner = start.slice(1 + route.length);
  if (inner.startsWith('>')) {
    if (route !== '') return { error: 'source route without a mailbox' };
    return {
      path: nullPath,
      rest: inner.slice(1),
      notes: start === text ? [] : [notes.strayPathSpace],
    };
  }

  const local = (inner.startsWith('"') ? quotedString : dotString).exec(inner)?.[0];
  if (local === undefined) return { error: 'no local part' };
  const end = inner.indexOf('>', local.length);
  if (end === -1) return { error: 'the path needs angle brackets' };
  const behind = inner.slice(local.length, end);
  const domain = behind.slice(1);
  if (behind !== '' && !(behind.startsWith('@') && (domainName.test(domain) || addressLiteral.test(domain)))) {
    return { error: 'no mailbox' };
  }
  const localPart = local.startsWith('"') ? local.slice(1, -1).replace(/\\(.)/g, '$1') : local;
  const path = { mailbox: inner.slice(0, end), localPart, domain };
  const found = oddities(path, local);
  if (start !== text) found.push(notes.strayPathSpace);
  if (route !== '') found.push(notes.sourceRoute);
  return { path, rest: inner.slice(end + 1), notes: found };
}

/** RFC 5321 section 4.1.3, as far as node:net knows addresses. */
export function isAddressLiteral(text: string): boolean {
  const [, v6, rest = ''] = /^\[(IPv6:)?(.*)\]$/i.exec(text) ?? [];
  return v6 === undefined ? isIPv4(rest) : isIPv6(rest);
}

/** RFC 5321 section 2.3.5; with RFC 6531 section 3.3 also letters beyond ASCII. */
export const isDomain = (text: string): boolean =>
  /^(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?)(?:\.[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?)*$/u.test(
    text,
  );

/** A mailbox like most. */
const plainMailbox = /^[A-Za-z0-9_+=-]+(?:\.[A-Za-z0-9_+=-]+)*@[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*$/;

/** What a stricter server would refuse. @param local the local part as it was sent */
function oddities({ mailbox, localPart, domain }: Path, local: string): Note[] {
  const found: Note[] = [];
  if (Buffer.byteLength(local) > 64) found.push(notes.longLocalPart);
  if (Buffer.byteLength(domain) > 255) found.push(notes.longDomain);
  if (plainMailbox.test(mailbox)) return found;
  if (domain === '') {
    // RFC 5321 section 4.5.1: postmaster alone needs none.
    if (localPart.toLowerCase() !== 'postmaster') found.push(notes.noDomain(mailbox));
  } else if (domain.startsWith('[')) {
    if (!isAddressLiteral(domain)) found.push(notes.oddLiteral(domain));
  } else if (!isDomain(domain)) {
    found.push(notes.oddDomain(domain));
  }
  if (!local.startsWith('"') && /^\.|\.\.|\.$/.test(local)) found.push(notes.oddDots(mailbox));
  return found;
}

export type ParsedParameters = { parameters: Map<string, string> } | { error: string };

const parameter = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e]+))?$/;

/** Reads the ESMTP parameters behind a path (RFC 5321 section 4.1.2): keyword in upper case → value, or empty. */
export function parseParameters(rest: string): ParsedParameters {
  if (rest !== '' && !rest.startsWith(' ')) return { error: 'no space before the parameters' };
  const parameters = new Map<string, string>();
  for (const word of rest.split(' ')) {
    if (word === '') continue;
    const [, keyword, value = ''] = parameter.exec(word) ?? [];
    if (keyword === undefined) return { error: 'malformed parameter' };
    const name = keyword.toUpperCase();
    if (parameters.has(name)) return { error: `${name} given twice` };
    parameters.set(name, value);
  }
  return { parameters };
}
