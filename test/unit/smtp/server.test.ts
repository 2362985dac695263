import { once } from 'node:events';
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net';
import { createTransport } from 'nodemailer';
import type { SecureContext } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Envelope, RefusedSession, SessionRecord } from '../../../main/mailbox/message.ts';
import { Certificates } from '../../../main/smtp/certificate.ts';
import { type ServerOptions, type ServerStatus, SmtpServer, optionNames } from '../../../main/smtp/server.ts';
import type { MailHandler, Question, StoreResult, Verdict } from '../../../main/smtp/session.ts';
import { temporaryFolder } from '../support/folder.ts';
import { SmtpClient } from '../support/smtp-client.ts';

const allowed: Verdict = { outcome: 'allow', delay: 0, rule: null };
const accessDenied: Verdict = {
  outcome: 'refuse',
  delay: 0,
  rule: { id: 'a', place: 1, text: 'deny *' },
  reply: { code: 550, enhanced: '5.7.1', text: 'Access denied: lab' },
};

/** Keeps what is delivered; each test changes what it wants to see otherwise. */
class Deliveries implements MailHandler {
  readonly stored: { envelope: Envelope; bytes: Buffer; record: SessionRecord }[] = [];
  readonly questions: Question[] = [];
  /** By their parts: the last that is known of each. */
  readonly refusedParts = new Map<number, { session: RefusedSession; isOver: boolean }>();
  discarded = 0;
  verdict: (question: Question) => Verdict = () => allowed;
  write: () => Promise<void> | undefined = () => undefined;
  store: () => Promise<StoreResult> = () => Promise.resolve({ id: String(this.stored.length) });
  keep: () => Promise<void> | undefined = () => undefined;
  onDiscard: () => void = () => undefined;
  onRefused: () => void = () => undefined;

  judge(question: Question): Verdict {
    this.questions.push(question);
    return this.verdict(question);
  }

  refused(part: number, session: RefusedSession, isOver: boolean): Promise<void> | undefined {
    this.refusedParts.set(part, { session, isOver });
    this.onRefused();
    return this.keep();
  }

  get refusedSessions(): RefusedSession[] {
    return [...this.refusedParts.values()].map(({ session }) => session);
  }

  /** @returns what is kept once every session in which something was refused is over, and there are so many of them */
  async refusedOnes(count: number): Promise<RefusedSession[]> {
    const isDone = (): boolean =>
      this.refusedParts.size === count && [...this.refusedParts.values()].every(({ isOver }) => isOver);
    while (!isDone()) await new Promise<void>((resolve) => (this.onRefused = resolve));
    return this.refusedSessions;
  }

  receive(envelope: Envelope): ReturnType<MailHandler['receive']> {
    const chunks: Buffer[] = [];
    return {
      write: (bytes) => {
        chunks.push(Buffer.from(bytes));
        return this.write();
      },
      store: (record) => {
        this.stored.push({ envelope, bytes: Buffer.concat(chunks), record });
        return this.store();
      },
      discard: () => {
        this.discarded++;
        this.onDiscard();
      },
    };
  }
}

async function start(
  options: Partial<ServerOptions> = {},
  host = '127.0.0.1',
): Promise<{ server: SmtpServer; port: number; deliveries: Deliveries }> {
  const deliveries = new Deliveries();
  const server = new SmtpServer(deliveries, { hostName: 'mx.test', ...options });
  const status = await server.start(host, 0);
  onTestFinished(() => server.shutdown(0));
  return { server, port: status.port, deliveries };
}

/** A server with a certificate, which listens on a second port with implicit TLS. */
async function startTls(
  options: Partial<ServerOptions> = {},
): Promise<{ server: SmtpServer; port: number; tlsPort: number; deliveries: Deliveries }> {
  const deliveries = new Deliveries();
  const server = new SmtpServer(deliveries, { hostName: 'mx.test', ...options }, new Certificates(temporaryFolder()));
  const { port, tlsPort } = await server.start('127.0.0.1', 0, 0);
  onTestFinished(() => server.shutdown(0));
  return { server, port, tlsPort: tlsPort ?? 0, deliveries };
}

async function connect(port: number): Promise<SmtpClient> {
  const client = await SmtpClient.connect(port);
  onTestFinished(() => client.destroy());
  return client;
}

async function codes(client: SmtpClient, count: number): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < count; index++) all.push((await client.reply())?.code ?? 0);
  return all;
}

/** Another client is served, for so long that the server would have read all that it wants to of the others. */
async function beServed(port: number): Promise<void> {
  const client = await connect(port);
  await client.reply();
  for (let count = 0; count < 200; count++) {
    client.send('NOOP\r\n');
    await client.reply();
  }
}

/** The next message to be stored is kept waiting. @returns when it waits, and what answers it */
function holdStore(deliveries: Deliveries): { storing: Promise<void>; commit: (result: StoreResult) => void } {
  let commit: (result: StoreResult) => void = () => undefined;
  const committed = new Promise<StoreResult>((resolve) => (commit = resolve));
  const storing = new Promise<void>((resolve) => {
    deliveries.store = () => {
      resolve();
      return committed;
    };
  });
  return { storing, commit: (result) => commit(result) };
}

/** Whether there is IPv6 here, and IPv4 clients reach it (RFC 3493 section 5.3). */
const hasIpv6 = await new Promise<boolean>((resolve) => {
  const probe = createServer();
  probe.once('error', () => resolve(false));
  probe.listen(0, '::', () => probe.close(() => resolve(true)));
});

const transaction = 'EHLO client.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n';

