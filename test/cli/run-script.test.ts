// Scripts of run. Their clock is virtual, and the app is in this thread.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { buildApp } from '../../src/app/index.js';
import { useFolder } from '../support/folder.js';
import { cli, type Outcome } from './support.js';

const BUILD_TIME = 180_000;
const root = path.join(__dirname, '../..');
const eventLoop = path.join(root, 'examples/event-loop');
const folder = useFolder();

/** The image packages. */
let thermometer: string;
let posix: string;
let board: string;

beforeAll(async () => {
  thermometer = (await buildApp(eventLoop)).folder;
  posix = (await buildApp(path.join(root, 'test/app/apps/posix'))).folder;
  board = (await buildApp(path.join(root, 'test/app/apps/board'))).folder;
}, BUILD_TIME);

/** Runs a script of these lines. */
function script(lines: readonly string[], args: readonly string[] = [], app = thermometer): Promise<Outcome> {
  const file = folder.file('test.txt');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return cli(['run', app, '--script', file, ...args]);
}

test('the example passes, and shows what happens', async () => {
  const outcome = await cli(['run', thermometer, '--script', path.join(eventLoop, 'scenario.txt')]);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  for (const line of [
    '[Connection] Authenticated',
    '> press BUTTON',
    '» telemetry {"button":true}',
    '» pin DEMO_BUTTON 0',
    '» desired {"lamp":true}',
    '» pin DEMO_LED 0',
    '» method setTemperature status 200 {"temperature":35}',
    '» contoso.azure-devices.net connected',
  ])
    expect(outcome.stdout.split('\n')).toContain(line);
  expect(outcome.stdout).toMatch(/» reported \{"lamp":.*"ac":200/);
  expect(outcome.stdout).toMatch(/scenario\.txt: passed, 11 expectations\n$/);
});

test('so does the one of docs/run.md', async () => {
  const page = readFileSync(path.join(root, 'docs/run.md'), 'utf8');
  const lines = /```text\n(expect log Authenticated\n[^]*?)```/.exec(page)![1]!.split('\n');
  expect(await script(lines)).toMatchObject({ code: 0, stderr: '' });
});

describe('an expectation that fails says what was awaited and what happened last', () => {
  test.each([
    [
      'expect telemetry {"humidity": …} within 12s',
      'Expected telemetry {"humidity": …}, and it did not come within 12 s',
    ],
    ['expect telemetry {"temperature": "21"} within 6s', 'Expected telemetry {"temperature": "21"}, and'],
    ['expect log /Authen.*x/ within 6s', 'Expected log /Authen.*x/, and'],
    ['expect pin LED 0 within 1s', 'Expected pin LED 0, and'],
    ['expect reported {"lamp": 1} within 1s', 'Expected reported {"lamp": 1}, and'],
    ['expect method setTemperature status 200', 'Expected method setTemperature status 200, and it is not so'],
    ['expect disconnected within 1s', 'Expected disconnected, and'],
    ['expect exit 0 within 1s', 'Expected exit 0, and'],
    ['expect no telemetry within 6s', 'Did not expect telemetry, and it came'],
  ])('%s', async (line, message) => {
    const outcome = await script(['', '# until it is connected', 'expect log Authenticated', line, 'expect connected']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`test.txt:4: ${line}: ${message}`);
    expect(outcome.stderr).toMatch(/The last that happened:\n {2}2026-.*\(EXPECTATION_FAILED\)\n$/s);
    expect(outcome.stderr).toContain('log [Connection] Authenticated');
    expect(outcome.stdout).not.toContain('> expect connected');
  });
});

test('what did not come is expected with no; what came before does not count', async () => {
  const lines = [
    'expect log Authenticated',
    'wait 6s',
    'expect no log Provisioned within 6s',
    'expect no pin LED 0 within 1s',
  ];
  expect(await script(lines)).toMatchObject({ code: 0, stderr: '' });
});

test('each expectation looks after what the last one found', async () => {
  const twice = await script([
    'expect telemetry {"temperature": 21}',
    'expect telemetry {"temperature": 21} within 1h',
  ]);
  expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining('test.txt:2: ') });
});

