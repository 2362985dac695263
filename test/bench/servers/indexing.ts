/** This server as committing.ts has it, with the parser beside: what is committed is read and indexed. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { Mailbox } from '../../../main/mailbox/mailbox.ts';
import { Digester } from '../../../main/mime/digester.ts';
import { Parser } from '../../../main/mime/parser.ts';
import { Rules } from '../../../main/rules/rules.ts';
import { SmtpServer } from '../../../main/smtp/server.ts';
import { mailboxWorker, mimeWorker } from '../../unit/support/workers.ts';
import { announce } from './announce.ts';
import { databaseName } from './database.ts';

const rules = new Rules();
const mailbox = new Mailbox(mailboxWorker, join(tmpdir(), databaseName));
const parser = new Parser({
  worker: mimeWorker,
  openSource: () => {
    const { port1, port2 } = new MessageChannel();
    mailbox.serveSource(port1);
    return port2;
  },
});
const digester = new Digester(mailbox, parser, (error) => {
  throw error;
});
mailbox.on('changed', () => digester.wake());
const server = new SmtpServer({
  judge: (question) => rules.judge(question),
  receive: (envelope) => mailbox.receive(envelope),
  refused: (part, session, isOver) => mailbox.keepRefused(part, session, isOver),
});
await mailbox.opened();
announce((await server.start('127.0.0.1', 0)).port);
