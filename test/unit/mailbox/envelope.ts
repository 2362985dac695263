import type { Envelope } from '../../../main/mailbox/message.ts';

export const envelope: Envelope = {
  reversePath: 'a@client.test',
  forwardPaths: ['b@server.test', 'c@server.test'],
  remoteAddress: '127.0.0.1',
  clientName: 'client.test',
  protocol: 'ESMTP',
};
