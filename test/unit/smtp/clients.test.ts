/** Real clients against the real server, plain, and with STARTTLS (whose certificate they check) and AUTH. */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Envelope } from '../../../main/mailbox/message.ts';
import { Certificates } from '../../../main/smtp/certificate.ts';
import { SmtpServer } from '../../../main/smtp/server.ts';
import { temporaryFolder } from '../support/folder.ts';

const header = 'From: a@client.test\r\nTo: b@server.test\r\nSubject: Hello\r\nMessage-ID: <1@client.test>\r\n';
const body = 'Hello,\r\n.a line that begins with a dot\r\n..\r\n\r\nwith kind regards\r\n';
const password = 'pa55 w0rd$';

/** Where a client finds the server, and what it is to trust. */
interface Target {
  port: number;
  /** The message, in a file; its last line has no end, since most clients add one. */
  file: string;
  /** The same with LF for line ends. */
  textFile: string;
  /** The server's certificate, in a file. */
  ca: string;
}

/** A program, its arguments, and what it reads. */
type Command = [program: string, args: string[], input?: string];

interface Client {
  name: string;
  /** Whether it is here. */
  probe: Command;
  plain?: (target: Target) => Command;
  secure?: (target: Target) => Command;
}

const python = (port: number, more: string): Command => [
  'python3',
  ['-'],
  `import smtplib, ssl
with smtplib.SMTP('localhost', ${port}) as smtp:
    ${more}
    smtp.sendmail('a@client.test', ['b@server.test'], ${JSON.stringify(header + '\r\n' + body)})
`,
];

const perl = (port: number, more: string): Command => [
  'perl',
  ['-'],
  `use Net::SMTP; use utf8;
my $smtp = Net::SMTP->new('localhost', Port => ${port}) or die $@;
${more}
$smtp->mail('a@client.test') or die $smtp->message;
$smtp->to('b@server.test') or die $smtp->message;
$smtp->data(${JSON.stringify(header + '\r\n' + body).replaceAll('@', '\\@')}) or die $smtp->message;
$smtp->quit;
`,
];

/** One that cannot be run by a command line: it says what it is told. */
const openssl = ({ port, ca }: Target): Command => [
  'openssl',
  ['s_client', '-starttls', 'smtp', '-connect', `localhost:${port}`, '-CAfile', ca, '-verify_return_error', '-quiet'],
  [
    ...['EHLO client.test', `AUTH PLAIN ${Buffer.from(`\0ann\0${password}`).toString('base64')}`],
    ...['MAIL FROM:<a@client.test>', 'RCPT TO:<b@server.test>', 'DATA'],
    `${header}\r\n${body.replace(/^\./gm, '..')}.\r\nQUIT\r\n`,
  ].join('\r\n'),
];

const clients: Client[] = [
  {
    name: 'swaks',
    probe: ['swaks', ['--version']],
    plain: ({ port, file }) => [
      'swaks',
      ['--server', `localhost:${port}`, '-f', 'a@client.test', '-t', 'b@server.test', '-d', `@${file}`],
    ],
    secure: ({ port, file, ca }) => [
      'swaks',
      [
        ...['--server', `localhost:${port}`, '-f', 'a@client.test', '-t', 'b@server.test', '-d', `@${file}`],
        ...['-tls', '--tls-verify', '--tls-ca-path', ca, '-a', 'CRAM-MD5', '-au', 'ann', '-ap', password],
      ],
    ],
  },
  {
    name: 'msmtp',
    probe: ['msmtp', ['--version']],
    plain: ({ port }) => [
      'msmtp',
      ['--host=localhost', `--port=${port}`, '--tls=off', '--auth=off', '-f', 'a@client.test', 'b@server.test'],
      `${header}\r\n${body}`.replaceAll('\r\n', '\n'),
    ],
    secure: ({ port, ca }) => [
      'msmtp',
      [
        ...['--host=localhost', `--port=${port}`, '--tls=on', `--tls-trust-file=${ca}`, '--auth=plain', '--user=ann'],
        ...[`--passwordeval=echo '${password}'`, '-f', 'a@client.test', 'b@server.test'],
      ],
      `${header}\r\n${body}`.replaceAll('\r\n', '\n'),
    ],
  },
  {
    name: 'curl',
    probe: ['curl', ['--version']],
    plain: ({ port, file }) => [
      'curl',
      [
        ...['-sS', `smtp://localhost:${port}/client.test`, '--mail-from', 'a@client.test'],
        ...['--mail-rcpt', 'b@server.test', '-T', file],
      ],
    ],
    secure: ({ port, file, ca }) => [
      'curl',
      [
        ...['-sS', `smtp://localhost:${port}/client.test`, '--mail-from', 'a@client.test'],
        ...['--mail-rcpt', 'b@server.test', '-T', file, '--ssl-reqd', '--cacert', ca, '-u', `ann:${password}`],
      ],
    ],
  },
  {
    name: "Python's smtplib",
    probe: ['python3', ['-c', 'import smtplib, ssl']],
    plain: ({ port }) => python(port, 'pass'),
    secure: ({ port, ca }) =>
      python(
        port,
        `smtp.starttls(context=ssl.create_default_context(cafile='${ca}')); smtp.login('ann', '${password}')`,
      ),
  },
  {
    name: "Perl's Net::SMTP",
    probe: ['perl', ['-MNet::SMTP', '-MAuthen::SASL', '-MIO::Socket::SSL', '-e', '1']],
    plain: ({ port }) => perl(port, ''),
    secure: ({ port, ca }) =>
      perl(
        port,
        `$smtp->starttls(SSL_ca_file => '${ca}') or die $@; $smtp->auth('ann', '${password}') or die $smtp->message;`,
      ),
  },
  { name: 'openssl s_client', probe: ['openssl', ['version']], secure: openssl },
  {
    name: "Postfix's smtp-source",
    probe: ['which', ['smtp-source']],
    plain: ({ port, textFile }) => [
      'smtp-source',
      ['-f', 'a@client.test', '-t', 'b@server.test', '-F', textFile, `127.0.0.1:${port}`],
    ],
  },
];

