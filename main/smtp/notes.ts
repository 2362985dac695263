import type { Note } from '../mailbox/message.ts';

/** What the client said, short enough to be kept many times. */
const quote = (text: string): string => (text.length > 255 ? `${text.slice(0, 255)}…` : text);
const note = (text: string, source: string): Note => ({ text, source });

/** What a client did on the wire that a stricter server would refuse, by name. */
export const notes = {
  bareLf: note('A command line ended with a bare LF; a line ends with CR LF.', 'RFC 5321 section 2.3.8'),
  bareCr: note('A command line holds a CR that ends no line.', 'RFC 5321 section 2.3.8'),
  longLine: note('A command line is longer than 512 octets.', 'RFC 5321 section 4.5.3.1.4'),
  argument: (verb: string) => note(`${verb} takes no argument.`, 'RFC 5321 section 4.1.1'),

  helloName: (name: string) =>
    note(
      `The client calls itself “${quote(name)}”, which is neither a domain nor an address literal.`,
      'RFC 5321 section 4.1.4',
    ),
  helloBareAddress: (name: string) =>
    note(`The client calls itself “${quote(name)}”; an address stands in brackets.`, 'RFC 5321 section 4.1.3'),

  pipelinedEarly: (verb: string) =>
    note(`The client did not wait for the reply to ${verb} before it went on.`, 'RFC 2920 section 3.1'),
  pipelinedUnasked: note('The client pipelined commands without knowing that it may.', 'RFC 2920 section 3.1'),

  strayPathSpace: note('There is a space between the colon and the path.', 'RFC 5321 section 3.3'),
  sourceRoute: note('The path holds a source route; it was dropped.', 'RFC 5321 appendix C'),
  noDomain: (mailbox: string) => note(`The mailbox <${quote(mailbox)}> has no domain.`, 'RFC 5321 section 4.1.2'),
  oddDots: (mailbox: string) =>
    note(
      `The local part of <${quote(mailbox)}> begins or ends with a dot, or has two side by side.`,
      'RFC 5321 section 4.1.2',
    ),
  oddDomain: (domain: string) => note(`“${quote(domain)}” is no domain name.`, 'RFC 5321 section 4.1.2'),
  oddLiteral: (literal: string) => note(`${quote(literal)} is no address literal.`, 'RFC 5321 section 4.1.3'),
  longLocalPart: note('A local part is longer than 64 octets.', 'RFC 5321 section 4.5.3.1.1'),
  longDomain: note('A domain is longer than 255 octets.', 'RFC 5321 section 4.5.3.1.2'),
  manyRecipients: note('The message has more than 100 recipients.', 'RFC 5321 section 4.5.3.1.8'),
  sizeExceeded: (declared: number, actual: number) =>
    note(`MAIL declared SIZE=${declared}, but the message has ${actual} octets.`, 'RFC 1870 section 6.3'),

  plainPassword: note('A password was sent without TLS.', 'RFC 4954 section 4'),
  tlsFailed: (reason: string) => note(`TLS could not be begun: ${reason}`, 'RFC 3207 section 4.1'),
} as const;