describe('a session over a socket', () => {
  test('delivers what it is sent, with the address of the client', async () => {
    const { port, deliveries } = await start();
    const client = await connect(port);
    client.send(`${transaction}Subject: hi\r\n\r\n..dot\r\n.\r\nQUIT\r\n`);
    expect(await codes(client, 7)).toEqual([220, 250, 250, 250, 354, 250, 221]);
    expect(await client.reply()).toBeNull();
    expect(deliveries.stored).toMatchObject([
      {
        bytes: Buffer.from('Subject: hi\r\n\r\n.dot\r\n'),
        envelope: {
          reversePath: 'a@x.test',
          parameters: {},
          forwardPaths: ['b@y.test'],
          forwardPathParameters: [{}],
          remoteAddress: '127.0.0.1',
          clientName: 'client.test',
          protocol: 'ESMTP',
          tls: null,
          user: null,
        },
      },
    ]);
  });

  test('answers also a client that closed its side after the last command', async () => {
    const { port, deliveries } = await start();
    const client = await connect(port);
    client.send(`${transaction}text\r\n.\r\n`);
    expect((await client.end()).map(({ code }) => code)).toEqual([220, 250, 250, 250, 354, 250]);
    expect(deliveries.stored).toHaveLength(1);
  });

  test.skipIf(!hasIpv6)('knows an IPv4 client by its IPv4 address also where the server listens on IPv6', async () => {
    const { port, deliveries } = await start({}, '::');
    const client = await connect(port);
    client.send(`${transaction}text\r\n.\r\n`);
    await codes(client, 6);
    expect(deliveries.questions.map((question) => [question.stage, question.remoteAddress])).toEqual([
      ['host', '127.0.0.1'],
      ['sender', '127.0.0.1'],
      ['recipient', '127.0.0.1'],
    ]);
    expect(deliveries.stored[0]?.envelope.remoteAddress).toBe('127.0.0.1');
  });

  test('forgets the message of a client that vanishes in the middle of it', async () => {
    const { port, deliveries } = await start();
    const discarded = new Promise<void>((resolve) => (deliveries.onDiscard = resolve));
    const client = await connect(port);
    client.send(`${transaction}half a mess`);
    await codes(client, 5);
    client.destroy();
    await discarded;
    expect([deliveries.stored.length, deliveries.discarded]).toEqual([0, 1]);
  });

  test('forgets the message of a client that only closes its side in the middle of it', async () => {
    const { port, deliveries } = await start();
    const client = await connect(port);
    client.send(`${transaction}half a mess`);
    await client.end();
    expect([deliveries.stored.length, deliveries.discarded]).toEqual([0, 1]);
  });

  test.each<[StoreResult, RegExp]>([
    [{ failed: 'no space' }, /^452 4\.3\.1 /],
    [{ failed: 'error' }, /^451 4\.3\.0 /],
  ])('is told when the message could not be kept (%j), and may go on', async (result, reply) => {
    const { port, deliveries } = await start();
    deliveries.store = () => Promise.resolve(result);
    const client = await connect(port);
    client.send(`${transaction}text\r\n.\r\nMAIL FROM:<a@x.test>\r\n`);
    await codes(client, 5);
    expect((await client.reply())?.text).toMatch(reply);
    expect((await client.reply())?.code).toBe(250);
  });

  test('answers in order what was pipelined behind a message that is still being committed', async () => {
    const { port, deliveries } = await start();
    const { storing, commit } = holdStore(deliveries);
    const client = await connect(port);
    client.send(`${transaction}text\r\n.\r\nFROB\r\nQUIT\r\n`);
    await codes(client, 5);
    await storing;
    commit({ id: '1' });
    expect(await codes(client, 3)).toEqual([250, 500, 221]);
  });

  test('answers a client that closed its side while its message was being committed', async () => {
    const { port, deliveries } = await start();
    const { storing, commit } = holdStore(deliveries);
    const client = await connect(port);
    client.send(`${transaction}text\r\n.\r\n`);
    await codes(client, 5);
    await storing;
    const rest = client.end();
    await beServed(port);
    commit({ id: '1' });
    expect((await rest).map(({ code }) => code)).toEqual([250]);
  });

  test('is not read any further while its message is being committed, however much it sends', async () => {
    const { port, deliveries } = await start();
    const { storing, commit } = holdStore(deliveries);
    const client = await connect(port);
    client.send(`${transaction}text\r\n.\r\n`);
    await codes(client, 5);
    await storing;
    for (let count = 0; count < 100; count++) client.send('NOOP\r\n'.repeat(20_000));
    await beServed(port);
    expect(client.unsent).toBeGreaterThan(0);
    commit({ id: '1' });
    expect(await codes(client, 3)).toEqual([250, 250, 250]);
  });

  test('waits with reading while the store is behind', async () => {
    const { port, deliveries } = await start();
    let writes = 0;
    let goOn: () => void = () => undefined;
    const behind = new Promise<void>((resolve) => {
      deliveries.write = () => {
        if (++writes > 1) return undefined;
        resolve();
        return new Promise((done) => (goOn = done));
      };
    });
    const client = await connect(port);
    client.send(transaction);
    await codes(client, 5);
    client.send('x'.repeat(10_000_000));
    client.send('\r\n.\r\n');
    await behind;
    // The server's side of the socket holds what it read in one go, and no more.
    const before = writes;
    await beServed(port);
    expect(writes).toBe(before);
    goOn();
    expect((await client.reply())?.code).toBe(250);
    expect(deliveries.stored[0]?.bytes.length).toBe(10_000_002);
  });
});

test('who is refused is told so as the verdict says, with an enhanced code only after EHLO', async () => {
  const { port, deliveries } = await start();
  const welcome = await connect(port);
  await welcome.reply();
  deliveries.verdict = () => accessDenied;
  welcome.send('EHLO x\r\nMAIL FROM:<a@x.test>\r\n');
  await welcome.reply();
  expect((await welcome.reply())?.text).toBe('550 5.7.1 Access denied: lab\r\n');

  const refused = await connect(port);
  expect((await refused.reply())?.text).toBe('550 Access denied: lab\r\n');
  refused.send('NOOP\r\nQUIT\r\n');
  expect(await codes(refused, 2)).toEqual([503, 221]);
});

