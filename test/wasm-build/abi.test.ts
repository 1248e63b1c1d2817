// What C and TypeScript know of each other: that it is as native/host.h and the SDK's headers say, with whatever compiler, and that what is
// generated from a header is right.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { Memory, webAssembly, type MemoryExports, type WasmModule } from '../../src/wasm/index.js';

const root = path.resolve(__dirname, '../..');
/** Debian's emcc finds acorn there. */
const env = { ...process.env, NO_COLOR: '1', NODE_PATH: `${process.env['NODE_PATH'] ?? ''}:/usr/share/nodejs` };

/** A copy of what abi reads and writes. */
let folder: string;
beforeEach(makeFolder);
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function makeFolder(): void {
  folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-abi-'));
  for (const part of ['wasm-build', 'native', 'CMakeLists.txt', 'src/wasm/generated', 'src/sdk/generated'])
    cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  mkdirSync(path.join(folder, 'build'));
  symlinkSync(path.join(root, 'build/crates'), path.join(folder, 'build/crates'));
  mkdirSync(path.join(folder, 'bin'));
}

function abi(...args: string[]): { status: number | null; error: string } {
  const { status, stderr } = spawnSync(process.execPath, ['wasm-build/abi.mjs', ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...env, PATH: `${path.join(folder, 'bin')}:${process.env['PATH']}` },
  });
  return { status, error: stderr };
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(path.join(folder, file), 'utf8');
  expect(text.split(from)).toHaveLength(2);
  writeFileSync(path.join(folder, file), text.replace(from, to));
}

test('what is in the repository fits the headers', () => {
  expect(abi('--check')).toEqual({ status: 0, error: '' });
});

/** Has the compiler give time_t the size of this type: it is 4 bytes with Emscripten 3.1.6 and 8 with newer ones. */
function compileWithTime(type: string): void {
  const header = path.join(folder, 'bin/time.h');
  writeFileSync(header, `typedef ${type} time_t;\n#define __DEFINED_time_t\n`);
  const [found] = (process.env['PATH'] ?? '').split(':').filter((each) => existsSync(path.join(each, 'emcc')));
  writeFileSync(
    path.join(folder, 'bin/emcc'),
    `#!/bin/sh\n[ "$1" = --version ] || set -- -include '${header}' "$@"\nexec '${found}/emcc' "$@"\n`,
    { mode: 0o755 },
  );
}

test.each([
  ['4 bytes', 'long'],
  ['8 bytes', 'long long'],
])('it is the same where time_t has %s', (_, type) => {
  compileWithTime(type);
  expect(abi('--check')).toEqual({ status: 0, error: '' });
});

test('it is the same where C changes and the interface does not', () => {
  for (const file of ['native/host/wifi.h', 'native/include/azure_sphere_provisioning.h', 'native/sphere/heap.c'])
    writeFileSync(path.join(folder, file), `// changed\n${readFileSync(path.join(folder, file), 'utf8')}`);
  expect(abi('--check')).toEqual({ status: 0, error: '' });
});

/** How many words in a row are somebody's sentence. */
const SENTENCE = 8;

/** All runs of so many words in the comments of C or TypeScript. */
function sentencesIn(code: string): string[] {
  return [...code.matchAll(/\/\*[\s\S]*?\*\/|\/\/.*/g)].flatMap(([comment]) => {
    const words = comment.toLowerCase().match(/\w+/g) ?? [];
    return words.slice(SENTENCE - 1).map((_, i) => words.slice(i, i + SENTENCE).join(' '));
  });
}

test('no sentence of the SDK’s headers is in it', () => {
  const crates = path.join(root, 'build/crates');
  const headers = readdirSync(crates, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\/inc\/.*\.h$/.test(file),
  );
  const theirs = new Set(headers.flatMap((file) => sentencesIn(readFileSync(path.join(crates, file), 'utf8'))));
  expect(theirs.size).toBeGreaterThan(10_000);
  const generated = path.join(root, 'src/sdk/generated');
  const copied = readdirSync(generated)
    .flatMap((file) => sentencesIn(readFileSync(path.join(generated, file), 'utf8')))
    .filter((sentence) => theirs.has(sentence));
  expect(copied).toEqual([]);
});

