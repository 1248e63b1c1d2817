// What the binding is generated from: functions, enums, callbacks, structs and options of the headers it names.
import { readFileSync } from 'node:fs';
import { enumeratorsOf, find } from './parse-headers.mjs';

/**
 * @param {ReturnType<import('./parse-headers.mjs').parseHeaders>} parsed
 * @param {string[]} headers Those that count, as in an #include.
 */
export function readHeaders({ declarations, headerOf, fileOf, layouts }, headers) {
  const tags = new Map();
  for (const node of declarations)
    if (node.kind === 'EnumDecl' || node.kind === 'RecordDecl') tags.set(node.name, node);

  const api = { functions: [], enums: [], callbacks: [], structs: [], constants: [], handles: new Set() };
  const seen = new Set();
  for (const node of declarations) {
    const header = headerOf(node);
    if (!headers.includes(header) || seen.has(node.kind + node.name)) continue;
    seen.add(node.kind + node.name);
    if (node.kind === 'FunctionDecl') api.functions.push(functionOf(node, header));
    else if (node.kind === 'VarDecl') api.constants.push(constantOf(node, header));
    else if (node.kind === 'TypedefDecl') readTypedef(node, header, { api, tags, layouts, file: fileOf(node) });
  }
  api.constants = api.constants.filter((constant) => constant.value !== undefined);
  return api;
}

function functionOf(node, header) {
  return {
    name: node.name,
    header,
    returns: node.type.qualType.slice(0, node.type.qualType.indexOf('(')).trim(),
    parameters: (node.inner ?? [])
      .filter((n) => n.kind === 'ParmVarDecl')
      .map((n) => ({ name: n.name, type: n.type.qualType })),
  };
}

function constantOf(node, header) {
  const literal = find(node, (n) => n.kind === 'StringLiteral');
  return { name: node.name, header, value: literal && JSON.parse(literal.value) };
}

function readTypedef(node, header, { api, tags, layouts, file }) {
  const type = node.type.qualType;
  const tag = /^(?:enum|struct) (\w+)$/.exec(type)?.[1];
  const declaration = tag && tags.get(tag);
  if (declaration?.kind === 'EnumDecl') api.enums.push(enumOf(node, declaration, header));
  else if (declaration?.kind === 'RecordDecl') api.structs.push({ name: node.name, header, ...layouts.get(type) });
  else if (/\(\*\)/.test(type)) api.callbacks.push(callbackOf(node, header, file));
  else if (/^struct \w+ \*$|^void \*$/.test(type)) api.handles.add(node.name);
}

function enumOf(typedef, declaration, header) {
  return { name: typedef.name, header, members: enumeratorsOf(declaration) };
}

/** The AST has a callback's types but not the names of its parameters: those are read where the typedef stands. */
function callbackOf(node, header, file) {
  const type = node.type.qualType;
  const types = splitList(type.slice(type.indexOf('(*)') + 4, -1));
  const { begin, end } = node.range;
  const text = readFileSync(file, 'utf8').slice(begin.offset, end.offset + end.tokLen);
  const names = splitList(text.slice(text.indexOf('(', text.indexOf('(*') + 2) + 1, -1)).map(
    (p) => /(?<!\w)\w+$/.exec(p)?.[0],
  );
  if (types.length > 0 && types[0] !== 'void' && names.length !== types.length)
    throw new Error(`The parameters of ${node.name} in ${header} can't be read.`);
  return {
    name: node.name,
    header,
    returns: type.slice(0, type.indexOf('(*)')).trim(),
    parameters: types[0] === 'void' ? [] : types.map((t, i) => ({ name: names[i], type: t })),
  };
}

function splitList(text) {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