interface Received {
  envelope: Envelope;
  message: string;
}

async function startServer(): Promise<{ target: Target; received: Received[] }> {
  const folder = temporaryFolder();
  const received: Received[] = [];
  const certificates = new Certificates(folder);
  const server = new SmtpServer(
    {
      judge: () => ({ outcome: 'allow', delay: 0, rule: null }),
      refused: () => undefined,
      receive: (envelope) => {
        const pieces: Buffer[] = [];
        return {
          write: (bytes) => void pieces.push(Buffer.from(bytes)),
          store: () => {
            received.push({ envelope, message: Buffer.concat(pieces).toString() });
            return Promise.resolve({ id: String(received.length) });
          },
          discard: () => undefined,
        };
      },
    },
    { accounts: new Map([['ann', password]]) },
    certificates,
  );
  const { port } = await server.start('127.0.0.1', 0);
  onTestFinished(() => server.shutdown(0));
  const target = {
    port,
    file: join(folder, 'message.eml'),
    textFile: join(folder, 'message.txt'),
    ca: join(folder, 'ca.pem'),
  };
  const message = `${header}\r\n${body}`.trimEnd();
  writeFileSync(target.file, message);
  writeFileSync(target.textFile, message.replaceAll('\r\n', '\n'));
  writeFileSync(target.ca, await certificates.pem());
  return { target, received };
}

/** @returns everything that the program printed, when it ended well */
function run([program, args, input = '']: Command): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${code}: ${output}`));
    });
    child.stdin.end(input);
  });
}

const isHere = ([program, args]: Command): boolean => spawnSync(program, args).status === 0;
/** Some clients end a message with an empty line of their own. */
const bodyOf = (message = ''): string => `${message.slice(message.indexOf('\r\n\r\n') + 4).trimEnd()}\r\n`;

for (const { name, probe, plain, secure } of clients) {
  describe.skipIf(!isHere(probe))(name, () => {
    const delivers = (how: string, command: (target: Target) => Command, envelope: Partial<Envelope>): void =>
      test(`delivers ${how}`, async () => {
        const { target, received } = await startServer();
        await run(command(target));
        const said = { reversePath: 'a@client.test', forwardPaths: ['b@server.test'], ...envelope };
        expect(received.map((one) => one.envelope)).toMatchObject([said]);
        expect(bodyOf(received[0]?.message)).toBe(body);
      });
    if (plain) delivers('plain', plain, { tls: null, user: null });
    if (secure) delivers('with STARTTLS and AUTH', secure, { protocol: 'ESMTPSA', user: 'ann' });
  });
}

describe('nodemailer', () => {
  test.each([
    ['', { ignoreTLS: true }, { protocol: 'ESMTP', user: null }],
    [
      ' with STARTTLS and AUTH',
      { requireTLS: true, auth: { user: 'ann', pass: password } },
      { protocol: 'ESMTPSA', user: 'ann' },
    ],
  ])('delivers%s', async (_title, options, envelope) => {
    const { target, received } = await startServer();
    const tls = { ca: readFileSync(target.ca) };
    const transport = createTransport({ host: 'localhost', port: target.port, tls, ...options });
    await transport.sendMail({ envelope: { from: 'a@client.test', to: 'b@server.test' }, raw: `${header}\r\n${body}` });
    expect(received.map((one) => one.envelope)).toMatchObject([envelope]);
    expect(bodyOf(received[0]?.message)).toBe(body);
  });
});
