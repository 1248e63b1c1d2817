import { SphereIotError, messageOf } from '../errors.js';
import type { ProgramEnd } from './program.js';
import { placeAt } from './source-map.js';

/** A frame of a WebAssembly stack, as V8 writes it, or jest: its function, and where in the program it is. */
const FRAME = /^\s+at (?:async )?(\S+) \(wasm:.*?:(?:0x([0-9a-f]+)|1:(\d+))\)$/;

/** What the linker puts in the place of a function that a file declares otherwise than another one defines it. */
const MISMATCH = /signature_mismatch:(\S+)/;

const WRONG_POINTER =
  'It called through a function pointer that is null, or whose type is not that of the function. Where the device minds no cast ' +
  'between them, WebAssembly does: give the function the parameters and the result that the pointer is declared with.';

/** What is known of a program beside its end. */
export interface EndedProgram {
  /** Of its log, as sentences. */
  readonly lastLines: string;
  /** Of a debug build: functions get their files and lines. */
  readonly sourceMap: string | undefined;
  /** See BuiltApp. */
  readonly signatureMismatches: readonly string[];
}

/**
 * Why an app ended that has no exit code, with the C functions that were on the stack. What else ended it (an exception of a
 * listener) is passed on.
 */
export function whyEnded(end: Exclude<ProgramEnd, { code: number }>, program: EndedProgram): unknown {
  const { lastLines, sourceMap } = program;
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
  const explained = explanationOf(messageOf(cause), frames, program.signatureMismatches);
  return new SphereIotError('APP_CRASHED', `The app crashed${where}: ${messageOf(cause)}. ${explained}${lastLines}`, {
    cause,
  });
}

/** What an engine's words do not tell: the part of C that WebAssembly takes otherwise. */
function explanationOf(message: string, frames: string, mismatches: readonly string[]): string {
  if (/signature mismatch/i.test(message)) return `${WRONG_POINTER} `;
  const name = MISMATCH.exec(frames)?.[1];
  if (name !== undefined)
    return `It called ${name} by a declaration that is not as ${name} is defined, which WebAssembly can't: include the header that declares it. `;
  // An optimised build may have lost the name.
  return message === 'unreachable' && mismatches.length > 0 ? `That may be why: ${mismatches.join(' ')} ` : '';
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
