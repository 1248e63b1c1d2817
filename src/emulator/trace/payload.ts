import { isUtf8 } from 'node:buffer';

/** Bytes in a trace: as text where they are UTF-8, else as base64. */
export interface TracedPayload {
  readonly text?: string;
  readonly base64?: string;
  /** In bytes, of the whole payload. */
  readonly length: number;
  /** There was more than is shown. */
  readonly cut?: true;
}

/** `sig` of a SAS token or URL, plain or encoded once or twice, and the key of a connection string. */
const SECRETS = /(sig|SharedAccessKey)(=|%3d|%253d)[^&;\s"'\\]+/gi;

/** Text without SAS signatures and keys. */
export function masked(text: string): string {
  return text.replace(SECRETS, '$1$2(masked)');
}

/** @param limit How many bytes are shown; `length` tells how many there are. */
export function tracedPayload(payload: Buffer | string, limit: number): TracedPayload {
  const bytes = Buffer.from(payload as Buffer);
  const utf8 = isUtf8(bytes);
  const end = utf8 ? characterEnd(bytes, limit) : Math.min(limit, bytes.length);
  // Masked as Latin-1, in which every byte is a character, so that it works in what is no text, too.
  const shown = Buffer.from(masked(bytes.toString('latin1', 0, end)), 'latin1');
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
