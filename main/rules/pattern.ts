import { BlockList, isIP, isIPv4 } from 'node:net';
import { RE2JS } from 're2js';
import type { RuleStage } from './rule.ts';

/** Instructions of a compiled expression: for each of them, each character of an address costs time. */
const MAX_PROGRAM = 2000;

/** A sender or recipient, without angle brackets. */
export interface Address {
  /** Without quotes and backslashes; empty for the null reverse-path. */
  readonly localPart: string;
  /** Empty where there is none. */
  readonly domain: string;
}

/** What a pattern is held against: an IP address, or a sender's or recipient's. */
export class Candidate {
  /** In full, as it was given. */
  readonly text: string;
  readonly lowerCase: string;
  readonly lowerCaseLocalPart: string;

  constructor(address: string | Address) {
    if (typeof address === 'string') {
      this.text = address;
      this.lowerCaseLocalPart = '';
    } else {
      const { localPart, domain } = address;
      this.text = domain === '' ? localPart : `${localPart}@${domain}`;
      this.lowerCaseLocalPart = localPart.toLowerCase();
    }
    this.lowerCase = this.text.toLowerCase();
  }
}

export type Matcher = (candidate: Candidate) => boolean;

/**
 * Makes a matcher of a pattern. Case does not matter.
 *
 * - host: an address (`192.0.2.1`, `::1`), a CIDR block (`10.0.0.0/8`), or with wildcards (`192.168.1.*`)
 * - sender and recipient: `*@example.com`, `bogus*@*`; a bare `denied` for a local part at any domain or none
 * - sender: `<>` for the null reverse-path, which otherwise only `*` and expressions match
 * - either: a regular expression between slashes, matched anywhere in linear time (RE2 syntax)
 *
 * `*` stands for any characters, `?` for one (of UTF-16); every other character for itself.
 * @returns the matcher, or what is wrong with the pattern, for people
 */
export function compilePattern(stage: RuleStage, pattern: string): { match: Matcher } | { error: string } {
  const text = pattern.trim();
  if (text === '') return { error: 'A pattern is needed; * matches everything.' };
  if (text.length > 1 && text.startsWith('/') && text.endsWith('/')) return compileRegularExpression(text.slice(1, -1));
  if (text.startsWith('/') && !text.includes('@')) return { error: 'A regular expression ends with a slash, too.' };
  if (stage === 'host') return compileHost(text);
  if (stage === 'sender' && text === '<>') return { match: (candidate) => candidate.text === '' };
  return compileMailbox(text);
}

function compileRegularExpression(source: string): { match: Matcher } | { error: string } {
  try {
    const expression = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
    if (expression.programSize() > MAX_PROGRAM)
      return { error: 'The expression repeats too much: it grows too large.' };
    return { match: (candidate) => expression.matcher(candidate.text).find() };
  } catch (error) {
    // The library names the whole expression, with the flag for ignoring case that nobody typed.
    return { error: `Not a regular expression: ${(error as Error).message.replace('(?i)', '')}` };
  }
}

function compileHost(text: string): { match: Matcher } | { error: string } {
  const [network = '', prefix, ...more] = text.split('/');
  if (isIP(network) !== 0 && more.length === 0) {
    const family = isIPv4(network) ? 'ipv4' : 'ipv6';
    const longest = family === 'ipv4' ? 32 : 128;
    if (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest)) {
      return { error: `The prefix of ${network} is a whole number from 0 to ${longest}.` };
    }
    const block = new BlockList();
    block.addSubnet(network, prefix === undefined ? longest : Number(prefix), family);
    return { match: ({ text: address }) => block.check(address, isIPv4(address) ? 'ipv4' : 'ipv6') };
  }
  if (/^[\da-f.:*?]+$/i.test(text) && /[*?]/.test(text)) {
    const wildcard = compileWildcard(text);
    return { match: (candidate) => wildcard(candidate.lowerCase) };
  }
  return { error: 'An IP address, a block such as 10.0.0.0/8, or 192.168.1.*; host names are not looked up.' };
}

function compileMailbox(text: string): { match: Matcher } | { error: string } {
  if (/[\s<>]/.test(text)) return { error: 'An address has no spaces and no angle brackets.' };
  const wildcard = compileWildcard(text);
  if (!text.includes('@')) return { match: (candidate) => wildcard(candidate.lowerCaseLocalPart) };
  if (text.startsWith('@')) return { error: `Something is needed before the @: *${text} matches all of that domain.` };
  if (text.endsWith('@')) return { error: 'A domain is needed after the @; * matches every one.' };
  return { match: (candidate) => wildcard(candidate.lowerCase) };
}

/**
 * Makes a matcher for `*` and `?`.
 * @returns what takes texts in lower case
 */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const wanted = pattern.toLowerCase();
  return wanted.includes('?') ? compileSlowly(wanted) : compileStars(wanted);
}

/** What stands between the stars is looked for from left to right: the first place where it is found is as good as any. */
function compileStars(pattern: string): (text: string) => boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === head;
  const middle = rest.filter((part) => part !== '');
  return (text) => {
    const end = text.length - tail.length;
    if (end < head.length || !text.endsWith(tail) || !text.startsWith(head)) return false;
    let at = head.length;
    for (const part of middle) {
      at = text.indexOf(part, at);
      if (at === -1) return false;
      at += part.length;
    }
    return at <= end;
  };
}

/** In time of at most pattern × text: it goes back to the last `*` only. */
function compileSlowly(wanted: string): (text: string) => boolean {
  return (text) => {
    let at = 0;
    let next = 0;
    let star = -1;
    let starAt = 0;
    while (at < text.length) {
      if (wanted[next] === '*') {
        star = next++;
        starAt = at;
      } else if (wanted[next] === '?' || wanted[next] === text[at]) {
        next++;
        at++;
      } else if (star !== -1) {
        next = star + 1;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (wanted[next] === '*') next++;
    return next === wanted.length;
  };
}
