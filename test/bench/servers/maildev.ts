/** MailDev without its web pages: it parses each message and keeps it in memory and, in the temporary folder, as a file. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { peersFolder } from '../peers/folder.mjs';
import { announce } from './announce.ts';

interface MailDevInstance {
  start(): Promise<void>;
  getServers(): { smtp: { getPort(): number } };
}
// Its `exports` are for `import` alone, which finds packages beside this file only: so by its path.
const main = pathToFileURL(join(peersFolder, 'node_modules/maildev/dist/index.js'));
const { MailDev } = (await import(main.href)) as {
  MailDev: new (config: { smtp: number; ip: string; disableWeb: boolean }) => MailDevInstance;
};

const mailDev = new MailDev({ smtp: 0, ip: '127.0.0.1', disableWeb: true });
await mailDev.start();
announce(mailDev.getServers().smtp.getPort());
