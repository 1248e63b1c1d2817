import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { HEADER, journalLine } from '../../src/emulator/state/journal.js';
import { WithBytes, type Codec } from '../../src/emulator/state/shelf.js';
import { StateFolder } from '../../src/emulator/state/state-folder.js';

// Whose files are they? The emulator removes and overwrites its own only.

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'sphere-iot-own-'));
  folder = join(parent, 'state');
});
afterEach(() => rmSync(parent, { recursive: true }));

const nameOf = (content: string): string => createHash('sha256').update(content).digest('hex');
const bytes: Codec<Buffer> = {
  encode: (value) => new WithBytes('bytes', value),
  decode: (value) => (value as WithBytes).bytes,
};

/** Files below the folder with their contents, by their paths. */
function contents(): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => lstatSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

function write(files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

async function startAndClose(): Promise<void> {
  await (await LocalAzure.start({ state: folder, clock: new VirtualClock() })).close();
}

describe('a folder that is somebody else’s', () => {
  test.each<[string, Record<string, string>, string]>([
    ['with documents', { 'mine.docx': 'x', 'b.txt': 'y' }, 'b.txt, mine.docx'],
    ['with a folder of its own named files', { 'files/mine.docx': 'x' }, 'files'],
    ['with files of an emulator, without its journal', { [`files/${nameOf('x')}`]: 'x' }, 'files'],
    ['with a temporary file of another program', { '.0123456789abcdef.tmp': 'x' }, '.0123456789abcdef.tmp'],
    ['beside the beginning of a journal', { 'state.jsonl': HEADER.slice(0, 5), mine: 'x' }, 'mine'],
  ])('%s: is refused, and stays as it is', async (_name, files, named) => {
    write(files);
    await expect(startAndClose()).rejects.toMatchObject({
      code: 'STATE_FOLDER_NOT_EMPTY',
      message: `${folder} is not empty (${named}) and holds no state of an emulator: choose a folder that is empty or not there yet.`,
    });
    expect(contents()).toEqual(files);
  });

  test.each<[string, Record<string, string>, string]>([
    [
      'state.jsonl with one line of text',
      { 'state.jsonl': 'my notes' },
      'state.jsonl, line 1: it does not say what the file is',
    ],
    [
      'state.jsonl of another program',
      { 'state.jsonl': '{"kind":"other"}\n' },
      'state.jsonl, line 1: it does not say what the file is',
    ],
    ['a lock of another program', { lock: 'node 17\n' }, "lock is no emulator's lock"],
    ['files that is no folder', { files: 'x' }, 'files is no folder itself, but a link or a file'],
  ])('%s: is named, and stays as it is', async (_name, files, what) => {
    write(files);
    const message = expect.stringContaining(join(folder, what));
    await expect(startAndClose()).rejects.toMatchObject({ code: 'STATE_FOLDER_DAMAGED', message });
    expect(contents()).toEqual(files);
  });

  test.each(['files', 'state.jsonl', 'lock'])('%s that is a symbolic link is not followed', async (name) => {
    await startAndClose();
    const elsewhere = join(parent, 'elsewhere');
    if (name === 'files') {
      mkdirSync(elsewhere);
      writeFileSync(join(elsewhere, nameOf('x')), 'x');
    } else writeFileSync(elsewhere, name === 'lock' ? '' : HEADER);
    rmSync(join(folder, name), { recursive: true, force: true });
    symlinkSync(elsewhere, join(folder, name));
    const message = expect.stringContaining(join(folder, name));
    await expect(startAndClose()).rejects.toMatchObject({ code: 'STATE_FOLDER_DAMAGED', message });
    expect(lstatSync(join(folder, name)).isSymbolicLink()).toBe(true);
    if (name === 'files') expect(readdirSync(elsewhere)).toEqual([nameOf('x')]);
    else expect(readFileSync(elsewhere, 'utf8')).toBe(name === 'lock' ? '' : HEADER);
  });
});

test.each<[string, Record<string, string>]>([
  ['nothing', {}],
  ['the lock of a process that is gone', { lock: '' }],
  [
    'a journal that was being made',
    { lock: '', '.0123456789abcdef.tmp': HEADER.slice(0, 7), 'lock.0123456789abcdef': '1\n' },
  ],
  ['what a file system makes', { 'lost+found/x': '' }],
])('a new folder with %s is taken', async (_name, files) => {
  mkdirSync(folder);
  write(files);
  await startAndClose();
  expect(Object.keys(contents())).toContain('state.jsonl');
  expect(Object.keys(contents())).not.toContain('.0123456789abcdef.tmp');
});

test('of a folder that is ours, what we wrote and no entry has is removed, and nothing else', async () => {
  const own = {
    // As the first version wrote it, letter for letter.
    'state.jsonl': `{"kind":"sphere-iot state","format":1}\n{"key":["uploads","a"],"value":"bytes","file":"${nameOf('kept')}"}\n`,
    [`files/${nameOf('kept')}`]: 'kept',
  };
  const foreign = {
    'files/mine.docx': 'x',
    [`files/${nameOf('y')}`]: 'a name like ours, with another content',
    'mine.txt': 'x',
    '.1111111111111111.tmp': 'no journal',
  };
  write({
    ...own,
    ...foreign,
    [`files/${nameOf('left')}`]: 'left',
    'files/.0123456789abcdef.tmp': 'a part',
    '.0123456789abcdef.tmp': own['state.jsonl'],
  });
  mkdirSync(join(folder, 'files', nameOf('a folder')));
  const state = await StateFolder.open(folder, new VirtualClock());
  const shelf = state.root.shelf('uploads', bytes);
  expect(shelf.entries()).toEqual([['a', Buffer.from('kept')]]);
  shelf.put('b', Buffer.from('y'));
  await state.close();
  const line = journalLine(['uploads', 'b'], 'bytes', nameOf('y'));
  // What we write under a name of ours is whole, whatever was there.
  expect(contents()).toEqual({
    ...own,
    ...foreign,
    'state.jsonl': own['state.jsonl'] + line,
    [`files/${nameOf('y')}`]: 'y',
  });
  expect(existsSync(join(folder, 'files', nameOf('a folder')))).toBe(true);
});

test('a file that another content took the place of is not removed with its entry', async () => {
  const state = await StateFolder.open(folder, new VirtualClock());
  const shelf = state.root.shelf('uploads', bytes);
  for (const id of ['a', 'b']) shelf.put(id, Buffer.from(id));
  await state.saved();
  writeFileSync(join(folder, 'files', nameOf('a')), 'mine');
  for (const id of ['a', 'b']) shelf.delete(id);
  await state.saved();
  await state.close();
  expect(readdirSync(join(folder, 'files'))).toEqual([nameOf('a')]);
});
