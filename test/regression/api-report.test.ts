// A diff as text, JSON and JUnit XML.
import { execFileSync } from 'node:child_process';
import { diffApi, formatApiDiff, snapshotApi, type ApiDiff, type ApiSnapshot } from '../../src/regression/index.js';
import { snapshotLamp } from './support.js';

let before: ApiSnapshot;
let diff: ApiDiff;
beforeAll(async () => {
  before = await snapshotLamp('before');
  diff = diffApi(before, await snapshotLamp('after'));
});

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly inside: readonly { readonly tag: string; readonly [attribute: string]: string }[];
}

/** Read by a real XML reader: Emscripten needs Python, so it is there. */
function readJunit(xml: string): { suite: Record<string, string>; cases: readonly Case[] } {
  const script = `
import json, sys, xml.etree.ElementTree as tree
suite = tree.fromstring(sys.stdin.buffer.read()).find('testsuite')
cases = [{**case.attrib, 'inside': [{'tag': e.tag, **e.attrib} for e in case]} for case in suite]
print(json.dumps({'suite': suite.attrib, 'cases': cases}))`;
  return JSON.parse(execFileSync('python3', ['-c', script], { input: xml, encoding: 'utf8' }));
}

test('text: by grade, what was and what is, with the header', () => {
  const text = formatApiDiff(diff, 'text');
  expect(text).toMatch(/^ABI-breaking: \d+\n/);
  expect(text).toContain(
    '  function function_return_type (lamp.h)\n    type changed: int function_return_type(void) → void function_return_type(void)\n',
  );
  expect(text).toContain('\nCompatible: ');
  expect(text).toMatch(/\nThe change is abi-breaking\.\n$/);
});

test('text: what the toolchain caused is apart', () => {
  const { size, alignment } = before.toolchain.types['time_t'] as { size: number; alignment: number };
  const types = { ...before.toolchain.types, time_t: { size: 16, alignment: 16, signed: true } };
  const text = formatApiDiff(diffApi(before, { ...before, toolchain: { ...before.toolchain, types } }), 'text');
  expect(text).toBe(
    `Caused by the toolchain alone: 1\n  toolchain time_t\n    layout changed: ${size} bytes, alignment ${alignment}, signed → 16 bytes, alignment 16, signed\n    used by STRUCT_SAME, function_same\n\nThe API is the same but for the toolchain.\n`,
  );
});

test('JSON is the diff', () => expect(JSON.parse(formatApiDiff(diff, 'json'))).toEqual(diff));

test('JUnit: a case for each change, those that break fail', () => {
  const { suite, cases } = readJunit(formatApiDiff(diff, 'junit'));
  const breaking = diff.changes.filter(({ grade }) => grade !== 'compatible');
  expect(suite).toMatchObject({ tests: String(diff.changes.length), failures: String(breaking.length) });
  expect(cases).toHaveLength(diff.changes.length);
  expect(cases.filter(({ inside }) => inside[0]?.tag === 'failure')).toHaveLength(breaking.length);
  expect(cases).toContainEqual({
    classname: 'lamp.h',
    name: 'constant OPTION_VALUE value',
    inside: [{ tag: 'failure', type: 'abi-breaking', message: 'value changed: "brightness" → "level"' }],
  });
});

test('JUnit: the toolchain’s changes are skipped', () => {
  const other = diffApi(before, { ...before, toolchain: { ...before.toolchain, clang: '99' } });
  const { suite, cases } = readJunit(formatApiDiff(other, 'junit'));
  expect(suite).toMatchObject({ tests: '1', failures: '0', skipped: '1' });
  expect(cases[0]?.inside[0]?.tag).toBe('skipped');
});

test('JUnit: any text comes through, but for what XML can’t say', () => {
  const [constant] = before.constants;
  const withValue = (value: string): ApiSnapshot => ({ ...before, constants: [{ ...constant!, value }] });
  const odd = diffApi(withValue('plain'), withValue('<&>"\'\u0001\ud800é😀]]>'));
  const { cases } = readJunit(formatApiDiff(odd, 'junit'));
  const message = cases.flatMap(({ inside }) => inside).find(({ tag }) => tag === 'failure')?.['message'];
  expect(message).toContain('<&>\\"\'\\u0001\\ud800é😀]]>');
});

test('no change at all', async () => {
  const now = await snapshotApi();
  const none = diffApi(now, now);
  expect(formatApiDiff(none, 'text')).toBe('The API is the same.\n');
  expect(readJunit(formatApiDiff(none, 'junit')).suite).toMatchObject({ tests: '1', failures: '0' });
});
