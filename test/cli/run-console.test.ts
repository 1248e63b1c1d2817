// Commands that are typed at a terminal, or come through a pipe, while an app runs. What runs in real time is of dist/ (a thread):
// `npm run build`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { PassThrough } from 'node:stream';

import { buildApp, readBuiltApp } from '../../src/app/index.js';
import type { Input } from '../../src/cli/io.js';
import { Names } from '../../src/cli/run/names.js';
import { completionsOf } from '../../src/cli/run/parse.js';
import { openPrompt } from '../../src/cli/run/prompt.js';
import { cli, type Outcome } from './support.js';

const BUILD_TIME = 180_000;
/** Real milliseconds after which a terminal is given up. */
const PTY_TIME = 60_000;
const root = path.join(__dirname, '../..');
/** The image packages. */
let thermometer: string;
let posix: string;

beforeAll(async () => {
  thermometer = (await buildApp(path.join(root, 'examples/event-loop'))).folder;
  posix = (await buildApp(path.join(root, 'test/app/apps/posix'))).folder;
}, BUILD_TIME);

/** Types lines, each as soon as the output contains a text; at the end of them the pipe is closed, unless it is to stay. */
function typed(args: readonly string[], lines: readonly (readonly [after: string, line: string])[]): Promise<Outcome> {
  const stdin: Input = new PassThrough();
  let output = '';
  let left = [...lines];
  const type = (): void => {
    for (let next = left[0]; next !== undefined && output.includes(next[0]); next = left[0]) {
      left = left.slice(1);
      output = '';
      (stdin as PassThrough).write(`${next[1]}\n`);
    }
  };
  return cli(['run', ...args], {
    stdin,
    onOutput: (text) => {
      output += text;
      type();
    },
  });
}

describe('a pipe', () => {
  test.each<[string, readonly string[]]>([
    ['in real time', []],
    ['with --json', ['--json']],
  ])(
    'whose reader goes away ends all, quietly, as a program that SIGPIPE ends: %s',
    async (_, options) => {
      const main = path.join(root, 'dist/cjs/cli/main.js');
      const child = spawn(process.execPath, [main, 'run', thermometer, ...options]);
      let errors = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
      child.stdout.once('data', () => child.stdout.destroy());
      const limit = setTimeout(() => child.kill('SIGKILL'), PTY_TIME);
      const code = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
      clearTimeout(limit);
      child.stdin.destroy();
      expect([code, errors]).toEqual([141, '']);
    },
    2 * PTY_TIME,
  );

  test('in real time: commands have their effect, one that is wrong ends nothing, quit does', async () => {
    const outcome = await typed(
      [thermometer],
      [
        ['Authenticated', 'pres BUTTON'],
        ['', 'press BUTTON'],
        ['» telemetry {"button":true}', 'desired {"lamp": true}'],
        ['» reported {"lamp"', 'method setTemperature 35'],
        ['» method setTemperature status 200 {"temperature":35}', 'quit'],
      ],
    );
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^error: There is no command pres; possible are .*\(COMMAND_INVALID\)\n$/);
    expect(outcome.stdout).toContain('» pin DEMO_LED 0\n');
    expect(outcome.stdout).toMatch(/Exit with 1\n$/);
  });

  test('its end ends nothing in real time, and the app in virtual time', async () => {
    const real = new PassThrough();
    real.end('help uart\n');
    const outcome = await cli(['run', posix, 'eventfd'], { stdin: real });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('eventfd done\n');
    const virtual = new PassThrough();
    virtual.end('time\ntime +1h\ntime\n');
    const moved = await cli(['run', thermometer, '--clock', 'virtual', '--show', 'log'], { stdin: virtual });
    expect(moved).toMatchObject({ code: 1, stderr: '' });
    expect(moved.stdout).toMatch(/^2026-01-01T00:00:00.000Z\n[^]*Authenticated[^]*\n2026-01-01T01:00:00.000Z\n/);
    const none = await cli(['run', thermometer, '--clock', 'virtual']);
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('only commands move the time') });
  });

  test.each([
    [undefined, /^ {2}network up\|down \[DURATION\] .{60,}$/m],
    [60, /^ {2}network up\|down \[DURATION\] {2,}takes the network\n {6}away, or/m],
    [100, /^ {2}expect .*within DURATION\] {2,}waits until .*\n( {10,})\S/m],
  ])('help wraps at the width of a terminal: %p', async (columns, expected) => {
    const stdin = new PassThrough();
    stdin.end('help\nquit\n');
    const { stdout } = await cli(['run', posix, '--clock', 'virtual', 'eventfd'], {
      stdin,
      ...(columns && { columns }),
    });
    expect(stdout).toMatch(expected);
    const longest = Math.max(...stdout.split('\n').map(({ length }) => length));
    if (columns === undefined) expect(longest).toBeGreaterThan(100);
    else expect(longest).toBeLessThanOrEqual(columns);
  });

  test('JSON: a line for everything, what is wrong with a command too', async () => {
    const stdin = new PassThrough();
    stdin.end('expect telemetry {"temperature": …}\ndesired {"lamp": true}\nexpect pin LED 0\npress NOTHING\nquit\n');
    const { code, stdout, stderr } = await cli(['run', thermometer, '--clock', 'virtual', '--json'], { stdin });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const told = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    const at = expect.stringMatching(/^2026-.*Z$/);
    for (const each of [
      { type: 'log', at, line: '[Connection] Authenticated' },
      { type: 'pin', at, pin: 'DEMO_LED', value: 0 },
      { type: 'telemetry', at, body: { temperature: 21 }, properties: expect.anything() },
      { type: 'failure', command: 'press NOTHING', code: 'PERIPHERAL_UNKNOWN', message: expect.any(String) },
      { type: 'exit', at, code: 1, heapPeak: expect.any(Number) },
    ])
      expect(told).toContainEqual(each);
  });
});

