import type { Duplex } from 'node:stream';
import { SphereIotError } from '../errors.js';

/** An HTTP proxy that makes connections for the device (HTTP_PROXY_OPTIONS of the SDK). */
export interface HttpProxy {
  readonly name: string;
  readonly port: number;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** Bytes that a proxy's answer may have before its empty line. */
const MAX_HEAD_BYTES = 16_384;

/**
 * Asks the proxy at the other end of `stream` for a tunnel (CONNECT, RFC 9110 9.3.6), with Basic credentials if there are
 * any. Afterwards the stream leads to `name`:`port`.
 * @throws SphereIotError `PROXY_UNAUTHORIZED` (407), `PROXY_REFUSED` (another status, or no HTTP).
 */
export async function openTunnel(stream: Duplex, proxy: HttpProxy, name: string, port: number): Promise<void> {
  const { username, password } = proxy;
  const credentials = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  const authorization = username === undefined ? '' : `Proxy-Authorization: Basic ${credentials}\r\n`;
  stream.write(`CONNECT ${name}:${port} HTTP/1.1\r\nHost: ${name}:${port}\r\n${authorization}\r\n`);
  const where = `The proxy ${proxy.name}:${proxy.port}`;
  const head = await readHead(stream, where);
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
  if (status === 407)
    throw new SphereIotError(
      'PROXY_UNAUTHORIZED',
      `${where} wants other credentials (407). Check its user name and password.`,
    );
  if (!(status >= 200 && status < 300))
    throw new SphereIotError(
      'PROXY_REFUSED',
      `${where} does not connect to ${name}:${port}: ${head.split('\r\n')[0]?.slice(0, 100)}`,
    );
}

/** The answer up to its empty line; what follows stays in the stream. */
function readHead(stream: Duplex, where: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const finish = (settle: () => void): void => {
      stream.off('readable', onReadable);
      stream.off('error', onError);
      stream.off('end', onEnd);
      stream.off('close', onEnd);
      settle();
    };
    const onError = (error: Error): void => finish(() => reject(error));
    const onEnd = (): void =>
      finish(() => reject(new SphereIotError('PROXY_REFUSED', `${where} closed the connection instead of answering.`)));
    const onReadable = (): void => {
      for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null) {
        received = Buffer.concat([received, chunk]);
        const end = received.indexOf('\r\n\r\n');
        if (end < 0 && received.length <= MAX_HEAD_BYTES) continue;
        if (end < 0)
          return finish(() =>
            reject(new SphereIotError('PROXY_REFUSED', `${where} does not answer as an HTTP proxy does.`)),
          );
        const rest = received.subarray(end + 4);
        if (rest.length > 0) stream.unshift(rest);
        return finish(() => resolve(received.toString('latin1', 0, end)));
      }
    };
    stream.on('readable', onReadable);
    stream.on('error', onError);
    stream.on('end', onEnd);
    stream.on('close', onEnd);
  });
}
