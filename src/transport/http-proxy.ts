import * as http from 'node:http';
import { isIPv6 } from 'node:net';
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
  const where = `The proxy ${proxy.name}:${proxy.port}`;
  const target = `${isIPv6(name) ? `[${name}]` : name}:${port}`;
  const { statusCode = 0, statusMessage, httpVersion } = await answerOf(stream, proxy, target, where);
  if (statusCode === 407)
    throw new SphereIotError(
      'PROXY_UNAUTHORIZED',
      `${where} wants other credentials (407). Check its user name and password.`,
    );
  if (!(statusCode >= 200 && statusCode < 300))
    throw new SphereIotError(
      'PROXY_REFUSED',
      `${where} does not connect to ${target}: ${`HTTP/${httpVersion} ${statusCode} ${statusMessage}`.slice(0, 100)}`,
    );
}

/** The head of its answer; what follows stays in the stream. */
function answerOf(stream: Duplex, proxy: HttpProxy, target: string, where: string): Promise<http.IncomingMessage> {
  const { username, password } = proxy;
  const credentials = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  const request = http.request({
    method: 'CONNECT',
    path: target,
    headers: { Host: target, ...(username !== undefined && { 'Proxy-Authorization': `Basic ${credentials}` }) },
    createConnection: () => stream,
    maxHeaderSize: MAX_HEAD_BYTES,
  });
  // As the SDK asks for it.
  request.removeHeader('Connection');
  return new Promise((resolve, reject) => {
    // What happens to the connection is told as it is, by whoever hears of it first: that differs between versions of Node.
    stream.once('error', reject);
    request.once('connect', (response, _stream, rest) => {
      stream.off('error', reject);
      if (rest.length > 0) stream.unshift(rest);
      resolve(response);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const isHttp = error.code?.startsWith('HPE_') !== true;
      if (isHttp && stream.errored !== null) return reject(stream.errored);
      const why = isHttp ? 'closed the connection instead of answering' : 'does not answer as an HTTP proxy does';
      return reject(new SphereIotError('PROXY_REFUSED', `${where} ${why}.`, { cause: error }));
    });
    request.end();
  });
}
