// Runs the compiler over C headers, once for their macros and once for clang's AST with the layouts of their structs.
// Everything that is generated from headers, and the API snapshot, starts from what this returns.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import path from 'node:path';
import { isExpression, readMacros } from './read-macros.mjs';

/** The types of C and of its library, as they are laid out by the compiler: what a struct's layout can depend on. */
const basicTypes = [
  ...['bool', 'char', 'short', 'int', 'long', 'long long', 'float', 'double', 'long double'],
  ...['size_t', 'ptrdiff_t', 'intptr_t', 'uintptr_t', 'wchar_t', 'time_t'],
  ...[8, 16, 32, 64].flatMap((bits) => [`int${bits}_t`, `uint${bits}_t`]),
  ...['void *', 'enum sphere_enum'],
];

/**
 * @param {object} input
 * @param {string} input.compiler emcc, or a clang.
 * @param {string[]} input.includes Folders.
 * @param {string[]} input.flags What else the compiler gets, such as -DNAME.
 * @param {string[]} input.headers As in an #include.
 * @param {string} input.source Where to write the C file that includes them.
 * @returns the declarations of clang's AST in their order; `headerOf` a declaration: the name by which it is included,
 *   undefined outside the folders that hold the headers; `fileOf` it; layouts of structs; macros; the toolchain.
 */
export function parseHeaders({ compiler, includes, flags, headers, source }) {
  const versions = versionsOf(compiler, flags);
  const options = [...includes.map((folder) => `-I${folder}`), ...flags, '-x', 'c'];
  const text = headers.map((header) => `#include "${header}"\n`).join('');
  writeFileSync(source, text);
  const macros = readMacros(run(compiler, [...options, '-E', '-dD', source]).stdout);
  const headerNameOf = headerNames(headers, includes);
  const values = macros.filter((macro) => headerNameOf(macro.file) && isExpression(macro.expansion));
  writeFileSync(source, text + probeOf(values));
  const { stdout: printed } = run(compiler, [
    ...[...options, '-fsyntax-only', '-Wno-unused-command-line-argument'],
    ...['-Xclang', '-fdump-record-layouts-complete', '-Xclang', '-ast-dump=json', source],
  ]);
  writeFileSync(source, text);
  const start = printed.startsWith('{') ? 0 : printed.indexOf('\n{\n') + 1;
  const ast = JSON.parse(printed.slice(start));
  const places = placesOf(ast);
  const probed = probedValues(ast);
  for (const macro of values) macro.value = probed.get(`sphere_macro_${macro.name}`);
  return {
    declarations: ast.inner,
    fileOf: (node) => places.get(node.id)?.file,
    lineOf: (node) => places.get(node.id)?.line,
    headerOf: (node) => headerNameOf(places.get(node.id)?.file),
    layouts: readLayouts(printed.slice(0, start)),
    macros: macros
      .map((macro) => ({ ...macro, header: headerNameOf(macro.file) }))
      .filter((macro) => macro.header !== undefined),
    toolchain: { ...versions, flags, types: basicTypesOf(probed) },
  };
}

/** Runs the compiler; what it has against the headers becomes the message. */
function run(compiler, args) {
  const { status, stdout, stderr, error } = spawnSync(compiler, args, { encoding: 'utf8', maxBuffer: 1 << 29 });
  if (error?.code === 'ENOENT')
    throw Object.assign(new Error(`${compiler} is not there. Install Emscripten, which reads the headers.`), {
      code: 'COMPILER_NOT_FOUND',
    });
  if (status !== 0)
    throw Object.assign(new Error(`${compiler} can't read the headers:\n${stderr || error?.message}`), {
      code: 'HEADERS_INVALID',
    });
  return { stdout, stderr };
}

/** From a file to the name by which it is included: for files in those folders that hold one of the headers. */
function headerNames(headers, includes) {
  const folders = new Set(
    headers
      .map((header) => includes.find((folder) => existsSync(path.join(folder, header))))
      .filter((folder) => folder !== undefined),
  );
  const prefixes = [...folders].map((folder) => path.resolve(folder) + path.sep);
  return (file) => {
    if (file === undefined) return undefined;
    const absolute = path.resolve(file);
    const prefix = prefixes.find((p) => absolute.startsWith(p));
    return prefix && absolute.slice(prefix.length).split(path.sep).join('/');
  };
}

/** Makes clang compute what only the compiler knows: the values of macros, the sizes of types. */
function probeOf(macros) {
  return [
    '#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <time.h>\nenum sphere_enum { sphere_enum };\n',
    ...basicTypes.flatMap((type, i) => [
      `enum { sphere_size_${i} = sizeof(${type}), sphere_alignment_${i} = _Alignof(${type}) };\n`,
      isInteger(type) ? `enum { sphere_signed_${i} = (${type})-1 < (${type})1 };\n` : '',
    ]),
    ...macros.map(({ name }) => `enum { sphere_macro_${name} = (${name}) };\n`),
  ].join('');
}

function isInteger(type) {
  return !/^(bool|float|.*double|.*\*|enum .*)$/.test(type);
}

