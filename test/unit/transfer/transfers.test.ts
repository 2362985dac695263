import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Mailbox } from '../../../main/mailbox/mailbox.ts';
import type { Envelope, MessageSummary } from '../../../main/mailbox/message.ts';
import type { Transfer } from '../../../main/transfer/transfer.ts';
import { Transfers } from '../../../main/transfer/transfers.ts';
import { envelope, everything, record } from '../mailbox/envelope.ts';
import { canMount, smallDisk } from '../support/disk.ts';
import { temporaryFolder } from '../support/folder.ts';
import { dyingMailboxWorker, mailboxWorker, transferWorker } from '../support/workers.ts';

function open(folder = temporaryFolder()): { mailbox: Mailbox; transfers: Transfers } {
  const mailbox = new Mailbox(mailboxWorker, join(folder, 'mailbox.sqlite'));
  return { mailbox, transfers: transfersOf(mailbox) };
}

function transfersOf(mailbox: Mailbox): Transfers {
  const transfers = new Transfers({
    worker: transferWorker,
    openMailbox: () => mailbox.openPort(),
    hostName: () => 'mx.test',
  });
  onTestFinished(async () => {
    await transfers.close();
    await mailbox.close();
  });
  return transfers;
}

async function deliver(mailbox: Mailbox, bytes: Buffer | string, changes: Partial<Envelope> = {}): Promise<number> {
  const delivery = mailbox.receive({ ...envelope, ...changes });
  await delivery.write(Buffer.from(bytes));
  const result = await delivery.store(record);
  if (!('id' in result)) throw new Error(result.failed);
  return Number(result.id);
}

async function sourceOf(mailbox: Mailbox, id: number): Promise<string> {
  return Buffer.from((await mailbox.source(id, 0, 1 << 30))?.bytes ?? []).toString('latin1');
}

/** What is in the mailbox behind a message, oldest first. */
async function all(mailbox: Mailbox, after = 0): Promise<MessageSummary[]> {
  const { messages } = await mailbox.list(everything, undefined, 10_000);
  return messages.filter(({ id }) => id > after).reverse();
}

const sources = async (mailbox: Mailbox, after = 0): Promise<string[]> =>
  Promise.all((await all(mailbox, after)).map(({ id }) => sourceOf(mailbox, id)));

const last = (transfers: Transfers): Transfer => transfers.list.at(-1) as Transfer;

const chosen = { ...everything, through: Number.MAX_SAFE_INTEGER };

describe('one message', () => {
  test('is saved as it came, with the trace headers on top', async () => {
    const { mailbox, transfers } = open();
    const bytes = Buffer.concat([Buffer.from('Subject: x\r\n\r\nbare\nand\r'), randomBytes(700_000)]);
    const id = await deliver(mailbox, bytes, { forwardPaths: ['b@x.test'] });
    const path = join(temporaryFolder(), 'one.eml');
    writeFileSync(path, 'old');
    await transfers.export({ ids: [id] }, 'eml', path, 'x');
    const saved = readFileSync(path);
    const trace = saved.subarray(0, -bytes.length).toString();
    expect(trace).toMatch(
      /^Return-Path: <a@client\.test>\r\nReceived: from client\.test \(\[127\.0\.0\.1\]\)\r\n by mx\.test .* for <b@x\.test>;\r\n .*\+0000\r\n$/s,
    );
    expect(saved.subarray(-bytes.length).equals(bytes)).toBe(true);
    expect(last(transfers)).toMatchObject({ kind: 'save', state: 'done', messages: 1, fraction: 1, path });
  });

  test('that was deleted meanwhile is told, and the old file is there', async () => {
    const { transfers } = open();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'one.eml'), 'old');
    await transfers.export({ ids: [7] }, 'eml', join(folder, 'one.eml'), 'x');
    expect(last(transfers)).toMatchObject({ state: 'failed', error: 'The message was deleted.' });
    expect(readdirSync(folder)).toEqual(['one.eml']);
    expect(readFileSync(join(folder, 'one.eml'), 'utf8')).toBe('old');
  });

  test('is written into a folder with others, each into a file of its own', async () => {
    const { mailbox, transfers } = open();
    const ids = [await deliver(mailbox, 'Subject: a\r\n\r\n'), await deliver(mailbox, 'Subject: b\r\n\r\n')];
    const folder = temporaryFolder();
    const paths = await transfers.spread(ids, folder);
    expect(paths).toEqual([join(folder, '1.eml'), join(folder, '2.eml')]);
    expect(readFileSync(paths[1] ?? '', 'latin1')).toMatch(/Subject: b\r\n\r\n$/);
    expect(transfers.list).toEqual([]);
  });
});

