import type { IncomingMessage } from 'node:http';

import { ReceivedBytes } from '../../../transport/index.js';

export interface RequestBody {
  /** Undefined where it is longer than allowed, or lost. */
  readonly bytes: Buffer | undefined;
  /** The connection ended before all of it came. */
  readonly isLost: boolean;
}

/**
 * Reads a request's body, up to `largest` bytes; what is too long is given up as soon as that is known. Never rejects.
 * @param heard Called whenever some of it came.
 */
export function readBody(request: IncomingMessage, largest: number, heard: () => void): Promise<RequestBody> {
  // Chunks may have one byte each.
  const received = new ReceivedBytes();
  let length = 0;
  return new Promise((resolve) => {
    const tooLarge = (): void => {
      received.clear();
      resolve({ bytes: undefined, isLost: false });
    };
    if (Number(request.headers['content-length'] ?? 0) > largest) return tooLarge();
    request.on('data', (chunk: Buffer) => {
      heard();
      length += chunk.length;
      if (length > largest) tooLarge();
      else received.add(chunk);
    });
    request.on('end', () => resolve({ bytes: received.view, isLost: false }));
    request.on('error', () => undefined);
    request.on('close', () => resolve({ bytes: undefined, isLost: true }));
  });
}