describe('TLS', () => {
  test('begins with STARTTLS, and the message says so', async () => {
    const { port, deliveries } = await startTls();
    const client = await connect(port);
    client.send('EHLO client.test\r\n');
    await client.reply();
    expect((await client.reply())?.text).toContain('250-STARTTLS\r\n');
    client.send('STARTTLS\r\n');
    expect((await client.reply())?.text).toBe('220 2.0.0 Ready to start TLS\r\n');
    await client.secure();
    client.send(`${transaction}text\r\n.\r\nQUIT\r\n`);
    expect(await codes(client, 6)).toEqual([250, 250, 250, 354, 250, 221]);
    expect(await client.reply()).toBeNull();
    const [message] = deliveries.stored;
    expect(message?.envelope).toMatchObject({ protocol: 'ESMTPS', tls: { version: 'TLSv1.3' } });
    expect(message?.envelope.tls?.cipher).toMatch(/^TLS_/);
    expect(message?.record.transcript).toMatch(/^\d{13} - TLS begins: TLSv1\.3, TLS_\w+$/m);
  });

  test('comes first on the second port', async () => {
    const { tlsPort, deliveries } = await startTls();
    const client = await SmtpClient.connectTls(tlsPort);
    client.send(`${transaction}text\r\n.\r\n`);
    expect((await client.end()).map(({ code }) => code)).toEqual([220, 250, 250, 250, 354, 250]);
    expect(deliveries.stored[0]?.envelope.protocol).toBe('ESMTPS');
  });

  test('carries large messages', async () => {
    const { tlsPort, deliveries } = await startTls();
    const client = await SmtpClient.connectTls(tlsPort);
    client.send(transaction + 'x'.repeat(5_000_000));
    client.send('\r\n.\r\nQUIT\r\n');
    expect(await codes(client, 7)).toEqual([220, 250, 250, 250, 354, 250, 221]);
    expect(deliveries.stored[0]?.bytes.length).toBe(5_000_002);
  });

  test('commands sent with STARTTLS are never answered (CVE-2024-34083)', async () => {
    const { port, deliveries } = await startTls();
    const client = await connect(port);
    client.send(`EHLO x\r\nSTARTTLS\r\n${transaction}evil\r\n.\r\n`);
    expect(await codes(client, 3)).toEqual([220, 250, 220]);
    await client.secure();
    client.send('NOOP\r\nMAIL FROM:<a@x.test>\r\n');
    expect(await codes(client, 2)).toEqual([250, 503]);
    expect(deliveries.stored).toEqual([]);
  });

  test('a handshake that fails ends the session and nothing else, and is kept with its reason', async () => {
    const { port, tlsPort, deliveries } = await startTls();
    const refused = new Promise<void>((resolve) => (deliveries.onRefused = resolve));
    const client = await connect(port);
    client.send('EHLO x\r\nSTARTTLS\r\n');
    await codes(client, 3);
    client.send('this is no ClientHello\r\n');
    await refused;
    expect(deliveries.refusedSessions[0]?.refusals[0]?.reply).toMatch(/^TLS could not be begun: /);
    expect(deliveries.refusedSessions[0]?.transcript).toContain('C STARTTLS\n');
    const other = await SmtpClient.connectTls(tlsPort);
    expect((await other.reply())?.code).toBe(220);
  });

  test('a client that looks at the certificate and leaves is kept and told', async () => {
    const { server, port, deliveries } = await startTls();
    const refused = new Promise<void>((resolve) => (deliveries.onRefused = resolve));
    const failed = once(server, 'tlsFailure');
    const transport = createTransport({ host: '127.0.0.1', port });
    await expect(transport.sendMail({ from: 'a@x.test', to: 'b@y.test', text: 'x' })).rejects.toThrow(/self.signed/);
    await refused;
    expect(await failed).toEqual(['127.0.0.1']);
    expect(deliveries.refusedSessions[0]?.refusals[0]?.reply).toMatch(/^TLS could not be begun: /);
  });

  /** A certificate that is long in the making. */
  function slowCertificates(): { context: () => Promise<SecureContext>; wanted: Promise<void>; give: () => void } {
    let want: () => void = () => undefined;
    let give: () => void = () => undefined;
    const wanted = new Promise<void>((resolve) => (want = resolve));
    const given = new Promise<void>((resolve) => (give = resolve));
    const made = new Certificates(temporaryFolder());
    return {
      context: async () => {
        want();
        await given;
        return made.context();
      },
      wanted,
      give,
    };
  }

  async function startSlowTls(options: Partial<ServerOptions> = {}): Promise<{
    server: SmtpServer;
    client: SmtpClient;
    certificates: ReturnType<typeof slowCertificates>;
  }> {
    const certificates = slowCertificates();
    const server = new SmtpServer(new Deliveries(), options, certificates);
    const { port } = await server.start('127.0.0.1', 0);
    onTestFinished(() => server.shutdown(0));
    const client = await connect(port);
    client.send('EHLO x\r\nSTARTTLS\r\n');
    await codes(client, 2);
    await certificates.wanted;
    return { server, client, certificates };
  }

  test('what is sent while the certificate is made is thrown away, too', async () => {
    const { client, certificates } = await startSlowTls();
    client.send(`${transaction}evil\r\n.\r\n`);
    await new Promise<void>((resolve) => setImmediate(resolve));
    certificates.give();
    expect(await codes(client, 1)).toEqual([220]);
    await client.secure();
    client.send('MAIL FROM:<a@x.test>\r\n');
    expect(await codes(client, 1)).toEqual([503]);
  });

  test('a shutdown while the certificate is made ends the session', async () => {
    const { server, client, certificates } = await startSlowTls();
    const done = server.shutdown(60_000);
    expect(await codes(client, 1)).toEqual([421]);
    certificates.give();
    await certificates.context();
    client.destroy();
    await done;
  });

  test('silence while the certificate is made is not the client’s', async () => {
    const { client, certificates } = await startSlowTls({ idleTimeout: 40 });
    const { port } = await start({ idleTimeout: 40 });
    const later = await connect(port);
    expect(await codes(later, 2)).toEqual([220, 421]);
    certificates.give();
    expect(await codes(client, 1)).toEqual([220]);
  });

  test('a connection to the second port that says nothing at all is no news', async () => {
    const { server, tlsPort, deliveries } = await startTls();
    (await connect(tlsPort)).destroy();
    const client = await SmtpClient.connectTls(tlsPort);
    client.send('QUIT\r\n');
    await client.end();
    await server.shutdown(0);
    expect(deliveries.refusedSessions).toEqual([]);
  });

  test('a client that never begins the handshake is closed for its silence', async () => {
    const { port, tlsPort } = await startTls({ idleTimeout: 30 });
    const silent = await connect(tlsPort);
    expect(await silent.reply()).toBeNull();
    const client = await connect(port);
    client.send('STARTTLS\r\n');
    expect(await codes(client, 2)).toEqual([220, 220]);
    expect(await client.reply()).toBeNull();
  });

  test('without a certificate to be had, STARTTLS is 454, and the reason is told', async () => {
    const server = new SmtpServer(new Deliveries(), {}, { context: () => Promise.reject(new Error('no room')) });
    const problem = once(server, 'problem');
    const { port } = await server.start('127.0.0.1', 0);
    onTestFinished(() => server.shutdown(0));
    const client = await connect(port);
    client.send('EHLO x\r\nSTARTTLS\r\n');
    expect(await codes(client, 3)).toEqual([220, 250, 454]);
    expect(await problem).toEqual([new Error('no room')]);
    client.send('NOOP\r\n');
    expect(await codes(client, 1)).toEqual([250]);
  });

  test('where the server has no certificates, STARTTLS is neither announced nor known', async () => {
    const { port } = await start();
    const client = await connect(port);
    client.send('EHLO x\r\nSTARTTLS\r\n');
    await client.reply();
    expect((await client.reply())?.text).not.toContain('STARTTLS');
    expect(await codes(client, 1)).toEqual([502]);
  });

  test('a shutdown ends sessions under TLS, and those that negotiate it', async () => {
    const { server, tlsPort } = await startTls();
    const [client, negotiating] = [await SmtpClient.connectTls(tlsPort), await connect(tlsPort)];
    await client.reply();
    await server.shutdown(60_000);
    expect((await client.reply())?.code).toBe(421);
    expect(await negotiating.reply()).toBeNull();
  });
});