test('completion: commands, names of the hardware definition, kinds', async () => {
  const names = new Names(await readBuiltApp(thermometer));
  const completed = (line: string): string[] => completionsOf(line, names)[0].map((each) => each.trim());
  expect(completed('pr')).toEqual(['press']);
  expect(completed('')).toContain('expect');
  expect(completed('press demo_b')).toEqual(['DEMO_BUTTON']);
  expect(completed('press BUT')).toEqual(['BUTTON']);
  expect(completed('press ')).toEqual(expect.arrayContaining(['DEMO_BUTTON', 'DEMO_LED', 'MT3620_GPIO12']));
  expect(completed('press DEMO_BUTTON ')).toEqual([]);
  expect(completed('set LED ')).toEqual(['0', '1']);
  expect(completed('network d')).toEqual(['down']);
  expect(completed('expect no pi')).toEqual(['pin']);
  expect(completed('expect pin ')).toContain('DEMO_LED');
  expect(completed('show pa')).toEqual(['packets']);
  expect(completed('nothing ')).toEqual([]);
  // Numbers, names of the board, and what is left of them.
  expect(names.pin('12').name).toBe('DEMO_BUTTON');
  expect(names.pin('MT3620_GPIO12').name).toBe('DEMO_BUTTON');
  expect(names.pin('button').name).toBe('DEMO_BUTTON');
});