test('lines that are wrong fail the script before the app is launched, all of them, with what is possible', async () => {
  const lines = [
    'pres BUTTON',
    'press BUTTN',
    'press',
    'press BUTTON soon',
    'set LED 2',
    'uart 0 hello',
    'method',
    'method reboot {',
    'desired [1]',
    'c2d',
    'network sideways',
    'attest maybe',
    'attest refuse because',
    'time 24h',
    'wait',
    'restart now',
    'expect',
    'expect snow',
    'expect telemetry {"a": }',
    'expect log /(/',
    'expect pin LED',
    'expect method reboot 200',
    'expect exit zero',
    'expect log x within soon',
    'expect log x within',
    'expect log x within 0x1s',
    'expect log x within -1s',
    'network down 0s',
    'network down -1s',
    'press BUTTON 0s',
    'show colours',
    'help pres',
    'wait 99999999999d',
    'time +99999999999d',
    'network down 3651d',
    `press BUTTON ${'9'.repeat(400)}d`,
    'expect log x within 99999999999d',
    'set -1 1',
    'set 99999999999999999999 1',
    'set BUTTON -1',
    'expect exit -1',
    'expect exit 256',
    'expect exit',
    'expect no pin LED',
    'uart',
    'desired',
    'attest',
    'show',
    'expect method reboot status 99999999999',
    `${'x'.repeat(100_000)}`,
    `press ${'x'.repeat(100_000)}`,
    `method reboot {${'x '.repeat(100_000)}`,
  ];
  const { code, stdout, stderr } = await script(lines, ['--json']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
  expect(error.code).toBe('SCRIPT_INVALID');
  const faults = error.message.split('\n');
  expect(faults).toHaveLength(lines.length);
  for (const [index, fault] of faults.entries()) {
    expect(fault).toContain(`test.txt:${index + 1}: `);
    expect(fault.length).toBeLessThan(1500);
  }
  expect(faults.find((fault) => fault.includes('999…'))).toContain('is no duration: Give 3650d at most');
  expect(error.message).not.toContain('99999999999999999999, though the board has it');
  expect(faults[0]).toContain('There is no command pres; possible are press, set, uart, method,');
  expect(faults[1]).toContain("The app's manifest lists no pin BUTTN. It lists DEMO_BUTTON, DEMO_LED.");
  expect(faults[2]).toContain('PIN is missing. Write: press PIN [DURATION]');
  const said = (line: string): string => faults[lines.indexOf(line)] ?? '';
  expect(said('expect exit -1')).toContain(
    'An exit code is a whole number from 0 to 255, not -1. Write: expect exit CODE [within DURATION]',
  );
  expect(said('expect exit 256')).toContain('from 0 to 255, not 256.');
  expect(said('expect exit')).toContain('CODE is missing. Write: expect exit CODE');
  expect(said('expect method reboot status 99999999999')).toContain('A status is a whole number from -2147483648 to');
  expect(said('expect method reboot 200')).toContain(
    "The word after the method's name is status, not 200. Write: expect method",
  );
  expect(said('expect no pin LED')).toContain('0|1 is missing. Write: expect no pin PIN 0|1 [within DURATION]');
  expect(said('uart')).toContain('UART is missing. Write: uart UART TEXT');
  expect(said('desired')).toContain('JSON is missing. Write: desired JSON');
  expect(said('attest')).toContain('refuse|accept|renew is missing.');
  expect(said('show')).toContain('KIND is missing. Write: show KIND...');
  expect(said('expect')).toContain('Say what is expected; possible are log,');
  expect(faults[5]).toContain("The app's manifest lists no UART 0, though the board has it. It lists none.");
});

test('commands that can’t be carried out fail it', async () => {
  const connected = 'expect log Authenticated';
  expect(await script([connected, 'set LED 1'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /test\.txt:2: set LED 1: The app has opened DEMO_LED as an output.*\(PIN_IS_OUTPUT\)/,
    ),
  });
  expect(await script(['press LED'])).toMatchObject({ code: 1, stderr: expect.stringContaining('(PIN_IS_OUTPUT)') });
  const tooLarge = `desired {"a": "${'x'.repeat(40_000)}"}`;
  expect(await script([connected, tooLarge])).toMatchObject({
    stderr: expect.stringContaining('(TWIN_PATCH_INVALID)'),
  });
  for (const line of [`method ${'x'.repeat(300)}`, 'method a/b', `c2d ${'x'.repeat(300_000)}`, 'desired {"$a": 1}']) {
    const { code, stderr } = await script([connected, line]);
    expect({ code, isLong: stderr.length > 2000 }).toEqual({ code: 1, isLong: false });
    expect(stderr).toMatch(/^error: \S+test\.txt:2: .*\((METHOD_NAME|C2D|TWIN_PATCH)_\w+\)\n$/);
  }
  const real = await script(['time +1h'], ['--clock', 'real']);
  expect(real).toMatchObject({ code: 1, stderr: expect.stringContaining('start with --clock virtual') });
  expect(await script(['# nothing'])).toMatchObject({ code: 1, stderr: expect.stringContaining('(SCRIPT_EMPTY)') });
});

test('an app that ends, or crashes, without a line that expects it fails the script', async () => {
  const wait = ['wait 1s'];
  const exit = await script(wait, ['exit'], posix);
  expect(exit).toMatchObject({ code: 1, stderr: expect.stringContaining('add "expect exit 42". (EXIT_UNEXPECTED)') });
  expect(await script([...wait, 'expect exit 42'], ['exit'], posix)).toMatchObject({ code: 0, stderr: '' });
  const crash = await script(wait, ['crash'], posix);
  expect(crash).toMatchObject({ code: 1, stderr: expect.stringContaining('(APP_CRASHED)') });
  const other = await script(['expect exit 0 within 1h'], ['exit'], posix);
  expect(other).toMatchObject({ code: 1, stderr: expect.stringMatching(/exit 42\n? \(EXPECTATION_FAILED\)/) });
});

test('a fault that was asked for, and struck nothing, fails the script', async () => {
  const inVain = [
    [['expect log Authenticated', 'network down 1ms', 'wait 1s'], 'OUTAGE_NEVER_STRUCK'],
    [['expect log Authenticated', 'network down', 'network up', 'expect telemetry'], 'OUTAGE_NEVER_STRUCK'],
    [['expect log Authenticated', 'network up 1h', 'expect telemetry'], 'OUTAGE_NEVER_STRUCK'],
    [['expect log Authenticated', 'network down'], 'OUTAGE_NEVER_STRUCK'],
    [['expect log Authenticated', 'quit', 'network down 5s', 'expect exit 1'], 'OUTAGE_NEVER_STRUCK'],
    [['expect log Authenticated', 'quit', 'attest refuse', 'expect exit 1'], 'ATTESTATION_NEVER_REFUSED'],
    [['attest refuse', 'expect connected'], 'ATTESTATION_NEVER_REFUSED'],
    [['attest refuse', 'attest accept', 'expect connected'], 'ATTESTATION_NEVER_REFUSED'],
  ] as const;
  for (const [lines, code] of inVain) {
    const outcome = await script(lines);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining(`(${code})`) });
    const at = lines.findIndex((line) => /down|refuse|up 1h/.test(line));
    expect(outcome.stderr).toContain(`test.txt:${at + 1}: ${lines[at]}`);
  }
  // It lasts while the app is launched again, which is what it strikes then.
  const lines = ['network down', 'restart', 'expect log The network is not ready', 'network up', 'expect connected'];
  expect(await script(lines)).toMatchObject({ code: 0, stderr: '' });
});

