/** The SMTP server with its rules, mailbox and parser, joined as main/app.ts does it, and told what to do by who forked it. */
import { join } from 'node:path';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { Mailbox } from '../../../main/mailbox/mailbox.ts';
import { Digester, type Unread } from '../../../main/mime/digester.ts';
import { Parser } from '../../../main/mime/parser.ts';
import { Rules } from '../../../main/rules/rules.ts';
import { SmtpServer } from '../../../main/smtp/server.ts';
import { deny } from '../rules/rule.ts';
import { mailboxWorker, mimeWorker } from '../support/workers.ts';

const [folder = ''] = process.argv.slice(2);

const threads = new Map<string | null, Worker>();
process.on('worker', (worker) => threads.set(worker.threadName, worker));

let hasFailed = false;
const mailbox = new Mailbox(mailboxWorker, join(folder, 'mailbox.sqlite'));
mailbox.on('failed', () => (hasFailed = true));
mailbox.on('problem', (error) => {
  throw error;
});
mailbox.on('setAside', ({ reason }) => {
  throw new Error(`The database is damaged: ${reason}`);
});
const parser = new Parser({
  worker: mimeWorker,
  openSource: () => {
    const { port1, port2 } = new MessageChannel();
    mailbox.serveSource(port1);
    return port2;
  },
});
const unread: Unread = {
  get arrived() {
    return mailbox.arrived;
  },
  unindexed: (limit) => mailbox.unindexed(limit),
  saveParsed: (outcomes) => {
    tell({ isSaving: true });
    return mailbox.saveParsed(outcomes);
  },
};
const digester = new Digester(unread, parser, (error) => {
  if (!hasFailed) throw error;
});
mailbox.on('changed', () => digester.wake());
const rules = new Rules();
rules.replace([deny('recipient', 'refused@*')]);
const smtp = new SmtpServer({
  judge: (question) => rules.judge(question),
  receive: (envelope) => mailbox.receive(envelope),
  refused: (part, session, isOver) => mailbox.keepRefused(part, session, isOver),
});

const commands = {
  setUnread: (ids: number[], unread: boolean) => mailbox.setUnread({ ids }, unread),
  setStarred: (ids: number[], starred: boolean) => mailbox.setStarred({ ids }, starred),
  delete: (ids: number[]) => mailbox.delete({ ids }),
  deleteThrough: (through: number, of: number | null) => mailbox.delete({ through, mailbox: of, search: '' }),
  counts: () => mailbox.counts(),
  unindexed: (limit: number) => mailbox.unindexed(limit),
  /** @returns whether there was such a thread */
  endThread: async (name: 'mailbox' | 'mime') => {
    const thread = threads.get(name);
    threads.delete(name);
    await thread?.terminate();
    return thread !== undefined;
  },
};
export type Commands = typeof commands;

export interface Request {
  call: number;
  command: keyof Commands;
  arguments: unknown[];
}
export type Told =
  | { port: number }
  /** What the parser read is on its way to the mailbox. */
  | { isSaving: true }
  | { call: number; value: unknown }
  /** It was not done, or not answered: the mailbox stopped working. */
  | { call: number; error: string };

function tell(what: Told): void {
  process.send?.(what);
}

process.on('message', ({ call, command, arguments: values }: Request) => {
  const run = commands[command] as (...values: unknown[]) => Promise<unknown>;
  run(...values).then(
    (value) => tell({ call, value: value ?? null }),
    (error: unknown) => tell({ call, error: (error as Error).message }),
  );
});
process.on('disconnect', () => process.exit());

// As in the app, it listens before the database is open.
mailbox.opened().then(
  (setAside) => {
    if (setAside !== null) throw new Error(`The database could not be opened: ${setAside.reason}`);
    digester.wake();
  },
  (error: unknown) => {
    if (!hasFailed) throw error;
  },
);
const status = await smtp.start('127.0.0.1', 0);
tell({ port: status.port });
