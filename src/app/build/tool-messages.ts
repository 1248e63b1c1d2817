import { isOfOurTypes } from './compiler-warnings.js';
import { featureHeaderOf } from './feature-functions.js';

/** A step of a build: of `count` of them, as far as they are known, `number` is at work. */
export interface BuildStep {
  readonly number: number;
  readonly count: number;
  /** As ninja says it: "Building C object …". */
  readonly what: string;
}

/** Lines in which the build speaks of itself, not of the app. */
const NOISE = [
  /^\[\d+\/\d+\]/,
  /^em(cc|\+\+): error: '/,
  /^ninja: /,
  /^-- /,
  /^See also "/,
  /^Not searching for unused variables/,
  /^\d+ warnings? (and \d+ errors? )?generated\.$/,
  /^Call Stack \(most recent call first\)/,
  /^ {2}.*(AzureSphere\.cmake|CMakeLists\.txt):\d+ \(/,
  /^ {2}.*[\\/]app[\\/]cmake[\\/]\S+\.cmake:\d+ \(/,
  /^clang: note: /,
  /^CMake Generate step failed/,
];

/** What failed, and on the next line the command. */
const FAILED_COMMAND = /^FAILED: .*\n.*$/gm;

/** What CMake says of a line in our package, and where that was called from, the innermost first. */
const IN_PACKAGE =
  /^(CMake (?:Error|Warning)[^\n]*?) at [^\n]*[\\/]app[\\/]cmake[\\/][^\n]*:\n((?!Call Stack)[^\n]*\n)*?Call Stack[^\n]*\n((?: {2}\S[^\n]*\n?)+)/gm;
const PACKAGE_FILE = /[\\/]app[\\/]cmake[\\/]\S+\.cmake:\d+ \(/;

/** CMake's messages, each with the line of the app that has called our package, in the place of the package's own. */
function atTheAppsLine(output: string): string {
  return output.replace(IN_PACKAGE, (whole: string, kind: string, _, stack: string) => {
    const own = stack.split('\n').find((line) => line !== '' && !PACKAGE_FILE.test(line));
    return own === undefined ? whole : whole.replace(/^.*/, `${kind} at ${own.trim()}:`);
  });
}

/** Where something else begins than what a compiler's message goes on with: a line of the source, and marks below it. */
const NEXT_MESSAGE =
  /^(?=In file included from |.+:\d+:\d+: (?:warning|error|fatal error): |(?:fatal )?error: |\d+ (?:warning|error)s?\b|\[\d+\/\d+\]|ninja: |FAILED: |wasm-ld: |em(?:cc|\+\+): |CMake )/m;
const WARNING = /^(?:In file included from .*\n)*.+:\d+:\d+: warning: (.*?)(?: \[-W[^\]]*\])?\n/;

/** The compiler's warnings behind all else, since what ended the build is looked for first; without those that are of our types. */
function warningsLast(output: string): string {
  const messages = output.split(NEXT_MESSAGE);
  const warnings: string[] = [];
  const rest: string[] = [];
  let including = '';
  for (const message of messages) {
    const whole = including + message;
    including = message.startsWith('In file included from ') ? whole : '';
    if (including !== '') continue;
    const [, warning] = WARNING.exec(whole) ?? [];
    if (warning === undefined) rest.push(whole);
    else if (!isOfOurTypes(warning)) warnings.push(whole);
  }
  return [...rest, including, ...warnings].map((each) => each.replace(/\n?$/, '\n')).join('');
}

/** The messages of the compiler, the linker and cmake about the app, out of all that a build writes. */
export function messagesOf(output: string): string {
  const messages = warningsLast(atTheAppsLine(output.replaceAll('\r', '')).replace(FAILED_COMMAND, ''));
  const lines = messages.split('\n').filter((line) => line.trim() !== '' && !NOISE.some((noise) => noise.test(line)));
  return lines.length > 0 ? lines.join('\n') : output.trim();
}

/** What wasm-ld says of a function that one file declares otherwise than another one defines it. */
const MISMATCH = /function signature mismatch: (\S+)\n>>> defined as (.*) in (.*)\n>>> defined as (.*) in (.*)/g;

/** A file of the libraries that every app is linked with, in its archive. */
const LIBRARY = /[\\/]app[\\/]lib[\\/](\w+)\.a\([^)]*\)/;

/** Functions that are declared in two ways, each in a sentence; undefined where a build has linked nothing. */
export function signatureMismatchesIn(output: string): string[] | undefined {
  if (!/^\[\d+\/\d+\] Linking C(XX)? executable/m.test(output)) return undefined;
  const found = [...output.replaceAll('\r', '').matchAll(MISMATCH)];
  return found.map(
    ([, name = '', one, file, other, otherFile]) =>
      `${name} is ${one} in ${sourceOf(file)} and ${other} in ${sourceOf(otherFile)}: a call of it crashes, where they are not the same. ${declaration(name, `${file} ${otherFile}`)}`,
  );
}

/** What to do about a wrong declaration, or about none. */
function declaration(name: string, files: string): string {
  const header = featureHeaderOf(name);
  if (header !== undefined) return `Include <${header}> after #define _GNU_SOURCE, which declares it.`;
  return LIBRARY.test(files) ? 'Include the header that declares it.' : 'Declare it as it is defined.';
}

/** The file that an object was made of. */
function sourceOf(object = ''): string {
  const [, library] = LIBRARY.exec(object) ?? [];
  if (library !== undefined) return `sphere-iot's ${library}`;
  return object.replace(/^.*\.dir\//, '').replace(/\.o(bj)?$/, '');
}

/** The steps that ninja says it takes: whole lines `[1/5] Building C object …`. */
export function stepsIn(output: string): BuildStep[] {
  return [...output.matchAll(/^\[(\d+)\/(\d+)\] (.*)$/gm)].map(([, number, count, what = '']) => ({
    number: Number(number),
    count: Number(count),
    what: what.trim(),
  }));
}