describe('what is kept of a session', () => {
  const sides = (transcript: string | undefined): string[] => transcript?.replace(/^\d{13} /gm, '').split('\n') ?? [];

  test('goes with the message: its beginning, and what was said of this message', async () => {
    const { port, deliveries } = await start();
    const client = await connect(port);
    client.send(`${transaction}one\r\n.\r\n`);
    await codes(client, 6);
    client.send('MAIL FROM: <c@x.test>\r\nRCPT TO:<d@y.test>\r\nDATA\r\n');
    await codes(client, 3);
    client.send('two\r\n.\r\n');
    await codes(client, 1);
    const [one, two] = deliveries.stored;
    expect(sides(two?.record.transcript)).toEqual([
      '- Connected from 127.0.0.1',
      'S 220 mx.test ESMTP Mailmitt',
      'C EHLO client.test',
      ...sides(one?.record.transcript).filter((line) => line.startsWith('S 250') && !/Sender|Recipient/.test(line)),
      '- (what was said of earlier messages is left out)',
      'C MAIL FROM: <c@x.test>',
      'S 250 2.1.0 Sender OK',
      'C RCPT TO:<d@y.test>',
      'S 250 2.1.5 Recipient OK',
      'C DATA',
      'S 354 Start mail input; end with <CRLF>.<CRLF>',
      'C (5 octets of data)',
    ]);
    const texts = (record: SessionRecord | undefined): string[] | undefined => record?.notes.map(({ text }) => text);
    const early = (verb: string): string => `The client did not wait for the reply to ${verb} before it went on.`;
    expect(texts(one?.record)).toEqual([early('EHLO'), early('DATA')]);
    expect(texts(two?.record)).toEqual([early('EHLO'), 'There is a space between the colon and the path.']);
  });

  test.each<[string, Verdict, string, string]>([
    ['a host', accessDenied, 'QUIT\r\n', '550 Access denied: lab'],
    ['a browser', allowed, 'GET / HTTP/1.1\r\n', '421 This is an SMTP server, closing connection'],
    ['a wrong command', allowed, 'FROB\r\n', '500 Command not recognized'],
  ])('is kept where something was refused: %s', async (_title, verdict, said, reply) => {
    const { port, deliveries } = await start();
    deliveries.verdict = () => verdict;
    const client = await connect(port);
    client.send(said);
    await client.end();
    const refused = await deliveries.refusedOnes(1);
    expect(refused).toMatchObject([{ remoteAddress: '127.0.0.1', clientName: '', refusals: [{ reply }] }]);
    expect(sides(refused[0]?.transcript)).toContain(`S ${reply}`);
  });

  describe('of mail that rules refuse', () => {
    const rule = { id: 'b', place: 2, text: 'deny bogus*@*' };
    const refuseBogus = (question: Question): Verdict =>
      question.stage !== 'host' && question.path.localPart.startsWith('bogus')
        ? { outcome: 'refuse', delay: 0, rule, reply: { code: 553, enhanced: '5.7.1', text: 'No' } }
        : allowed;
    const bogus = (mailbox: string): object => ({ stage: 'recipient', mailbox, rule, reply: '553 5.7.1 No' });

    test('is kept at once, and whole when the session is over', async () => {
      const { port, deliveries } = await start();
      deliveries.verdict = refuseBogus;
      const client = await connect(port);
      const refused = new Promise<void>((resolve) => (deliveries.onRefused = resolve));
      client.send('EHLO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<bogus1@y.test>\r\n');
      await refused;
      expect([...deliveries.refusedParts.values()]).toMatchObject([
        { isOver: false, session: { reversePath: 'a@x.test', refusals: [bogus('bogus1@y.test')] } },
      ]);
      client.send('RCPT TO:<bogus2@y.test>\r\nQUIT\r\n');
      await client.end();
      const [whole] = await deliveries.refusedOnes(1);
      expect(whole?.refusals).toMatchObject([bogus('bogus1@y.test'), bogus('bogus2@y.test')]);
      expect(sides(whole?.transcript).slice(-5)).toEqual([
        'C RCPT TO:<bogus2@y.test>',
        '- Rule 2 decided: deny bogus*@*',
        'S 553 5.7.1 No',
        'C QUIT',
        'S 221 2.0.0 mx.test closing connection',
      ]);
    });

    test('is kept also where other recipients got it', async () => {
      const { port, deliveries } = await start();
      deliveries.verdict = refuseBogus;
      const client = await connect(port);
      client.send(transaction.replace('DATA', 'RCPT TO:<bogus@y.test>\r\nDATA'));
      client.send('text\r\n.\r\n');
      await codes(client, 7);
      // The session goes on.
      expect(await deliveries.refusedOnes(1)).toMatchObject([{ refusals: [bogus('bogus@y.test')] }]);
      expect(deliveries.stored).toHaveLength(1);
      client.send('QUIT\r\n');
      await client.end();
      expect(deliveries.refusedParts.size).toBe(1);
    });

    test('is kept for each transaction', async () => {
      const { port, deliveries } = await start();
      deliveries.verdict = refuseBogus;
      const client = await connect(port);
      client.send('EHLO x\r\nMAIL FROM:<bogus1@x.test>\r\nMAIL FROM:<bogus2@x.test>\r\nMAIL FROM:<c@x.test>\r\n');
      client.send('RCPT TO:<bogus3@y.test>\r\nRSET\r\nMAIL FROM:<d@x.test>\r\nQUIT\r\n');
      await client.end();
      const refused = await deliveries.refusedOnes(3);
      expect(refused.map(({ reversePath, refusals }) => [reversePath, refusals.map(({ mailbox }) => mailbox)])).toEqual(
        [
          ['bogus1@x.test', ['bogus1@x.test']],
          ['bogus2@x.test', ['bogus2@x.test']],
          ['c@x.test', ['bogus3@y.test']],
        ],
      );
    });

    test('belongs to the transaction in which it was said', async () => {
      const { port, deliveries } = await start();
      deliveries.verdict = refuseBogus;
      const client = await connect(port);
      const said = [
        ...['EHLO one', 'MAIL FROM:<a@x.test>', 'RCPT TO:<bogus1@y.test>', 'MAIL FROM:<b@x.test>'],
        ...['RCPT TO:<bogus2@y.test>', 'RSET', 'MAIL FROM:<c@x.test>', 'RCPT TO:<fine@y.test>', 'RSET'],
        ...[
          'MAIL FROM:<d@x.test> BOGUS=1',
          'MAIL FROM:<bogus3@x.test>',
          'EHLO two',
          'MAIL FROM:<bogus4@x.test>',
          'QUIT',
        ],
      ];
      client.send(said.map((line) => `${line}\r\n`).join(''));
      await client.end();
      const refused = await deliveries.refusedOnes(4);
      expect(
        refused.map(({ clientName, reversePath, refusals }) => [
          clientName,
          reversePath,
          refusals.map(({ reply, mailbox }) => `${reply.slice(0, 3)} ${mailbox}`),
        ]),
      ).toEqual([
        ['one', 'a@x.test', ['553 bogus1@y.test', '503 ', '553 bogus2@y.test']],
        ['one', null, ['555 ']],
        ['one', 'bogus3@x.test', ['553 bogus3@x.test']],
        ['two', 'bogus4@x.test', ['553 bogus4@x.test']],
      ]);
    });

    test('blames a rule for its own refusal only', async () => {
      const { port, deliveries } = await start();
      deliveries.verdict = refuseBogus;
      const client = await connect(port);
      client.send('EHLO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<bogus@y.test>\r\nFROB\r\nQUIT\r\n');
      await client.end();
      const [refused] = await deliveries.refusedOnes(1);
      expect(refused?.refusals).toMatchObject([bogus('bogus@y.test'), { stage: null, mailbox: '', rule: null }]);
    });

    test('waits for a store that is behind, and reads no further meanwhile', async () => {
      const { port, deliveries } = await start();
      deliveries.verdict = refuseBogus;
      let goOn = (): void => undefined;
      deliveries.keep = () => new Promise((resolve) => (goOn = resolve));
      const client = await connect(port);
      client.send(`EHLO x\r\n${'MAIL FROM:<bogus@x.test>\r\n'.repeat(100)}QUIT\r\n`);
      // The first one is told; whether the second is kept already makes no difference.
      expect(await codes(client, 3)).toEqual([220, 250, 553]);
      expect(deliveries.refusedParts.size).toBeLessThan(3);
      deliveries.keep = () => undefined;
      goOn();
      expect((await client.end()).map(({ code }) => code)).toEqual([...Array<number>(99).fill(553), 221]);
      await deliveries.refusedOnes(100);
    });

    test('ends with the connection, whatever was pipelined behind', async () => {
      const { port, deliveries } = await start();
      deliveries.verdict = refuseBogus;
      let fail: (result: StoreResult) => void = () => undefined;
      const storing = new Promise<void>((resolve) => {
        deliveries.store = () => {
          resolve();
          return new Promise((settle) => (fail = settle));
        };
      });
      const client = await connect(port);
      const behind = 'MAIL FROM:<z@x.test>\r\nRCPT TO:<bogus@y.test>\r\n';
      client.send(`${transaction.replace('DATA\r\n', '')}RCPT TO:<bogus@y.test>\r\nBDAT 3 LAST\r\nabc${behind}`);
      await storing;
      client.destroy();
      const [refused] = await deliveries.refusedOnes(1);
      const asked = deliveries.questions.length;
      fail({ failed: 'error' });
      await new Promise<void>((resolve) => setImmediate(resolve));
      expect([deliveries.questions.length, deliveries.refusedSessions]).toEqual([asked, [refused]]);
    });

    test('of a refused host is one, whatever it says', async () => {
      const { port, deliveries } = await start();
      deliveries.verdict = () => accessDenied;
      const client = await connect(port);
      client.send(`${transaction}RSET\r\n${transaction}`);
      await client.end();
      const [refused] = await deliveries.refusedOnes(1);
      expect(refused?.refusals[0]).toMatchObject({ stage: 'host', reply: '550 Access denied: lab', rule: { id: 'a' } });
    });
  });

  test('a refusal after a message that was accepted is kept, too', async () => {
    const { port, deliveries } = await start();
    const client = await connect(port);
    client.send(`${transaction}one\r\n.\r\n`);
    await codes(client, 6);
    client.send('MAIL FROM:<a\r\n');
    await client.end();
    const [refused] = await deliveries.refusedOnes(1);
    expect(sides(refused?.transcript).at(-2)).toBe('C MAIL FROM:<a');
  });

  test('mistakes on the way to a message that is accepted are not kept beside it', async () => {
    const { port, deliveries } = await start();
    const client = await connect(port);
    client.send(`FROB\r\n${transaction}one\r\n.\r\nQUIT\r\n`);
    await client.end();
    expect([deliveries.stored.length, deliveries.refusedSessions]).toEqual([1, []]);
  });

  test('nothing, where nothing was refused, also when the server goes', async () => {
    const { server, port, deliveries } = await start();
    const quitting = await connect(port);
    quitting.send('EHLO x\r\nQUIT\r\n');
    await quitting.end();
    const idle = await connect(port);
    await idle.reply();
    await server.shutdown(0);
    expect(deliveries.refusedSessions).toEqual([]);
  });
});

