// Reads native/host.h: the imports of each of its sections, and the enums and structs that cross with them.
import path from 'node:path';
import { enumeratorsOf, parseHeaders } from './parse-headers.mjs';

/**
 * Numbers of C: bytes, and what DataView calls them. That they are so is for the compiler to say: write-host.mjs has it check each
 * field's size.
 */
const numbers = {
  Int8: { size: 1, names: ['char', 'signed char', 'int8_t'] },
  Uint8: { size: 1, names: ['unsigned char', 'uint8_t'] },
  Int16: { size: 2, names: ['short', 'int16_t'] },
  Uint16: { size: 2, names: ['unsigned short', 'uint16_t'] },
  Int32: { size: 4, names: ['int', 'long', 'int32_t', 'intptr_t', 'ptrdiff_t'] },
  Uint32: { size: 4, names: ['unsigned int', 'unsigned long', 'uint32_t', 'uintptr_t', 'size_t'] },
  BigInt64: { size: 8, names: ['long long', 'int64_t'] },
  BigUint64: { size: 8, names: ['unsigned long long', 'uint64_t'] },
  Float32: { size: 4, names: ['float'] },
  Float64: { size: 8, names: ['double'] },
};

/** Headers of include/applibs/ whose enums cross as they are: the host's functions say which. */
const appHeaders = ['networking', 'powermanagement', 'sysevent', 'wificonfig'];

/**
 * @param {object} input
 * @param {string} input.compiler emcc.
 * @param {string} input.native The folder that holds host.h and host/.
 * @param {string} input.source Where to write the C file that the compiler gets.
 * @returns the sections in the order of their names, each with its imports, enums and structs as they stand in its header; the last one
 *   has the enums of apps.
 * @throws Error that names each declaration which can't cross between C and TypeScript, and why.
 */
