// The snapshot's values and layouts against C programs that print them: by emcc under Node, and by this machine's compiler.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { snapshotApi, type ApiSnapshot, type ApiStruct } from '../../src/regression/index.js';
import { root, sdkFolder, withFolder } from './support.js';

interface Facts {
  readonly enums: Record<string, number>;
  readonly constants: Record<string, number | string>;
  readonly structs: Record<string, { size: number; alignment: number; fields: Record<string, number> }>;
  readonly basic: Record<string, { size: number; alignment: number }>;
}

let snapshot: ApiSnapshot;
let wasm: Facts;
let host: Facts;
beforeAll(async () => {
  snapshot = await snapshotApi();
  await withFolder(async (folder) => {
    const source = path.join(folder, 'probe.c');
    writeFileSync(source, probeOf(snapshot));
    // As wasm-build/tools.mjs has it: Debian's emcc finds acorn there.
    const env = { ...process.env, NODE_PATH: '/usr/share/nodejs' };
    const script = path.join(folder, 'probe.js');
    // In one file: what 3.1.6 writes to load a second one fails where Node has fetch.
    execFileSync('emcc', [...flags(), '-sSINGLE_FILE=1', source, '-o', script], { env });
    wasm = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' })) as Facts;
    const program = path.join(folder, 'probe');
    execFileSync('cc', [...flags(), source, '-o', program]);
    host = JSON.parse(execFileSync(program, { encoding: 'utf8' })) as Facts;
  });
});

function flags(): string[] {
  const parts = ['c-utility/inc', 'c-utility/pal/generic', 'umqtt/inc', 'iothub_client/inc', 'provisioning_client/inc'];
  const folders = [...parts, 'provisioning_client/adapters', 'deps/azure-macro-utils-c/inc', 'deps/umock-c/inc'];
  const includes = [...folders.map((part) => path.join(sdkFolder, part)), path.join(root, 'native/include')];
  return ['-w', ...includes.map((folder) => `-I${folder}`), ...snapshot.toolchain.flags];
}

/** A C program that prints the facts as JSON. */
function probeOf({ headers, enums, structs, constants, toolchain }: ApiSnapshot): string {
  const members = enums.flatMap((e) => e.members.map(({ name }) => name));
  const values = constants.filter(({ value }) => value !== undefined);
  const spelled = ({ name, tag, kind }: ApiStruct): string => (name === tag ? `${kind} ${name}` : name);
  const basics = Object.keys(toolchain.types).filter((name) => name !== 'enum');
  const typeOf = (name: string): string => (name === 'pointer' ? 'void *' : name);
  const print = (format: string, ...args: string[]): string =>
    `    printf(${[JSON.stringify(format), ...args].join(', ')});\n`;
  const object = (lines: string[]): string => lines.join(print(','));
  return [
    ...headers.map(({ name }) => `#include "${name}"\n`),
    '#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n#include <time.h>\n',
    'int main(void)\n{\n',
    print('{"enums":{'),
    object(members.map((name) => print(`"${name}":%lld`, `(long long)${name}`))),
    print('},"constants":{'),
    object(
      values.map(({ name, value }) =>
        typeof value === 'string' ? print(`"${name}":"%s"`, name) : print(`"${name}":%lld`, `(long long)${name}`),
      ),
    ),
    print('},"structs":{'),
    object(
      structs.map((struct) => {
        const type = spelled(struct);
        const fields = struct.fields.map((f) => print(`"${f.name}":%d`, `(int)offsetof(${type}, ${f.name})`));
        const sizes = [`(int)sizeof(${type})`, `(int)_Alignof(${type})`];
        return print(`"${struct.name}":{"size":%d,"alignment":%d,"fields":{`, ...sizes) + object(fields) + print('}}');
      }),
    ),
    print('},"basic":{'),
    object(
      basics.map((name) =>
        print(`"${name}":{"size":%d,"alignment":%d}`, `(int)sizeof(${typeOf(name)})`, `(int)_Alignof(${typeOf(name)})`),
      ),
    ),
    print('}}\n'),
    '    return 0;\n}\n',
  ].join('');
}

/** What a snapshot says, in the form of the probe. */
function enumsOf({ enums }: ApiSnapshot): Facts['enums'] {
  return Object.fromEntries(enums.flatMap((e) => e.members.map(({ name, value }) => [name, Number(value)])));
}

/** The rules of C for the layout of a struct, given those of the basic types. */
function layOut({ fields }: ApiStruct, basic: Facts['basic']): Facts['structs'][string] {
  let size = 0;
  let alignment = 1;
  const offsets: Record<string, number> = {};
  for (const { name, type } of fields) {
    const known = basic[basicNameOf(type)]!;
    size = Math.ceil(size / known.alignment) * known.alignment;
    offsets[name] = size;
    size += known.size;
    alignment = Math.max(alignment, known.alignment);
  }
  return { size: Math.ceil(size / alignment) * alignment, alignment, fields: offsets };
}

function basicNameOf(type: string): string {
  if (type.endsWith('*') || snapshot.types.some((t) => t.name === type && /\*/.test(t.type))) return 'pointer';
  return snapshot.enums.some(({ name, tag }) => type === name || type === `enum ${tag}`) ? 'int' : type;
}

test('emcc: every enumerator, constant, layout and basic type is as the snapshot says', () => {
  expect(wasm.enums).toEqual(enumsOf(snapshot));
  for (const { name, value } of snapshot.constants) expect([name, wasm.constants[name]]).toEqual([name, value]);
  for (const { name, size, alignment, fields } of snapshot.structs) {
    const offsets = Object.fromEntries(fields.map((field) => [field.name, field.offset]));
    expect([name, wasm.structs[name]]).toEqual([name, { size, alignment, fields: offsets }]);
  }
  for (const [name, basic] of Object.entries(wasm.basic)) expect(snapshot.toolchain.types[name]).toMatchObject(basic);
});

test('this machine: the enumerators are the same', () => expect(host.enums).toEqual(wasm.enums));

test('this machine: so are the constants, but for those of the size of size_t', () => {
  const other = Object.keys(host.constants).filter((name) => host.constants[name] !== wasm.constants[name]);
  const explained = snapshot.constants.filter(({ text }) => /\bsize_t\b/.test(text ?? '')).map(({ name }) => name);
  expect(other.filter((name) => !explained.includes(name))).toEqual([]);
});

test('the layouts follow from the basic types, in both: that of pointer, size_t and time_t explains all that differs', () => {
  for (const struct of snapshot.structs) {
    expect([struct.name, wasm.structs[struct.name]]).toEqual([struct.name, layOut(struct, wasm.basic)]);
    expect([struct.name, host.structs[struct.name]]).toEqual([struct.name, layOut(struct, host.basic)]);
  }
});
