// Reads C headers by clang's AST, as they are compiled for WebAssembly: functions, enums, callbacks, structs, options.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @param {object} input
 * @param {string} input.emcc The compiler to run.
 * @param {string[]} input.flags Include paths and defines.
 * @param {string[]} input.headers As in an #include.
 * @param {string} input.source Where to write the C file that includes them.
 */
export function readHeaders({ emcc, flags, headers, source }) {
  const ast = JSON.parse(
    execFileSync(emcc, [...flags, '-fsyntax-only', '-Xclang', '-ast-dump=json', '-fparse-all-comments', source], {
      encoding: 'utf8',
      maxBuffer: 512 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const files = filesOf(ast);
  const wanted = (node) => headers.some((header) => files.get(node.id)?.endsWith(`/${header}`));
  const typedefs = new Map(ast.inner.filter((n) => n.kind === 'TypedefDecl').map((n) => [n.name, n]));
  const tags = new Map();
  for (const node of ast.inner) if (node.kind === 'EnumDecl' || node.kind === 'RecordDecl') tags.set(node.name, node);

  const api = { functions: [], enums: [], callbacks: [], structs: [], constants: [], handles: new Set(), typedefs };
  const seen = new Set();
  for (const node of ast.inner) {
    if (!wanted(node) || seen.has(node.kind + node.name)) continue;
    seen.add(node.kind + node.name);
    const header = headers.find((h) => files.get(node.id).endsWith(`/${h}`));
    if (node.kind === 'FunctionDecl') api.functions.push(functionOf(node, header));
    else if (node.kind === 'VarDecl') api.constants.push(constantOf(node, header));
    else if (node.kind === 'TypedefDecl') readTypedef(node, header, { api, tags, file: files.get(node.id) });
  }
  api.constants = api.constants.filter((constant) => constant.value !== undefined);
  return api;
}

/** clang names a location's file only where it differs from the one printed before: follow the order of printing. */
function filesOf(ast) {
  const files = new Map();
  let current = '';
  const visit = (node) => {
    if (node === null || typeof node !== 'object') return;
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node.file === 'string' && 'offset' in node) current = node.file;
    for (const key of Object.keys(node)) {
      visit(node[key]);
      if (key === 'loc' && node.id !== undefined) files.set(node.id, path.posix.normalize(current));
    }
  };
  visit(ast);
  return files;
}

function functionOf(node, header) {
  return {
    name: node.name,
    header,
    doc: firstDocLine(node),
    returns: node.type.qualType.slice(0, node.type.qualType.indexOf('(')).trim(),
    parameters: (node.inner ?? [])
      .filter((n) => n.kind === 'ParmVarDecl')
      .map((n) => ({ name: n.name, type: n.type.qualType, desugared: n.type.desugaredQualType ?? n.type.qualType })),
  };
}

function constantOf(node, header) {
  const literal = find(node, (n) => n.kind === 'StringLiteral');
  return { name: node.name, header, value: literal && JSON.parse(literal.value) };
}

function readTypedef(node, header, { api, tags, file }) {
  const type = node.type.qualType;
  const tag = /^(?:enum|struct) (\w+)$/.exec(type)?.[1];
  const declaration = tag && tags.get(tag);
  if (declaration?.kind === 'EnumDecl') api.enums.push(enumOf(node, declaration, header));
  else if (declaration?.kind === 'RecordDecl')
    api.structs.push({ name: node.name, header, fields: fieldsOf(declaration) });
  else if (/\(\*\)/.test(type)) api.callbacks.push(callbackOf(node, header, file));
  else if (/^struct \w+ \*$|^void \*$/.test(type)) api.handles.add(node.name);
}

function enumOf(typedef, declaration, header) {
  let next = 0;
  const members = declaration.inner
    .filter((n) => n.kind === 'EnumConstantDecl')
    .map((n) => {
      const constant = find(n, (m) => m.kind === 'ConstantExpr' && m.value !== undefined);
      const value = constant ? Number(constant.value) : next;
      next = value + 1;
      return { name: n.name, value };
    });
  return { name: typedef.name, header, doc: firstDocLine(typedef) || firstDocLine(declaration), members };
}

function fieldsOf(declaration) {
  return (declaration.inner ?? [])
    .filter((n) => n.kind === 'FieldDecl')
    .map((n) => ({ name: n.name, type: n.type.qualType }));
}

/** The AST has a callback's types but not the names of its parameters: those are read where the typedef stands. */
function callbackOf(node, header, file) {
  const type = node.type.qualType;
  const types = splitList(type.slice(type.indexOf('(*)') + 4, -1));
  const { begin, end } = node.range;
  const text = readFileSync(file, 'utf8').slice(begin.offset, end.offset + end.tokLen);
  const names = splitList(text.slice(text.indexOf('(', text.indexOf('(*') + 2) + 1, -1)).map(
    (p) => /(\w+)$/.exec(p)?.[1],
  );
  if (types.length > 0 && types[0] !== 'void' && names.length !== types.length)
    throw new Error(`The parameters of ${node.name} in ${header} can't be read.`);
  return {
    name: node.name,
    header,
    doc: firstDocLine(node),
    returns: type.slice(0, type.indexOf('(*)')).trim(),
    parameters: types[0] === 'void' ? [] : types.map((t, i) => ({ name: names[i], type: t, desugared: t })),
  };
}

function splitList(text) {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The first sentence of a doxygen comment. */
function firstDocLine(node) {
  const comment = (node.inner ?? []).find((n) => n.kind === 'FullComment');
  const brief = comment && (find(comment, (n) => n.kind === 'BlockCommandComment' && n.name === 'brief') ?? comment);
  const paragraph = brief && find(brief, (n) => n.kind === 'ParagraphComment' && /\S/.test(textOf(n)));
  const text = paragraph ? textOf(paragraph).replace(/\s+/g, ' ').trim() : '';
  return /^(.*?\.)(?: |$)/.exec(text)?.[1] ?? text;
}

function textOf(node) {
  if (node.kind === 'TextComment') return node.text;
  if (node.kind === 'InlineCommandComment') return (node.args ?? []).join(' ');
  return (node.inner ?? []).map(textOf).join('');
}

function find(node, test) {
  if (test(node)) return node;
  for (const child of node.inner ?? []) {
    const found = find(child, test);
    if (found) return found;
  }
  return undefined;
}