test('an expectation after a crash says that, where and why, and does not wait', async () => {
  const outcome = await script(['expect log never'], ['crash'], posix);
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('(APP_CRASHED)') });
  expect(outcome.stderr).toMatch(
    /test\.txt:1: expect log never: Expected log never, and the app ended before: The app crashed, in /,
  );
  expect(outcome.stderr).not.toContain('within 60 s');
  const exit = await script(['expect log never'], ['exit'], posix);
  expect(exit.stderr).toContain('Expected log never, and the app has ended with exit code 42.');
});

test(
  'an app that crashes while it answers a method: that is told, where and why',
  async () => {
    const app = folder.file('app');
    cpSync(path.join(root, 'examples/hardware'), folder.file('hardware'), { recursive: true });
    cpSync(eventLoop, app, { recursive: true, filter: (from) => path.basename(from) !== 'build' });
    const main = path.join(app, 'src/main.c');
    const source = readFileSync(main, 'utf8');
    writeFileSync(main, source.replace(/(static int OnMethod\([^{]*\{)/, '$1 abort();'));
    const built = (await buildApp(app)).folder;
    const outcome = await script(['expect connected', 'method setTemperature 35'], [], built);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('(APP_CRASHED)') });
    expect(outcome.stderr).toMatch(/before it answered the method setTemperature\. The app crashed, in .*OnMethod/);
    const exits = await script(['method setTemperature 35', 'quit'], [], thermometer);
    expect(exits).toMatchObject({ stderr: expect.not.stringContaining('APP_ENDED') });
  },
  BUILD_TIME,
);

test('a script that is no text; --show of nothing', async () => {
  const file = folder.file('binary.txt');
  for (const bytes of [
    [0, 1, 2],
    [0xff, 0xfe],
  ]) {
    writeFileSync(file, Buffer.from(bytes));
    const outcome = await cli(['run', thermometer, '--script', file]);
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is no text in UTF-8. (SCRIPT_INVALID)'),
    });
  }
  for (const kinds of ['', ',', 'log,,pins'])
    expect(await script(['expect connected'], ['--show', kinds])).toMatchObject({ code: 2 });
});

