import type { Verb } from './commands.ts';
import { type Reply, replies } from './replies.ts';

/** The extensions that the server knows, by their EHLO keyword, in the order in which they are announced. */
export const extensions = [
  'PIPELINING',
  'SIZE',
  '8BITMIME',
  'SMTPUTF8',
  'ENHANCEDSTATUSCODES',
  'CHUNKING',
  'BINARYMIME',
  'DSN',
  'STARTTLS',
  'AUTH',
  'HELP',
] as const;
export type Extension = (typeof extensions)[number];

/** The commands that an extension brings: not implemented without it. */
export const commandExtensions: Readonly<Partial<Record<Verb, Extension>>> = {
  BDAT: 'CHUNKING',
  STARTTLS: 'STARTTLS',
  AUTH: 'AUTH',
  HELP: 'HELP',
};

/** What a parameter is checked against. */
export interface ParameterContext {
  /** Octets. */
  maxMessageSize: number;
}

interface Parameter {
  /** Without this extension the parameter is unknown. */
  extension: Extension;
  /** @returns why it is refused; null when it is not */
  check: (value: string, context: ParameterContext) => Reply | null;
}

export type ParameterTable = ReadonlyMap<string, Parameter>;
const table = (entries: Record<string, Parameter>): ParameterTable => new Map(Object.entries(entries));

const matching =
  (pattern: RegExp, hint: string): Parameter['check'] =>
  (value) =>
    pattern.test(value) ? null : replies.syntaxError(hint);

/** RFC 3461 section 4: printable ASCII but `+` and `=`, which stand as `+XX`. */
const xtext = String.raw`(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})*`;

/** The parameters of MAIL, by their keyword. */
export const mailParameters: ParameterTable = table({
  // RFC 1870 section 4: at most 20 digits.
  SIZE: {
    extension: 'SIZE',
    check: (value, { maxMessageSize }) => {
      if (!/^\d{1,20}$/.test(value)) return replies.syntaxError('SIZE=<octets>');
      return Number(value) > maxMessageSize ? replies.messageTooLarge(maxMessageSize) : null;
    },
  },
  // RFC 6152; BINARYMIME of RFC 3030 is an extension of its own, see binaryBody.
  BODY: {
    extension: '8BITMIME',
    check: matching(/^(?:7BIT|8BITMIME|BINARYMIME)$/i, 'BODY=7BIT, 8BITMIME or BINARYMIME'),
  },
  // RFC 6531 section 3.4.
  SMTPUTF8: { extension: 'SMTPUTF8', check: matching(/^$/, 'SMTPUTF8 takes no value') },
  // RFC 4954 section 5.
  AUTH: { extension: 'AUTH', check: matching(new RegExp(`^(?:<>|(?=.)${xtext})$`), 'AUTH=<> or AUTH=<xtext>') },
  // RFC 3461 sections 4.3 and 4.4.
  RET: { extension: 'DSN', check: matching(/^(?:FULL|HDRS)$/i, 'RET=FULL or RET=HDRS') },
  ENVID: {
    extension: 'DSN',
    check: matching(new RegExp(`^(?=.{1,100}$)${xtext}$`), 'ENVID=<up to 100 characters of xtext>'),
  },
});

/** The parameters of RCPT, by their keyword (RFC 3461 sections 4.1 and 4.2). */
export const rcptParameters: ParameterTable = table({
  NOTIFY: {
    extension: 'DSN',
    check: matching(
      /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*)$/i,
      'NOTIFY=NEVER, or some of SUCCESS,FAILURE,DELAY',
    ),
  },
  ORCPT: {
    extension: 'DSN',
    check: matching(new RegExp(`^(?=.{1,500}$)[A-Za-z0-9-]+;${xtext}$`), 'ORCPT=<address type>;<xtext>'),
  },
});

/** Whether the message may hold any octet at all (RFC 3030 section 3): it has to come with BDAT. */
export const isBinaryBody = (parameters: ReadonlyMap<string, string>): boolean =>
  parameters.get('BODY')?.toUpperCase() === 'BINARYMIME';
