// Generates the binding from the SDK's headers: the list of exports, the C side of callbacks, and src/sdk/generated/.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cmakeLists } from './cmake-lists.mjs';
import { describeFunction, describeCallback, Annotations } from './describe.mjs';
import { readHeaders } from './read-headers.mjs';
import { typescriptOf } from './write-typescript.mjs';

/**
 * @param {object} input
 * @param {string} input.emcc
 * @param {string} input.root The project's folder.
 * @param {string} input.build The build folder; the C side goes into its `generated`.
 * @param {string} input.sdk The SDK's folder.
 * @param {string} input.inputs What else the build depends on, for the build id.
 */
export function generate({ emcc, root, build, sdk, inputs }) {
  const annotations = new Annotations(JSON.parse(readFileSync(path.join(root, 'wasm-build/annotations.json'), 'utf8')));
  const folder = path.join(build, 'generated');
  mkdirSync(folder, { recursive: true });
  const source = path.join(folder, 'headers.h');
  write(source, annotations.headers.map((header) => `#include "${header}"\n`).join(''));
  const listOf = cmakeLists(path.join(root, 'CMakeLists.txt'), { SDK_FOLDER: sdk });
  const includes = [...listOf('sdk_includes'), path.join(root, 'native/include')];
  const flags = [...includes.map((f) => `-I${f}`), ...listOf('sdk_definitions').map((d) => `-D${d}`)];
  const api = readHeaders({ emcc, flags: [...flags, '-x', 'c'], headers: annotations.headers, source });

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
    structs,
  });
  const exported = [
    ...functions.filter((f) => !annotations.isReplaced(f.name)).map((f) => f.name),
    ...annotations.internalExports,
    'sphere_callback_address',
    'sphere_provider_address',
    'sphere_build_id',
  ].sort();
  const typescript = typescriptOf({
    functions,
    callbacks,
    structs,
    enums: api.enums,
    constants: api.constants,
    annotations,
  });
  const id = createHash('sha256')
    .update(JSON.stringify([binding, exported, typescript, inputs]))
    .digest('hex')
    .slice(0, 16);
  write(
    path.join(folder, 'binding.c'),
    `${binding}\n__attribute__((used)) const char* sphere_build_id(void)\n{\n    return "${id}";\n}\n`,
  );
  // Wrapped functions carry their export name themselves (native/sphere/handle_credentials.c).
  const wrapped = new Set(listOf('wrapped_functions'));
  write(
    path.join(folder, 'exports.json'),
    JSON.stringify(exported.filter((name) => !wrapped.has(name)).map((name) => `_${name}`)),
  );
  const target = path.join(root, 'src/sdk/generated');
  mkdirSync(target, { recursive: true });
  typescript['build-id.ts'] =
    `/** Says which build of the WebAssembly file this TypeScript belongs to. */\nexport const buildId = '${id}';\n`;
  for (const [name, text] of Object.entries(typescript)) write(path.join(target, name), text);
  return { functions: functions.length, callbacks: callbacks.length, enums: api.enums.length, exports: exported };
}

/** Offsets by wasm32's rules; the generated C holds them against the compiler's. */
function layOut(struct) {
  let size = 0;
  const fields = struct.fields.map((field) => {
    if (!/\*$|^int$|^unsigned int$|^size_t$|^uint32_t$/.test(field.type))
      throw new Error(`Don't know how ${struct.name}.${field.name}, a ${field.type}, is laid out.`);
    const kind = /^const char \*$/.test(field.type) ? 'text' : 'int';
    const laidOut = { name: field.name, kind, offset: size };
    size += 4;
    return laidOut;
  });
  return { name: struct.name, size, fields };
}

function cOf({ headers, callbacks, providers, structs }) {
  const imports = callbacks.map(
    (c) =>
      `__attribute__((import_module("callback"), import_name("${c.name}")))\nextern ${c.returns} callback_${c.name}(${c.parameters.map((p) => p.type).join(', ')});\n`,
  );
  const asserts = structs.flatMap((s) => [
    `_Static_assert(sizeof(${s.name}) == ${s.size}, "${s.name}");`,
    ...s.fields.map((f) => `_Static_assert(offsetof(${s.name}, ${f.name}) == ${f.offset}, "${s.name}.${f.name}");`),
  ]);
  const addresses = (name, entries) =>
    `// The address of the ${name} with this number in src/sdk/generated.\n__attribute__((used)) void* sphere_${name}_address(int number)\n{\n    static void* const addresses[] = {${entries.join(', ')}};\n    return addresses[number];\n}\n`;
  return [
    '// Generated by wasm-build/generate.mjs: the C side of the binding.',
    '#include <stddef.h>',
    ...headers.map((h) => `#include "${h}"`),
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
    ...asserts,
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
