import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { VirtualClock } from '../../../src/clock/index.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import { JOURNAL_HEADER, readJournal } from '../../../src/emulator/state/journal.js';
import type { WithBytes } from '../../../src/emulator/state/store.js';
import { StateFolder } from '../../../src/emulator/state/state-folder.js';
import { useFolder } from '../../support/folder.js';

// A folder as versions before kept their state: it is converted at its first start.

const folder = useFolder();
beforeEach(() => {
  mkdirSync(folder.file('state'));
});
const journal = (): string => join(folder.file('state'), 'state.jsonl');
const line = (key: readonly string[], value?: unknown, file?: string): string =>
  `${JSON.stringify({ key, value, file })}\n`;
const nameOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

function writeJournal(...lines: readonly string[]): void {
  writeFileSync(journal(), [JOURNAL_HEADER, ...lines].join(''));
}

/** Takes the entries of a collection. */
async function entriesOf<T>(name: string, take: (entries: readonly (readonly [string, unknown])[]) => T): Promise<T> {
  const state = await StateFolder.open(folder.file('state'), new VirtualClock());
  try {
    const taken = take(state.root.collection<unknown>(name).entries());
    await state.accept();
    return taken;
  } finally {
    await state.close();
  }
}

test('the last line of a key counts, in the order in which they came, with the bytes beside them', async () => {
  const bytes = Buffer.from('\0 bytes\n of a file');
  mkdirSync(join(folder.file('state'), 'files'));
  writeFileSync(join(folder.file('state'), 'files', nameOf(bytes)), bytes);
  writeJournal(
    line(['s', 'z'], 1),
    line(['s', 'gone'], 'x', nameOf(Buffer.from('a file that was removed with its entry'))),
    line(['s', 'moved'], 1),
    line(['s', 'a'], { text: 'ü\u2028' }),
    line(['s', 'gone']),
    line(['s', 'moved']),
    line(['s', 'z'], 2),
    line(['s', 'file'], 'first', nameOf(bytes)),
    line(['s', 'moved'], 3),
    '{"key":["s","torn"],"val',
  );
  const expected = [
    ['z', 2],
    ['a', { text: 'ü\u2028' }],
    ['file', 'first', bytes],
    ['moved', 3],
  ];
  const shown = (entries: readonly (readonly [string, unknown])[]): unknown =>
    entries.map(([id, value]) =>
      id === 'file' ? [id, (value as WithBytes).value, (value as WithBytes).bytes] : [id, value],
    );
  expect(await entriesOf('s', shown)).toEqual(expected);
  expect(existsSync(journal())).toBe(false);
  expect(await entriesOf('s', shown)).toEqual(expected);
});

test('lines longer than what is read at once, and many in one, come as they are', async () => {
  const bodies = [1, 2, 70_000, 3, 200_000, 0].map((length) => 'ü'.repeat(length));
  writeJournal(...bodies.map((body, index) => line(['s', String(index)], body)));
  const seen: unknown[] = [];
  for await (const { value, line: number } of readJournal(journal())) seen.push([number, value]);
  expect(seen).toEqual(bodies.map((body, index) => [index + 2, body]));
});

test.each<[string, number, readonly string[]]>([
  ['no JSON', 2, ['x\n']],
  ['a line without a key', 3, [line(['s', 'a'], 1), '{}\n']],
  ['a file that is not there', 2, [line(['s', 'a'], 1, nameOf(Buffer.from('x')))]],
  ['a file of another folder', 2, [line(['s', 'a'], 1, '../../x')]],
])('%s: file and line are named, and the old state stays', async (_name, number, lines) => {
  writeJournal(...lines);
  const before = readFileSync(journal(), 'utf8');
  for (let times = 0; times < 2; times++)
    await expect(LocalAzure.start({ state: folder.file('state') })).rejects.toMatchObject({
      code: 'STATE_FOLDER_DAMAGED',
      message: expect.stringContaining(`${journal()}, line ${number}: `),
    });
  expect(readFileSync(journal(), 'utf8')).toBe(before);
  writeJournal(line(['s', 'a'], 1));
  expect(await entriesOf('s', (entries) => entries)).toEqual([['a', 1]]);
});

