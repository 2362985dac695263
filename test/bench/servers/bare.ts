/** What Node's sockets leave to be won: it parses nothing, keeps nothing, and answers whatever comes. */
import { type AddressInfo, createServer } from 'node:net';
import { announce } from './announce.ts';

const [D, DOT, Q] = Buffer.from('D.Q');

const listener = createServer((socket) => {
  let isData = false;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    if (isData) {
      // CRLF . CRLF comes with the last of the data, not cut in two: good enough for the one client that there is.
      if (bytes.at(-3) !== DOT) return;
      isData = false;
      socket.write('250 OK\r\n', 'latin1');
    } else if (bytes[0] === D) {
      isData = true;
      socket.write('354 Go ahead\r\n', 'latin1');
    } else if (bytes[0] === Q) socket.end('221 Bye\r\n');
    else socket.write('250 OK\r\n', 'latin1');
  });
  socket.write('220 bare.test ESMTP\r\n', 'latin1');
}).listen(0, '127.0.0.1', () => announce((listener.address() as AddressInfo).port));