test('JUnit to where nothing can be written is noticed before the app is launched', async () => {
  for (const [junit, code] of [
    [folder.path, 'FILE_IS_FOLDER'],
    [path.join(folder.path, 'none', 'result.xml'), 'FILE_NOT_FOUND'],
  ] as const) {
    const outcome = await script(['expect connected'], ['--junit', junit]);
    expect(outcome).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`(${code})`) });
  }
  expect(readdirSync(folder.path)).toEqual(['test.txt']);
});

test('UART: text goes both ways', async () => {
  const lines = [
    'expect uart 0 ready',
    'uart ISU0 "one "',
    'expect uart 0 "one "',
    'uart 0 two!',
    'expect uart ISU0 /two!/',
  ];
  const outcome = await script([...lines, 'expect exit 0'], ['uart'], board);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const late = await script([...lines, 'expect exit 0', 'uart 0 late'], ['uart'], board);
  expect(late).toMatchObject({ code: 1, stderr: expect.stringMatching(/test\.txt:7: uart 0 late: .*\(APP_ENDED\)/) });
  expect(outcome.stdout).toContain('» uart ISU0 "ready\\n"\n');
});

test('restart launches the app again on the same device; quit ends it', async () => {
  const lines = [
    'expect log Authenticated',
    'restart',
    'expect log Exit with 1',
    'expect log Authenticated',
    'quit',
    'expect exit 1',
  ];
  const outcome = await script(lines, ['--json']);
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const values = outcome.stdout.trim().split('\n');
  const told = values.map((line) => JSON.parse(line) as { type: string; text?: string });
  const assigned = told.filter(({ type, text }) => type === 'cloud' && text?.startsWith('DPS assigned'));
  expect(new Set(assigned.map(({ text }) => text)).size).toBe(1);
  expect(assigned).toHaveLength(2);
  expect(told.filter(({ type }) => type === 'exit')).toHaveLength(2);
  expect(told.at(-1)).toEqual({ type: 'passed', script: expect.stringContaining('test.txt'), expectations: 4 });
});

