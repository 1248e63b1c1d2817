import type { Duplex } from 'node:stream';

import type { Clock, Timer } from '../../clock/index.js';
import type { Strike } from './fault.js';

const SECOND = 1000;

/**
 * Reads so many bytes in each second of the clock from a stream, instead of all that come, until the fault is over;
 * what is not read stays in the stream and, once that is full, with the sender. No timer is set while there is nothing.
 * @param reader `read` takes the bytes; the listener for `data` until now, and again afterwards. Nothing is read while it is not `isReady`.
 * @returns Ends it for good, with the stream.
 */
export function readSlowly(
  stream: Duplex,
  clock: Clock,
  strike: Strike<'slowReader'>,
  { read, isReady }: { read(bytes: Buffer): void; isReady(): boolean },
): () => void {
  let timer: Timer | undefined;
  const stop = (): void => {
    timer?.cancel();
    stream.off('readable', wait);
  };
  const wait = (): void => {
    if (strike.isOver) return again();
    // At the end there is nothing to read, but only a reader is told of the end.
    if (stream.readableLength === 0) return void stream.read();
    timer ??= clock.setTimer(SECOND, tick);
  };
  const tick = (): void => {
    timer = undefined;
    const bytes =
      strike.isOver || !isReady()
        ? null
        : (stream.read(Math.min(strike.options.bytesPerSecond, stream.readableLength)) as Buffer | null);
    if (bytes !== null) {
      strike.felt();
      read(bytes);
    }
    if (!stream.destroyed) wait();
  };
  const again = (): void => {
    stop();
    stream.on('data', read);
    stream.resume();
  };
  stream.off('data', read);
  stream.on('readable', wait);
  return stop;
}
