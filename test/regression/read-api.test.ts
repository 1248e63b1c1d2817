// What is read out of headers: the facts of the fixtures, and what is said where nothing can be read.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatApiSnapshot, parseApiSnapshot, snapshotApi, type ApiSnapshot } from '../../src/regression/index.js';
import { codeOf } from '../support/sphere.js';
import { root, sdkFolder, snapshotLamp, snapshotText, withFolder } from './support.js';

describe('headers of one’s own', () => {
  let lamp: ApiSnapshot;
  beforeAll(async () => {
    lamp = await snapshotLamp('before');
  });
  const of = <T extends { name: string }>(list: readonly T[], name: string): T | undefined =>
    list.find((entry) => entry.name === name);

  test('the toolchain that read them', () => {
    const { emscripten, clang, target, types } = lamp.toolchain;
    expect(emscripten).toMatch(/^\d+\.\d+\.\d+$/);
    expect(clang).toMatch(/^\d+\./);
    expect(target).toBe('wasm32-unknown-emscripten');
    expect(types['pointer']).toEqual({ size: 4, alignment: 4 });
    expect(types['uint16_t']).toEqual({ size: 2, alignment: 2, signed: false });
  });

  test('headers, with those that they include from the same folder', () => {
    expect(lamp.headers).toEqual([{ name: 'lamp.h' }, { name: 'lamp_types.h', included: true }]);
    expect(of(lamp.structs, 'LAMP_COLOUR')?.header).toBe('lamp_types.h');
    expect(of(lamp.types, 'size_t')).toBeUndefined();
  });

  test('functions', () => {
    expect(of(lamp.functions, 'function_same')).toEqual({
      name: 'function_same',
      header: 'lamp.h',
      returns: 'int',
      parameters: [
        { name: 'lamp', type: 'LAMP_HANDLE' },
        { name: 'since', type: 'time_t' },
      ],
    });
  });

  test('types', () => {
    expect(of(lamp.types, 'LAMP_HANDLE')?.type).toBe('struct HANDLE_TAG *');
    expect(of(lamp.types, 'CALLBACK_CONST')?.type).toBe('void (*)(char *, void *)');
  });

  test('enums, with and without tag and typedef', () => {
    expect(of(lamp.enums, 'ENUM_WITHOUT_TAG')?.members).toEqual([
      { name: 'NAMELESS_A', value: -1 },
      { name: 'NAMELESS_B', value: 0x7fffffff },
    ]);
    expect(of(lamp.enums, 'ENUM_WITHOUT_TYPEDEF')?.tag).toBe('ENUM_WITHOUT_TYPEDEF');
    expect(of(lamp.constants, 'CONSTANT_WITHOUT_ENUM')).toMatchObject({ kind: 'enumerator', value: 7 });
  });

  test('layouts: inner structs, bit fields, arrays, callbacks', () => {
    const nested = of(lamp.structs, 'STRUCT_NESTED');
    expect(nested).toMatchObject({ tag: 'STRUCT_NESTED_TAG', kind: 'struct', size: 28, alignment: 4 });
    expect(nested?.fields).toEqual([
      { name: 'at.x', type: 'int', offset: 0 },
      { name: 'at.y', type: 'int', offset: 4 },
      { name: 'number', type: 'int', offset: 8 },
      { name: 'text', type: 'const char *', offset: 8 },
      { name: 'low', type: 'unsigned int', offset: 12, bits: '0-2' },
      { name: 'high', type: 'unsigned int', offset: 12, bits: '3-7' },
      { name: 'letters', type: 'char[8]', offset: 13 },
      { name: 'call', type: 'void (*)(int, char)', offset: 24 },
    ]);
    expect(of(lamp.structs, 'STRUCT_WITHOUT_TAG')).toMatchObject({ size: 4, fields: [{ name: 'a', type: 'int' }] });
  });

  test.each([
    ['LAMP_VERSION', '1.0.0'],
    ['MACRO_SAME', 16],
    ['MACRO_TEXT', 'lamp/1'],
    ['MACRO_RATIO', 0.5],
    ['MACRO_VALUE_THROUGH', 20],
    ['MACRO_OF_TOOLCHAIN', 0xffffffff],
    ['OPTION_VALUE', 'brightness'],
    ['LIMIT_VALUE', -3],
  ])('constant %s is %j', (name, value) => expect(of(lamp.constants, name)?.value).toBe(value));

  test.each(['MACRO_NO_CONSTANT', 'MACRO_NO_VALUE', 'LAMP_H'])('%s is no constant', (name) =>
    expect(of(lamp.constants, name)).toBeUndefined(),
  );

  test('the text is the same every time, sorted, and names no place on this machine', async () => {
    const text = formatApiSnapshot(lamp);
    expect(formatApiSnapshot(await snapshotLamp('before'))).toBe(text);
    expect(text).not.toContain(root);
    for (const list of [lamp.functions, lamp.types, lamp.enums, lamp.structs, lamp.constants] as readonly (readonly {
      name: string;
    }[])[]) {
      const names = list.map(({ name }) => name);
      expect(names).toEqual([...names].sort());
    }
    expect(parseApiSnapshot(text)).toEqual(lamp);
  });

  test('the same in a folder with any name', async () => {
    await withFolder(async (folder) => {
      const includes = [path.join(folder, 'mein Gerät ünï (1) "x"')];
      cpSync(path.join(__dirname, 'fixtures/before'), includes[0]!, { recursive: true });
      const text = 'typedef struct OWN_TAG { union { int whole; const char* text; } value; } OWN;\n';
      writeFileSync(path.join(includes[0]!, 'own.h'), text);
      expect(await snapshotApi({ headers: ['lamp.h'], includes })).toEqual(lamp);
      expect((await snapshotApi({ headers: ['own.h'], includes })).structs).toEqual((await snapshotText(text)).structs);
    });
  });
});