export function readHost({ compiler, native, source }) {
  const parsed = parseHeaders({ compiler, includes: [native], flags: [], headers: ['host.h'], source });
  const types = { structs: new Map(), enums: new Set() };
  const sections = new Map();
  const refused = [];
  for (const node of parsed.declarations) {
    const header = parsed.headerOf(node);
    if (!header?.startsWith('host/')) continue;
    const name = path.basename(header, '.h');
    if (!sections.has(name)) sections.set(name, { name, header, imports: [], enums: [], structs: [] });
    collect(refused, () => readDeclaration(node, sections.get(name), { types, parsed }));
  }
  const list = [...sections.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  findDirections(list);
  for (const struct of list.flatMap(({ structs }) => structs)) collect(refused, () => checkWritten(struct));
  if (refused.length > 0) throw new Error(refused.join('\n'));
  return [...list, readApplibs({ compiler, native, source })];
}

/** The enums of apps' headers. They have no tags: such an enum is of the typedef that is made of it, or stands before it. */
function readApplibs({ compiler, native, source }) {
  const folders = ['libc', 'app-libc', ''].map((folder) => path.join(native, 'include', folder));
  const headers = appHeaders.map((name) => `applibs/${name}.h`);
  const { declarations, headerOf } = parseHeaders({ compiler, includes: folders, flags: [], headers, source });
  const own = declarations.filter((node) => headers.includes(headerOf(node)));
  const enums = own.flatMap((node, i) => {
    if (node.kind !== 'EnumDecl') return [];
    const isOf = (typedef) => typedef?.kind === 'TypedefDecl';
    const after = own[i + 1];
    const made = isOf(after) && after.inner?.[0]?.ownedTagDecl?.id === node.id ? after : own[i - 1];
    if (!isOf(made)) throw new Error(`An enum of ${headerOf(node)} has no typedef to be named after.`);
    return [{ name: made.name, members: enumeratorsOf(node) }];
  });
  return { name: 'applibs', header: 'include/applibs/', imports: [], enums, structs: [] };
}

function readDeclaration(node, section, { types, parsed }) {
  if (node.kind === 'FunctionDecl') section.imports.push(importOf(node, types));
  else if (node.kind === 'EnumDecl') section.enums.push(enumOf(node, section, types));
  else if (node.kind === 'TypedefDecl') {
    const tag = /^struct (\w+)$/.exec(node.type.qualType)?.[1];
    const record = parsed.declarations.find((other) => other.kind === 'RecordDecl' && other.name === tag);
    if (tag === undefined || record === undefined) refuse(node.name, `${node.type.qualType} is no struct with a tag`);
    section.structs.push(structOf(node.name, { record, layout: parsed.layouts.get(`struct ${tag}`), types }));
  }
}

function importOf(node, types) {
  if (!node.name.startsWith('host_')) refuse(node.name, 'the name of an import begins with host_');
  const returns = node.type.qualType.slice(0, node.type.qualType.indexOf('(')).trim();
  const parameters = (node.inner ?? [])
    .filter((inner) => inner.kind === 'ParmVarDecl')
    .map(({ name, type }) => ({ name, type: type.qualType, value: valueOf(type.qualType, types, node.name) }));
  const value = returns === 'void' ? { kind: 'void' } : valueOf(returns, types, node.name);
  for (const { kind } of [value, ...parameters.map((parameter) => parameter.value)])
    if (kind === 'struct') refuse(node.name, 'a struct crosses by its address only');
  return { name: node.name.slice('host_'.length), function: node.name, returns, value, parameters };
}

function enumOf(node, section, types) {
  if (node.name === undefined) refuse(`An enum of ${section.header}`, 'it has no name');
  types.enums.add(node.name);
  return { name: node.name, members: enumeratorsOf(node) };
}

function structOf(name, { record, layout, types }) {
  types.structs.set(name, layout.size);
  const offsets = new Map(layout.fields.map((field) => [field.name, field.offset]));
  const fields = (record.inner ?? [])
    .filter((inner) => inner.kind === 'FieldDecl')
    .map((field) => {
      const type = field.type.qualType.replace(/ ?\[/g, '[');
      if (field.isBitfield) refuse(`${name}.${field.name}`, 'it is a bit-field');
      return {
        name: field.name,
        type,
        offset: offsets.get(field.name),
        value: valueOf(type, types, `${name}.${field.name}`),
      };
    });
  return { name, size: layout.size, fields, read: false, written: false };
}

/** What a value of a C type is for TypeScript. `owner` is named where that can't be said. */
function valueOf(type, types, owner) {
  const array = /^([^[]*[^[ ])\[(\d+)\]$/.exec(type);
  if (array) return arrayOf(valueOf(array[1], types, owner), array[1], Number(array[2]));
  const found = Object.entries(numbers).find(([, { names }]) => names.includes(type));
  if (found) return { kind: 'number', view: found[0], size: found[1].size };
  if (type === 'bool' || type === '_Bool') return { kind: 'boolean', size: 1 };
  if (type === 'const char *') return { kind: 'text', size: 4 };
  if (/^[\w ]+ \*+$/.test(type)) return { kind: 'number', view: 'Uint32', size: 4, points: type };
  if (types.enums.has(type.replace(/^enum /, ''))) return { kind: 'number', view: 'Int32', size: 4 };
  if (types.structs.has(type)) return { kind: 'struct', struct: type, size: types.structs.get(type) };
  return refuse(owner, `TypeScript has no value for ${type}`);
}

/** Of char it is a text with its NUL, of uint8_t bytes, of anything else a list. */
function arrayOf(of, type, length) {
  const size = length * of.size;
  if (type === 'char') return { kind: 'fixed-text', size };
  if (type === 'uint8_t') return { kind: 'fixed-bytes', size };
  return { kind: 'list', size, of, length };
}

/** TypeScript reads what a function gets as `const T *`, and writes what it gets as `T *`; and what is inside of that. */
function findDirections(sections) {
  const structs = new Map(sections.flatMap((section) => section.structs).map((struct) => [struct.name, struct]));
  const mark = (struct, direction) => {
    struct[direction] = true;
    for (const { value } of struct.fields) {
      const inner = structs.get(value.struct ?? value.of?.struct);
      if (inner !== undefined) mark(inner, direction);
    }
  };
  for (const { value } of sections.flatMap((section) => section.imports).flatMap((each) => each.parameters)) {
    const [, constant, name] = /^(const )?(\w+) \*$/.exec(value.points ?? '') ?? [];
    if (structs.has(name)) mark(structs.get(name), constant ? 'read' : 'written');
  }
}

/** Nobody would free a text that TypeScript writes. */
function checkWritten({ name, written, fields }) {
  const text = fields.find(({ value }) => value.kind === 'text' || value.of?.kind === 'text');
  if (written && text !== undefined) refuse(`${name}.${text.name}`, 'TypeScript has no memory for a text');
}

/** What can't cross, and why. */
class Refusal extends Error {}

function refuse(what, why) {
  throw new Refusal(`${what} can't cross between C and TypeScript: ${why}.`);
}

/** Runs what may refuse, and notes why. */
function collect(refused, run) {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused.push(error.message);
  }
}
