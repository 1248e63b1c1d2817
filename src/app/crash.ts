import { SphereIotError, messageOf } from '../errors.js';
import { placeAt } from './source-map.js';

/** A frame of a WebAssembly stack, as V8 writes it, or jest: its function, and where in the program it is. */
const FRAME = /^\s+at (?:async )?(\S+) \(wasm:.*?:(?:0x([0-9a-f]+)|1:(\d+))\)$/;

/**
 * The error of an app that crashed, with the C functions that were on the stack. What else ended it (an exception of a
 * listener) is passed on.
 * @param sourceMap Of a debug build: functions get their files and lines.
 */
export function crashError(error: unknown, lastLines: string, sourceMap: string | undefined): unknown {
  if (!(error instanceof SphereIotError) || error.code !== 'SDK_CRASHED') return error;
  const { cause } = error;
  const stack = cause instanceof Error ? (cause.stack ?? '') : '';
  const frames = stack.split('\n').flatMap((line) => frameOf(line, sourceMap));
  const where = frames.length > 0 ? `, in ${frames.join(' ← ')}` : '';
  return new SphereIotError('APP_CRASHED', `The app crashed${where}: ${messageOf(cause)}. ${lastLines}`, { cause });
}

function frameOf(line: string, sourceMap: string | undefined): string[] {
  const [, name, hexadecimal, decimal] = FRAME.exec(line) ?? [];
  if (name === undefined || name === '_start') return [];
  const offset = hexadecimal === undefined ? Number(decimal) : parseInt(hexadecimal, 16);
  const place = sourceMap === undefined ? undefined : placeAt(sourceMap, offset);
  const shown = name.replace(/^.*\./, '');
  return [place === undefined ? shown : `${shown} (${place.file}:${place.line})`];
}
