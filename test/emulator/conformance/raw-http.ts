import type { TLSSocket } from 'node:tls';

import type { Credential } from '../../../src/certificates/index.js';
import type { World } from '../support.js';

/** An HTTP response as it came. */
export interface RawResponse {
  readonly statusLine: string;
  /** As they were written, one a line. */
  readonly headers: readonly string[];
  readonly body: string;
  /** Throws where the body is none. */
  readonly json: Record<string, unknown>;
}

/** A request's bytes, with the length of its body. */
export function requestOf(start: string, host: string, body = '', headers: readonly string[] = []): string {
  const type = body.startsWith('{') ? ['Content-Type: application/json'] : [];
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return [`${start} HTTP/1.1`, `Host: ${host}`, ...type, length, ...headers, '', body].join('\r\n');
}

/** Sends the bytes on a TLS connection of its own, and reads one response. */
export async function say(
  world: World,
  host: string,
  request: string,
  credential?: Credential,
  tls: object = {},
): Promise<RawResponse> {
  const socket = await world.secure(host, 443, credential, tls);
  try {
    const response = responseOn(socket);
    socket.write(request);
    return await world.run(response);
  } finally {
    socket.destroy();
  }
}

/** One response on a connection that stands. Rejects where that ends before. */
export function responseOn(socket: TLSSocket): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const over = (): void => {
      socket.off('data', read).off('close', closed).off('error', reject);
    };
    const closed = (): void => reject(new Error(`the connection ended after ${JSON.stringify(bytes.toString())}`));
    const read = (more: Buffer): void => {
      bytes = Buffer.concat([bytes, more]);
      const response = parsed(bytes);
      if (response === undefined) return;
      over();
      resolve(response);
    };
    socket.on('data', read).on('close', closed).on('error', reject);
  });
}

/** Undefined while it is not whole. Throws where there is more than one response. */
function parsed(bytes: Buffer): RawResponse | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...headers] = bytes.subarray(0, end).toString().split('\r\n');
  const length = headers
    .map((line) => /^content-length: (\d+)$/i.exec(line)?.[1])
    .find((digits) => digits !== undefined);
  const body = bytes.subarray(end + 4);
  if (body.length < Number(length ?? 0)) return undefined;
  if (body.length > Number(length ?? 0)) throw new Error(`${body.length} bytes of a body of ${length ?? 'none'}`);
  return {
    statusLine,
    headers,
    body: body.toString(),
    get json() {
      return JSON.parse(body.toString()) as Record<string, unknown>;
    },
  };
}
