import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Who a client says it is, and the proof that it gave. */
export interface Credentials {
  user: string;
  /** Whether the proof shows that the client knows this password. */
  prove: (password: string) => boolean;
}

/**
 * An exchange of one SASL mechanism (RFC 4422): gives challenges and takes responses, both without their base64.
 * What it returns in the end is null where a response was malformed.
 */
export type Exchange = Generator<string, Credentials | null, Buffer>;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns null for what is no UTF-8 or holds control characters other than NUL */
function decode(response: Buffer): string | null {
  let text: string;
  try {
    text = utf8.decode(response);
  } catch {
    return null;
  }
  // eslint-disable-next-line no-control-regex -- control characters are what it is there to find
  return /[\x01-\x1f\x7f]/.test(text) ? null : text;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function withPassword(user: string, given: string): Credentials | null {
  if (user === '') return null;
  return { user, prove: (password) => timingSafeEqual(digest(password), digest(given)) };
}

/** RFC 4616: `[authzid] NUL authcid NUL passwd`. */
function* plain(_nonce: string, initial: Buffer | null): Exchange {
  const parts = decode(initial ?? (yield ''))?.split('\0');
  const [, user, password] = parts ?? [];
  return parts?.length === 3 && user !== undefined && password !== undefined ? withPassword(user, password) : null;
}

/** https://datatracker.ietf.org/doc/html/draft-murchison-sasl-login-00 */
function* login(_nonce: string, initial: Buffer | null): Exchange {
  const user = decode(initial ?? (yield 'Username:'));
  const password = decode(yield 'Password:');
  if (user === null || password === null || user.includes('\0') || password.includes('\0')) return null;
  return withPassword(user, password);
}

/** RFC 2195: `user digest`, the digest being HMAC-MD5 of the challenge, in hex. The server speaks first. */
function* cramMd5(nonce: string, initial: Buffer | null): Exchange {
  if (initial !== null) return null;
  const response = decode(yield nonce);
  const [, user, proof] = /^([^\0]+) ([0-9a-f]{32})$/i.exec(response ?? '') ?? [];
  if (user === undefined || proof === undefined) return null;
  return {
    user,
    prove: (password) => timingSafeEqual(createHmac('md5', password).update(nonce).digest(), Buffer.from(proof, 'hex')),
  };
}

/**
 * The mechanisms that AUTH knows (RFC 4954), by name: each begins an exchange.
 * @param nonce for a challenge, never used before: `<unique@host>`
 * @param initial the response that came with the AUTH command; null for none
 */
export const mechanisms: ReadonlyMap<string, (nonce: string, initial: Buffer | null) => Exchange> = new Map([
  ['PLAIN', plain],
  ['LOGIN', login],
  ['CRAM-MD5', cramMd5],
]);

/** Whether who listens learns the password from it. */
export const sendsPassword = (mechanism: string): boolean => /^(?:PLAIN|LOGIN)$/i.test(mechanism);

/** Names that may stand in a transcript; what else follows AUTH may be a password gone astray. */
const mechanismName =
  /^(?:PLAIN|LOGIN|CRAM-MD5|DIGEST-MD5|SCRAM-SHA-(?:1|256|512)(?:-PLUS)?|NTLM|GSSAPI|EXTERNAL|ANONYMOUS|XOAUTH2?|OAUTHBEARER)$/i;

/** @returns an AUTH command without what might be a password in it */
export function blotAuth(line: string): string {
  const [verb = '', mechanism, ...rest] = line.trimStart().split(/\s+/);
  if (mechanism === undefined || mechanism === '') return line;
  if (!mechanismName.test(mechanism)) return `${verb} ***`;
  return rest.length === 0 || rest.join('') === '' ? line : `${verb} ${mechanism} ***`;
}

/** @returns the octets that a line of base64 stands for (RFC 4648 section 4); null for what is none */
export function decodeBase64(text: string): Buffer | null {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)
    ? Buffer.from(text, 'base64')
    : null;
}
