// Generates the binding from the SDK's headers: the list of exports, the C side of callbacks, and the text of src/sdk/generated/. No word of a
// comment of the headers is in it, and nothing that depends on the version of the compiler, since it is in the repository.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { apiSurface } from './api-surface.mjs';
import { cmakeLists } from './cmake-lists.mjs';
import { describeFunction, describeCallback, Annotations } from './describe.mjs';
import { parseHeaders } from './parse-headers.mjs';
import { readHeaders } from './read-headers.mjs';
import { sdkHeaders, sphereFolder } from './sdk-headers.mjs';
import { notice, typescriptOf } from './write-typescript.mjs';

/**
 * @param {object} input
 * @param {string} input.emcc
 * @param {string} input.root The project's folder.
 * @param {string} input.build The build folder; the C side goes into its `generated`.
 * @param {string} input.sdk The SDK's folder.
 * @param {Record<string, string>} input.host The TypeScript of native/host.h, for the interface's id.
 */
export function generate({ emcc, root, build, sdk, host }) {
  const annotations = new Annotations(JSON.parse(readFileSync(path.join(root, 'wasm-build/annotations.json'), 'utf8')));
  const folder = path.join(build, 'generated');
  mkdirSync(folder, { recursive: true });
  const listOf = cmakeLists(path.join(root, 'CMakeLists.txt'), { SDK_FOLDER: sdk });
  const parsed = parseHeaders({
    ...sdkHeaders({ root, sdk }),
    compiler: emcc,
    source: path.join(folder, 'headers.h'),
  });
  const api = readHeaders(parsed, annotations.headers);

  const functions = api.functions
    .filter((f) => !annotations.isExcluded(f.name))
    .map((f) => describeFunction(f, api, annotations));
  annotations.checkAllUsed(api);
  const used = new Set(functions.flatMap((f) => f.parameters.filter((p) => p.kind === 'callback').map((p) => p.type)));
  const callbacks = api.callbacks.filter((c) => used.has(c.name)).map((c) => describeCallback(c, api, annotations));
  const structs = api.structs.filter((s) => annotations.structs.includes(s.name)).map(layOut);

  const binding = cOf({
    headers: annotations.headers,
    callbacks: api.callbacks.filter((c) => used.has(c.name)),
    providers: annotations.providers,
  });
  const exported = [
    ...functions.filter((f) => !annotations.isReplaced(f.name)).map((f) => f.name),
    ...annotations.internalExports,
    'sphere_callback_address',
    'sphere_provider_address',
    'sphere_time_size',
    'sphere_interface_id',
  ].sort();
  const typescript = typescriptOf({
    functions,
    callbacks,
    structs,
    enums: api.enums,
    constants: api.constants,
    annotations,
  });
  const id = interfaceIdOf([binding, exported, typescript, host]);
  typescript['interface-id.ts'] = id.typescript;
  write(path.join(folder, 'binding.c'), `${binding}\n${id.c}`);
  // Wrapped functions carry their export name themselves (native/sphere/handle_credentials.c).
  const wrapped = new Set(listOf('wrapped_functions'));
  write(
    path.join(folder, 'exports.json'),
    JSON.stringify(exported.filter((name) => !wrapped.has(name)).map((name) => `_${name}`)),
  );
  return {
    generated: { folder: 'src/sdk/generated', source: "the SDK's headers", files: typescript },
    functions: functions.length,
    enums: api.enums.length,
    exports: exported,
    surface: apiSurface(parsed, { headers: annotations.headers, ours: sphereFolder(root) }),
  };
}

/** A name for all that C and TypeScript know of each other: what each side has of it. */
function interfaceIdOf(known) {
  const id = createHash('sha256').update(JSON.stringify(known)).digest('hex').slice(0, 16);
  return {
    typescript: `${notice}/** Names all that C and TypeScript know of each other: the WebAssembly file has to have the same one. */\nexport const interfaceId = '${id}';\n`,
    c: `__attribute__((used)) const char* sphere_interface_id(void)\n{\n    return "${id}";\n}\n`,
  };
}

/** A struct that TypeScript writes: of pointers to texts and of whole numbers of four bytes. */
function layOut({ name, size, fields }) {
  const describe = ({ name: field, type, offset }) => {
    if (!/^(const char \*|int|unsigned int|size_t|uint32_t)$/.test(type))
      throw new Error(`Don't know what ${name}.${field}, a ${type}, is.`);
    return { name: field, kind: type === 'const char *' ? 'text' : 'int', offset };
  };
  return { name, size, fields: fields.map(describe) };
}

function cOf({ headers, callbacks, providers }) {
  const imports = callbacks.map(
    (c) =>
      `__attribute__((import_module("callback"), import_name("${c.name}")))\nextern ${c.returns} callback_${c.name}(${c.parameters.map((p) => p.type).join(', ')});\n`,
  );
  const addresses = (name, entries) =>
    `// The address of the ${name} with this number in src/sdk/generated.\n__attribute__((used)) void* sphere_${name}_address(int number)\n{\n    static void* const addresses[] = {${entries.join(', ')}};\n    return addresses[number];\n}\n`;
  return [
    '// Generated by wasm-build/generate.mjs: the C side of the binding.',
    ...headers.map((h) => `#include "${h}"`),
    '#include <time.h>',
    '',
    '// A C callback is an imported function: TypeScript finds the JavaScript function by the context.',
    ...imports,
    addresses(
      'callback',
      callbacks.map((c) => `(void*)callback_${c.name}`),
    ),
    addresses(
      'provider',
      providers.map((p) => `(void*)${p}`),
    ),
    '// Four bytes or eight, which is for the compiler to say.\n__attribute__((used)) int sphere_time_size(void)\n{\n    return sizeof(time_t);\n}\n',
  ].join('\n');
}

/** Leaves a file alone that says the same already, so that nothing is built again for it. */
function write(file, text) {
  try {
    if (readFileSync(file, 'utf8') === text) return;
  } catch {
    // not there yet
  }
  writeFileSync(file, text);
}
