// A snapshot of which one value is of another kind: it is refused as damaged, or compared.
import { diffApi, formatApiDiff, parseApiSnapshot } from '../../src/regression/index.js';

const SNAPSHOT = {
  format: 1,
  toolchain: {
    emscripten: '3',
    clang: '18',
    target: 'wasm32',
    flags: ['-O1'],
    types: { int: { size: 4, alignment: 4, signed: true } },
  },
  headers: [{ name: 'h.h', ours: true }],
  functions: [{ name: 'f', header: 'h.h', returns: 'int', parameters: [{ name: 'a', type: 'int' }], variadic: true }],
  types: [{ name: 't', header: 'h.h', type: 'int' }],
  enums: [{ name: 'e', header: 'h.h', tag: 'E', members: [{ name: 'A', value: 1 }] }],
  structs: [
    {
      name: 's',
      header: 'h.h',
      tag: 'S',
      kind: 'struct',
      size: 4,
      alignment: 4,
      fields: [{ name: 'x', type: 'int', offset: 0, bits: '0-3' }],
    },
  ],
  constants: [{ name: 'C', header: 'h.h', kind: 'macro', type: 'int', text: '1', value: 1 }],
};
const ODD: readonly unknown[] = [null, 5, 'text', true, [], [null], {}, { toString: 1 }, [{ toString: 1 }]];

/** Every place in a value. */
function placesIn(value: unknown, place: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([key, each]) => placesIn(each, [...place, key]))];
}

function changed(value: unknown, [key, ...rest]: readonly string[], odd: unknown): unknown {
  if (key === undefined) return odd;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = changed(copy[key], rest, odd);
  return copy;
}

/** The code of what is thrown; undefined where it is read, and can be compared both ways. */
function outcome(text: string): unknown {
  try {
    const [good, odd] = [parseApiSnapshot(JSON.stringify(SNAPSHOT)), parseApiSnapshot(text)];
    for (const diff of [diffApi(good, odd), diffApi(odd, good)])
      for (const format of ['text', 'json', 'junit'] as const) formatApiDiff(diff, format);
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
}

test.each(placesIn(SNAPSHOT).map((place) => [place.join('.'), place] as const))('odd values at "%s"', (_, place) => {
  for (const odd of ODD) {
    const text = JSON.stringify(changed(SNAPSHOT, place, odd));
    const result = outcome(text);
    if (result !== undefined)
      expect([odd, result]).toEqual([odd, expect.stringMatching(/^API_SNAPSHOT_(INVALID|TOO_NEW)$/)]);
  }
});

test.each([
  'toolchain.clang',
  'toolchain.flags.0',
  'functions.0.parameters',
  'enums.0.members.0.value',
  'structs.0.tag',
])('an object at %s is told with its place', (place) => {
  const text = JSON.stringify(changed(SNAPSHOT, place.split('.'), {}));
  expect(() => parseApiSnapshot(text)).toThrow(/ is no API snapshot, or damaged: .* is missing or wrong\. /);
});

test('the snapshot itself is read; one that is nested too deep is not', () => {
  const text = JSON.stringify(SNAPSHOT);
  expect(parseApiSnapshot(text)).toEqual(SNAPSHOT);
  expect(outcome(text)).toBeUndefined();
  const deep = text.replace('{', `{"more":${'['.repeat(50_000)}${']'.repeat(50_000)},`);
  expect(outcome(deep)).toBe('API_SNAPSHOT_INVALID');
});
