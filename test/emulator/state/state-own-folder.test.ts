import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { VirtualClock } from '../../../src/clock/index.js';
import { LocalAzure } from '../../../src/emulator/index.js';
import { JOURNAL_HEADER } from '../../../src/emulator/state/journal.js';
import { MARKER_CONTENT } from '../../../src/emulator/state/own-folder.js';
import { WithBytes, type Codec } from '../../../src/emulator/state/store.js';
import { StateFolder } from '../../../src/emulator/state/state-folder.js';
import { useFolder } from '../../support/folder.js';

// Whose files are they? The emulator removes and overwrites its own only.

const base = useFolder();

const nameOf = (content: string): string => createHash('sha256').update(content).digest('hex');
const bytes: Codec<Buffer> = {
  encode: (value) => new WithBytes('bytes', value),
  decode: (value) => (value as WithBytes).bytes,
  fits: () => true,
};

/** Files below the folder with their contents, by their paths. */
function contents(): Record<string, string> {
  const paths = readdirSync(base.file('state'), { recursive: true, encoding: 'utf8' }).sort();
  const files = paths.filter((path) => lstatSync(join(base.file('state'), path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(base.file('state'), path), 'utf8')]));
}

function write(files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(base.file('state'), path, '..'), { recursive: true });
    writeFileSync(join(base.file('state'), path), content);
  }
}

async function startAndClose(): Promise<void> {
  await (await LocalAzure.start({ state: base.file('state'), clock: new VirtualClock() })).close();
}

