import type { Duplex } from 'node:stream';

import type { Clock } from '../../../clock/index.js';
import { closeGently } from '../close-gently.js';
import type { ClosedBy } from '../../observe/trace/trace-entry.js';

/** Clock ms until the first byte has to be there, as with MQTT's CONNECT. */
const MAX_WAIT = 30_000;

export interface FirstByteEvents {
  /** It is still in the stream. */
  came(byte: number): void;
  /** The connection ended before one came: by whom, and the reason in words. */
  none(by: ClosedBy, reason: string): void;
}

/** Waits for the first byte that the client says after TLS: it tells HTTP from MQTT, where one port serves both. */
export function awaitFirstByte(stream: Duplex, clock: Clock, events: FirstByteEvents): void {
  const over = (): void => {
    timer.cancel();
    stream.off('data', look).off('end', ended).off('close', lost);
  };
  const none = (by: ClosedBy, reason: string): void => {
    over();
    closeGently(stream, clock);
    events.none(by, reason);
  };
  const look = (bytes: Buffer): void => {
    over();
    stream.pause();
    stream.unshift(bytes);
    events.came(bytes[0] as number);
    stream.resume();
  };
  const ended = (): void => none('client', 'the client closed the connection without DISCONNECT');
  const lost = (): void => none('network', 'the connection was lost');
  const timer = clock.setTimer(MAX_WAIT, () => none('service', 'no CONNECT came'));
  stream.on('data', look).on('end', ended).on('close', lost);
}
