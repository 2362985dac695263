/** What MailDev's web pages ask, over so many messages. */
import { MessageMaker } from '../messages.ts';
import { maildevApi, maildevEmail, maildevStorage } from './maildev-parts.ts';
import { announce } from './announce.ts';

const maker = new MessageMaker();
const storage = await maildevStorage();
for (let number = 1; number <= Number(process.argv[2]); number++) {
  await storage.save(maildevEmail(number, maker.make(number)));
}
const api = await maildevApi(storage);
await api.start();
announce(api.getAddress().port);
