import { SphereIotError, messageOf } from '../../errors.js';
import { isStackOverflow } from '../../wasm/index.js';
import { NullAccess } from './host-calls.js';
import { isLongJump } from './long-jump.js';
import type { ProgramEnd, Unresponsive } from './in-process-program.js';
import { placeAt } from './source-map.js';

/** A frame of a WebAssembly stack, as V8 writes it, or jest: its function, and where in the program it is. */
const FRAME = /^\s+at (?:async )?(\S.*?) \(wasm:.*?:(?:0x([0-9a-f]+)|1:(\d+))\)$/;

/** What the linker puts in the place of a function that a file declares otherwise than another one defines it. */
const MISMATCH = /signature_mismatch:(\S+)/;

const WRONG_POINTER =
  'It called through a function pointer that is null, or whose type is not that of the function. Where the device minds no cast ' +
  'between them, WebAssembly does: give the function the parameters and the result that the pointer is declared with. In C++ it may ' +
  'have been a call of a pure virtual function.';

const STACK_OVERFLOW =
  'Its stack overflowed: it has 128 KiB here, and functions called each other too deep, or their local variables are too large. ';

const JUMP_OUT_OF_LOOP =
  'A signal handler called longjmp while the app was in a loop without a call, of the very function that has called setjmp: such ' +
  'a jump arrives only where that function calls something. Have the handler set a variable, and the loop look at it.';

/** What an error says of a program beside its end. */
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
  if ('unresponsive' in end)
    return new SphereIotError('APP_UNRESPONSIVE', `${unresponsive(end.unresponsive, sourceMap)} ${lastLines}`);
  const { error } = end;
  const overflow =
    end.stackOverflowed || isStackOverflow((error as Partial<Error> | undefined)?.cause) ? STACK_OVERFLOW : '';
  if (error instanceof NullAccess)
    return new SphereIotError('APP_CRASHED', `${nullAccess(error, sourceMap)} ${overflow}${lastLines}`, {
      cause: error,
    });
  if (isLongJump(error)) return new SphereIotError('APP_CRASHED', `The app crashed. ${JUMP_OUT_OF_LOOP} ${lastLines}`);
  if (!(error instanceof SphereIotError) || error.code !== 'SDK_CRASHED') return error;
  const { cause } = error;
  const frames = framesOf(cause instanceof Error ? (cause.stack ?? '') : '', sourceMap);
  const where = frames === '' ? '' : `, in ${frames}`;
  const before =
    end.writtenThroughNull === undefined ? '' : `Before that it wrote ${throughNull(end.writtenThroughNull)}. `;
  const explained = explanationOf(messageOf(cause), frames, program.signatureMismatches);
  return new SphereIotError(
    'APP_CRASHED',
    `The app crashed${where}: ${messageOf(cause)}. ${overflow}${before}${explained}${lastLines}`,
    {
      cause,
    },
  );
}

/** What the engine's message leaves out: the part of C that WebAssembly takes otherwise. */
function explanationOf(message: string, frames: string, mismatches: readonly string[]): string {
  if (/signature mismatch/i.test(message)) return `${WRONG_POINTER} `;
  if (isLongJump(message)) return `${JUMP_OUT_OF_LOOP} `;
  const name = MISMATCH.exec(frames)?.[1];
  if (name !== undefined)
    return `It called ${name} by a declaration that is not as ${name} is defined, which WebAssembly can't: include the header that declares it. `;
  // An optimised build may have lost the name.
  return message === 'unreachable' && mismatches.length > 0 ? `That may be why: ${mismatches.join(' ')} ` : '';
}

function unresponsive({ ranFor, spinsAt = '', lastCall, lastStack = '' }: Unresponsive, sourceMap?: string): string {
  const place = loopAt(spinsAt, sourceMap);
  const last = lastCall ?? framesOf(lastStack, sourceMap);
  return [
    `The app has run for ${ranFor} without a wait: is that an endless loop?`,
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
  const until = before === '' || before === 'proc_exit' ? 'before its end' : `before that of ${before}${where}`;
  return `The app crashed: it ${how}, ${since} and ${until}.`;
}

function throughNull(address: number): string {
  const shown = `address 0x${address.toString(16)}`;
  return address === 0
    ? `through NULL (${shown})`
    : `through NULL, or near it (${shown}: a member of a struct at NULL?)`;
}

/** What the compiler makes of the name of main, with arguments or without, and native/cmake/package/compile-again.cjs of an odd one's. */
const MAIN = /^(__original_main|__main_void|__main_argc_argv|sphere_iot_main)$/;

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
  const shown = name.replace(/^([\w-]+\.)+/, '').replace(MAIN, 'main');
  return [place === undefined ? shown : `${shown} (${place.file}:${place.line})`];
}
