import type { IncomingHttpHeaders } from 'node:http';

import type { Peer } from './peer.js';

/** One HTTP request that is there as a whole. */
export interface HttpRequest {
  /** Upper case. */
  readonly method: string;
  /** As it was sent, with its percent signs, without the query. */
  readonly path: string;
  /** As it was sent, without `?`; '' where there is none. Holds signatures: never to be put into an error or an event. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turns, as they were sent. */
  readonly rawHeaders: readonly string[];
  /** Undefined where it is longer than the service takes; the rest of it is not read. */
  readonly body: Buffer | undefined;
  readonly peer: Peer;
}

/** A request of which the body did not come yet. */
export type HttpHead = Omit<HttpRequest, 'body'>;

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Why it was refused, in words, where the service has no log of its own to put it into. */
  readonly reason?: string;
}

/** A service that speaks HTTP: DPS, Hub, storage. */
export interface HttpService {
  /** Bytes that a request's body may have: known from its head, before any of the body is kept. */
  maxBodyBytes(head: HttpHead): number;
  /** `none` where a fault keeps the client waiting; a promise where the answer takes time, as that of a direct method. */
  http(request: HttpRequest): HttpAnswer | 'none' | Promise<HttpAnswer>;
}

/** The parts of a path, percent-decoded; empty ones, as after a trailing slash (protocol.md#file-upload), don't count. */
export function pathParts(path: string): string[] | undefined {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** Whether a body is said to be JSON; parameters such as the character set don't matter. */
export function saysJson({ headers }: HttpRequest): boolean {
  return /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}
