const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * Whether bytes are DER rather than PEM text: a SEQUENCE, whose first byte is the digit 0 as text, with a long length or
 * with an INTEGER first, as a short key has; neither is text.
 */
export function isDer(bytes: Uint8Array): boolean {
  return bytes[0] === SEQUENCE && ((bytes[1] ?? 0) >= 0x80 || bytes[2] === INTEGER);
}

/** What PEM text says; bytes stand for characters of their own number. */
export function textOf(input: string | Uint8Array): string {
  return typeof input === 'string'
    ? input
    : Buffer.from(input.buffer, input.byteOffset, input.byteLength).toString('latin1');
}

/**
 * How long the SEQUENCE at `offset` says that it is, its header included; undefined when there is none. It may say more
 * than there are bytes.
 */
export function derLength(der: Uint8Array, offset = 0): number | undefined {
  if (der[offset] !== SEQUENCE) return undefined;
  const header = derHeader(der, offset);
  if (header === undefined) return undefined;
  return header.length + header.content;
}

/** The tags of the first two elements inside a SEQUENCE; undefined where there is none. */
export function derTags(der: Uint8Array): [first: number | undefined, second: number | undefined] {
  const outer = derHeader(der, 0);
  if (outer === undefined) return [undefined, undefined];
  const first = derHeader(der, outer.length);
  return [der[outer.length], first && der[outer.length + first.length + first.content]];
}

/** How UTF-16 begins, with or without its byte order mark, also where it was read as UTF-8: every other byte of a PEM text is 0. */
const UTF16 = /^(?:\u00ff\u00fe|\u00fe\u00ff|\ufffd\ufffd|\ufeff?-\0|\ufeff?\0-)/;

/** In words, what is often given in the place of PEM or DER, and what to do about it; undefined where it is nothing of the kind. */
export function foreignFormat(input: string | Uint8Array): string | undefined {
  if (typeof input !== 'string' && isPkcs12(input))
    return 'PKCS#12 (.pfx, .p12). Make PEM of it: openssl pkcs12 -in FILE -out FILE.pem';
  return UTF16.test(textOf(input).slice(0, 4)) ? 'a text in UTF-16. Save it in UTF-8' : undefined;
}

/** A SEQUENCE that begins with its version, 3, and goes on with another SEQUENCE (RFC 7292, 4). */
function isPkcs12(der: Uint8Array): boolean {
  const header = derHeader(der, 0)?.length ?? 0;
  const [integer, length, version, next] = der.subarray(header, header + 4);
  return integer === INTEGER && length === 1 && version === 3 && next === SEQUENCE;
}

/** How long an element's header is and what it says of the content's length. Lengths of up to four bytes. */
function derHeader(der: Uint8Array, offset: number): { length: number; content: number } | undefined {
  const short = der[offset + 1];
  if (short === undefined) return undefined;
  if (short < 0x80) return { length: 2, content: short };
  const count = short - 0x80;
  if (count < 1 || count > 4 || offset + 2 + count > der.length) return undefined;
  const content = der.subarray(offset + 2, offset + 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return { length: 2 + count, content };
}
