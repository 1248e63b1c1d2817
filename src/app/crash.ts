import { SphereIotError, messageOf } from '../errors.js';
import type { ProgramEnd } from './program.js';
import { placeAt } from './source-map.js';

/** A frame of a WebAssembly stack, as V8 writes it, or jest: its function, and where in the program it is. */
const FRAME = /^\s+at (?:async )?(\S+) \(wasm:.*?:(?:0x([0-9a-f]+)|1:(\d+))\)$/;

/**
 * Why an app ended that has no exit code, with the C functions that were on the stack. What else ended it (an exception of a
 * listener) is passed on.
 * @param sourceMap Of a debug build: functions get their files and lines.
 */
export function whyEnded(
  end: Exclude<ProgramEnd, { code: number }>,
  lastLines: string,
  sourceMap: string | undefined,
): unknown {
  if ('unresponsive' in end) {
    const { stack, watchdogMs } = end.unresponsive;
    const calls = framesOf(stack, sourceMap);
    const last = calls === '' ? 'It has called nothing yet' : `Its last call was ${calls}`;
    return new SphereIotError(
      'APP_UNRESPONSIVE',
      `The app has run for ${watchdogMs} ms without a wait: is that an endless loop? ${last}. ${lastLines}`,
    );
  }
  const { error } = end;
  if (!(error instanceof SphereIotError) || error.code !== 'SDK_CRASHED') return error;
  const { cause } = error;
  const frames = framesOf(cause instanceof Error ? (cause.stack ?? '') : '', sourceMap);
  const where = frames === '' ? '' : `, in ${frames}`;
  return new SphereIotError('APP_CRASHED', `The app crashed${where}: ${messageOf(cause)}. ${lastLines}`, { cause });
}

/** C's functions on a stack, the innermost first. */
function framesOf(stack: string, sourceMap: string | undefined): string {
  return stack
    .split('\n')
    .flatMap((line) => frameOf(line, sourceMap))
    .join(' ← ');
}

function frameOf(line: string, sourceMap: string | undefined): string[] {
  const [, name, hexadecimal, decimal] = FRAME.exec(line) ?? [];
  if (name === undefined || name === '_start') return [];
  const offset = hexadecimal === undefined ? Number(decimal) : parseInt(hexadecimal, 16);
  const place = sourceMap === undefined ? undefined : placeAt(sourceMap, offset);
  const shown = name.replace(/^.*\./, '');
  return [place === undefined ? shown : `${shown} (${place.file}:${place.line})`];
}
