// What changed, and what it breaks: one declaration of the fixtures for each kind of change.
import fc from 'fast-check';
import { diffApi, snapshotApi, type ApiChange, type ApiDiff, type ApiSnapshot } from '../../src/regression/index.js';
import { snapshotEditedSdk, snapshotLamp, snapshotText } from './support.js';

let before: ApiSnapshot;
let after: ApiSnapshot;
let diff: ApiDiff;
beforeAll(async () => {
  [before, after] = await Promise.all([snapshotLamp('before'), snapshotLamp('after')]);
  diff = diffApi(before, after);
});

/** The changes of a declaration in short: what changed, and the grade. */
function changesOf(name: string, { changes } = diff): string[] {
  return changes
    .filter((change) => change.name === name)
    .map((c) => [c.member, c.change === 'changed' ? c.aspect : c.change, c.grade].filter(Boolean).join(' '));
}

const expected: Record<string, string[]> = {
  function_added: ['added compatible'],
  function_removed: ['removed abi-breaking'],
  function_moved: ['header source-breaking'],
  function_parameter_added: ['type abi-breaking'],
  function_parameter_removed: ['type abi-breaking'],
  function_parameter_type: ['type abi-breaking'],
  function_parameter_renamed: ['type compatible'],
  function_parameter_const_added: ['type compatible'],
  function_parameter_const_removed: ['type source-breaking'],
  function_parameter_const_inside: ['type source-breaking'],
  function_parameter_const_itself: ['type compatible'],
  function_parameter_same_type: ['type compatible'],
  function_becomes_variadic: ['type abi-breaking'],
  function_return_type: ['type abi-breaking'],
  function_return_const_added: ['type source-breaking'],
  function_return_const_removed: ['type compatible'],
  function_returning_function: ['type abi-breaking'],
  TYPEDEF_CHANGED: ['type abi-breaking'],
  CALLBACK_CHANGED: ['type abi-breaking'],
  CALLBACK_CONST: ['type source-breaking'],
  ENUM_APPENDED: ['APPENDED_C added compatible'],
  ENUM_INSERTED: ['INSERTED_B added compatible', 'INSERTED_C value abi-breaking'],
  ENUM_REMOVED_MEMBER: ['LOST_B removed abi-breaking'],
  ENUM_RENAMED_MEMBER: ['RENAMED_NEW added compatible', 'RENAMED_OLD removed source-breaking'],
  STRUCT_ADDED_FIELD: ['layout abi-breaking', 'b added abi-breaking'],
  STRUCT_REMOVED_FIELD: ['layout abi-breaking', 'b removed abi-breaking'],
  STRUCT_REORDERED: ['a layout abi-breaking', 'b layout abi-breaking'],
  STRUCT_RENAMED_FIELD: ['new_name added source-breaking', 'old_name removed source-breaking'],
  STRUCT_FIELD_TYPE: ['a type abi-breaking'],
  STRUCT_FIELD_CONST: ['text type source-breaking'],
  STRUCT_HOLDS_CHANGED: ['layout abi-breaking', 'last layout abi-breaking'],
  STRUCT_COMPLETED: ['type compatible'],
  STRUCT_HIDDEN: ['type abi-breaking'],
  STRUCT_BECOMES_UNION: ['type abi-breaking'],
  LAMP_VERSION: ['value compatible'],
  MACRO_VALUE: ['value abi-breaking'],
  MACRO_VALUE_THROUGH: ['value abi-breaking'],
  MACRO_TEXT: ['value abi-breaking'],
  MACRO_RATIO: ['value abi-breaking'],
  MACRO_REMOVED: ['removed source-breaking'],
  OPTION_VALUE: ['value abi-breaking'],
  OPTION_REMOVED: ['removed source-breaking'],
  LIMIT_VALUE: ['value abi-breaking'],
};

test.each(Object.entries(expected))('%s: %j', (name, changes) => expect(changesOf(name)).toEqual(changes));

test('nothing else changed, and the whole has the worst grade', () => {
  expect(new Set(diff.changes.map(({ name }) => name))).toEqual(new Set(Object.keys(expected)));
  expect(diff.grade).toBe('abi-breaking');
  expect(diff.toolchain).toEqual([]);
});

test('a change says what was and what is', () => {
  expect(diff.changes.find(({ name }) => name === 'function_return_const_added')).toEqual({
    kind: 'function',
    name: 'function_return_const_added',
    header: 'lamp.h',
    change: 'changed',
    aspect: 'type',
    grade: 'source-breaking',
    before: 'char *function_return_const_added(void)',
    after: 'const char *function_return_const_added(void)',
  });
});

describe('the SDK', () => {
  test('one function’s type changed', async () => {
    const edited = await snapshotEditedSdk('iothub_client/inc/iothub_device_client_ll.h', (text) =>
      text.replace(/(IoTHubDeviceClient_LL_GetSendStatus,.*?)IOTHUB_CLIENT_STATUS\s*\*/, '$1int*'),
    );
    const { grade, changes, toolchain } = diffApi(await snapshotApi(), edited);
    expect(grade).toBe('abi-breaking');
    expect(changes).toMatchObject([{ kind: 'function', name: 'IoTHubDeviceClient_LL_GetSendStatus', aspect: 'type' }]);
    expect(toolchain).toEqual([]);
  });

  test('a change of ours is marked', async () => {
    const now = await snapshotApi();
    const functions = now.functions.filter(({ name }) => name !== 'AzureIoT_OverrideAzureSphereAuthDPS');
    expect(diffApi(now, { ...now, functions }).changes).toMatchObject([{ change: 'removed', ours: true }]);
  });
});