test.each<[string, string]>([
  ['a device', line(['hubs', 'contoso.azure-devices.net', 'devices', 'a'], { deviceId: 'a' })],
  ['an enrollment', line(['dps', 'enrollments', 'a'], { registrationId: 5 })],
  ['a blob without its bytes', line(['storage', 'blobs', 'a/b'], {})],
  ['the root of the server certificates', line(['serverRoot', 'root'], 'x')],
])('%s of a wrong type: the key is named, and the old state stays, until it is mended', async (_name, wrong) => {
  const bytes = Buffer.from('bytes');
  mkdirSync(join(folder.file('state'), 'files'));
  writeFileSync(join(folder.file('state'), 'files', nameOf(bytes)), bytes);
  writeFileSync(join(folder.file('state'), 'lock'), '');
  writeJournal(line(['s', 'file'], 1, nameOf(bytes)), wrong);
  const before = readFileSync(journal());
  const { key } = JSON.parse(wrong) as { key: unknown };
  for (let times = 0; times < 2; times++)
    await expect(LocalAzure.start({ state: folder.file('state'), clock: new VirtualClock() })).rejects.toMatchObject({
      code: 'STATE_FOLDER_DAMAGED',
      message: expect.stringContaining(`${journal()}, entry ${JSON.stringify(key)}: `),
    });
  expect(readFileSync(journal())).toEqual(before);
  expect(readdirSync(join(folder.file('state'), 'files'))).toEqual([nameOf(bytes)]);
  expect(readdirSync(folder.file('state')).sort()).toEqual(['files', 'lock', 'state.jsonl', 'store']);
  writeJournal(line(['s', 'file'], 1, nameOf(bytes)));
  await (await LocalAzure.start({ state: folder.file('state'), clock: new VirtualClock() })).close();
  expect(readdirSync(folder.file('state')).sort()).toEqual(['state.json', 'store']);
  expect(await entriesOf('s', (entries) => entries.length)).toBe(1);
});

test('a newer format is left alone', async () => {
  writeFileSync(journal(), JOURNAL_HEADER.replace('1', '3'));
  await expect(LocalAzure.start({ state: folder.file('state') })).rejects.toMatchObject({ code: 'STATE_FOLDER_NEWER' });
});

test.each(['-1', '0', '0.5', '1.5', '1e300', '"1"', 'null', '[1]'])('a format of %s is damage', async (format) => {
  writeFileSync(journal(), JOURNAL_HEADER.replace('1', format));
  await expect(LocalAzure.start({ state: folder.file('state') })).rejects.toMatchObject({
    code: 'STATE_FOLDER_DAMAGED',
    message: expect.stringContaining(`${journal()}, line 1: it does not say what the file is`),
  });
});

test.each<[string, (file: string) => void]>([
  ['a link', (file) => symlinkSync('/etc/passwd', file)],
  ['a pipe', (file) => execFileSync('mkfifo', [file])],
  ['a folder', (file) => mkdirSync(file)],
  ['something else', (file) => writeFileSync(file, 'other')],
])('%s in the place of a file with bytes is refused, and not read', async (_, make) => {
  const bytes = Buffer.from('bytes');
  mkdirSync(join(folder.file('state'), 'files'));
  make(join(folder.file('state'), 'files', nameOf(bytes)));
  writeJournal(line(['s', 'file'], 1, nameOf(bytes)));
  await expect(LocalAzure.start({ state: folder.file('state') })).rejects.toMatchObject({
    code: 'STATE_FOLDER_DAMAGED',
    message: expect.stringContaining(nameOf(bytes)),
  });
  expect(existsSync(journal())).toBe(true);
});

test('a kill at any moment of it loses nothing', async () => {
  const count = 3000;
  const bytes = Buffer.alloc(3_000_000, 7);
  mkdirSync(join(folder.file('state'), 'files'));
  writeFileSync(join(folder.file('state'), 'files', nameOf(bytes)), bytes);
  const entries = Array.from({ length: count }, (_, index) => line(['s', String(index)], 'x'.repeat(5000)));
  writeJournal(...entries, line(['s', 'file'], 1, nameOf(bytes)));
  const module = join(__dirname, '../../../dist/cjs/emulator/state/state-folder.js');
  const program = `console.log(1);require(${JSON.stringify(module)}).StateFolder.open(${JSON.stringify(folder.file('state'))}, { hold: () => () => {} }).then((state) => state.accept())`;
  for (let delay = 0; existsSync(journal()) && delay < 1000; delay += 40) {
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    // It may come to its end by itself.
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, delay));
    child.kill('SIGKILL');
    await closed;
  }
  expect(await entriesOf('s', (all) => all.length)).toBe(count + 1);
});