describe('a mailbox', () => {
  test.each(['mbox', 'zip'] as const)('is exported as %s, oldest first, without what is not chosen', async (format) => {
    const { mailbox, transfers } = open();
    for (const name of ['a', 'b', 'c', 'd']) {
      await deliver(mailbox, `Subject: ${name}\r\n\r\n${name}\r\n`, { user: name === 'c' ? 'shop' : null });
    }
    await mailbox.delete({ ids: [2] });
    const path = join(temporaryFolder(), 'mail');
    await transfers.export({ mailbox: 1, search: '', through: 4 }, format, path, 'Inbox');
    expect(last(transfers)).toMatchObject({ kind: 'export', state: 'done', messages: 2, fraction: 1, problemCount: 0 });
    const listed =
      format === 'mbox'
        ? readFileSync(path, 'latin1').match(/^Subject: .$/gm)
        : spawnSync('unzip', ['-Z1', path]).stdout.toString().trim().split('\n');
    expect(listed).toEqual(format === 'mbox' ? ['Subject: a', 'Subject: d'] : ['1.eml', '4.eml']);
  });

  test('is named in a zip by what the parser read', async () => {
    const { mailbox, transfers } = open();
    const id = await deliver(mailbox, 'Subject: x\r\n\r\n');
    const digest = { subject: '../../Über: "1/2"', from: null, to: [], snippet: '', attachmentCount: 0 };
    const text = { subject: '', from: '', to: '', cc: '', body: '', attachment: '', headers: [] };
    await mailbox.saveParsed([{ id, digest, text }]);
    const path = join(temporaryFolder(), 'mail.zip');
    await transfers.export(chosen, 'zip', path, 'Inbox');
    const names = spawnSync('unzip', ['-Z1', path], { env: { ...process.env, LC_ALL: 'C.UTF-8' } }).stdout.toString();
    expect(names).toBe('1 .._.._Über_ _1_2_.eml\n');
  });

  test('that is searched wrongly is told', async () => {
    const { mailbox, transfers } = open();
    await deliver(mailbox, 'Subject: x\r\n\r\n');
    const folder = temporaryFolder();
    await transfers.export({ ...chosen, search: 'larger:huge' }, 'mbox', join(folder, 'mail.mbox'), 'Inbox');
    expect(last(transfers)).toMatchObject({ state: 'failed', error: expect.stringMatching(/larger/) as string });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('can be cancelled in the middle, and nothing is left', async () => {
    const { mailbox, transfers } = open();
    const large = randomBytes(3_000_000);
    for (let count = 0; count < 40; count++) await deliver(mailbox, large);
    const folder = temporaryFolder();
    const over = transfers.export(chosen, 'mbox', join(folder, 'mail.mbox'), 'Inbox');
    while (last(transfers).messages === 0) await once(transfers, 'changed');
    transfers.cancel(last(transfers).id);
    await over;
    expect(last(transfers)).toMatchObject({ state: 'cancelled' });
    expect(last(transfers).messages).toBeLessThan(40);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.skipIf(!canMount)('does not fit on a full disk: that is told, and nothing is left (needs root)', async () => {
    const { mailbox, transfers } = open();
    await deliver(mailbox, randomBytes(3_000_000));
    const disk = smallDisk('1m');
    await transfers.export(chosen, 'mbox', join(disk, 'mail.mbox'), 'Inbox');
    expect(last(transfers)).toMatchObject({ state: 'failed', error: expect.stringMatching(/ENOSPC/) as string });
    expect(readdirSync(disk)).toEqual([]);
  });

  test('cannot be exported where the mailbox does not work, and that is told', async () => {
    const mailbox = new Mailbox(dyingMailboxWorker, 'ends');
    const failed = once(mailbox, 'failed');
    const transfers = transfersOf(mailbox);
    await Promise.all([failed, transfers.export(chosen, 'mbox', join(temporaryFolder(), 'mail.mbox'), 'Inbox')]);
    expect(last(transfers)).toMatchObject({ state: 'failed', error: 'The mailbox stopped working.' });
  });
});

describe('what is imported', () => {
  /** Writes files; a name may have folders before it. @returns the folder */
  function folderWith(files: Record<string, string | Buffer>): string {
    const folder = temporaryFolder();
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return folder;
  }

  test('a message lies in the mailbox as it was in the file, and says where it came from', async () => {
    const { mailbox, transfers } = open();
    await deliver(mailbox, 'x', { user: 'shop' });
    const bytes = 'Return-Path: <jürgen@x.test>\nSubject: x\n\ntext\n';
    const folder = folderWith({ 'a.eml': bytes });
    const heard = once(mailbox, 'changed');
    await transfers.import([join(folder, 'a.eml')], 2);
    expect(await heard).toEqual([[2]]);
    expect(last(transfers)).toMatchObject({
      ...{ kind: 'import', name: 'a.eml', path: null, mailbox: 2, state: 'done' },
      ...{ messages: 1, fraction: 1, problems: [] },
    });
    expect(Buffer.from(await sourceOf(mailbox, 2), 'latin1').toString()).toBe(bytes.replaceAll('\n', '\r\n'));
    const [summary] = await mailbox.summaries([2]);
    expect(summary).toMatchObject({
      ...{ mailbox: 2, unread: true, starred: false },
      envelope: {
        ...{ reversePath: 'jürgen@x.test', forwardPaths: [], remoteAddress: '', clientName: '' },
        ...{ protocol: null, tls: null, user: null },
      },
    });
    const session = await mailbox.sessionRecord(2);
    expect(session).toEqual({ transcript: expect.stringMatching(/^\d+ - Imported from a\.eml$/) as string, notes: [] });
  });

  test('an mbox gives its messages in their order, whatever it is called', async () => {
    const { mailbox, transfers } = open();
    const mbox =
      'From a@x.test Thu Nov  5 13:07:09 2026\nSubject: 1\n\n>From x\n\nFrom b\nReturn-Path: <c@x.test>\n\n2\n';
    await transfers.import([join(folderWith({ Sent: mbox }), 'Sent')], 1);
    expect(await sources(mailbox)).toEqual(['Subject: 1\r\n\r\nFrom x\r\n', 'Return-Path: <c@x.test>\r\n\r\n2\r\n']);
    expect((await all(mailbox)).map((one) => one.envelope.reversePath)).toEqual(['a@x.test', 'c@x.test']);
  });

  test('a Maildir gives its mail in the order of delivery, read and starred as it says, and its folders', async () => {
    const { mailbox, transfers } = open();
    const folder = folderWith({
      'cur/1000.a.host:2,S': 'Subject: read\n\n',
      'cur/1003.a.host!2,FRS': 'Subject: starred\n\n',
      'cur/1002.a.host;2,': 'Subject: seen by nobody\n\n',
      'new/1001.a.host': 'no header',
      'new/.hidden': 'Subject: x\n\n',
      'tmp/1004.a.host': 'Subject: half\n\n',
      'dovecot.index': 'Subject: none\n\n',
      '.Sent/cur/1.host:2,FS': 'Subject: sent\n\n',
      '.Sent/new/.keep': '',
    });
    await transfers.import([folder], 1);
    expect(await sources(mailbox)).toEqual([
      ...['Subject: read\r\n\r\n', 'no header', 'Subject: seen by nobody\r\n\r\n', 'Subject: starred\r\n\r\n'],
      'Subject: sent\r\n\r\n',
    ]);
    expect((await all(mailbox)).map(({ unread, starred }) => [unread, starred])).toEqual([
      ...[
        [false, false],
        [true, false],
        [true, false],
        [false, true],
      ],
      [false, true],
    ]);
    expect(last(transfers)).toMatchObject({ name: basename(folder), messages: 5, problems: [] });
  });

  test('a folder gives whatever holds mail in it; the rest is told', async () => {
    const { mailbox, transfers } = open();
    const folder = folderWith({
      ...{ 'a/1.eml': 'Subject: 1\n\n', 'a/b/Inbox': 'From x\nSubject: 2\n\n', 'a/b/Inbox.msf': '// <!-- <mdb:mork:' },
      ...{ 'c.eml': '', '.DS_Store': 'x' },
    });
    await transfers.import([folder, join(folder, 'gone.eml')], 1);
    expect(await sources(mailbox)).toEqual(['Subject: 1\r\n\r\n', 'Subject: 2\r\n']);
    expect(last(transfers)).toMatchObject({
      ...{ state: 'done', name: '2 files', messages: 2, problemCount: 3 },
      problems: [
        { name: 'Inbox.msf', reason: 'It holds neither a message nor an mbox.' },
        { name: 'c.eml', reason: 'It is empty.' },
        { name: 'gone.eml', reason: expect.stringMatching(/^It cannot be read: ENOENT/) as string },
      ],
    });
  });

  test('is nothing that a link leads to, outside or in a circle, and no pipe', async () => {
    const { mailbox, transfers } = open();
    const secret = join(folderWith({ secret: 'Subject: secret\n\n' }), 'secret');
    const folder = folderWith({ 'cur/1.host:2,': 'Subject: x\n\n', 'new/.keep': '', 'more/a.eml': 'Subject: y\n\n' });
    symlinkSync(secret, join(folder, 'cur/2.host:2,'));
    symlinkSync(secret, join(folder, 'more/link.eml'));
    symlinkSync(folder, join(folder, 'more/circle'));
    expect(spawnSync('mkfifo', [join(folder, 'more/pipe')]).status).toBe(0);
    await transfers.import([folder], 1);
    expect(await sources(mailbox)).toEqual(['Subject: x\r\n\r\n', 'Subject: y\r\n\r\n']);
    expect(last(transfers).problems.map(({ name }) => name)).toEqual(['2.host:2,', 'circle', 'link.eml', 'pipe']);
  });

  test('has no empty message, and each that there is has its number', async () => {
    const { mailbox, transfers } = open();
    await transfers.import([join(folderWith({ m: 'From a\nx\n\nFrom b\n\nFrom c\ny\n\n' }), 'm')], 1);
    expect(await sources(mailbox)).toEqual(['x\r\n', 'y\r\n']);
    expect(last(transfers).problems).toEqual([{ name: 'Message 2 of m', reason: 'It is empty.' }]);
  });

  test('is named without what would end a line of the transcript', async () => {
    const { mailbox, transfers } = open();
    await transfers.import([join(folderWith({ 'a\nb.eml': 'Subject: x\n\n' }), 'a\nb.eml')], 1);
    expect((await mailbox.sessionRecord(1))?.transcript).toMatch(/^\d+ - Imported from a\?b\.eml$/);
  });

  test('a thousand messages come in, go out, and come in again as they were', async () => {
    const { mailbox, transfers } = open();
    const mbox = Array.from({ length: 1000 }, (_, n) => `From x\nSubject: ${n}\n\n${'text\n'.repeat(n)}>From ${n}\n\n`);
    const folder = folderWith({ in: mbox.join('') });
    await transfers.import([join(folder, 'in')], 1);
    expect(last(transfers)).toMatchObject({ state: 'done', messages: 1000, problemCount: 0 });
    const first = await sources(mailbox);
    for (const format of ['mbox', 'zip'] as const) {
      await transfers.export({ mailbox: 1, search: '', through: 1000 }, format, join(folder, format), 'Inbox');
    }
    await transfers.import([join(folder, 'mbox')], 1);
    expect(await sources(mailbox, 1000)).toEqual(first);
    const out = join(folder, 'out');
    expect(spawnSync('unzip', ['-q', join(folder, 'zip'), '-d', out]).status).toBe(0);
    expect(first.map((_, index) => readFileSync(join(out, `${index + 1}.eml`), 'latin1'))).toEqual(first);
  });

  const corpus = fileURLToPath(new URL('../../../../shared/corpus/mail-gem/emails', import.meta.url));
  test.skipIf(!existsSync(corpus))('messages that others wrote are what they were (needs the corpus)', async () => {
    const { mailbox, transfers } = open();
    const paths = readdirSync(corpus, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== '.gitattributes')
      .map((entry) => join(entry.parentPath, entry.name));
    const files = paths.map((path) => readFileSync(path, 'latin1')).filter((text) => text !== '');
    expect(files.length).toBeGreaterThan(100);
    await transfers.import(paths, 1);
    expect(last(transfers)).toMatchObject({ messages: files.length, problemCount: paths.length - files.length });
    // Some are an mbox of one message.
    const messages = files.map((text) =>
      text.startsWith('From ') ? text.replace(/^[^\n]*\n/, '').replace(/(?<=\n)\r?\n$/, '') : text,
    );
    const isCrlf = (text: string): boolean => /^[^\n]*\r\n/.test(text);
    const expected = messages.map((text) => (isCrlf(text) ? text : text.replace(/(?<!\r)\n/g, '\r\n')));
    expect(await sources(mailbox)).toEqual(expected);
    const folder = temporaryFolder();
    await transfers.export(chosen, 'mbox', join(folder, 'mbox'), 'Inbox');
    await transfers.import([join(folder, 'mbox')], 1);
    const ended = expected.map((text) => (text.endsWith('\n') ? text : `${text}\n`));
    const canonical = ended.map((text) => text.replaceAll('\r\n', '\n').replace(/(?<!\r)\n/g, '\r\n'));
    expect(await sources(mailbox, files.length)).toEqual(canonical);
  });

  test('can be cancelled in the middle: what was committed stays', async () => {
    const { mailbox, transfers } = open();
    const message = `From x\nSubject: x\n\n${'text\n'.repeat(100_000)}\n`;
    const folder = folderWith({ in: message.repeat(200) });
    const over = transfers.import([join(folder, 'in')], 1);
    while (last(transfers).messages === 0) await once(transfers, 'changed');
    transfers.cancel(last(transfers).id);
    await over;
    expect(last(transfers).state).toBe('cancelled');
    const { total } = await mailbox.counts();
    expect(last(transfers).messages).toBe(total);
    expect(total).toBeLessThan(200);
  });

  test.skipIf(!canMount)('goes no further where the disk is full, and that is told (needs root)', async () => {
    const { transfers } = open(smallDisk('4m'));
    const folder = folderWith({ a: randomBytes(8_000_000), b: 'Subject: x\n\n' });
    await transfers.import([join(folder, 'a'), join(folder, 'b')], 1);
    expect(last(transfers)).toMatchObject({ state: 'failed', error: expect.stringMatching(/is full/) as string });
  });

  test('what is dismissed is listed no longer; what runs stays', async () => {
    const { transfers } = open();
    const over = transfers.import([join(folderWith({ a: 'Subject: x\n\n' }), 'a')], 1);
    const { id } = last(transfers);
    transfers.dismiss(id);
    expect(transfers.list).toHaveLength(1);
    await over;
    transfers.dismiss(id);
    expect(transfers.list).toEqual([]);
  });
});