function probedValues(ast) {
  const values = new Map();
  for (const node of ast.inner) {
    if (node.kind !== 'EnumDecl') continue;
    for (const { name, value } of enumeratorsOf(node)) if (name.startsWith('sphere_')) values.set(name, value);
  }
  return values;
}

function basicTypesOf(probed) {
  const entries = basicTypes.map((type, i) => {
    const name = { 'void *': 'pointer', 'enum sphere_enum': 'enum' }[type] ?? type;
    const signed = isInteger(type) ? { signed: probed.get(`sphere_signed_${i}`) === 1 } : {};
    return [name, { size: probed.get(`sphere_size_${i}`), alignment: probed.get(`sphere_alignment_${i}`), ...signed }];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function versionsOf(compiler, flags) {
  const emscripten = /^emcc .* (\d+\.\d+\.\d+)/.exec(run(compiler, ['--version']).stdout)?.[1];
  const said = run(compiler, [...flags, '-v', '-E', '-x', 'c', devNull]).stderr;
  return {
    ...(emscripten ? { emscripten } : {}),
    clang: /clang version (\S+)/.exec(said)?.[1],
    target: /^Target: (\S+)/m.exec(said)?.[1],
  };
}

/** Names and values of an EnumDecl. A value beyond what a number holds exactly stays a text. */
export function enumeratorsOf(declaration) {
  let next = 0;
  return (declaration.inner ?? [])
    .filter((n) => n.kind === 'EnumConstantDecl')
    .map((n) => {
      const constant = find(n, (m) => m.kind === 'ConstantExpr' && m.value !== undefined);
      const value = constant ? Number(constant.value) : next;
      next = value + 1;
      return { name: n.name, value: constant && !Number.isSafeInteger(value) ? constant.value : value };
    });
}

/** clang names a location's file and line only where they differ from those printed before: follow the printing. */
function placesOf(ast) {
  const places = new Map();
  let file = '';
  let line = 0;
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node.file === 'string' && 'offset' in node) file = node.file;
    if (typeof node.line === 'number' && 'offset' in node) line = node.line;
    for (const key of Object.keys(node)) {
      visit(node[key]);
      if (key === 'loc' && node.id !== undefined) places.set(node.id, { file: path.posix.normalize(file), line });
    }
  };
  visit(ast);
  return places;
}

/**
 * clang's record layouts, by the name of the type as clang prints it, for types without a name by FILE:LINE:
 * size, alignment and fields, those of nested structs without a name among them.
 */
function readLayouts(text) {
  const layouts = new Map();
  for (const block of text.split('*** Dumping AST Record Layout\n').slice(1)) {
    const lines = [...block.matchAll(/^ *(\d+)(?::(\S+))? \| ( *)(\S.*)$/gm)].map(([, offset, bits, indent, what]) => ({
      offset: Number(offset),
      ...(bits ? { bits } : {}),
      depth: indent.length / 2,
      what: what.trimEnd(),
    }));
    const sizes = /\[sizeof=(\d+), align=(\d+)/.exec(block);
    if (lines.length === 0 || !sizes) continue;
    const [title, ...fields] = lines;
    const place = / at (.+):(\d+):\d+\)$/.exec(title.what);
    layouts.set(place ? `${path.posix.normalize(place[1])}:${place[2]}` : title.what, {
      size: Number(sizes[1]),
      alignment: Number(sizes[2]),
      fields: flatten(fields),
    });
  }
  return layouts;
}

/** `(unnamed struct at FILE:LINE:COLUMN)`, where the file's name may have brackets of its own; clang may leave the place away. */
const UNNAMED = String.raw`\((?:unnamed|anonymous)(?:[^()]*| .+?:\d+:\d+)\)`;

/** Fields of nested structs without a name stand as `outer.inner`, those of anonymous ones under their own name. */
function flatten(lines) {
  const unnamed = new RegExp(`^(?:struct|union) .*${UNNAMED}(?: (\\w+))?$`);
  const fields = [];
  const prefixes = ['', ''];
  let hidden = Infinity;
  for (const { depth, what, offset, bits } of lines) {
    if (depth > hidden) continue;
    hidden = Infinity;
    const nested = unnamed.exec(what);
    if (nested) {
      prefixes[depth + 1] = nested[1] ? `${prefixes[depth]}${nested[1]}.` : prefixes[depth];
      continue;
    }
    const [, type, name] = /^(.*\S) (\w+)$/.exec(what) ?? [undefined, what, ''];
    fields.push({ name: prefixes[depth] + name, type: plainType(type), offset, ...(bits ? { bits } : {}) });
    hidden = depth;
  }
  return fields;
}

/** A type's text as every version of clang prints it, without places on this machine. */
export function plainType(text) {
  return text.replace(/\b_Bool\b/g, 'bool').replace(new RegExp(UNNAMED, 'g'), '(unnamed)');
}

/** The first node below this one, itself included, that passes the test. */
export function find(node, test) {
  if (test(node)) return node;
  for (const child of node.inner ?? []) {
    const found = find(child, test);
    if (found) return found;
  }
  return undefined;
}
