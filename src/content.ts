import { types } from 'node:util';

import { SphereIotError } from './errors.js';
import { kindOf } from './options.js';

/**
 * The bytes of what is sent: a text in UTF-8, or bytes, of which it makes a copy.
 * @param of What it is of, for the error: `a datagram`.
 * @throws SphereIotError `CONTENT_INVALID`.
 */
export function contentBytes(content: unknown, of: string): Buffer {
  if (typeof content === 'string' || types.isUint8Array(content)) return Buffer.from(content as Uint8Array);
  throw new SphereIotError(
    'CONTENT_INVALID',
    `The content of ${of} is a text or a Uint8Array, and not ${kindOf(content)}.`,
  );
}