test('each file that does not fit the headers is named; writing them mends it', () => {
  edit('native/host/wifi.h', '    uint8_t bssid[6];', '    uint8_t added;\n    uint8_t bssid[6];');
  edit('native/host/inet.h', 'HOST_INET_DATAGRAM = 1', 'HOST_INET_DATAGRAM = 2');
  edit('native/host/ciphers.h', 'const HOST_CIPHER_REQUEST* request', 'const HOST_CIPHER_REQUEST* request, int more');
  edit('native/host/errors.h', 'X(IO, -5, EIO)', 'X(IO, -50, EIO)');
  edit('src/wasm/generated/files.ts', 'at + 4', 'at + 8');
  edit('src/sdk/generated/enums.ts', 'MAP_ERROR = 2', 'MAP_ERROR = 3');
  rmSync(path.join(folder, 'src/wasm/generated/system.ts'));
  writeFileSync(path.join(folder, 'src/wasm/generated/old.ts'), '');
  const { status, error } = abi('--check');
  expect(status).toBe(1);
  expect(error).toBe(
    'error: src/wasm/generated does not fit native/host.h: ciphers.ts, errors.ts, files.ts, inet.ts, system.ts, wifi.ts, old.ts.\n' +
      "       src/sdk/generated does not fit the SDK's headers: enums.ts, interface-id.ts.\n" +
      '       Type `npm run abi`, which writes it, and commit the outcome.\n',
  );
  expect(abi()).toEqual({ status: 0, error: '' });
  expect(abi('--check')).toEqual({ status: 0, error: '' });
});

test('the enums of apps that cross are of their headers', () => {
  edit('native/include/applibs/sysevent.h', 'SysEvent_UpdateType_System = 2', 'SysEvent_UpdateType_System = 5');
  const { status, error } = abi('--check');
  expect(status).toBe(1);
  expect(error).toContain('src/wasm/generated does not fit native/host.h: applibs.ts.');
  expect(abi()).toEqual({ status: 0, error: '' });
  const written = readFileSync(path.join(folder, 'src/wasm/generated/applibs.ts'), 'utf8');
  expect(written).toContain('  system: 5, // SysEvent_UpdateType_System\n');
});

/** A header in the place of ours. */
function sample(text: string): void {
  rmSync(path.join(folder, 'native/host'), { recursive: true });
  mkdirSync(path.join(folder, 'native/host'));
  writeFileSync(path.join(folder, 'native/host.h'), '#include "host/inner.h"\n#include "host/sample.h"\n');
  writeFileSync(
    path.join(folder, 'native/host/inner.h'),
    '#pragma once\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\ntypedef struct INNER_TAG\n{\n    uint8_t small;\n    double large;\n} INNER;\n',
  );
  writeFileSync(path.join(folder, 'native/host/sample.h'), `#include "host/inner.h"\n${text}`);
}

function emcc(...args: string[]): { status: number | null; stderr: string } {
  return spawnSync('emcc', args, { cwd: folder, encoding: 'utf8', env });
}

const EVERYTHING = `
enum SAMPLE_COLOR { SAMPLE_RED = -2, SAMPLE_DARK_GREEN = 7 };
typedef struct MIXED_TAG
{
    uint8_t a_byte; int8_t a_signed_byte; int16_t a_short; uint8_t odd; uint16_t a_word;
    char name[7]; int32_t an_int; uint8_t bytes[3]; uint32_t a_number; bool yes; size_t size;
    uint8_t lonely; int64_t a_long; float a_float; uint64_t an_id; void* pointer;
    enum SAMPLE_COLOR color; uint16_t list[3]; INNER inner; char last; INNER pair[2];
} MIXED;
typedef struct TEXTS_TAG { uint8_t first; const char* text; const char* none; const char* both[2]; } TEXTS;
extern void host_sample_read(const MIXED* mixed, const TEXTS* texts);
extern int64_t host_sample_write(MIXED* mixed, uint64_t an_id, double ratio);
`;

