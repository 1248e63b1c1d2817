// Scripts of run, changed: every line is a command with what it takes, or the script is refused, with each line that is wrong.
import * as fc from 'fast-check';

import type { BuiltApp } from '../../src/app/index.js';
import { duration } from '../../src/cli/arguments.js';
import { COMMANDS } from '../../src/cli/run/commands.js';
import { Names } from '../../src/cli/run/names.js';
import { completionsOf, parseLine } from '../../src/cli/run/parse.js';
import { jsonPattern, isLike } from '../../src/cli/run/patterns.js';
import { parseScript } from '../../src/cli/run/script.js';
import { edited, holds, mangled, ODD_NAMES, readOrRefused } from './foreign.js';

const MANIFEST = {
  SchemaVersion: 1,
  Name: 'app',
  ComponentId: '25025d2c-66da-4448-bae1-ac26fcdd3627',
  EntryPoint: '/bin/app',
  CmdArgs: [],
  Capabilities: { Gpio: [12, '$LED'], Uart: ['ISU0'] },
};
const peripherals = new Map([
  ['LED', { type: 'Gpio', value: 'MT3620_GPIO8' }],
  ['MT3620_GPIO8', { type: 'Gpio', value: '8' }],
]);
/** What Names takes of an app. */
const built = (manifest: unknown): BuiltApp => ({ manifest, peripherals }) as unknown as BuiltApp;
const names = new Names(built(MANIFEST));

const LINES = [
  'press LED 2s',
  'set 12 0',
  'uart ISU0 "AT\\r"',
  'method setTemperature {"delay": 5}',
  'desired {"lamp": true}',
  'c2d "a\\n"',
  'network down 30s',
  'attest refuse os-too-old',
  'time +24h',
  'wait 5s',
  'restart',
  'expect telemetry {"temperature": …, "l": [1, ...]} within 60s',
  'expect no log /ERROR \\d+/i within 1h',
  'expect method m status 200 {"a": …}',
  'expect exit 0',
  'show packets pins',
  'help expect',
  '# nothing',
];

test('all lines are read', () => {
  expect(parseScript('a.txt', LINES.join('\n'), names).lines).toHaveLength(LINES.length - 1);
});

/** A line of which a word is one that every object has, or one of another line. */
const otherWord = fc
  .tuple(fc.constantFrom(...LINES), fc.nat(), fc.constantFrom(...ODD_NAMES, '1e400h', `${'9'.repeat(400)}d`, '"', '-1'))
  .map(([line, at, word]) => {
    const words = line.split(' ');
    words[at % words.length] = word;
    return words.join(' ');
  });

test('a script, changed: it is read, or refused with its lines', () => {
  const line = fc.oneof(otherWord, mangled(...LINES).map(String));
  holds(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
    const script = readOrRefused(() => parseScript('a.txt', lines.join('\n'), names));
    for (const { args, command } of script?.lines ?? []) {
      expect(COMMANDS).toContain(command);
      expectPlain(args);
    }
  });
});

/** Numbers are finite, and no function of an object's prototype was taken for a value. */
function expectPlain(args: unknown): void {
  if (typeof args === 'number') expect([args, Number.isFinite(args)]).toEqual([args, true]);
  if (typeof args !== 'object' || args === null) return expect(typeof args).not.toBe('function');
  for (const [name, value] of Object.entries(args)) if (name !== 'check') expectPlain(value);
}

test('completion offers words for whatever was typed', () => {
  holds(fc.oneof(otherWord, mangled(...LINES).map(String)), (line) => {
    const [words] = completionsOf(line, names);
    expect(words.filter((word) => typeof word !== 'string')).toEqual([]);
  });
});

test('a command is carried through a line as it is', () => {
  const value = fc.jsonValue({ maxDepth: 4 });
  holds(fc.dictionary(fc.string(), value), (patch) => {
    const wanted = JSON.parse(JSON.stringify(patch)) as unknown;
    expect(parseLine(`desired ${JSON.stringify(patch)}`, names)?.args).toEqual(wanted);
    expect(parseLine(`c2d ${JSON.stringify(JSON.stringify(patch))}`, names)?.args).toBe(JSON.stringify(patch));
    expect(isLike(jsonPattern(JSON.stringify(patch)), wanted)).toBe(true);
  });
});

test('the names of an app, whatever its manifest has', () => {
  holds(edited(MANIFEST), (manifest) => {
    const all = readOrRefused(() => new Names(built(manifest)));
    for (const { id, name } of [...(all?.pins ?? []), ...(all?.uarts ?? [])])
      expect([Number.isInteger(id), typeof name]).toEqual([true, 'string']);
  });
});

test('an app without capabilities has no names', () => {
  for (const Capabilities of [undefined, null, {}])
    expect(new Names(built({ ...MANIFEST, Capabilities }))).toMatchObject({ pins: [], uarts: [] });
});

test.each(ODD_NAMES)('%j is no reason to refuse attestation', (name) => {
  if (name.trim() === '') return expect(parseLine(`attest refuse ${name}`, names)?.args).toEqual({ what: 'refuse' });
  expect(() => parseLine(`attest refuse ${name}`, names)).toThrow(/is no reason/);
});

test.each(['1e5s', `${'9'.repeat(400)}d`, '-1s', 'Infinityms', '1', '365001d'])('%s is no duration', (text) => {
  expect(() => duration(text)).toThrow(/^Give /);
});