describe('a verdict', () => {
  const at = (stage: Question['stage'], verdict: Verdict) => (question: Question) =>
    question.stage === stage ? verdict : allowed;

  test.each<[Question['stage'], string, number]>([
    ['host', '', 220],
    ['sender', 'EHLO x\r\nMAIL FROM:<a@x.test>\r\n', 250],
    ['recipient', 'EHLO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\n', 250],
  ])('may come late, and nothing overtakes it: %s', async (stage, said, code) => {
    const { port, deliveries } = await start();
    deliveries.verdict = at(stage, { ...allowed, delay: 50 });
    const client = await connect(port);
    client.send(`${said}NOOP\r\nQUIT\r\n`);
    const all = (await client.end()).map((reply) => reply.code);
    expect(all.slice(-3)).toEqual([code, 250, 221]);
  });

  test('that comes late for a client that left is kept as what it got: nothing', async () => {
    const { port, deliveries } = await start();
    deliveries.verdict = at('recipient', { ...allowed, delay: 3_600_000 });
    for (const leave of [
      (client: SmtpClient) => client.destroy(),
      (client: SmtpClient) => void client.end().catch(() => undefined),
    ]) {
      const client = await connect(port);
      client.send('EHLO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\n');
      await codes(client, 3);
      const refused = new Promise<void>((resolve) => (deliveries.onRefused = resolve));
      leave(client);
      await refused;
    }
    expect(deliveries.refusedSessions.map(({ refusals }) => refusals)).toMatchObject([
      [{ stage: 'recipient', mailbox: 'b@y.test', reply: 'The client left before it was answered' }],
      [{ stage: 'recipient', mailbox: 'b@y.test', reply: 'The client left before it was answered' }],
    ]);
  });

  test('that comes late keeps no server from going, and no session from ending', async () => {
    const { server, port, deliveries } = await start({ idleTimeout: 60_000 });
    deliveries.verdict = at('host', { ...allowed, delay: 3_600_000 });
    const [client, leaving] = [await connect(port), await connect(port)];
    leaving.destroy();
    await server.shutdown(60_000);
    expect((await client.reply())?.code).toBe(421);
  });

  test.each<[Question['stage'], string, number, string]>([
    ['host', '', 0, '220 mx.'],
    ['sender', 'EHLO x\r\nMAIL FROM:<a@x.test>\r\nNOOP\r\n', 2, '250 2.1.0'],
    ['recipient', 'EHLO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nNOOP\r\n', 3, '250 2.1.5'],
  ])('may break the connection: %s', async (stage, said, before, half) => {
    const { port, deliveries } = await start();
    for (const isAmidReply of [false, true]) {
      deliveries.verdict = at(stage, { outcome: 'drop', isAmidReply, delay: 0, rule: null });
      const client = await connect(port);
      client.send(said);
      await codes(client, before);
      // The client says so when the last reply is not whole.
      if (isAmidReply) await expect(client.end()).rejects.toThrow(half);
      else expect(await client.end()).toEqual([]);
    }
    const refused = await deliveries.refusedOnes(2);
    expect(refused.map(({ refusals }) => refusals[0])).toMatchObject([
      { stage, reply: 'The connection was dropped before the reply' },
      { stage, reply: 'The connection was dropped in the middle of the reply' },
    ]);
  });

  test('with 421 closes the connection', async () => {
    const { port, deliveries } = await start();
    const reply = { code: 421, enhanced: '4.7.0', text: 'Too many' };
    deliveries.verdict = at('recipient', { outcome: 'refuse', delay: 0, rule: null, reply });
    const client = await connect(port);
    client.send('EHLO x\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nRCPT TO:<c@y.test>\r\n');
    const all = (await client.end()).map(({ code }) => code);
    expect(all).toEqual([220, 250, 250, 421]);
    expect(await deliveries.refusedOnes(1)).toMatchObject([
      { refusals: [{ mailbox: 'b@y.test', reply: '421 4.7.0 Too many' }] },
    ]);
  });
});