describe('the SDK', () => {
  test('what is built in is what emcc reads from the SDK’s folder', async () => {
    expect(await snapshotApi()).toEqual(await snapshotApi({ sdk: sdkFolder }));
  });

  test('has versions, options, layouts, and Azure Sphere’s additions, marked as ours', async () => {
    const { constants, structs, functions, headers } = await snapshotApi();
    expect(constants).toContainEqual(expect.objectContaining({ name: 'IOTHUB_SDK_VERSION', value: '1.14.0' }));
    expect(constants).toContainEqual(expect.objectContaining({ name: 'OPTION_KEEP_ALIVE', value: 'keepalive' }));
    expect(structs.find(({ name }) => name === 'HTTP_PROXY_OPTIONS')?.size).toBe(16);
    const override = functions.find(({ name }) => name === 'AzureIoT_OverrideAzureSphereAuthDPS');
    expect(headers.filter(({ ours }) => ours).map(({ name }) => name)).toContain(override?.header);
    expect(headers.find(({ name }) => name === 'iothub_message.h')).toEqual({ name: 'iothub_message.h' });
  });
});

describe('nothing to be read', () => {
  test('no compiler', async () => {
    const read = snapshotApi({ sdk: sdkFolder, compiler: 'no-such-emcc' });
    await expect(read).rejects.toMatchObject({ code: 'COMPILER_NOT_FOUND' });
    await expect(read).rejects.toThrow(/no-such-emcc is not there\. Install Emscripten/);
  });

  test('a folder without SDK', () =>
    withFolder(async (sdk) => {
      const read = snapshotApi({ sdk });
      await expect(read).rejects.toMatchObject({ code: 'SDK_NOT_FOUND' });
      await expect(read).rejects.toThrow(`${sdk} does not hold the Azure IoT C SDK`);
    }));

  test('a name that no program has is a failure of the reader, and has no code of Node', async () => {
    const includes = [path.join(__dirname, 'fixtures/before')];
    const read = snapshotApi({ headers: ['a.h'], includes, compiler: 'em\0cc' });
    await expect(read).rejects.toMatchObject({
      code: 'API_READER_FAILED',
      message: expect.stringContaining('null bytes'),
    });
  });

  test('a header that is not there, and one that is no C', async () => {
    const includes = [path.join(__dirname, 'fixtures/before')];
    await expect(snapshotApi({ headers: ['lamb.h'], includes })).rejects.toThrow(/'lamb\.h' file not found/);
    expect(await codeOf(() => snapshotText('int f(;\n'))).toBe('HEADERS_INVALID');
  });

  const good = (): Record<string, unknown> => JSON.parse(readFileSync(path.join(root, 'dist/api.json'), 'utf8'));
  test.each<[string, string]>([
    ['no text', ''],
    ['half of it', readFileSync(path.join(root, 'dist/api.json'), 'utf8').slice(0, 10_000)],
    ['null', 'null'],
    ['another JSON', '{"name":"sphere-iot"}'],
    ['format 0', JSON.stringify({ ...good(), format: 0 })],
    ['no toolchain', JSON.stringify({ ...good(), toolchain: null })],
    ['no functions', JSON.stringify({ ...good(), functions: undefined })],
    [
      'a function without parameters',
      JSON.stringify({ ...good(), functions: [{ name: 'f', header: 'f.h', returns: 'int' }] }),
    ],
    ['an enum that is a number', JSON.stringify({ ...good(), enums: [7] })],
  ])('damaged: %s', (_, text) => {
    expect(() => parseApiSnapshot(text, 'old.json')).toThrow(/^old\.json is no API snapshot, or damaged: /);
    expect(() => parseApiSnapshot(text)).toThrow(expect.objectContaining({ code: 'API_SNAPSHOT_INVALID' }));
  });

  test('a snapshot of a later version', () => {
    const text = JSON.stringify({ ...good(), format: 2 });
    expect(() => parseApiSnapshot(text, 'new.json')).toThrow(
      expect.objectContaining({
        code: 'API_SNAPSHOT_TOO_NEW',
        message: expect.stringContaining('new.json is an API snapshot of format 2'),
      }),
    );
  });
});
