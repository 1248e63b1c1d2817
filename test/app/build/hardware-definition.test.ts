// What cmake asks of hardware definitions, which may have been written by anybody.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { useFolder } from '../../support/folder.js';

const SCRIPT = path.join(__dirname, '../../../dist/app/cmake/read-hardware.cjs');
/** Milliseconds; nothing waits for the other end of a pipe. */
const TIMEOUT = 60_000;
const LED = { Name: 'LED', Type: 'Gpio', Mapping: '8' };

const folder = useFolder();
beforeEach(() => {
  mkdirSync(folder.file('boards'));
});
const at = (name: string): string => path.join(folder.path, 'boards', name);
const write = (name: string, definition: unknown): void => writeFileSync(at(name), JSON.stringify(definition));

/** An empty definition: all in the folder. */
function read(definition: string): { status: number | null; stdout: string; stderr: string } {
  const argv = [SCRIPT, folder.file('out'), definition, folder.file('boards')];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: TIMEOUT });
  return { status, stdout, stderr };
}

const refused = (why: string, file = at('b.json')): object => ({
  status: 1,
  stdout: '',
  stderr: `The hardware definition ${file} can't be read: ${why}\n`,
});
const header = (name: string): string => readFileSync(path.join(folder.path, 'out/hw', name), 'utf8');

test('what imports comes before what it imports, each once, by links too', () => {
  write('b.json', { Imports: [{ Path: 'c.json' }, { Path: 'd.json' }], Peripherals: [LED] });
  write('real', { Imports: [{ Path: 'd.json' }], Peripherals: [{ ...LED, Name: 'C', MainCoreHeaderValue: 5 }] });
  symlinkSync('real', at('c.json'));
  write('d.json', {
    Imports: [{ Path: 'b.json' }],
    Peripherals: [{ Name: 'D', Type: 'Pwm', MainCoreHeaderValue: '(1 << 2)', AppManifestValue: 'PWM-CONTROLLER-0' }],
  });
  expect(read('b.json')).toEqual({
    status: 0,
    stdout: [
      ...['b', 'c', 'd'].map((name) => `file ${at(`${name}.json`)}\n`),
      `include ${folder.file('out')}\n`,
      'peripheral LED Gpio 8\nperipheral C Gpio 8\nperipheral D Pwm PWM-CONTROLLER-0\n',
    ].join(''),
    stderr: '',
  });
  expect(header('b.h')).toContain('#include <hw/c.h>\n#include <hw/d.h>\n\n#define LED (8)\n');
  expect(header('d.h')).toContain('#define D (1 << 2)\n');
});

test.each<[string, unknown, string]>([
  ['nothing', null, 'it is no object'],
  ['a list', [], 'it is no object'],
  ['a text', 'x', 'it is no object'],
  ['an object for a list', { Imports: {} }, '"Imports" is no list of objects'],
  ['null for a list', { Imports: null }, '"Imports" is no list of objects'],
  ['a list of nothing', { Imports: [null] }, '"Imports" is no list of objects'],
  ['no path', { Imports: [{}] }, '"Imports": "Path": undefined is no name of a file'],
  ['a number for a path', { Imports: [{ Path: 5 }] }, '"Imports": "Path": 5 is no name of a file'],
  ['an empty path', { Imports: [{ Path: ' ' }] }, '"Imports": "Path": " " is no name of a file'],
  ['a line feed', { Imports: [{ Path: 'c\nd' }] }, '"Imports": "Path": "c\\nd" is no name of a file'],
  ['a folder', { Imports: [{ Path: '.' }] }, ''],
  ['peripherals that are a text', { Peripherals: 'abc' }, '"Peripherals" is no list of objects'],
  ['no peripheral', { Peripherals: [null] }, '"Peripherals" is no list of objects'],
  ['a name with a line feed', { Peripherals: [{ ...LED, Name: 'A\n' }] }, '"Name": "A\\n" is no name in C'],
  ['an odd type', { Peripherals: [{ ...LED, Type: { toString: 1 } }] }, 'LED: "Type": {"toString":1} is no type'],
  ['a type of two lines', { Peripherals: [{ ...LED, Type: 'Gpio\nA' }] }, 'LED: "Type": "Gpio\\nA" is no type'],
  ['an object for a value', { Peripherals: [{ ...LED, Mapping: {} }] }, 'LED: "Mapping": {} is no text and no number'],
  ['no value', { Peripherals: [{ Name: 'A', Type: 'Gpio' }] }, 'A has neither a "Mapping" nor a "MainCoreHeaderValue"'],
])('%s is refused, with the name of the file', (what, definition, why) => {
  write('b.json', definition);
  const { status, stdout, stderr } = read('b.json');
  const file = what === 'a folder' ? folder.file('boards') : at('b.json');
  expect({ status, stdout, stderr }).toEqual({
    ...refused('', file),
    stderr: expect.stringContaining(`The hardware definition ${file} can't be read: ${why}`),
  });
  expect(stderr.split('\n')).toHaveLength(2);
});

