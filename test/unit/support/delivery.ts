import { type ReceivedReply, SmtpClient } from './smtp-client.ts';

/** What a client sends as mail data for a message (RFC 5321 section 4.5.2). The message ends with CRLF. */
const stuffed = (message: Buffer): string => message.toString('latin1').replace(/(^|\r\n)\./g, '$1..');

/** Begins a session. @param user whom to authenticate as, if as anybody */
export async function hello(port: number, user: string | null = null): Promise<SmtpClient> {
  const client = await SmtpClient.connect(port);
  await client.reply();
  client.send('EHLO client.test\r\n');
  await client.reply();
  if (user !== null) {
    client.send(`AUTH PLAIN ${Buffer.from(`\0${user}\0secret`).toString('base64')}\r\n`);
    await client.reply();
  }
  return client;
}

/**
 * Delivers one message in a session that said hello.
 * @param chunk octets of a chunk, where it goes by BDAT and not by DATA
 * @returns the last reply; null when the connection was closed before it
 */
export async function deliver(
  client: SmtpClient,
  message: Buffer,
  chunk: number | null = null,
): Promise<ReceivedReply | null> {
  client.send('MAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\n');
  for (let count = 0; count < 2; count++) if ((await client.reply()) === null) return null;
  if (chunk !== null) return deliverChunks(client, message, chunk);
  client.send('DATA\r\n');
  if ((await client.reply()) === null) return null;
  client.send(`${stuffed(message)}.\r\n`);
  return client.reply();
}

async function deliverChunks(client: SmtpClient, message: Buffer, size: number): Promise<ReceivedReply | null> {
  let reply: ReceivedReply | null = null;
  for (let at = 0; at < message.length; at += size) {
    const bytes = message.subarray(at, at + size);
    const last = at + size >= message.length ? ' LAST' : '';
    client.send(`BDAT ${bytes.length}${last}\r\n${bytes.toString('latin1')}`);
    reply = await client.reply();
    if (reply?.code !== 250) return reply;
  }
  return reply;
}

/** @returns the id that a message was given; null when it was not accepted */
export function acceptedAs(reply: ReceivedReply | null): number | null {
  const id = /^250 2\.0\.0 (\d+) Message accepted/.exec(reply?.text ?? '')?.[1];
  return id === undefined ? null : Number(id);
}

/** For a connection that may break off in the middle of anything, as the server is killed. @throws any other error */
export function ignoreReset(error: NodeJS.ErrnoException): void {
  if (!['ECONNRESET', 'EPIPE', 'ECONNREFUSED'].includes(error.code ?? '')) throw error;
}
