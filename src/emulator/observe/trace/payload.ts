import { isUtf8 } from 'node:buffer';

import { masked, maskedBytes } from '../../../masked.js';
import { keptText } from '../shortened.js';

/** Bytes in a trace: as text where they are UTF-8, else as base64. */
export interface TracedPayload {
  readonly text?: string;
  readonly base64?: string;
  /** In bytes, of the whole payload. */
  readonly length: number;
  /** There was more than is shown. */
  readonly cut?: true;
}

/**
 * A copy of an event, of whose texts none has a secret or is longer than `keptText` lets it be: what a client says may be in any of them.
 * What is no text, as a twin, is as it was.
 */
export function maskedTexts<T extends object>(event: T): T {
  const fields = Object.entries(event).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === 'string' ? keptText(masked(value)) : value,
  ]);
  return Object.fromEntries(fields) as T;
}

/** As `maskedTexts`, and so is all that is in it: payloads alone, which `tracedPayload` masked before it encoded them, are as they were. */
export function maskedAll<T>(value: T): T {
  if (typeof value === 'string') return masked(value) as T;
  if (typeof value !== 'object' || value === null || isPayload(value)) return value;
  if (Array.isArray(value)) return value.map((each: unknown) => maskedAll(each)) as T;
  return Object.fromEntries(Object.entries(value).map(([key, each]: [string, unknown]) => [key, maskedAll(each)])) as T;
}

/** Whether a field of a trace is one. */
export function isPayload(value: unknown): value is TracedPayload {
  return typeof value === 'object' && value !== null && 'length' in value && !Array.isArray(value);
}

/** @param limit How many bytes are shown; `length` tells how many there are. */
export function tracedPayload(payload: Buffer | string, limit: number): TracedPayload {
  const bytes = Buffer.from(payload as Buffer);
  const utf8 = isUtf8(bytes);
  const end = utf8 ? characterEnd(bytes, limit) : Math.min(limit, bytes.length);
  const shown = maskedBytes(bytes, end);
  return {
    ...(utf8 ? { text: shown.toString() } : { base64: shown.toString('base64') }),
    length: bytes.length,
    ...(end < bytes.length ? { cut: true } : {}),
  };
}

/** The largest number of bytes up to `limit` that ends with a whole character. */
function characterEnd(bytes: Buffer, limit: number): number {
  if (bytes.length <= limit) return bytes.length;
  let end = limit;
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return end;
}
