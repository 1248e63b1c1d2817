import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** Rules of our C that no compiler knows. */
const NATIVE = join(__dirname, '../../native');
const MAX_FUNCTION_LINES = 50;

/** Without what an app or the host sees, whose other side is not a file of the same name. */
const files = readdirSync(NATIVE, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.[ch]$/.test(file) && !/^(include|host)\//.test(file) && file !== 'host.h')
  .map((file) => ({ file, text: readFileSync(join(NATIVE, file), 'utf8') }));

/** A header and the file that defines what it declares, as one. */
const moduleOf = (file: string): string => file.replace(/\.[ch]$/, '');

/** Without comments and directives. */
function codeOf(text: string): string {
  return text
    .replace(/\/\/[^\n]*/g, '')
    .replace(/^[ \t]*#(?:[^\\\n]|\\[^])*/gm, '')
    .replace(/__attribute__\(\([^\n]*?\)\)\s/g, '');
}

/** The names of the functions at the outer level whose parameters are followed by `end`. */
function functionsOf(text: string, end: ';' | '{'): string[] {
  const pattern =
    end === ';'
      ? /^(?!typedef)[a-z_][^;{}=()]*?\b(\w+)\([^;{}]*\)\s*;/gim
      : /^[a-z_][^;{}=()]*?\b(\w+)\([^;{}]*\)\s*\{/gim;
  return [...codeOf(text).matchAll(pattern)].map(([, name]) => name as string);
}

/** The headers of ours that a file includes, as modules. */
function includesOf(file: string, text: string): string[] {
  return [...text.matchAll(/^#include "([^"]+)"/gm)].flatMap(([, name]) => {
    const beside = relative(NATIVE, join(NATIVE, dirname(file), name as string));
    const found = files.find((other) => other.file === beside) ?? files.find((other) => basename(other.file) === name);
    return found === undefined ? [] : [moduleOf(found.file)];
  });
}

test('a header declares only what the file of its name defines', () => {
  const elsewhere = files
    .filter(({ file }) => file.endsWith('.h'))
    .flatMap(({ file, text }) => {
      const source = files.find((other) => other.file === `${moduleOf(file)}.c`);
      const defined = new Set(functionsOf(source?.text ?? '', '{'));
      return functionsOf(text, ';')
        .filter((name) => !defined.has(name))
        .map((name) => `${file}: ${name}`);
    });
  expect(elsewhere).toEqual([]);
});

test('no circles', () => {
  const graph = new Map<string, Set<string>>();
  for (const { file, text } of files) {
    const from = moduleOf(file);
    const to = graph.get(from) ?? new Set();
    for (const included of includesOf(file, text)) if (included !== from) to.add(included);
    graph.set(from, to);
  }
  expect(graph.get('posix/wait')).toContain('posix/timer');
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (module: string, way: string[]): void => {
    if (way.includes(module)) circles.push([...way.slice(way.indexOf(module)), module].join(' → '));
    if (done.has(module) || way.includes(module)) return;
    for (const next of graph.get(module) ?? []) visit(next, [...way, module]);
    done.add(module);
  };
  for (const module of graph.keys()) visit(module, []);
  expect(circles).toEqual([]);
});

test('every function fits a screen', () => {
  const long = files.flatMap(({ file, text }) => {
    const lines = text.split('\n');
    return lines.flatMap((line, begin) => {
      if (line !== '{' || !/\)$/.test(lines[begin - 1] ?? '')) return [];
      const length = lines.indexOf('}', begin) - begin + 1;
      return length > MAX_FUNCTION_LINES ? [`${file}:${begin}: ${length} lines`] : [];
    });
  });
  expect(long).toEqual([]);
});
