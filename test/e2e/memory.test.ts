import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type Mailmitt, expect, rows, test } from './mailmitt.ts';

const MB = 1_000_000;

/** A megabyte of lines that do not compress well. */
const block = Buffer.from(
  randomBytes(MB / 2)
    .toString('hex')
    .replaceAll(/.{77}/g, '$&\r\n'),
).subarray(0, MB);

/** Sends one message of that many megabytes, as fast as it is taken. @returns everything that was answered */
async function sendLarge(port: number, megabytes: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let answers = '';
  socket.on('data', (text: string) => (answers += text));
  const write = (bytes: string | Buffer): Promise<void> =>
    new Promise((resolve) => socket.write(bytes, () => resolve()));
  await once(socket, 'connect');
  await write('EHLO client.test\r\nMAIL FROM:<a@x.test>\r\nRCPT TO:<b@y.test>\r\nDATA\r\nSubject: Large\r\n\r\n');
  for (let count = 0; count < megabytes; count++) await write(block);
  await write('\r\n.\r\nQUIT\r\n');
  await once(socket, 'close');
  return answers;
}

/** Octets that the main process, with its threads, has in memory. */
const inMemory = (mailmitt: Mailmitt): Promise<number> => mailmitt.app.evaluate(() => process.memoryUsage.rss());

test('ten clients that send 50 MB each grow the main process by less than 100 MB', async ({ mailmitt }) => {
  test.setTimeout(180_000);
  // What is loaded and made ready with the first message does not count.
  await sendLarge(await mailmitt.port(), 1);
  const page = await mailmitt.page();
  await expect(rows(page)).toHaveCount(1);
  const before = await inMemory(mailmitt);

  const port = await mailmitt.port();
  let peak = before;
  const watch = async (until: Promise<unknown>): Promise<void> => {
    const ended = until.then(() => 'ended');
    do peak = Math.max(peak, await inMemory(mailmitt));
    while ((await Promise.race([ended, Promise.resolve()])) !== 'ended');
  };
  const sent = Promise.all(Array.from({ length: 10 }, () => sendLarge(port, 50)));
  await watch(sent);
  for (const answers of await sent) expect(answers).toMatch(/\r\n250 .* Message accepted\r\n221 /);
  // They are also read by the parser.
  await expect(rows(page).filter({ hasText: 'Large' })).toHaveCount(11, { timeout: 60_000 });
  peak = Math.max(peak, await inMemory(mailmitt));
  expect(peak - before).toBeLessThan(100 * MB);
});