test.each<[string, Verdict]>([
  ['refused', accessDenied],
  ['dropped', { outcome: 'drop', isAmidReply: false, delay: 0, rule: null }],
  ['told 421', { ...accessDenied, reply: { code: 421, enhanced: '4.7.0', text: 'Later' } }],
  ['welcome, and leaves', allowed],
])('a host on the TLS port that is %s did not fail at TLS', async (_title, verdict) => {
  const { server, tlsPort, deliveries } = await startTls();
  const failures: string[] = [];
  server.on('tlsFailure', (address) => failures.push(address));
  deliveries.verdict = () => verdict;
  const client = await SmtpClient.connectTls(tlsPort);
  client.send('QUIT\r\n');
  await client.end();
  await server.shutdown(0);
  expect(failures).toEqual([]);
  const replies = deliveries.refusedSessions.flatMap(({ refusals }) => refusals.map(({ reply }) => reply));
  expect(replies.filter((reply) => reply.startsWith('TLS'))).toEqual([]);
});

describe('options', () => {
  test('every one can be read and set by name', () => {
    const server = new SmtpServer(new Deliveries());
    for (const name of optionNames) {
      const value = server.option(name);
      server.configure({ [name]: value });
      expect(server.option(name)).toEqual(value);
    }
    server.configure({ maxErrors: 7 });
    expect(server.option('maxErrors')).toBe(7);
  });

  test('an unknown name is an error that lists the known ones, and changes nothing', () => {
    const server = new SmtpServer(new Deliveries(), { maxErrors: 7 });
    const wrong = { maxErrors: 8, maxError: 9 };
    const told = new RegExp(`no option “maxError”.* ${optionNames.join(', ')}\\.$`);
    expect(() => server.configure(wrong)).toThrow(told);
    expect(() => server.option('maxError' as 'maxErrors')).toThrow(told);
    expect(server.option('maxErrors')).toBe(7);
  });

  test('change for sessions that begin, not for those that run', async () => {
    const { server, port } = await start();
    const before = await connect(port);
    await before.reply();
    server.configure({ banner: 'Other', maxMessageSize: 5 });
    const after = await connect(port);
    expect((await after.reply())?.text).toContain('Other');
    before.send('EHLO x\r\n');
    after.send('EHLO x\r\n');
    expect((await before.reply())?.text).not.toMatch(/SIZE 5\r/);
    expect((await after.reply())?.text).toMatch(/SIZE 5\r/);
  });
});

