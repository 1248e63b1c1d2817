import { SphereIotError, messageOf } from '../errors.js';
import { NullAccess } from './host-calls.js';
import type { ProgramEnd, Unresponsive } from './program.js';
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
  if ('unresponsive' in end)
    return new SphereIotError('APP_UNRESPONSIVE', `${unresponsive(end.unresponsive, sourceMap)} ${lastLines}`);
  const { error } = end;
  if (error instanceof NullAccess)
    return new SphereIotError('APP_CRASHED', `${nullAccess(error, sourceMap)} ${lastLines}`, { cause: error });
  if (!(error instanceof SphereIotError) || error.code !== 'SDK_CRASHED') return error;
  const { cause } = error;
  const frames = framesOf(cause instanceof Error ? (cause.stack ?? '') : '', sourceMap);
  const where = frames === '' ? '' : `, in ${frames}`;
  const before =
    end.writtenThroughNull === undefined ? '' : ` Before that it wrote ${throughNull(end.writtenThroughNull)}.`;
  return new SphereIotError('APP_CRASHED', `The app crashed${where}: ${messageOf(cause)}.${before} ${lastLines}`, {
    cause,
  });
}

function unresponsive(
  { watchdogMs, spinsAt = '', lastCall, lastStack = '' }: Unresponsive,
  sourceMap?: string,
): string {
  const place = loopAt(spinsAt, sourceMap);
  const last = lastCall ?? framesOf(lastStack, sourceMap);
  return [
    `The app has run for ${watchdogMs} ms without a wait: is that an endless loop?`,
    place === '' ? '' : ` It is in ${place}.`,
    last === '' ? ' It has called nothing yet.' : ` Its last call was ${last}.`,
  ].join('');
}

/** The loop in which an app lets time pass, and what called it; empty where it is not known. */
export function loopAt(stack: string, sourceMap: string | undefined): string {
  return framesOf(stack, sourceMap).replace(/^.*?sphere_app_yield.*? ← /, '');
}

function nullAccess({ place, stack = '' }: NullAccess, sourceMap: string | undefined): string {
  const { address, what, between } = place;
  const frames = framesOf(stack, sourceMap);
  const where = frames === '' ? '' : `, in ${frames}`;
  const how = `${what} ${throughNull(address)}`;
  if (between === undefined) return `The app crashed${where}: it ${how}.`;
  // By a library, which does not stop at such a write: it was found at the next call.
  const [after, before] = between;
  const since = after === '' ? 'after its start' : `after its call of ${after}`;
  const until = before === '' ? 'before its end' : `before that of ${before}${where}`;
  return `The app crashed: it ${how}, ${since} and ${until}.`;
}

function throughNull(address: number): string {
  const shown = `address 0x${address.toString(16)}`;
  return address === 0
    ? `through NULL (${shown})`
    : `through NULL, or near it (${shown}: a member of a struct at NULL?)`;
}

/** C's functions on a stack, the innermost first. Where the compiler put all of them into one, that is main. */
function framesOf(stack: string, sourceMap: string | undefined): string {
  const lines = stack.split('\n');
  const frames = lines.flatMap((line) => frameOf(line, sourceMap));
  if (frames.length === 0 && lines.some((line) => FRAME.exec(line)?.[1]?.endsWith('_start'))) return 'main';
  return frames.join(' ← ');
}

function frameOf(line: string, sourceMap: string | undefined): string[] {
  const [, name, hexadecimal, decimal] = FRAME.exec(line) ?? [];
  if (name === undefined || name === '_start') return [];
  const offset = hexadecimal === undefined ? Number(decimal) : parseInt(hexadecimal, 16);
  const place = sourceMap === undefined ? undefined : placeAt(sourceMap, offset);
  const shown = name.replace(/^.*\./, '');
  return [place === undefined ? shown : `${shown} (${place.file}:${place.line})`];
}
