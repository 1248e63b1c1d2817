import { Unseen } from '../../src/waiting/index.js';
import path from 'node:path';
import { buildApp, SphereApp, type BuiltApp } from '../../src/app/index.js';
import { AppLog } from '../../src/app/app-log.js';
import { VirtualClock } from '../../src/clock/index.js';
import { expectNoTimers } from '../support/sphere.js';

const PENDING = Symbol('pending');

function logOf(): { log: AppLog; lines: string[]; text: () => string; write(text: string): void } {
  const lines: string[] = [];
  let written = '';
  const log = new AppLog(new VirtualClock(), {
    unseen: new Unseen(),
    onLine: (line) => lines.push(line),
    onText: (text) => (written += text),
  });
  return { log, lines, text: () => written, write: (text) => log.write(Buffer.from(text)) };
}

/** What a wait has found by now. */
async function foundBy(found: Promise<RegExpExecArray>): Promise<string | symbol> {
  const match = await Promise.race([found, Promise.resolve(PENDING)]);
  return typeof match === 'symbol' ? match : (match as RegExpExecArray)[0];
}

test('a line that several calls write is found as a whole', async () => {
  const { log, lines, write } = logOf();
  const found = log.find(/value \d+/);
  write('val');
  write('ue 1');
  expect(log.lines).toEqual(['value 1']);
  expect(await foundBy(found)).toBe(PENDING);
  write('23\r\nnext\n');
  expect(await foundBy(found)).toBe('value 123');
  expect(lines).toEqual(['value 123', 'next']);
  expect(log.lines).toEqual(['value 123', 'next']);
});

test('a wait that was given up takes no line', async () => {
  const { log, write } = logOf();
  const controller = new AbortController();
  const given = log.find(/ready/, controller.signal);
  controller.abort('enough');
  await expect(given).rejects.toBe('enough');
  write('ready 1\n');
  expect(await foundBy(log.find(/ready/))).toBe('ready');
});

test('a line without an end is found when the app waits, and its rest by the next call', async () => {
  const { log, lines, write } = logOf();
  const prompt = log.find(/Enter value: $/);
  write('Enter value: ');
  expect(await foundBy(prompt)).toBe(PENDING);
  log.pause();
  expect(await foundBy(prompt)).toBe('Enter value: ');
  expect(lines).toEqual([]);
  const again = log.find(/value/);
  expect(await foundBy(again)).toBe(PENDING);
  const echo = log.find(/^\d+$/);
  write('42\nvalue 2\n');
  expect(await foundBy(echo)).toBe('42');
  expect(await foundBy(again)).toBe('value');
  expect(log.lines).toEqual(['Enter value: 42', 'value 2']);
});

test('a prompt is found by who asks after it was written, once, and by all who wait', async () => {
  const { log, write } = logOf();
  write('before\n> ');
  log.pause();
  expect(await foundBy(log.find(/>/))).toBe('>');
  const [first, second] = [log.find(/b/), log.find(/a/)];
  write('ab');
  log.pause();
  expect([await foundBy(first), await foundBy(second)]).toEqual(['b', 'a']);
  const late = log.find(/./);
  write('\n');
  expect(await foundBy(late)).toBe(PENDING); // nothing is left of the line
  write('next\n');
  expect(await foundBy(late)).toBe('n');
});

test('a line of ours does not divide one of the app', async () => {
  const { log, lines, text, write } = logOf();
  write('Connecting ... ');
  log.pause();
  expect(await foundBy(log.find(/\.\.\. $/))).toBe('... ');
  log.note('refused');
  write('failed\n');
  expect(await foundBy(log.find(/refused/))).toBe('refused');
  expect(await foundBy(log.find(/.*/))).toBe('failed');
  expect(lines).toEqual(['[sphere-iot] refused', 'Connecting ... failed']);
  expect(text()).toBe('Connecting ... \n[sphere-iot] refused\nfailed\n');
});

test('the end of the app ends the line', async () => {
  const { log, lines, text, write } = logOf();
  write('no end');
  const found = log.find(/no end/);
  log.flush();
  expect(await foundBy(found)).toBe('no end');
  expect(lines).toEqual(['no end']);
  expect(text()).toBe('no end\n');
  log.flush();
  expect(lines).toEqual(['no end']);
});

test('a line without an end does not grow for ever', () => {
  const { log, write } = logOf();
  for (let i = 0; i < 100; i++) write('.'.repeat(1000));
  expect(log.lines.length).toBe(2);
  expect(log.lines.join('').length).toBe(100_000);
});

test('long lines are kept up to a number of characters, the newest of them', async () => {
  const log = new AppLog(new VirtualClock(), { unseen: new Unseen() });
  for (let number = 0; number < 2000; number++) log.write(Buffer.from(`${number} ${'x'.repeat(60_000)}\n`));
  const { lines } = log;
  const characters = lines.reduce((sum, line) => sum + line.length, 0);
  expect(characters).toBeLessThanOrEqual(16 * 1024 * 1024);
  // At least half of what there is room for.
  expect(characters).toBeGreaterThan(7 * 1024 * 1024);
  expect(lines.map((line) => parseInt(line))).toEqual(lines.map((_, index) => 2000 - lines.length + index));
  expect((await log.find(/^\d+ /))[0]).toBe(`${2000 - lines.length} `);
  expect((await log.find(/^1999 /))[0]).toBe('1999 ');
  // One that is longer than all may be is there as a whole.
  log.write(Buffer.from(`${'y'.repeat(17 * 1024 * 1024)}\n`));
  expect(log.lines.map((line) => line.length)).toEqual([17 * 1024 * 1024]);
  log.write(Buffer.from('short\n'));
  expect(log.lines).toEqual(['short']);
});

test('characters that two calls write, and lines that were let go', async () => {
  const { log, write } = logOf();
  const euro = Buffer.from('€');
  log.write(euro.subarray(0, 1));
  log.write(euro.subarray(1));
  write('\n');
  expect(log.lines).toEqual(['€']);
  for (let i = 0; i < 25_000; i++) write(`line ${i}\n`);
  expect(log.lines.at(-1)).toBe('line 24999');
  expect(await foundBy(log.find(/line \d+/))).toBe(`line ${25_000 - log.lines.length}`);
});

describe('an app', () => {
  let built: BuiltApp;

  beforeAll(async () => {
    built = await buildApp(path.join(__dirname, 'apps/cases/prompt'));
  });

  test.each([false, true])('that writes a prompt (isolated: %p)', async (isolate) => {
    const clock = new VirtualClock();
    let text = '';
    const app = await SphereApp.launch(built, { clock, isolate, onLogText: (more) => (text += more) });
    try {
      await app.log('several calls, one line');
      const start = clock.monotonic();
      await app.log(/value: $/);
      expect(clock.monotonic()).toBe(start); // before the app goes on
      expect(app.lines).toEqual(['several calls, one line', 'Enter value: ']);
      expect((await app.log(/\d+/))[0]).toBe('42');
      for (const second of [5, 6, 7]) {
        await app.log('.');
        expect(clock.monotonic() - start).toBe(second * 1000);
      }
      expect(await app.exitCode).toBe(0);
      expect(app.lines.slice(1)).toEqual(['Enter value: 42', '... done']);
      expect(text).toBe('several calls, one line\nEnter value: 42\n... done\n');
    } finally {
      app.close();
      await expectNoTimers(clock);
    }
  });
});