describe('clients that mean no good', () => {
  test('garbage is answered with errors, then cut off, and others are served', async () => {
    const { port } = await start();
    const client = await connect(port);
    client.send('\x00\xff\x16\x03\x01 garbage\r\n'.repeat(80));
    const all = (await client.end()).map(({ code }) => code);
    expect(all).toEqual([220, ...Array.from({ length: 50 }, () => 500), 421]);
    const other = await connect(port);
    expect((await other.reply())?.code).toBe(220);
  });

  test('a browser that posts is cut off at the first word', async () => {
    const { port, deliveries } = await start();
    const client = await connect(port);
    client.send(`POST / HTTP/1.1\r\nHost: x\r\n\r\n${transaction}text\r\n.\r\n`);
    expect((await client.end()).map(({ code }) => code)).toEqual([220, 421]);
    expect(deliveries.stored).toEqual([]);
  });

  test('one connection too many is told so, and there is room again when one ends', async () => {
    const { port } = await start({ maxConnections: 1 });
    const first = await connect(port);
    await first.reply();
    const second = await connect(port);
    expect((await second.end()).map(({ code }) => code)).toEqual([421]);
    first.send('QUIT\r\n');
    await first.end();
    const third = await connect(port);
    expect((await third.reply())?.code).toBe(220);
  });

  test('a thousand that say nothing keep nobody else from being served', async () => {
    const { port, deliveries } = await start();
    const idle = await Promise.all(Array.from({ length: 1000 }, () => connect(port)));
    await Promise.all(idle.map((client) => client.reply()));
    const client = await connect(port);
    client.send(`${transaction}text\r\n.\r\n`);
    expect(await codes(client, 6)).toEqual([220, 250, 250, 250, 354, 250]);
    expect(deliveries.stored).toHaveLength(1);
  });

  test('silence is ended with 421, also in the middle of a message', async () => {
    const { port, deliveries } = await start({ idleTimeout: 30 });
    const client = await connect(port);
    client.send(`${transaction}half a mess`);
    expect(await codes(client, 6)).toEqual([220, 250, 250, 250, 354, 421]);
    expect(await client.reply()).toBeNull();
    expect(deliveries.discarded).toBe(1);
  });

  test.each([
    ['a message that is too large', `${transaction}${'x'.repeat(2000)}`],
    ['a chunk that is refused', 'EHLO x\r\nBDAT 100000\r\n'],
  ])('octets of %s count as a sign of life', async (_title, begun) => {
    const { port } = await start({ idleTimeout: 200, messageTimeout: 600, maxMessageSize: 1000 });
    const client = await connect(port);
    client.send(begun);
    const drip = setInterval(() => client.send('x'), 20);
    onTestFinished(() => clearInterval(drip));
    let last = '';
    for (let reply = await client.reply(); reply !== null; reply = await client.reply()) {
      last = reply.text;
      if (reply.code === 421) clearInterval(drip);
    }
    // Not for its silence, but for the time that it takes.
    expect(last).toMatch(/^421 .*takes too long/);
  });

  test('one that had to be turned away is cut off also when it goes on sending', async () => {
    const { port } = await start({ maxConnections: 1 });
    await (await connect(port)).reply();
    const dripping = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true });
    const drip = setInterval(() => dripping.write('x'), 50);
    onTestFinished(() => {
      clearInterval(drip);
      dripping.destroy();
    });
    let received = '';
    dripping.on('data', (bytes) => (received += bytes.toString()));
    // It is the server that closes, so that the bytes meet nobody: what error that makes is the system's choice.
    dripping.on('error', () => undefined);
    const connected = Date.now();
    await new Promise((resolve) => dripping.once('close', resolve));
    expect(received).toMatch(/^421 /);
    expect(Date.now() - connected).toBeLessThan(10_000);
  });

  test('silence while a message is being committed is not the client’s', async () => {
    const { port, deliveries } = await start({ idleTimeout: 30 });
    const { storing, commit } = holdStore(deliveries);
    const client = await connect(port);
    client.send(`${transaction}text\r\n.\r\n`);
    await codes(client, 5);
    await storing;
    // One that came later is ended for its silence, so that the first has been silent for longer than is borne.
    const later = await connect(port);
    expect(await codes(later, 2)).toEqual([220, 421]);
    commit({ id: '1' });
    client.send('NOOP\r\n');
    expect(await codes(client, 3)).toEqual([250, 250, 421]);
    expect(await client.reply()).toBeNull();
  });

  test.each([
    ['a command', '', 'NOOP '],
    ['a message', transaction, ''],
  ])('%s that comes octet by octet is ended with 421 all the same', async (_title, before, begun) => {
    const { port } = await start({ idleTimeout: 200, messageTimeout: 200 });
    const client = await connect(port);
    client.send(before + begun);
    const drip = setInterval(() => client.send('x'), 20);
    onTestFinished(() => clearInterval(drip));
    const replies: number[] = [];
    for (let reply = await client.reply(); reply !== null; reply = await client.reply()) {
      replies.push(reply.code);
      if (reply.code === 421) clearInterval(drip);
    }
    expect(replies.at(-1)).toBe(421);
  });

  test('one that asks and never reads the answers is not read any further', async () => {
    const { port } = await start({ maxErrors: Infinity });
    const client = await connect(port);
    for (let count = 0; count < 100; count++) client.send('HELP\r\n'.repeat(20_000));
    await beServed(port);
    expect(client.unsent).toBeGreaterThan(0);
  });
});

