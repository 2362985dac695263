import type { Envelope, MessageFilter, SearchedText, SessionRecord } from '../../../main/mailbox/message.ts';

export const envelope: Envelope = {
  reversePath: 'a@client.test',
  parameters: { SIZE: '4', RET: 'HDRS' },
  forwardPaths: ['b@server.test', 'c@server.test'],
  forwardPathParameters: [{ NOTIFY: 'NEVER' }, {}],
  remoteAddress: '127.0.0.1',
  clientName: 'client.test',
  protocol: 'ESMTP',
  tls: null,
  user: null,
};

export const everything: MessageFilter = { mailbox: null, search: '' };

export const searchedText = (changes: Partial<SearchedText> = {}): SearchedText => ({
  ...{ subject: '', from: '', to: '', cc: '', body: '', attachment: '', headers: [] },
  ...changes,
});

export const record: SessionRecord = {
  transcript: '1000 S 220 mx.test ESMTP\n1001 C QUIT',
  notes: [{ text: 'A command line ended with a bare LF.', source: 'RFC 5321 section 2.3.8' }],
};