test('the network goes away, and attestation is refused', async () => {
  // The app asks for both before it connects.
  const network = await script([
    'network down 30s',
    'expect log The network is not ready',
    'expect log Authenticated within 2m',
  ]);
  expect(network).toMatchObject({ code: 0, stderr: '' });
  expect(network.stdout).toMatch(/» network down\n[^]*» network up\n/);
  const away = ['expect connected', 'network down 10m', 'expect connected within 5m'];
  expect(await script(away)).toMatchObject({ code: 1, stderr: expect.stringContaining('did not come within 300 s') });
  const back = ['expect connected', 'network down 10m', 'expect connected within 20m', 'time'];
  expect(await script(back)).toMatchObject({ code: 0, stdout: expect.stringMatching(/2026-01-01T00:1\d:/) });
  const refused = await script(['attest refuse os-too-old', 'attest renew', 'attest accept', 'expect connected']);
  expect(refused).toMatchObject({ code: 0, stdout: expect.stringMatching(/> attest renew\n.*is too old/) });
});

test('attestation is refused for a day: the certificate expires, and the refusal has struck', async () => {
  // An app that waits for its timers: one that looks at a button every millisecond takes a minute of the processor for a day.
  const epoll = (await buildApp(path.join(root, 'examples/epoll'))).folder;
  const lines = ['attest refuse', 'time +25h', 'attest accept', 'attest renew', 'expect connected'];
  expect(await script(lines, [], epoll)).toMatchObject({ code: 0, stderr: '' });
});

test.each<[string, readonly string[], string]>([
  [
    'a method that was never called',
    ['expect no method foo status 200'],
    'that says nothing: no such method was called',
  ],
  [
    'reported properties before a hub knows the device',
    ['expect no reported {"a": 1} within 0s'],
    'that says nothing: no hub knows the device',
  ],
  ...['no log X', 'no connected', 'no disconnected', 'disconnected', 'no pin LED 0', 'no reported {"a": 1}'].map(
    (what): [string, readonly string[], string] => [
      `${what} after the end`,
      ['expect connected', 'quit', `expect ${what} within 5s`],
      `test.txt:3: expect ${what} within 5s: ${what.startsWith('no ') ? 'Did not expect' : 'Expected'} ${what.replace('no ', '')}, but the app has ended`,
    ],
  ),
  ['connected after the end', ['expect connected', 'quit', 'expect connected'], 'the app has ended with exit code 1'],
  ['a button after the end', ['expect connected', 'quit', 'press BUTTON', 'expect exit 1'], '(PIN_NOT_OPEN)'],
  ['disconnected before it was connected', ['expect disconnected within 5s'], 'it did not come within 5 s'],
  [
    'no disconnected before it was connected',
    ['expect no disconnected within 5s'],
    'that says nothing: the app has not been connected',
  ],
  ['no connected at the start', ['expect no connected within 0s'], 'Nothing comes within 0 s'],
  ['no exit at the start', ['expect no exit 0 within 0s'], 'Nothing comes within 0 s'],
  [
    'no connected without a network',
    ['expect connected', 'network down 10m', 'expect no connected within 5m'],
    'that says nothing: the network is down',
  ],
  [
    'what came before a restart',
    ['expect telemetry', 'restart', 'expect log Authenticated within 1s'],
    'it did not come within 1 s',
  ],
  [
    'the connection of before a restart',
    ['expect connected', 'network down 10s', 'restart', 'network up', 'expect connected within 0s'],
    'it is not so',
  ],
  ['no time', ['expect no log Sent within 0s'], 'Nothing comes within 0 s'],
  ['nothing that is reported', ['expect reported {}'], 'of which one is named at least'],
  ['no object that is reported', ['expect no reported 5'], 'of which one is named at least'],
  ['an empty text', ['expect log ""'], 'An empty text is in every other'],
  ['a comment after a text', ['expect no log Authenticated # comment'], 'A comment has a line of its own'],
  ['within twice', ['expect no log Authenticated within 30s within 20s'], 'within stands once'],
  ['WITHIN', ['expect no log Authenticated WITHIN 20s'], 'within stands once'],
  ['a duration of two words', ['expect no log Authenticated within 20 s'], 'within stands once'],
  ['for', ['expect no log Authenticated for 20s'], 'A time is said by within'],
  [
    'single quotes',
    ["expect no log 'Authenticated' within 20s"],
    'Quotes are "…". If it is a part of the text, put that in quotes: ',
  ],
  ['typographic quotes', ['expect no log “Authenticated” within 20s'], 'Quotes are "…"'],
  ['a comma', ['expect no log Authenticated, within 20s'], 'does not end with a comma'],
  ['a flag', ['expect no log /authenticated/x within 20s'], 'the flags i, m, s and u only'],
  [
    'an answer from before a restart',
    ['method setTemperature 35', 'restart', 'expect method setTemperature status 200'],
    'it is not so',
  ],
  ['time that does not pass', ['time +0s', 'wait 0s'], 'Give a duration of more than 0'],
  ['what only says something', ['help', 'time', 'show log', 'hide log'], '(SCRIPT_EMPTY)'],
])('a line that would pass whatever the app does fails the script: %s', async (_name, lines, message) => {
  expect(await script(lines)).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
});