describe('a terminal', () => {
  /** A terminal of 40 columns, as far as the prompt needs one. */
  function terminal() {
    const screen = new Screen(40);
    const output = new PassThrough() as PassThrough & { columns: number };
    output.columns = 40;
    output.on('data', (data: Buffer) => screen.write(data.toString()));
    const input = new PassThrough();
    const typedLines: string[] = [];
    let interrupts = 0;
    const prompt = openPrompt({
      input,
      output,
      complete: (line) => [['press '].filter((each) => each.startsWith(line)), line],
      onLine: (line) => typedLines.push(line),
      onInterrupt: () => interrupts++,
      onEnd: () => typedLines.push('(end)'),
    });
    const type = async (text: string): Promise<void> => {
      input.write(text);
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { screen, prompt, type, typedLines, interrupts: () => interrupts };
  }

  test('what happens stands above the line that is being typed, which stays whole', async () => {
    const { screen, prompt, type, typedLines } = terminal();
    await type('press BUT');
    prompt.printAbove('one\n');
    prompt.printAbove('two\nthree\n');
    expect(screen.lines).toEqual(['one', 'two', 'three', '> press BUT']);
    await type('TON and more than fits into one line');
    prompt.printAbove('four\n');
    prompt.printAbove('five\n');
    expect(screen.lines).toEqual([
      'one',
      'two',
      'three',
      'four',
      'five',
      '> press BUTTON and more than fits into o',
      'ne line',
    ]);
    await type('\r');
    expect(typedLines).toEqual(['press BUTTON and more than fits into one line']);
    prompt.printAbove('six\n');
    expect(screen.lines.slice(-3)).toEqual(['ne line', 'six', '>']);
    prompt.close();
  });

  test('history, completion, Ctrl-C and Ctrl-D', async () => {
    const { type, typedLines, interrupts } = terminal();
    await type('help\r');
    await type('\x1b[A');
    await type('\r');
    await type('pr\t');
    await type('BUTTON\r');
    await type('\x03');
    expect(interrupts()).toBe(1);
    await type('\x04');
    expect(typedLines).toEqual(['help', 'help', 'press BUTTON', '(end)']);
  });

  test(
    'a real one: the prompt is there, a command is carried out, and the exit code is the app’s',
    async () => {
      const main = path.join(root, 'dist/cjs/cli/main.js');
      const command = `stty cols 100; exec '${process.execPath}' '${main}' run '${thermometer}'`;
      const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
      let output = '';
      const steps = [
        ['Authenticated', 'press DEMO_B\t'],
        ['press DEMO_BUTTON ', '\r'],
        ['telemetry {"button":true}', 'quit\r'],
      ];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (steps[0] === undefined || !output.includes(steps[0][0] as string)) return;
        child.stdin.write((steps.shift() as string[])[1] as string);
      });
      const limit = setTimeout(() => child.kill(), PTY_TIME);
      const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
      clearTimeout(limit);
      expect(output).toContain('> ');
      expect(output).toMatch(/\n?.*» telemetry \{"button":true\}/);
      expect(code).toBe(1);
    },
    2 * PTY_TIME,
  );
});

/** What a terminal shows, as far as readline uses one. */
class Screen {
  readonly #columns: number;
  readonly #rows: string[] = [''];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get lines(): string[] {
    return this.#rows.map((row) => row.trimEnd());
  }

  write(text: string): void {
    for (const [token, count, action] of text.matchAll(/\x1b\[(\d*)([A-Za-z])|[^]/g)) {
      if (action !== undefined) this.#control(action, Number(count || '1'), count === '');
      else if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#to(this.#row + 1, 0);
      else this.#put(token);
    }
  }

  #control(action: string, count: number, isDefault: boolean): void {
    if (action === 'A') this.#row = Math.max(0, this.#row - count);
    else if (action === 'B') this.#to(this.#row + count, this.#column);
    else if (action === 'C') this.#column += count;
    else if (action === 'D') this.#column = Math.max(0, this.#column - count);
    else if (action === 'G') this.#column = isDefault ? 0 : count - 1;
    else if (action === 'J') {
      this.#rows.length = this.#row + 1;
      this.#rows[this.#row] = this.#rows[this.#row]!.slice(0, this.#column);
    } else if (action === 'K') this.#rows[this.#row] = this.#rows[this.#row]!.slice(0, this.#column);
    else throw new Error(`The screen does not know ${action}.`);
  }

  #put(character: string): void {
    if (this.#column === this.#columns) this.#to(this.#row + 1, 0);
    const row = this.#rows[this.#row]!.padEnd(this.#column);
    this.#rows[this.#row] = `${row.slice(0, this.#column)}${character}${row.slice(this.#column + 1)}`;
    this.#column++;
  }

  #to(row: number, column: number): void {
    this.#row = row;
    this.#column = column;
    while (this.#rows.length <= row) this.#rows.push('');
  }
}
