import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MadeMessage } from '../messages.ts';
import { peersFolder } from '../peers/folder.mjs';

/** What MailDev keeps of a message, as far as it is needed here. */
export interface Email {
  id: string;
  time: Date;
  subject: string;
  html: string;
  text: string;
  [other: string]: unknown;
}

interface Storage {
  save(email: Email): Promise<void>;
}

interface Api {
  start(): Promise<void>;
  getAddress(): { port: number };
}

/** Its `exports` are for `import` alone, which finds packages beside this file only: so by its path. */
const load = (name: string): Promise<unknown> =>
  import(pathToFileURL(join(peersFolder, 'node_modules/@maildev', name, 'dist/index.js')).href);

/** @returns the storage that MailDev has unless it is told otherwise: in memory */
export async function maildevStorage(): Promise<Storage> {
  const { MemoryStorage } = (await load('core')) as { MemoryStorage: new () => Storage };
  return new MemoryStorage();
}

/** @returns what its web pages ask, not started yet */
export async function maildevApi(storage: Storage): Promise<Api> {
  const { createAPIServer } = (await load('api')) as { createAPIServer: (options: object) => Api };
  return createAPIServer({ port: 0, host: '127.0.0.1', storage });
}

/** What MailDev's parser would make of a message, nearly: the source stands for the HTML, which is most of it. */
export function maildevEmail(number: number, { bytes, receivedAt, envelope, digested }: MadeMessage): Email {
  const { digest, text } = digested;
  return {
    ...{ id: number.toString(36).padStart(8, '0'), time: new Date(receivedAt), read: number % 2 === 1 },
    ...{ subject: digest.subject, from: [digest.from], to: digest.to, attachments: [] },
    ...{ size: bytes.length, sizeHuman: `${Math.round(bytes.length / 1024)} KB`, source: `/tmp/${number}.eml` },
    ...{ html: bytes.toString(), text: text.body },
    headers: Object.fromEntries(text.headers.map(({ name, value }) => [name.toLowerCase(), value])),
    envelope: { from: { address: envelope.reversePath }, to: envelope.forwardPaths.map((address) => ({ address })) },
  };
}