describe('the toolchain', () => {
  let wasm64: ApiSnapshot;
  beforeAll(async () => {
    wasm64 = await snapshotLamp('before', ['-sMEMORY64=1']);
  });

  test('another one changes layouts and values: apart, and no grade', () => {
    const { grade, changes, toolchain } = diffApi(before, wasm64);
    expect({ grade, changes }).toEqual({ grade: 'none', changes: [] });
    // Newer toolchains have it in wasm32 too.
    const wideTime = before.toolchain.types['time_t']?.size === 8;
    const texts = toolchain.map((c) => `${c.name}${c.member ? `.${c.member}` : ''}: ${c.before} → ${c.after}`);
    expect(texts).toContain('target: wasm32-unknown-emscripten → wasm64-unknown-emscripten');
    expect(texts).toContain('pointer: 4 bytes, alignment 4 → 8 bytes, alignment 8');
    const layout = wideTime ? '16 bytes, alignment 8' : '12 bytes, alignment 4';
    expect(texts).toContain(`STRUCT_SAME: ${layout} → 24 bytes, alignment 8`);
    expect(texts).toContain('STRUCT_SAME.since: at 8 → at 16');
    expect(texts).toContain('MACRO_OF_TOOLCHAIN: 4294967295 → "18446744073709551615"');
    const time = { before: '4 bytes, alignment 4, signed', after: '8 bytes, alignment 8, signed' };
    expect(toolchain.filter(({ name }) => name === 'time_t')).toMatchObject(
      wideTime ? [] : [{ ...time, usedBy: ['STRUCT_SAME', 'function_same'] }],
    );
  });

  test('both at once: what the headers changed keeps its grade', async () => {
    const both = diffApi(before, await snapshotLamp('after', ['-sMEMORY64=1']));
    for (const name of Object.keys(expected).filter((n) => !n.startsWith('STRUCT_')))
      expect(changesOf(name, both)).toEqual(expected[name]);
    expect(changesOf('STRUCT_HOLDS_CHANGED', both)).toContain('layout abi-breaking');
    expect(changesOf('STRUCT_SAME', both)).toEqual([]);
  });

  test('a layout that the basic types do not explain is the headers’', () => {
    const structs = before.structs.map((s) => (s.name === 'LAMP_COLOUR' ? { ...s, size: 4, alignment: 4 } : s));
    const other = diffApi(before, { ...wasm64, structs });
    expect(changesOf('LAMP_COLOUR', other)).toEqual(['layout abi-breaking']);
  });

  test('another version that lays out the same is named, and changes nothing', () => {
    const { grade, toolchain } = diffApi(before, {
      ...before,
      toolchain: { ...before.toolchain, emscripten: '9.0.0' },
    });
    expect(grade).toBe('none');
    expect(toolchain).toMatchObject([{ name: 'emscripten', after: '9.0.0', grade: 'compatible' }]);
  });
});

test('the same declarations in another order of the headers are the same', async () => {
  const one = await snapshotText('struct A { int a; };\nint f(void);\nenum E { X };\n');
  const two = await snapshotText('enum E { X };\nint f(void);\nstruct A { int a; };\n');
  expect(diffApi(one, two)).toEqual({ grade: 'none', changes: [], toolchain: [] });
});

describe('of any two snapshots', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd');
  const type = fc.constantFrom('int', 'const char *', 'char *', 'a', 'struct b *', 'time_t', 'void (*)(a)', 'char[4]');
  const parts = (record: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown[]> =>
    fc.uniqueArray(fc.record({ name, ...record }, { noNullPrototype: true }), {
      selector: (entry) => entry.name,
      maxLength: 4,
    });
  const named = (record: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown[]> =>
    parts({ header: fc.constantFrom('x.h', 'y.h'), ...record });
  const small = fc.integer({ min: 0, max: 3 });
  const basic = (size: number): object => ({ size, alignment: size });
  const snapshot = fc.record({
    format: fc.constant(1),
    toolchain: fc.record({
      clang: fc.constantFrom('14', '19'),
      target: fc.constant('wasm32'),
      flags: fc.constant([]),
      types: fc.constantFrom({ time_t: basic(4), int: basic(4) }, { time_t: basic(8), int: basic(4) }),
    }),
    headers: fc.constant([{ name: 'x.h' }, { name: 'y.h', ours: true }]),
    functions: named({ returns: type, parameters: parts({ type }) }),
    types: named({ type }),
    enums: named({ members: parts({ value: small }) }),
    structs: named({
      kind: fc.constantFrom('struct', 'union'),
      size: small,
      alignment: small,
      fields: parts({ type, offset: small }),
    }),
    constants: named({ kind: fc.constant('macro'), text: fc.constantFrom('1', 'a', 'INT_MAX'), value: small }),
  }) as unknown as fc.Arbitrary<ApiSnapshot>;

  test('one does not differ from itself', () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        expect(diffApi(one, one)).toEqual({ grade: 'none', changes: [], toolchain: [] });
      }),
    );
  });

  const opposite = { added: 'removed', removed: 'added', changed: 'changed' } as const;
  /** Without the grade and the header, which a direction decides. */
  const plain = ({ kind, name, member, change, aspect, before: was, after: is, usedBy }: ApiChange): string =>
    JSON.stringify({ kind, name, member, change, aspect, was, is, usedBy });
  const mirrored = (c: ApiChange): string =>
    plain({ ...c, change: opposite[c.change], before: c.after as string, after: c.before as string });

  test('the way back is the mirror image of the way there', () => {
    fc.assert(
      fc.property(snapshot, snapshot, (one, two) => {
        const there = diffApi(one, two);
        const back = diffApi(two, one);
        for (const list of ['changes', 'toolchain'] as const)
          expect(back[list].map(plain).sort()).toEqual(there[list].map(mirrored).sort());
      }),
      { numRuns: 300 },
    );
  });
});
