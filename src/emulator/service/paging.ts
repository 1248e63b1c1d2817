import type { IncomingHttpHeaders } from 'node:http';

import { isObject, parseJson } from '../../json.js';
import type { HttpAnswer } from '../contract/http-service.js';
import { badRequest } from './service-error.js';

/** Items of one answer: Azure's limit, and what is sent where nothing is asked for. */
const MAX_ITEMS = 1000;
const DEFAULT_ITEMS = 100;

/** Which part of a result is asked for. */
export interface Page {
  readonly from: number;
  readonly size: number;
}

/**
 * Reads `x-ms-max-item-count` and `x-ms-continuation` (protocol.md#service-queries).
 * @param scope What the result is of: a continuation of another query is refused.
 * @throws ServiceError 400.
 */
export function pageOf(headers: IncomingHttpHeaders, scope: string): Page {
  const size = headers['x-ms-max-item-count'];
  return { size: sizeOf(typeof size === 'string' ? size : ''), from: positionOf(headers, scope) };
}

/** One page of the items, with the way to the next one if there is any. */
export function pageAnswer(items: readonly unknown[], page: Page, scope: string, itemType: string): HttpAnswer {
  const next = page.from + page.size;
  return {
    status: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-ms-item-type': itemType,
      ...(next < items.length ? { 'x-ms-continuation': continuationOf(next, scope) } : {}),
    },
    body: JSON.stringify(items.slice(page.from, next)),
  };
}

function sizeOf(header: string): number {
  if (header === '') return DEFAULT_ITEMS;
  const size = Number(header);
  if (!/^-?\d{1,9}$/.test(header) || size === 0 || size < -1)
    throw badRequest(`x-ms-max-item-count has to be a whole number from 1 to ${MAX_ITEMS}.`);
  return size === -1 ? DEFAULT_ITEMS : Math.min(size, MAX_ITEMS);
}

function continuationOf(from: number, scope: string): string {
  return Buffer.from(JSON.stringify({ from, scope })).toString('base64');
}

function positionOf(headers: IncomingHttpHeaders, scope: string): number {
  const token = headers['x-ms-continuation'];
  if (typeof token !== 'string' || token === '') return 0;
  const read = parseJson(Buffer.from(token, 'base64'));
  const { from, scope: of } = isObject(read) ? read : {};
  if (of !== scope || !Number.isSafeInteger(from) || (from as number) < 0)
    throw badRequest('x-ms-continuation is no continuation of this query: send the one of the answer before.');
  return from as number;
}
