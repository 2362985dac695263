/**
 * Every reply that the server gives, by name (RFC 5321 section 4.2, enhanced codes of RFC 3463).
 * `enhanced` is null where RFC 2034 wants none: the greeting, the replies to HELO and EHLO, and 3xx.
 */
export interface Reply {
  readonly code: number;
  readonly enhanced: string | null;
  /** One line each, without CR and LF. */
  readonly lines: readonly string[];
  /** Whether it answers a mistake of the client and counts towards the limit of errors. */
  readonly isError?: boolean;
}

const reply = (code: number, enhanced: string | null, ...lines: string[]): Reply => ({ code, enhanced, lines });
/** What the client said, fit to stand in a reply: printable ASCII, and short (RFC 5321 section 4.5.3.1.5). */
const echo = (text: string): string => text.slice(0, 255).replace(/[^\x20-\x7e]/g, '?');
const error = (code: number, enhanced: string, line: string): Reply => ({
  ...reply(code, enhanced, line),
  isError: true,
});

export const replies = {
  greeting: (hostName: string, banner: string) => reply(220, null, `${hostName} ESMTP ${banner}`),
  helo: (hostName: string, client: string) => reply(250, null, `${hostName} greets ${echo(client)}`),
  ehlo: (hostName: string, client: string, keywords: string[]) =>
    reply(250, null, `${hostName} greets ${echo(client)}`, ...keywords),
  senderOk: reply(250, '2.1.0', 'Sender OK'),
  recipientOk: reply(250, '2.1.5', 'Recipient OK'),
  startMailInput: reply(354, null, 'Start mail input; end with <CRLF>.<CRLF>'),
  chunkReceived: (octets: number) => reply(250, '2.0.0', `${octets} octets received`),
  messageAccepted: (id: string) => reply(250, '2.0.0', `${id} Message accepted`),
  resetOk: reply(250, '2.0.0', 'Reset OK'),
  noopOk: reply(250, '2.0.0', 'OK'),
  cannotVerify: reply(252, '2.1.5', 'Cannot verify the user, but the message will be taken'),
  help: (lines: readonly string[]) => reply(214, '2.0.0', ...lines),
  startTls: reply(220, '2.0.0', 'Ready to start TLS'),
  authChallenge: (base64: string) => reply(334, null, base64),
  authenticated: reply(235, '2.7.0', 'Authentication successful'),
  bye: (hostName: string) => reply(221, '2.0.0', `${hostName} closing connection`),

  tooManyRecipients: reply(452, '4.5.3', 'Too many recipients'),
  messageTooLarge: (limit: number) => reply(552, '5.3.4', `Message exceeds the size limit of ${limit} octets`),
  insufficientStorage: reply(452, '4.3.1', 'Insufficient system storage; the message was not kept'),
  storeFailed: reply(451, '4.3.0', 'Local error in processing; the message was not kept'),

  tlsUnavailable: reply(454, '4.7.0', 'TLS not available for want of a certificate'),

  lineTooLong: error(500, '5.5.6', 'Line too long'),
  unknownCommand: error(500, '5.5.2', 'Command not recognized'),
  syntaxError: (hint: string) => error(501, '5.5.4', `Syntax error in parameters or arguments: ${hint}`),
  notImplemented: error(502, '5.5.1', 'Command not implemented'),
  badSequence: error(503, '5.5.1', 'Bad sequence of commands'),
  sayHelloFirst: error(503, '5.5.1', 'Bad sequence of commands: send HELO or EHLO first'),
  noSender: error(503, '5.5.1', 'Bad sequence of commands: no sender specified'),
  noRecipient: error(503, '5.5.1', 'Bad sequence of commands: no recipient specified'),
  tlsActive: error(503, '5.5.1', 'Bad sequence of commands: TLS is active already'),
  authenticatedAlready: error(503, '5.5.1', 'Bad sequence of commands: authenticated already'),
  sayEhloFirst: error(503, '5.5.1', 'Bad sequence of commands: send EHLO first'),
  authCancelled: error(501, '5.7.0', 'Authentication cancelled'),
  authMalformed: error(501, '5.5.2', 'Syntax error in parameters or arguments: no such response is expected'),
  unknownMechanism: error(504, '5.5.4', 'Authentication mechanism not known'),
  authRequired: error(530, '5.7.0', 'Authentication required'),
  authFailed: error(535, '5.7.8', 'Authentication credentials invalid'),
  unknownHelpTopic: error(504, '5.5.4', 'HELP topic unknown'),
  nonAsciiPath: error(553, '5.6.7', 'Requested action not taken: a path beyond ASCII needs SMTPUTF8'),
  notUtf8: error(501, '5.5.4', 'Syntax error in parameters or arguments: not UTF-8'),
  binaryNeedsChunks: error(503, '5.6.1', 'Bad sequence of commands: BODY=BINARYMIME needs BDAT'),
  unknownParameter: (name: string) => error(555, '5.5.4', `Parameter not recognized or not implemented: ${echo(name)}`),

  tooManyErrors: reply(421, '4.7.0', 'Too many errors, closing connection'),
  tooManyConnections: reply(421, '4.3.2', 'Too many connections, try again later'),
  notHttp: reply(421, '4.7.0', 'This is an SMTP server, closing connection'),
  chunkOfUnknownSize: reply(421, '4.5.0', 'The size of the chunk is unknown, closing connection'),
  idleTooLong: reply(421, '4.4.2', 'Idle too long, closing connection'),
  messageTooSlow: reply(421, '4.4.2', 'Message takes too long, closing connection'),
  shuttingDown: reply(421, '4.3.2', 'Server shutting down, closing connection'),
} as const;

/**
 * A reply as it stands on the wire.
 * @param withEnhanced whether to give the enhanced status code, which is what EHLO was told (RFC 2034 section 4)
 */
export function formatReply({ code, enhanced, lines }: Reply, withEnhanced: boolean): string {
  const status = withEnhanced && enhanced !== null ? `${enhanced} ` : '';
  const last = lines.length - 1;
  let text = '';
  for (const [index, line] of lines.entries()) text += `${code}${index === last ? ' ' : '-'}${status}${line}\r\n`;
  return text;
}