describe('a folder that is somebody else’s', () => {
  test.each<[string, Record<string, string>, string]>([
    ['with documents', { 'mine.docx': 'x', 'b.txt': 'y' }, 'b.txt, mine.docx'],
    ['with a folder of its own named files', { 'files/mine.docx': 'x' }, 'files'],
    ['with files of an emulator, without its journal', { [`files/${nameOf('x')}`]: 'x' }, 'files'],
    ['with a temporary file of another program', { '.0123456789abcdef.tmp': 'x' }, '.0123456789abcdef.tmp'],
    ['beside the beginning of a journal', { 'state.jsonl': JOURNAL_HEADER.slice(0, 5), mine: 'x' }, 'mine'],
    ['with a folder of its own named store', { 'store/mine.docx': 'x' }, 'store'],
    ...[
      '000001.log',
      '000007.ldb',
      '000001.sst',
      '000003.dbtmp',
      'LOG',
      'LOG.old',
      'LOCK',
      'CURRENT',
      'MANIFEST-000009',
      'sphere-iot',
    ].map((name): [string, Record<string, string>, string] => [
      `with a file of its own named store/${name}`,
      { [`store/${name}`]: 'mine' },
      'store',
    ]),
    [
      'with a store that we did not begin, beside an empty file of the name of ours',
      { 'store/sphere-iot': '', 'store/000001.log': 'mine' },
      'store',
    ],
    [
      'in the old format, with a folder of its own named store',
      { 'state.jsonl': JOURNAL_HEADER, 'store/000001.log': 'mine' },
      'store',
    ],
  ])('%s: is refused, and stays as it is', async (_name, files, named) => {
    write(files);
    await expect(startAndClose()).rejects.toMatchObject({
      code: 'STATE_FOLDER_NOT_EMPTY',
      message: `${base.file('state')} is not empty (${named}) and holds no state of an emulator: choose a folder that is empty or not there yet.`,
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
    ['a lock of another program', { lock: 'node 17\n' }, "lock: it is no emulator's lock"],
    ['files that is no folder', { files: 'x' }, 'files: it is no folder itself, but a link or a file'],
    ['store that is no folder', { store: 'x' }, 'store: it is no folder itself, but a link or a file'],
    [
      'state.json of another program',
      { 'state.json': '{}' },
      'state.json: it is something else than what an emulator writes',
    ],
  ])('%s: is named, and stays as it is', async (_name, files, what) => {
    write(files);
    const message = expect.stringContaining(join(base.file('state'), what));
    await expect(startAndClose()).rejects.toMatchObject({ code: 'STATE_FOLDER_DAMAGED', message });
    expect(contents()).toEqual(files);
  });

  test.each(['files', 'state.jsonl', 'state.json', 'store'])(
    '%s that is a symbolic link is not followed',
    async (name) => {
      const isFolder = name === 'files' || name === 'store';
      const content = name === 'state.json' ? MARKER_CONTENT : JOURNAL_HEADER;
      const elsewhere = base.file('elsewhere');
      if (isFolder) {
        mkdirSync(elsewhere);
        writeFileSync(join(elsewhere, nameOf('x')), 'x');
      } else writeFileSync(elsewhere, content);
      mkdirSync(base.file('state'));
      symlinkSync(elsewhere, join(base.file('state'), name));
      const message = expect.stringContaining(join(base.file('state'), name));
      await expect(startAndClose()).rejects.toMatchObject({ code: 'STATE_FOLDER_DAMAGED', message });
      expect(lstatSync(join(base.file('state'), name)).isSymbolicLink()).toBe(true);
      if (isFolder) expect(readdirSync(elsewhere)).toEqual([nameOf('x')]);
      else expect(readFileSync(elsewhere, 'utf8')).toBe(content);
    },
  );

  test('store/sphere-iot that is a link to nowhere is not followed', async () => {
    mkdirSync(join(base.file('state'), 'store'), { recursive: true });
    symlinkSync(base.file('elsewhere'), join(base.file('state'), 'store/sphere-iot'));
    await expect(startAndClose()).rejects.toMatchObject({ code: 'STATE_FOLDER_NOT_EMPTY' });
    expect(readdirSync(base.path)).toEqual(['state']);
  });

  test('with a LevelDB database of another program: is refused, and stays as it is', async () => {
    const { ClassicLevel } = await import('classic-level');
    mkdirSync(base.file('state'));
    const open = async () => {
      const theirs = new ClassicLevel(join(base.file('state'), 'store'));
      await theirs.open();
      return theirs;
    };
    const before = await open();
    await before.put('mine', 'x');
    await before.close();
    await expect(startAndClose()).rejects.toMatchObject({ code: 'STATE_FOLDER_NOT_EMPTY' });
    const after = await open();
    expect(await after.iterator().all()).toEqual([['mine', 'x']]);
    await after.close();
  });
});

test.each<[string, Record<string, string>]>([
  ['nothing', {}],
  ['the lock of a process that is gone', { lock: '' }],
  [
    'a journal that was being made',
    { lock: '', '.0123456789abcdef.tmp': JOURNAL_HEADER.slice(0, 7), 'lock.0123456789abcdef': '1\n' },
  ],
  ['what a file system makes', { 'lost+found/x': '' }],
  ['an empty store', { 'store/sphere-iot': '' }],
  ['a store that was being marked', { 'store/sphere-iot': MARKER_CONTENT.slice(0, 7) }],
  [
    'a store that LevelDB was making',
    {
      'store/sphere-iot': MARKER_CONTENT,
      'store/LOG': '',
      'store/LOCK': '',
      'store/000001.dbtmp': 'MANIFEST-000001\n',
    },
  ],
])('a new folder with %s is taken', async (_name, files) => {
  mkdirSync(base.file('state'));
  write(files);
  await startAndClose();
  expect(Object.keys(contents())).toContain('state.json');
  expect(Object.keys(contents())).not.toContain('.0123456789abcdef.tmp');
});

test('of a folder in the old format, what we wrote is removed once it is converted, and nothing else', async () => {
  const own = {
    // As the first version wrote it, letter for letter.
    'state.jsonl': `{"kind":"sphere-iot state","format":1}\n{"key":["uploads","a"],"value":"bytes","file":"${nameOf('kept')}"}\n`,
    [`files/${nameOf('kept')}`]: 'kept',
    lock: '17\n',
    [`files/${nameOf('left')}`]: 'left',
    'files/.0123456789abcdef.tmp': 'a part',
    '.0123456789abcdef.tmp': JOURNAL_HEADER,
  };
  const foreign = {
    'files/mine.docx': 'x',
    [`files/${nameOf('y')}`]: 'a name like ours, with another content',
    'mine.txt': 'x',
    '.1111111111111111.tmp': 'no journal',
  };
  write({ ...own, ...foreign });
  mkdirSync(join(base.file('state'), 'files', nameOf('a folder')));
  const state = await StateFolder.open(base.file('state'), new VirtualClock());
  expect(state.root.collection('uploads', bytes).entries()).toEqual([['a', Buffer.from('kept')]]);
  await state.accept();
  await state.close();
  const left = Object.fromEntries(Object.entries(contents()).filter(([path]) => !path.startsWith('store/')));
  expect(left).toEqual({ ...foreign, 'state.json': expect.stringContaining(MARKER_CONTENT) });
  expect(existsSync(join(base.file('state'), 'files', nameOf('a folder')))).toBe(true);
});

describe('a file that is longer than any string', () => {
  const HUGE = 700_000_000;
  const grow = (name: string): void => truncateSync(join(base.file('state'), name), HUGE);

  test('state.json of nothing but zeros is damaged', async () => {
    write({ 'state.json': '' });
    grow('state.json');
    const message = expect.stringContaining(`${join(base.file('state'), 'state.json')}: it is something else`);
    await expect(startAndClose()).rejects.toMatchObject({ code: 'STATE_FOLDER_DAMAGED', message });
  });

  test('of state.json, what is behind its lines does not count', async () => {
    await startAndClose();
    grow('state.json');
    await startAndClose();
  });

  test.each([
    ['header', '', 1],
    ['entry', `${JOURNAL_HEADER}{"key":["s","a"],"value":1}\n{"key":["s","b"],"value":"`, 3],
  ])('a line of state.jsonl is damaged: the %s', async (_name, content, line) => {
    write({ 'state.jsonl': content });
    grow('state.jsonl');
    const message = expect.stringContaining(
      `${join(base.file('state'), 'state.jsonl')}, line ${line}: it has more than`,
    );
    await expect(startAndClose()).rejects.toMatchObject({ code: 'STATE_FOLDER_DAMAGED', message });
    expect(lstatSync(join(base.file('state'), 'state.jsonl')).size).toBe(HUGE);
  });

  test('bytes of an upload that are not those that were written are not taken into memory', async () => {
    const name = nameOf('kept');
    write({
      'state.jsonl': `${JOURNAL_HEADER}{"key":["uploads","a"],"value":"bytes","file":"${name}"}\n`,
      [`files/${name}`]: 'kept',
    });
    grow(`files/${name}`);
    const before = process.resourceUsage().maxRSS;
    const message = expect.stringContaining('holds something else than was written');
    await expect(startAndClose()).rejects.toMatchObject({ code: 'STATE_FOLDER_DAMAGED', message });
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(HUGE / 2 / 1024);
  });
});

test('where the umask is 0, nobody but the owner gets at anything', async () => {
  const before = process.umask(0);
  try {
    await startAndClose();
    chmodSync(join(base.file('state'), 'store'), 0o777);
    await startAndClose();
  } finally {
    process.umask(before);
  }
  const open = ['.', ...readdirSync(base.file('state'), { recursive: true, encoding: 'utf8' })].filter(
    (path) => (lstatSync(join(base.file('state'), path)).mode & 0o077) !== 0,
  );
  expect(open).toEqual([]);
});

test('what is put into a folder that is ours stays, whatever its name', async () => {
  await startAndClose();
  const foreign = { 'state.jsonl': 'mine', lock: 'mine', [`files/${nameOf('x')}`]: 'x' };
  write(foreign);
  await startAndClose();
  expect(contents()).toMatchObject(foreign);
});
