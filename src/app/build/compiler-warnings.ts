import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { defined } from '../../defined.js';
import { readTextWithin } from '../../read-file.js';
import type { CompilerWarning } from './built-app.js';

/** `main.c:3:5: warning: unused variable 'x' [-Wunused-variable]` */
const WARNING = /^(.+?):(\d+):(\d+): warning: (.*?)(?: \[(-W[^\]]*)\])?$/gm;

/**
 * The device's size_t, ssize_t and ptrdiff_t are int, and those of clang's WebAssembly long: it minds the first ones for %zu and its
 * like, and takes `sizeof` for a long. Both have 4 bytes.
 */
const OUR_TYPES =
  /^format specifies type '((size_t|ssize_t|ptrdiff_t)' \(aka '(unsigned )?long'\) but the argument has type '(.*\(aka ')?(unsigned )?int'|(unsigned )?int' but the argument has type '(unsigned )?long'$)/;

/** Whether the text of a warning is about them. */
export function isOfOurTypes(message: string): boolean {
  return OUR_TYPES.test(message);
}

/**
 * The compiler's warnings of an app, when it was compiled last: each file's are beside its object file.
 * @param build The folder of the build.
 * @param source The app's folder: paths of files in it begin there.
 * @param inputs The files that the image package is made of, as ninja names them. Those of other targets may be out of date, and are left out.
 */
export async function compilerWarningsIn(
  build: string,
  source: string,
  inputs: ReadonlySet<string>,
): Promise<CompilerWarning[]> {
  const found = new Map<string, CompilerWarning>();
  for (const object of (await objectsOf(build)).filter((file) => inputs.has(path.relative(build, file)))) {
    const said = await readTextWithin(`${object}.txt`).catch(() => '');
    for (const warning of warningsIn(said, build, source)) found.set(JSON.stringify(warning), warning);
  }
  return [...found.values()];
}

/** Each target's file has its object files in the fourth line (native/cmake/package/includes.cmake). */
async function objectsOf(build: string): Promise<string[]> {
  const targets = path.join(build, 'includes/targets');
  const names = await readdir(targets).catch(() => []);
  const texts = await Promise.all(names.sort().map((name) => readTextWithin(path.join(targets, name))));
  const objects = texts.flatMap((text) => (text.split('\n')[3] ?? '').split(';')).filter(Boolean);
  return objects.map((object) => path.resolve(build, object));
}

function warningsIn(said: string, build: string, source: string): CompilerWarning[] {
  const all = [...said.replaceAll('\r', '').matchAll(WARNING)].map(
    ([, file = '', line, column, message = '', name]): CompilerWarning => ({
      file: shown(path.resolve(build, file), source),
      line: Number(line),
      column: Number(column),
      ...defined({ switch: name?.split(',')[0] }),
      message,
    }),
  );
  return all.filter(({ message }) => !isOfOurTypes(message));
}

function shown(file: string, source: string): string {
  const relative = path.relative(source, file);
  return relative.startsWith('..') ? file : relative;
}
