import type { HttpAnswer } from '../contract/http-service.js';
import { quoted } from './etag.js';

/** @param etag Sent as the header `ETag`, too. */
export function json(body: unknown, etag?: string): HttpAnswer {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  return {
    status: 200,
    headers: etag === undefined ? headers : { ...headers, etag: quoted(etag) },
    body: JSON.stringify(body),
  };
}

export const NO_CONTENT: HttpAnswer = { status: 204 };

/** What the service writes for a time that there is not. */
const NEVER = '0001-01-01T00:00:00Z';

/** Clock ms as ISO 8601. */
export function timeText(ms: number | undefined): string {
  return ms === undefined ? NEVER : new Date(ms).toISOString();
}
