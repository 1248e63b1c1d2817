import type { Duplex } from 'node:stream';
import type { Clock } from '../clock/index.js';
import type { Line } from './network.js';

/**
 * Has streams of a connection emit `stalled` when something begins to wait in the network for the clock, and `moving` when nothing
 * does any more.
 */
export function tellOfStalls(line: Line, ...streams: Duplex[]): void {
  line.onWaits = (waiting) => {
    for (const stream of streams) stream.emit(waiting ? 'stalled' : 'moving');
  };
}

/** Holds the clock until the returned function is called, but not while the stream's connection waits for the clock itself. */
export function holdUnlessStalled(clock: Clock, stream: Duplex, what: string): () => void {
  let release = clock.hold(what);
  const stalled = (): void => release();
  const moving = (): void => {
    release();
    release = clock.hold(what);
  };
  stream.on('stalled', stalled).on('moving', moving);
  return () => {
    stream.off('stalled', stalled).off('moving', moving);
    release();
  };
}
