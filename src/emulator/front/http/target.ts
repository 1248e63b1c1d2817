import type { IncomingMessage } from 'node:http';

import { asciiLowerCase } from '../../../ascii.js';

/** What a request asks for (RFC 9112, 3.2). */
export interface Target {
  /** In lower case, without the port; undefined where neither the target nor a header names one. */
  readonly host: string | undefined;
  /** As it was sent, without the query. */
  readonly path: string;
  /** As it was sent, without `?`. */
  readonly query: string;
}

/** Reads the target's absolute form too, which Java's clients send (protocol.md#service-amqp): its host counts then, not the header's. */
export function targetOf({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>): Target {
  const [start, authority] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url) ?? ['', headers.host];
  const [path = ''] = url.slice(start.length).split('?');
  return {
    host: authority === undefined ? undefined : asciiLowerCase(authority).replace(/:\d*$/, ''),
    path: path === '' && start !== '' ? '/' : path,
    query: url.slice(start.length + path.length + 1),
  };
}

/** Why it can't be one, in words; undefined where it can. Node's parser takes a fragment, which no request may have. */
export function targetFault({ url = '' }: IncomingMessage): string | undefined {
  return url.includes('#') ? 'its target has a raw #, which has to be %23' : undefined;
}
