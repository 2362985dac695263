/** This server with its rules and its mailbox, joined as main/app.ts does it: every message is committed, then answered. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mailbox } from '../../../main/mailbox/mailbox.ts';
import { Rules } from '../../../main/rules/rules.ts';
import { SmtpServer } from '../../../main/smtp/server.ts';
import { mailboxWorker } from '../../unit/support/workers.ts';
import { announce } from './announce.ts';
import { databaseName } from './database.ts';

const rules = new Rules();
const mailbox = new Mailbox(mailboxWorker, join(tmpdir(), databaseName));
const server = new SmtpServer({
  judge: (question) => rules.judge(question),
  receive: (envelope) => mailbox.receive(envelope),
  refused: (part, session, isOver) => mailbox.keepRefused(part, session, isOver),
});
await mailbox.opened();
announce((await server.start('127.0.0.1', 0)).port);
