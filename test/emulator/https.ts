// HTTPS requests to the emulator, in the process and in virtual time.
import { request, type IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';

import type { Credential } from '../../src/certificates/index.js';
import type { World } from './support.js';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Throws where it is none. */
  readonly json: Record<string, unknown>;
}

export interface Asking {
  readonly host: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  /** An object is sent as JSON. */
  readonly body?: object | string | Buffer;
  readonly credential?: Credential;
}

/** One request on a connection of its own. */
export async function ask(world: World, asking: Asking): Promise<Reply> {
  const socket = await world.secure(asking.host, 443, asking.credential);
  return world.run(exchange(socket, asking)).finally(() => socket.destroy());
}

/** One request on a connection that stands. */
export function exchange(socket: Duplex, { host, method = 'GET', path, headers, body }: Asking): Promise<Reply> {
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const bytes = isJson ? JSON.stringify(body) : body;
  return new Promise((resolve, reject) => {
    const type = isJson ? { 'content-type': 'application/json; charset=utf-8' } : {};
    const asked = request({ createConnection: () => socket, method, path, headers: { host, ...type, ...headers } });
    asked.on('error', reject);
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(chunks);
        resolve({
          status: response.statusCode as number,
          headers: response.headers,
          body: whole,
          get json() {
            return JSON.parse(whole.toString()) as Record<string, unknown>;
          },
        });
      });
    });
    asked.end(bytes);
  });
}
