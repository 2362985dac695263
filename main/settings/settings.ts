import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';

/** @returns a whole number with its limits, which are also what is said when it is none */
function wholeNumber(from: number, to: number): z.ZodInt {
  const message = `A whole number from ${from} to ${to}.`;
  return z.int(message).min(from, message).max(to, message);
}

/** Text for one line of a reply (RFC 5321 section 4.2). */
const replyText = z.string().regex(/^[\x20-\x7e]*$/, 'ASCII without control characters.');

/** The extensions that can be switched off, by their EHLO keyword. */
const extension = z.enum([
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
]);

const file = z
  .string()
  .max(4096)
  .refine((path) => path === '' || isAbsolute(path), 'The whole path of a file, from the root.');

const account = z.strictObject({
  user: z
    .string()
    .min(1, 'A name, a colon and a password.')
    .max(255, 'At most 255 characters for a name.')
    .regex(/^[^\p{Cc}:]*$/u, 'No colon and no control characters in a name.'),
  password: z
    .string()
    .max(255, 'At most 255 characters for a password.')
    .regex(/^[^\p{Cc}]*$/u, 'No control characters.'),
});

/** Every setting there is, with its default. What is wrong is said in words that can stand beside the field. */
export const settingsSchema = z
  .strictObject({
    /** Where the SMTP server listens. */
    host: z
      .string()
      .refine((host) => isIP(host) !== 0 || host === 'localhost', 'An IP address of this machine, or localhost.')
      .default('127.0.0.1'),
    port: wholeNumber(1, 65_535).default(1025),
    /** A second port, where TLS comes before anything else; null for none. */
    tlsPort: wholeNumber(1, 65_535).nullable().default(null),
    /** What the server calls itself; empty for the name of this machine. */
    hostName: replyText.max(255, 'At most 255 characters.').regex(/^\S*$/, 'No spaces.').default(''),
    /** What the greeting says behind that. */
    banner: replyText.max(200, 'At most 200 characters.').default('Mailmitt'),

    /** The largest message that is taken, in MiB; announced as SIZE (RFC 1870). */
    maxMessageMiB: wholeNumber(1, 1024).default(50),
    /** Recipients of one message. */
    maxRecipients: wholeNumber(1, 100_000).default(1000),
    /** Sessions at the same time. */
    maxConnections: wholeNumber(1, 10_000).default(2000),
    /** Mistakes of a client before its session is closed. */
    maxErrors: wholeNumber(1, 10_000).default(50),
    /** Octets of a command line, and of a line of AUTH, each with its line end. */
    maxLineLength: wholeNumber(512, 65_536).default(4096),
    maxAuthLineLength: wholeNumber(512, 65_536).default(12_288),
    /** Seconds of silence before a session is closed. */
    idleSeconds: wholeNumber(1, 86_400).default(300),
    /** Seconds for one message from its first octet to its last. */
    messageSeconds: wholeNumber(1, 86_400).default(1800),

    /** Extensions that the server does without. */
    switchedOff: z.array(extension).default([]),

    /** Whether mail is taken only after AUTH. */
    authRequired: z.boolean().default(false),
    /** Who may authenticate; when there are none, everybody with any password. */
    accounts: z
      .array(account)
      .max(1000, 'At most 1000 accounts.')
      .superRefine((list, context) => {
        for (const [index, { user }] of list.entries()) {
          if (list.findIndex((other) => other.user === user) === index) continue;
          context.addIssue({ code: 'custom', path: [index, 'user'], message: 'Each name only once.' });
        }
      })
      .default([]),

    /** How much mail is kept, of all mailboxes together; null for no matter how much. */
    keepMessages: wholeNumber(1, 100_000_000).nullable().default(null),
    keepDays: wholeNumber(1, 36_500).nullable().default(null),
    /** Of the messages as they came; they take about half of that on the disk. */
    keepMebibytes: wholeNumber(1, 10_000_000).nullable().default(4096),

    /** The user's own certificate and key, as paths of PEM files; both empty for the one that Mailmitt makes. */
    tlsCertificate: file.default(''),
    tlsKey: file.default(''),

    theme: z.enum(['system', 'light', 'dark']).default('system'),
  })
  .refine(({ port, tlsPort }) => port !== tlsPort, { path: ['tlsPort'], message: 'Another port than the first.' })
  .refine(({ tlsCertificate, tlsKey }) => tlsCertificate === '' || tlsKey !== '', {
    path: ['tlsKey'],
    message: 'The key that belongs to the certificate.',
  })
  .refine(({ tlsCertificate, tlsKey }) => tlsKey === '' || tlsCertificate !== '', {
    path: ['tlsCertificate'],
    message: 'The certificate that belongs to the key.',
  });
export type Settings = z.infer<typeof settingsSchema>;

/** Whether only this machine reaches what listens on that host. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');
