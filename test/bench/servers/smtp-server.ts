/** The server of the npm package smtp-server, which throws every message away. */
import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { peersFolder } from '../peers/folder.mjs';
import { announce } from './announce.ts';

interface Options {
  authOptional: boolean;
  onData: (message: Readable, session: unknown, callback: () => void) => void;
}
const { SMTPServer } = createRequire(join(peersFolder, 'package.json'))('smtp-server') as {
  SMTPServer: new (options: Options) => { listen(port: number, host: string, callback: () => void): Server };
};

const listener = new SMTPServer({
  authOptional: true,
  onData: (message, _session, callback) => {
    message.resume().once('end', () => callback());
  },
}).listen(0, '127.0.0.1', () => announce((listener.address() as AddressInfo).port));
