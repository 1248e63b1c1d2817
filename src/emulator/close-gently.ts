import type { Duplex } from 'node:stream';

/** Closes a connection from this side; lets what was written go out first. */
export function closeGently(stream: Duplex): void {
  if (stream.destroyed) return;
  stream.once('finish', () => stream.destroy());
  stream.end();
}
