import type { Envelope } from '../../../main/mailbox/message.ts';

export const envelope: Envelope = {
  reversePath: 'a@client.test',
  parameters: { SIZE: '4', RET: 'HDRS' },
  forwardPaths: ['b@server.test', 'c@server.test'],
  forwardPathParameters: [{ NOTIFY: 'NEVER' }, {}],
  remoteAddress: '127.0.0.1',
  clientName: 'client.test',
  protocol: 'ESMTP',
};
