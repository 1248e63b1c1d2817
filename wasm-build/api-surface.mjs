// The API surface of headers as data: what `sphere-iot api snapshot` prints. src/regression/api-snapshot.ts has its types.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { enumeratorsOf, find, plainType } from './parse-headers.mjs';
import { floatOf, stringOf } from './read-macros.mjs';

/** Counts up when a reader of the old form would misunderstand the new one. */
const FORMAT = 1;

/**
 * @param {ReturnType<import('./parse-headers.mjs').parseHeaders>} parsed
 * @param {object} input
 * @param {string[]} input.headers Those that were asked for; what they include of the same folders is in it too.
 * @param {string} [input.ours] A folder: its headers are marked as ours.
 */
export function apiSurface(parsed, { headers, ours }) {
  const surface = { functions: [], types: [], enums: [], structs: [], constants: [] };
  const tagNames = namesOfTags(parsed);
  const seen = new Set();
  const once = (list, entry) => {
    const key = `${list} ${entry.name}`;
    if (!seen.has(key)) surface[list].push(entry);
    seen.add(key);
  };
  for (const node of parsed.declarations) {
    const header = parsed.headerOf(node);
    if (header === undefined) continue;
    if (node.kind === 'FunctionDecl') once('functions', functionOf(node, header));
    else if (node.kind === 'VarDecl') once('constants', variableOf(node, header));
    else if (node.kind === 'EnumDecl') readEnum(node, header, { tagNames, once });
    else if (node.kind === 'RecordDecl' && node.completeDefinition)
      once('structs', structOf(node, header, { tagNames, parsed }));
    else if (node.kind === 'TypedefDecl' && !tagNames.aliases.has(node.id)) once('types', typeOf(node, header));
  }
  for (const macro of parsed.macros) {
    const entry = macroOf(macro);
    if (entry) once('constants', entry);
  }
  const found = [...new Set([...headers, ...Object.values(surface).flatMap((l) => l.map((e) => e.header))])];
  return {
    format: FORMAT,
    toolchain: parsed.toolchain,
    headers: found.map((name) => headerEntry(name, { headers, ours })).sort(byName),
    ...Object.fromEntries(Object.entries(surface).map(([list, entries]) => [list, entries.sort(byName)])),
  };
}

function headerEntry(name, { headers, ours }) {
  return {
    name,
    ...(ours && existsSync(path.join(ours, name)) ? { ours: true } : {}),
    ...(headers.includes(name) ? {} : { included: true }),
  };
}

/** `typedef struct X_TAG { … } X`: the struct is called X. Which typedefs only give such a name. */
function namesOfTags({ declarations, headerOf }) {
  const names = new Map();
  const aliases = new Set();
  for (const node of declarations) {
    if (node.kind !== 'TypedefDecl' || headerOf(node) === undefined) continue;
    const tag = node.inner?.[0]?.ownedTagDecl;
    if (!tag || /[*([]/.test(node.type.qualType)) continue;
    names.set(tag.id, node.name);
    aliases.add(node.id);
  }
  // A type of which only the typedef stands in the headers keeps its typedef as an entry.
  const complete = new Set(declarations.filter((n) => n.completeDefinition || n.kind === 'EnumDecl').map((n) => n.id));
  for (const node of declarations)
    if (aliases.has(node.id) && !complete.has(node.inner[0].ownedTagDecl.id)) aliases.delete(node.id);
  return { names, aliases };
}

function functionOf(node, header) {
  const type = node.type.qualType;
  return {
    name: node.name,
    header,
    // A function that returns a function has its parameters inside: `void (*(int))(char)`.
    returns: plainType(type.includes('(*(') ? type : type.slice(0, type.indexOf('(')).trim()),
    parameters: (node.inner ?? [])
      .filter((n) => n.kind === 'ParmVarDecl')
      .map((n) => ({ name: n.name ?? '', type: plainType(n.type.qualType) })),
    ...(node.variadic ? { variadic: true } : {}),
  };
}

function typeOf(node, header) {
  return { name: node.name, header, type: plainType(node.type.qualType) };
}

/** An enum without any name gives constants. */
function readEnum(node, header, { tagNames, once }) {
  const name = tagNames.names.get(node.id) ?? node.name;
  const members = enumeratorsOf(node);
  if (members.length === 0) return;
  if (name) once('enums', { name, ...tagOf(node), header, members });
  else for (const member of members) once('constants', { name: member.name, header, kind: 'enumerator', ...member });
}

function structOf(node, header, { tagNames, parsed }) {
  const name = tagNames.names.get(node.id) ?? node.name;
  const layout =
    parsed.layouts.get(node.name ? `${node.tagUsed} ${node.name}` : `${parsed.fileOf(node)}:${parsed.lineOf(node)}`) ??
    parsed.layouts.get(`${node.tagUsed} ${name}`);
  if (!layout) throw new Error(`clang prints no layout of ${node.tagUsed} ${name} in ${header}.`);
  return { name, ...tagOf(node), header, kind: node.tagUsed, ...layout };
}

function tagOf(node) {
  return node.name ? { tag: node.name } : {};
}

function variableOf(node, header) {
  const type = plainType(node.type.qualType);
  const literal = find(node, (n) => /^(String|Integer|Floating)Literal$/.test(n.kind));
  const negative = find(node, (n) => n.kind === 'UnaryOperator' && n.opcode === '-');
  const value = literal && JSON.parse(literal.value);
  return {
    name: node.name,
    header,
    kind: 'variable',
    type,
    ...(literal ? { value: negative ? -value : value } : {}),
  };
}

/** Macros that are a number or a text; others are no constants. */
function macroOf({ name, header, text, expansion, value }) {
  const constant = value ?? stringOf(expansion) ?? floatOf(expansion);
  return constant === undefined ? undefined : { name, header, kind: 'macro', text, value: constant };
}

function byName(a, b) {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
