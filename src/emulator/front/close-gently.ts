import type { Duplex } from 'node:stream';

import type { Clock } from '../../clock/index.js';

/** Clock ms for which what was written may take to go out. */
const MAX_WAIT = 30_000;

/** Closes a connection from this side; lets what was written go out first, unless the client does not read it in time. */
export function closeGently(stream: Duplex, clock: Clock): void {
  if (stream.destroyed) return;
  const timer = clock.setTimer(MAX_WAIT, () => void stream.destroy());
  stream.once('close', () => timer.cancel());
  stream.once('finish', () => stream.destroy());
  stream.end();
}