const PROGRAM = `
#include "host.h"
#include <string.h>
static const MIXED given = {200, -100, -30000, 1, 60000, "na\\xc3\\xafve", -2000000000, {1, 2, 255}, 4000000000u, true, 12,
    9, -9007199254740993, 0.5f, 18446744073709551615u, (void*)64, SAMPLE_DARK_GREEN, {1, 2, 65535}, {3, 0.25}, 'x', {{4, 1.5}, {5, 2.5}}};
static const TEXTS texts = {1, "one", NULL, {"two", NULL}};
__attribute__((export_name("given"))) const MIXED* the_given(void) { return &given; }
__attribute__((export_name("texts"))) const TEXTS* the_texts(void) { return &texts; }
static MIXED room;
__attribute__((export_name("room"))) MIXED* the_room(void) { memset(&room, 0xee, sizeof(room)); return &room; }
#define FIELD(name) if (memcmp(&room.name, &given.name, sizeof(given.name)) != 0) return #name;
__attribute__((export_name("wrong"))) const char* wrong(void)
{
    FIELD(a_byte) FIELD(a_signed_byte) FIELD(a_short) FIELD(odd) FIELD(a_word) FIELD(name) FIELD(an_int) FIELD(bytes)
    FIELD(a_number) FIELD(yes) FIELD(size) FIELD(lonely) FIELD(a_long) FIELD(a_float) FIELD(an_id) FIELD(pointer)
    FIELD(color) FIELD(list) FIELD(inner.small) FIELD(inner.large) FIELD(last) FIELD(pair[0].small) FIELD(pair[0].large)
    FIELD(pair[1].small) FIELD(pair[1].large)
    return NULL;
}
`;

interface Exports extends MemoryExports {
  given(): number;
  texts(): number;
  room(): number;
  wrong(): number;
}

/** The generated TypeScript, run: its two sections as one. */
function generated(): Record<string, (memory: Memory, at: number, value?: unknown) => unknown> {
  const all = {};
  for (const name of ['inner', 'sample']) {
    const text = readFileSync(path.join(folder, 'src/wasm/generated', `${name}.ts`), 'utf8');
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
    const { outputText } = ts.transpileModule(text, { compilerOptions });
    new Function('exports', 'require', outputText)(all, () => all);
  }
  return all;
}

