// What a server of `npm run bench` in Node needs: TLS 1.2 with a client certificate, on any port of loopback. Alone it is the broker
// `node-tls`, which accepts connections, answers CONNECT and does nothing else: what Node itself takes for a handshake.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';

const CONNACK = Buffer.from([0x20, 2, 0, 0]);

/** Writes the port to stdout; the process ends when its stdin does. */
export function serveTls(onConnection) {
  const file = (name) => readFileSync(path.join(process.argv[2], name));
  const server = tls.createServer({
    ...{ cert: file('server.pem'), key: file('server-key.pem'), ca: file('root.pem') },
    ...{ requestCert: true, maxVersion: 'TLSv1.2', noDelay: true },
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.resume().once('end', () => process.exit());
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  serveTls((socket) => socket.once('data', () => socket.write(CONNACK)));
