/** This server with storage off: every message is taken and thrown away. */
import { SmtpServer } from '../../../main/smtp/server.ts';
import { announce } from './announce.ts';

const server = new SmtpServer({
  judge: () => ({ outcome: 'allow', delay: 0, rule: null }),
  receive: () => ({
    write: () => undefined,
    store: () => Promise.resolve({ id: '1' }),
    discard: () => undefined,
  }),
  refused: () => undefined,
});
announce((await server.start('127.0.0.1', 0)).port);