test('a line ends as it does at a terminal', async () => {
  const lines = ['expect connected\rexpect no log X within 1s\r\nexpect exit 256\u2028expect exit 257'];
  const { stderr } = await script(lines);
  expect(stderr).toMatch(/test\.txt:3: .* not 256\.[^]*test\.txt:4: .* not 257\./);
});

test('what is shown', async () => {
  const few = await script(['expect connected'], ['--show', 'packets']);
  expect(few.stdout).toMatch(/» 2026-.* CONNECT /);
  expect(few.stdout).not.toContain('Authenticated');
  const more = await script(
    ['hide log', 'expect telemetry', 'show packets', 'expect telemetry'],
    ['--show', 'log,telemetry'],
  );
  expect(more.stdout).not.toContain('Authenticated');
  expect(more.stdout.match(/» .* PUBLISH /g)!.length).toBeLessThan(5);
  const wrong = await script(['expect connected'], ['--show', 'colours']);
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('Possible are log, telemetry,') });
});

test('JUnit: a case for each line, those that were not reached are skipped', async () => {
  const junit = folder.file('result.xml');
  const lines = ['expect log Authenticated', 'expect log "<none> & nothing" within 1s', 'expect connected'];
  expect((await script(lines, ['--junit', junit])).code).toBe(1);
  const xml = readFileSync(junit, 'utf8');
  expect(xml).toMatch(/<testsuite name="[^"]*test\.txt" tests="4" failures="1" skipped="2" errors="0" time="[\d.]+">/);
  expect(xml).toMatch(/name="[^"]*test\.txt:1: expect log Authenticated" time="[\d.]+"\/>/);
  expect(xml).toContain('<failure message="');
  expect(xml).toContain('Expected log &quot;&lt;none&gt; &amp; nothing&quot;');
  expect((await script(['expect connected'], ['--junit', junit])).code).toBe(0);
  expect(readFileSync(junit, 'utf8')).toContain('failures="0"');
  const alone = await cli(['run', thermometer, '--junit', junit]);
  expect(alone).toMatchObject({ code: 2, stderr: expect.stringContaining('--junit is of a --script.') });
});

test('Ctrl-C ends it', async () => {
  const interrupted = new AbortController();
  const file = folder.file('test.txt');
  writeFileSync(file, 'expect log never within 1000d\n');
  const outcome = await cli(['run', thermometer, '--script', file], {
    interrupted: interrupted.signal,
    onOutput: (text) => void (text.includes('Authenticated') && interrupted.abort()),
  });
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('(INTERRUPTED)') });
});

test('what an app without a device stores is there after restart, and gone after the run', async () => {
  const counter = (await buildApp(path.join(root, 'test/cli/counter'))).folder;
  for (let run = 0; run < 2; run++) {
    const lines = ['expect log "Start 1"', 'restart', 'expect log "Start 2"', 'quit', 'expect exit 143'];
    expect(await script(lines, [], counter)).toMatchObject({ code: 0, stderr: '' });
  }
});
