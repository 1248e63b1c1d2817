// Snapshots of an API and recordings of the wire, changed: each is compared, or refused.
import * as fc from 'fast-check';

import {
  compareWire,
  diffApi,
  formatApiDiff,
  formatApiSnapshot,
  parseApiSnapshot,
  type ApiSnapshot,
} from '../../src/regression/index.js';
import { editedText, holds, mangled, readOrRefused } from './foreign.js';

const SNAPSHOT: ApiSnapshot = {
  format: 1,
  toolchain: {
    emscripten: '3',
    clang: '18',
    target: 'wasm32',
    flags: ['-O1'],
    types: { int: { size: 4, alignment: 4, signed: true } },
  },
  headers: [{ name: 'h.h', ours: true }],
  functions: [{ name: 'f', header: 'h.h', returns: 't', parameters: [{ name: 'a', type: 'const s *' }] }],
  types: [
    { name: 't', header: 'h.h', type: 'int' },
    { name: 'call', header: 'h.h', type: 't (*)(u, s *)' },
    { name: 'u', header: 'h.h', type: 't' },
  ],
  enums: [{ name: 'e', header: 'h.h', tag: 'E', members: [{ name: 'A', value: 1 }] }],
  structs: [
    {
      name: 's',
      header: 'h.h',
      tag: 'S',
      kind: 'struct',
      size: 8,
      alignment: 4,
      fields: [
        { name: 'x', type: 'u', offset: 0, bits: '0-3' },
        { name: 'y', type: 'call', offset: 4 },
      ],
    },
  ],
  constants: [{ name: 'C', header: 'h.h', kind: 'macro', type: 'int', text: '1', value: 1 }],
};

function compareBothWays(one: ApiSnapshot, other: ApiSnapshot): void {
  for (const diff of [diffApi(one, other), diffApi(other, one)])
    for (const format of ['text', 'json', 'junit'] as const) expect(typeof formatApiDiff(diff, format)).toBe('string');
}

test('an API snapshot, changed: it is read and compared, or refused', () => {
  const text = formatApiSnapshot(SNAPSHOT);
  holds(fc.oneof(editedText(SNAPSHOT), mangled(text)), (changed) => {
    const snapshot = readOrRefused(() => parseApiSnapshot(changed.toString()));
    if (snapshot === undefined) return;
    expect(parseApiSnapshot(formatApiSnapshot(snapshot))).toEqual(snapshot);
    compareBothWays(SNAPSHOT, snapshot);
  });
});

const names = ['a', 'b', 'c', 'd', 'int'];
const type = fc
  .tuple(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 12 }), fc.constantFrom('', ' *', '(*)(', '['))
  .map(([list, end]) => `${list.join(' ')}${end}`);

test('types that stand for one another and for themselves, many times: their comparison takes no time', () => {
  const types = fc.record({ a: type, b: type, c: type, d: type });
  holds(fc.tuple(types, types), ([one, other]) => {
    const of = (all: Readonly<Record<string, string>>): ApiSnapshot => ({
      ...SNAPSHOT,
      types: Object.entries(all).map(([name, text]) => ({ name, header: 'h.h', type: text })),
      structs: [{ ...SNAPSHOT.structs[0]!, fields: [{ name: 'x', type: 'a', offset: 0 }] }],
    });
    compareBothWays(of(one), of(other));
  });
});

test('a basic type with a name that every object has is unknown where it is not there', () => {
  const { toolchain } = SNAPSHOT;
  const types = { ...toolchain.types, constructor: { size: 4, alignment: 4 } };
  const functions = [{ name: 'f', header: 'h.h', returns: 'constructor', parameters: [] }];
  const diff = diffApi({ ...SNAPSHOT, functions }, { ...SNAPSHOT, functions, toolchain: { ...toolchain, types } });
  expect(diff.toolchain).toMatchObject([{ name: 'constructor', before: 'unknown', after: '4 bytes, alignment 4' }]);
});

test('structs in one another, thousands deep', () => {
  const structs = Array.from({ length: 8000 }, (_, i) => ({
    ...SNAPSHOT.structs[0]!,
    name: `s${i}`,
    tag: `S${i}`,
    fields: [{ name: 'x', type: `s${i + 1}`, offset: 0 }],
  }));
  const [first] = structs;
  const changed = { ...first!, size: 12 };
  const diff = diffApi({ ...SNAPSHOT, structs }, { ...SNAPSHOT, structs: [changed, ...structs.slice(1)] });
  expect(diff).toMatchObject({ grade: 'abi-breaking', changes: [{ name: 's0', aspect: 'layout' }] });
});

test('a recording of the wire, changed: it is compared, or refused', () => {
  const packet = { type: 'packet', direction: 'in', packet: { cmd: 'connect', clientId: 'd' } };
  const entries = [
    { type: 'handshake', clientCertificate: { subject: 'CN=d' } },
    packet,
    { type: 'http', direction: 'out', method: 'GET', path: '/', status: 200, body: '{}' },
    { type: 'webSocket', path: '/$iothub/websocket', protocol: 'mqtt' },
    { type: 'closed', by: 'service', reason: 'end' },
  ].map((entry) => ({ connection: 1, at: 0, serverName: 'h', ...entry }));
  const lines = entries.map((entry) => JSON.stringify(entry));
  const one = fc.oneof(editedText(...entries), mangled(...lines));
  holds(fc.array(one, { minLength: 1, maxLength: 4 }), (changed) => {
    const texts = [lines.join('\n'), [...changed.map(String), ...lines].join('\n')] as const;
    const difference = readOrRefused(() => compareWire(...texts) ?? '');
    expect(['string', 'undefined']).toContain(typeof difference);
    expect(readOrRefused(() => compareWire(texts[1], texts[1]))).toBeUndefined();
  });
});
