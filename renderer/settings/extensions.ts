import type { Settings } from '../../preload/contract.ts';

export type Extension = Settings['switchedOff'][number];

/** The extensions by their EHLO keyword, in the order in which they are announced, and what clients use each for. */
export const extensionUses: Readonly<Record<Extension, string>> = {
  PIPELINING: 'Several commands at once, without waiting for each reply.',
  SIZE: 'The largest message known beforehand, and each one’s size told with MAIL.',
  '8BITMIME': 'Text in 8 bits, without quoted-printable or base64.',
  SMTPUTF8: 'Addresses and header fields beyond ASCII.',
  ENHANCEDSTATUSCODES: 'Replies that say more: 553 5.7.1 in place of 553.',
  CHUNKING: 'Messages in pieces of known length, with BDAT in place of DATA.',
  BINARYMIME: 'Attachments as plain octets, without base64; it needs CHUNKING.',
  DSN: 'Reports about delivery, asked for with NOTIFY, RET and ENVID.',
  STARTTLS: 'Encryption, begun on the plain port.',
  AUTH: 'Who sends it: a name and a password.',
  HELP: 'A list of the commands, mostly for people.',
};
