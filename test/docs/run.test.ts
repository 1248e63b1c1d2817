import { readFileSync } from 'node:fs';
import path from 'node:path';

import { COMMANDS, usageOf } from '../../src/cli/run/commands.js';
import { EXPECTABLE } from '../../src/cli/run/expectations.js';
import { parseLine } from '../../src/cli/run/parse.js';
import { Names } from '../../src/cli/run/names.js';

const page = readFileSync(path.join(__dirname, '../../docs/run.md'), 'utf8');

/** The rows of the table under a heading, cell by cell. */
function tableWith(heading: string): string[][] {
  const lines = page.slice(page.indexOf(`| ${heading} `)).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('|'));
  return lines.slice(2, end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${cell(text)}\``;

test('the tables of docs/run.md are those of the command line', () => {
  expect(tableWith('Command')).toEqual(
    COMMANDS.map((each) => [code(usageOf(each)), cell(each.about), each.examples.map(code).join(', ')]),
  );
  expect(tableWith('Expectation')).toEqual(
    EXPECTABLE.map((each) => [code(`expect ${usageOf(each)}`), cell(each.about), code(each.example)]),
  );
});

test('every example can be typed', () => {
  const gpio = { type: 'Gpio', value: '12' };
  const peripherals = new Map(['PIN', 'LED', 'BUTTON_A', 'SAMPLE_BUTTON_1'].map((name) => [name, gpio]));
  const Capabilities = { Gpio: [12], Uart: ['ISU0'] };
  const manifest = {
    SchemaVersion: 1,
    Name: 'A',
    ComponentId: '1f6c2d3e-8f0b-4f57-9f5e-5b0f4f0c9a11',
    EntryPoint: '/bin/app',
    CmdArgs: [],
    Capabilities,
  };
  const names = new Names({ manifest, peripherals } as never);
  for (const example of [...COMMANDS.flatMap(({ examples }) => examples), ...EXPECTABLE.map((each) => each.example)])
    expect(parseLine(example, names)?.text).toBe(example);
});