describe.each(['Mapping', 'MainCoreHeaderValue', 'AppManifestValue'])('%s', (field) => {
  test.each([
    '5\ninclude /etc\nfile /etc/shadow\nperipheral B Gpio 7',
    '5\r#error',
    '5;B Gpio 7',
    '$<TARGET_FILE:app>',
    '${HOME}',
    '[1',
    '1 /* on',
    '1 \\',
    '1\u20282',
  ])('%j adds nothing to what cmake and C read', (text) => {
    const { Mapping: mapping, ...rest } = LED;
    const peripheral = field === 'AppManifestValue' ? { ...rest, Mapping: mapping } : rest;
    write('b.json', { Peripherals: [{ ...peripheral, [field]: text }] });
    expect(read('b.json')).toEqual(
      refused(
        `LED: "${field}": ${JSON.stringify(text)} has a control character, or one of ; $ [ ] " \\ /*, and can't be a value`,
      ),
    );
  });
});

test('files without an end, and too large ones, are refused; in a folder they are passed over', () => {
  spawnSync('mkfifo', [at('pipe.json')]);
  symlinkSync('/dev/zero', at('zero.json'));
  writeFileSync(at('large.json'), '');
  truncateSync(at('large.json'), 4_000_000_000);
  expect(read('')).toEqual({ status: 0, stdout: `include ${folder.file('out')}\n`, stderr: '' });
  for (const [name, why] of [
    ['pipe.json', 'is no regular file'],
    ['zero.json', 'is no regular file'],
    ['large.json', 'is too large: a file of its kind has 1048576 bytes at most'],
    ['/proc/self/pagemap', 'is too large'],
  ] as const) {
    write('b.json', { Imports: [{ Path: name }] });
    const file = path.resolve(at(name));
    const imported = name.startsWith('/') ? name : file;
    expect(read('b.json')).toMatchObject({ status: 1, stderr: expect.stringContaining(`${imported} ${why}`) });
  }
});

test('a thousand imports are followed, one more is refused', () => {
  const chain = (count: number): void => {
    for (let i = 0; i < count; i++) write(`n${i}.json`, { Imports: i + 1 < count ? [{ Path: `n${i + 1}.json` }] : [] });
  };
  chain(1000);
  expect(read('n0.json')).toMatchObject({ status: 0, stderr: '' });
  chain(8000);
  const stderr = `The hardware definition ${at('n0.json')} imports more than 1000 others.\n`;
  expect(read('n0.json')).toEqual({ status: 1, stdout: '', stderr });
});

test('a file whose name has a line feed is refused', () => {
  const metadata = { Metadata: { Type: 'Azure Sphere Hardware Definition' } };
  write('x\ninclude .json', metadata);
  expect(read('')).toEqual({
    status: 1,
    stdout: '',
    stderr: `The path of the hardware definition ${JSON.stringify(at('x\ninclude .json'))} has control characters.\n`,
  });
});
