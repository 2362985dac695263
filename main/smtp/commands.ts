/** The commands that the server knows (RFC 5321 section 4.1.1). */
export const verbs = [
  'HELO',
  'EHLO',
  'MAIL',
  'RCPT',
  'DATA',
  'BDAT',
  'RSET',
  'NOOP',
  'VRFY',
  'EXPN',
  'HELP',
  'STARTTLS',
  'AUTH',
  'QUIT',
] as const;
export type Verb = (typeof verbs)[number];

const known: ReadonlySet<string> = new Set(verbs);
export const isVerb = (word: string): word is Verb => known.has(word);

/** Where a session stands between two commands. */
export type SessionState =
  /** The rules turned the host away: it may only quit. */
  | 'refused'
  /** Greeted, but neither HELO nor EHLO was said. */
  | 'greeted'
  /** TLS is about to be negotiated (RFC 3207). */
  | 'handshake'
  /** A SASL exchange is going on (RFC 4954). */
  | 'auth'
  /** Ready for a mail transaction. */
  | 'ready'
  /** MAIL was accepted, no recipient was yet. */
  | 'sender'
  /** At least one recipient was accepted. */
  | 'recipients'
  /** Mail data is on its way. */
  | 'data'
  /** A chunk is on its way (RFC 3030). */
  | 'chunk'
  /** Some chunks came, the last one did not. */
  | 'chunks'
  /** Nothing more is read. */
  | 'closed';

const anytime = {
  NOOP: 'same',
  HELP: 'same',
  VRFY: 'same',
  EXPN: 'same',
  STARTTLS: 'handshake',
  QUIT: 'closed',
} as const;
const hello = { HELO: 'ready', EHLO: 'ready' } as const;

/**
 * Which command is allowed in which state, and the state that follows when it is accepted. What is not here is 503.
 * HELO and EHLO said again clear the transaction as RSET does (RFC 5321 section 4.1.4).
 */
export const transitions: Readonly<Record<SessionState, Readonly<Partial<Record<Verb, SessionState | 'same'>>>>> = {
  refused: { QUIT: 'closed' },
  greeted: { ...anytime, ...hello, RSET: 'greeted' },
  handshake: {},
  auth: {},
  ready: { ...anytime, ...hello, RSET: 'ready', AUTH: 'auth', MAIL: 'sender' },
  sender: { ...anytime, ...hello, RSET: 'ready', RCPT: 'recipients' },
  recipients: { ...anytime, ...hello, RSET: 'ready', RCPT: 'recipients', DATA: 'data', BDAT: 'chunk' },
  data: {},
  chunk: {},
  // RFC 3030 section 2: no DATA, and no further recipient, once there was a BDAT.
  chunks: { ...anytime, ...hello, RSET: 'ready', BDAT: 'chunk' },
  closed: {},
};

/** First words that a browser says which was tricked into talking to this port. */
export const httpMethods: ReadonlySet<string> = new Set(['GET', 'POST', 'CONNECT', 'PUT', 'OPTIONS', 'HEAD']);

/** What HELP answers, by topic; the empty topic is HELP alone. */
export const helpTopics: Readonly<Record<string, readonly string[]>> = {
  '': [`Commands: ${verbs.join(' ')}`, 'HELP <command> tells more'],
  HELO: ['HELO <domain>', 'Introduces the client'],
  EHLO: ['EHLO <domain>', 'Introduces the client and asks for the extensions'],
  MAIL: ['MAIL FROM:<reverse-path> [<parameters>]', 'Begins a mail transaction'],
  RCPT: ['RCPT TO:<forward-path> [<parameters>]', 'Names a recipient; may be repeated'],
  DATA: ['DATA', 'Sends the message; a line with a single dot ends it'],
  BDAT: ['BDAT <octets> [LAST]', 'Sends a chunk of the message; the octets follow at once'],
  RSET: ['RSET', 'Forgets the mail transaction'],
  NOOP: ['NOOP [<anything>]', 'Does nothing'],
  VRFY: ['VRFY <user or mailbox>', 'Is always answered with 252'],
  EXPN: ['EXPN <mailing list>', 'Is not implemented'],
  HELP: ['HELP [<command>]', 'Tells about the commands'],
  STARTTLS: ['STARTTLS', 'Begins TLS; EHLO is needed again'],
  AUTH: ['AUTH <mechanism> [<initial response>]', 'Logs in with PLAIN, LOGIN or CRAM-MD5'],
  QUIT: ['QUIT', 'Ends the session'],
};