describe('starting and stopping', () => {
  test('tells the port that was found, and each change of status', async () => {
    const server = new SmtpServer(new Deliveries());
    const told: ServerStatus[] = [];
    server.on('status', (status) => told.push(status));
    const { port } = await server.start('127.0.0.1', 0);
    await server.stop();
    expect(told).toEqual([
      { state: 'listening', host: '127.0.0.1', port, tlsPort: null },
      { state: 'stopped', host: '127.0.0.1', port, tlsPort: null },
    ]);
    expect(port).toBeGreaterThan(0);
  });

  test('a second start is an error', async () => {
    const { server } = await start();
    await expect(server.start('127.0.0.1', 0)).rejects.toThrow('running already');
  });

  test('a stop frees the port and lets sessions that run finish', async () => {
    const { server, port, deliveries } = await start();
    const client = await connect(port);
    client.send(transaction);
    await codes(client, 5);
    await server.stop();
    const successor = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void successor.close());
    await once(successor, 'listening');
    client.send('text\r\n.\r\nQUIT\r\n');
    expect(await codes(client, 2)).toEqual([250, 221]);
    expect(deliveries.stored).toHaveLength(1);
  });

  test('a shutdown ends idle sessions with 421 and waits for a message on its way', async () => {
    const { server, port, deliveries } = await start();
    const [idle, busy] = [await connect(port), await connect(port)];
    busy.send(transaction);
    await codes(busy, 5);
    await idle.reply();
    const done = server.shutdown(60_000);
    expect((await idle.reply())?.code).toBe(421);
    busy.send('text\r\n.\r\n');
    expect((await busy.reply())?.code).toBe(250);
    busy.send('QUIT\r\n');
    await busy.end();
    await done;
    expect(deliveries.stored).toHaveLength(1);
  });

  const text = 'text\r\n.\r\n';
  const next = `MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\n${text}`;

  test('a shutdown answers the message on its way, and none of those that follow it', async () => {
    const { server, port, deliveries } = await start();
    const client = await connect(port);
    client.send(transaction);
    await codes(client, 5);
    const done = server.shutdown(60_000);
    client.send(text + next.repeat(3));
    expect(await codes(client, 2)).toEqual([250, 421]);
    expect(await client.reply()).toBeNull();
    await done;
    expect(deliveries.stored).toHaveLength(1);
  });

  test('a shutdown waits for a message that is being committed, and answers no other', async () => {
    const { server, port, deliveries } = await start();
    const { storing, commit } = holdStore(deliveries);
    const client = await connect(port);
    client.send(transaction + text + next.repeat(3));
    await codes(client, 5);
    await storing;
    const done = server.shutdown(60_000);
    commit({ id: '1' });
    expect(await codes(client, 2)).toEqual([250, 421]);
    expect(await client.reply()).toBeNull();
    await done;
    expect(deliveries.stored).toHaveLength(1);
  });

  test('a shutdown waits for a message that is being committed also beyond its grace', async () => {
    const { server, port, deliveries } = await start();
    const { storing, commit } = holdStore(deliveries);
    const [committing, unfinished] = [await connect(port), await connect(port)];
    committing.send(transaction + text);
    unfinished.send(`${transaction}half a mess`);
    await Promise.all([codes(committing, 5), codes(unfinished, 5), storing]);
    const done = server.shutdown(10);
    expect(await codes(unfinished, 1)).toEqual([421]);
    commit({ id: '1' });
    expect(await codes(committing, 2)).toEqual([250, 421]);
    await done;
    expect([deliveries.stored.length, deliveries.discarded]).toEqual([1, 1]);
  });

  test('a shutdown gives up on a message that does not come to its end', async () => {
    const { server, port, deliveries } = await start();
    const client = await connect(port);
    client.send(`${transaction}half a mess`);
    await codes(client, 5);
    await server.shutdown(10);
    expect((await client.reply())?.code).toBe(421);
    expect([deliveries.stored.length, deliveries.discarded]).toEqual([0, 1]);
  });
});

describe('a port that cannot be had', () => {
  test('in use: says so and offers another that is free', async () => {
    const { port } = await start();
    const second = new SmtpServer(new Deliveries());
    const status = await second.start('127.0.0.1', port);
    expect(status).toMatchObject({ state: 'failed', port, message: expect.stringContaining(`Port ${port}`) as string });
    const free = 'freePort' in status ? status.freePort : null;
    expect(free).toBeGreaterThan(0);
    expect(await second.start('127.0.0.1', free as number)).toMatchObject({ state: 'listening', port: free });
    await second.stop();
  });

  test('the second one in use: neither is taken, and the status says which it was', async () => {
    const { port: taken } = await start();
    const server = new SmtpServer(new Deliveries());
    const status = await server.start('127.0.0.1', 0, taken);
    expect(status).toMatchObject({ state: 'failed', failed: 'tlsPort', tlsPort: taken, port: 0 });
    expect((await server.start('127.0.0.1', 0, 0)).state).toBe('listening');
    await server.stop();
  });

  test('in use, with the server’s own second port beside it: offers another', async () => {
    const { port } = await start();
    const status = await new SmtpServer(new Deliveries()).start('127.0.0.1', port, port + 1);
    expect(status).toMatchObject({ state: 'failed', failed: 'port' });
    expect('freePort' in status ? status.freePort : null).not.toBe(port + 1);
  });

  test('an address of another machine: says so and offers none', async () => {
    const status = await new SmtpServer(new Deliveries()).start('192.0.2.1', 1025);
    expect(status).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('192.0.2.1') as string,
      freePort: null,
    });
  });

  test('the same again after it was freed: starts', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const server = new SmtpServer(new Deliveries());
    expect((await server.start('127.0.0.1', port)).state).toBe('failed');
    blocker.close();
    await once(blocker, 'close');
    expect((await server.start('127.0.0.1', port)).state).toBe('listening');
    await server.stop();
  });
});