describe('a header with every kind of field', () => {
  /** With what abi has written of it: once for all tests, since it takes longer than they do. */
  let written: string;
  beforeAll(() => {
    makeFolder();
    written = folder;
    sample(EVERYTHING);
    expect(abi()).toEqual({ status: 0, error: '' });
  });
  afterAll(() => rmSync(written, { recursive: true, force: true }));
  beforeEach(() => {
    rmSync(folder, { recursive: true });
    cpSync(written, folder, { recursive: true, verbatimSymlinks: true });
  });

  test('is read and written as the compiler lays it out', async () => {
    writeFileSync(path.join(folder, 'program.c'), PROGRAM);
    const flags = ['-Inative', '-sSTANDALONE_WASM', '--no-entry', '-sEXPORTED_FUNCTIONS=_malloc,_free'];
    expect(emcc('program.c', 'build/generated/host_abi.c', ...flags, '-o', 'program.wasm')).toMatchObject({
      status: 0,
    });
    const module: WasmModule = await webAssembly.compile(readFileSync(path.join(folder, 'program.wasm')));
    const { exports } = await webAssembly.instantiate(module, {});
    const program = exports as unknown as Exports;
    const memory = new Memory(() => program);
    const { readMixed, writeMixed, readTexts } = generated();
    const value = {
      aByte: 200,
      aSignedByte: -100,
      aShort: -30_000,
      odd: 1,
      aWord: 60_000,
      name: 'naïve',
      anInt: -2_000_000_000,
      bytes: Uint8Array.of(1, 2, 255),
      aNumber: 4_000_000_000,
      yes: true,
      size: 12,
      lonely: 9,
      aLong: -9_007_199_254_740_993n,
      aFloat: 0.5,
      anId: 18_446_744_073_709_551_615n,
      pointer: 64,
      color: 7,
      list: [1, 2, 65_535],
      inner: { small: 3, large: 0.25 },
      last: 'x'.charCodeAt(0),
      pair: [
        { small: 4, large: 1.5 },
        { small: 5, large: 2.5 },
      ],
    };
    expect(readMixed?.(memory, program.given())).toEqual(value);
    expect(readTexts?.(memory, program.texts())).toEqual({
      first: 1,
      text: 'one',
      none: undefined,
      both: ['two', undefined],
    });
    const room = program.room();
    writeMixed?.(memory, room, value);
    expect(memory.textAt(program.wrong())).toBeNull();
    // What is too long is cut, and what follows it stays.
    writeMixed?.(memory, room, { ...value, name: '123456789', bytes: new Uint8Array(9), list: [1, 2, 3, 4] });
    expect(readMixed?.(memory, room)).toEqual({
      ...value,
      name: '123456',
      bytes: new Uint8Array(3),
      list: [1, 2, 3],
    });
    // What is short leaves nothing of what was there.
    program.room();
    writeMixed?.(memory, room, { ...value, name: 'é', bytes: Uint8Array.of(7), list: [] });
    expect(readMixed?.(memory, room)).toEqual({ ...value, name: 'é', bytes: Uint8Array.of(7, 0, 0), list: [0, 0, 0] });
    writeMixed?.(memory, room, { ...value, aByte: 201 });
    expect(memory.textAt(program.wrong())).toBe('a_byte');
  });

  test('imports and enums have their types and names', () => {
    const text = readFileSync(path.join(folder, 'src/wasm/generated/sample.ts'), 'utf8');
    expect(text).toContain('  readonly sample_read: (mixed: number, texts: number) => void;\n');
    expect(text).toContain('  readonly sample_write: (mixed: number, anId: bigint, ratio: number) => bigint;\n');
    expect(text).toContain(
      'export const SampleColor = {\n  red: -2, // SAMPLE_RED\n  darkGreen: 7, // SAMPLE_DARK_GREEN\n} as const;\n',
    );
  });

  test('the compiler refuses what was generated from another one', () => {
    edit('native/host/sample.h', 'uint8_t odd;', 'uint8_t odd; uint32_t added;');
    edit('native/host/sample.h', 'uint8_t lonely;', 'uint16_t lonely;');
    edit('native/host/sample.h', 'SAMPLE_RED = -2', 'SAMPLE_RED = -3');
    const { status, stderr } = emcc('-Inative', '-c', 'build/generated/host_abi.c', '-o', 'checks.o');
    expect(status).not.toBe(0);
    expect(stderr).toContain('the offset of MIXED.a_word');
    expect(stderr).toContain('the size of MIXED.lonely');
    expect(stderr).toContain('the value of SAMPLE_RED');
  });
});

test('what can’t cross is named, with the reason', () => {
  const structs = [
    ['BITS', 'unsigned bits : 3;'],
    ['TABLE', 'int table[2][3];'],
    ['OPEN', 'int size; int rest[];'],
    ['CALLBACK', 'void (*callback)(int);'],
    ['NESTED', 'struct { int x; } inside;'],
    ['WRITTEN', 'const char* text;'],
  ].map(([name, fields]) => `typedef struct ${name}_TAG { ${fields} } ${name};\n`);
  sample(`${structs.join('')}
typedef union EITHER_TAG { int a; float b; } EITHER;
enum { ODD_ONE = 1 };
extern void host_value(INNER odd);
extern void other(int number);
extern void host_written(WRITTEN* odd);
`);
  const { status, error } = abi();
  expect(status).toBe(1);
  const reasons = [...error.matchAll(/^(?:Error: )?(.*) can't cross between C and TypeScript: (.*)\.$/gm)];
  expect(reasons.map(([, what, why]) => [what, why])).toEqual([
    ['BITS.bits', 'it is a bit-field'],
    ['TABLE.table', 'TypeScript has no value for int[2][3]'],
    ['OPEN.rest', 'TypeScript has no value for int[]'],
    ['CALLBACK.callback', 'TypeScript has no value for void (*)(int)'],
    ['NESTED.inside', expect.stringContaining('TypeScript has no value for struct ')],
    ['EITHER', expect.stringContaining('is no struct with a tag')],
    ['An enum of host/sample.h', 'it has no name'],
    ['host_value', 'a struct crosses by its address only'],
    ['other', 'the name of an import begins with host_'],
    ['WRITTEN.text', 'TypeScript has no memory for a text'],
  ]);
});
