import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { locked } from '../../../src/app/build/lock.js';
import { useFolder } from '../../support/folder.js';
import { BUILD_TIME } from '../../support/limits.js';

const folder = useFolder();
const library = path.join(__dirname, '../../../dist/cjs/app/build/lock.js');

/** How often the section is entered, and after how many entries the process inside is killed. */
const ENTRIES = 150;
const DEATH_EVERY = 5;

/** Twelve loops in a process; each tells where another one, of whatever process, is in the section too. */
const contender = `
  const fs = require('node:fs');
  const { locked } = require(${JSON.stringify(library)});
  const section = async () => {
    try {
      fs.writeFileSync('inside', '', { flag: 'wx' });
    } catch {
      fs.appendFileSync('overlaps', 'x');
    }
    fs.appendFileSync('entries', '.');
    await new Promise((resolve) => setTimeout(resolve, 2));
    fs.rmSync('inside', { force: true });
    const { size } = fs.statSync('entries');
    if (size < ${ENTRIES} && size % ${DEATH_EVERY} === 0) process.kill(process.pid, 'SIGKILL');
    return size < ${ENTRIES};
  };
  const loop = async () => {
    while (await locked('the.lock', section));
  };
  for (let i = 0; i < 12; i++) setTimeout(loop, i);
`;

/** How a process ended: by its signal or with its exit code. */
function contend(): Promise<string | number | null> {
  const { path: cwd } = folder;
  const child = spawn(process.execPath, ['-e', contender], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
}

test(
  'many processes, of which one after the other is killed while it has the lock: never two at once',
  async () => {
    const seat = async (): Promise<string | number | null> => {
      let end = await contend();
      while (end === 'SIGKILL') end = await contend();
      return end;
    };
    expect(await Promise.all([seat(), seat(), seat(), seat()])).toEqual([0, 0, 0, 0]);
    expect(readFileSync(folder.file('entries')).length).toBeGreaterThanOrEqual(ENTRIES);
    expect(existsSync(folder.file('overlaps'))).toBe(false);
    expect(readdirSync(folder.path)).toEqual(['entries']);
  },
  BUILD_TIME,
);

test('one at a time in a process, also after one that failed; nothing is left', async () => {
  const lock = folder.file('new/lock');
  let order = '';
  const step = (name: string) => async () => {
    order += name;
    await new Promise((resolve) => setTimeout(resolve, 5));
    order += name;
  };
  await Promise.all([locked(lock, step('a')), locked(lock, step('b'))]);
  expect(['aabb', 'bbaa']).toContain(order);
  await expect(locked(lock, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  await locked(lock, step('c'));
  expect(order.slice(4)).toBe('cc');
  expect(readdirSync(folder.file('new'))).toEqual([]);
});

test('the claim of a process that is gone is nobody’s; files with like names are no claims, and stay', async () => {
  const gone = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(folder.file(`lock.${gone}.one`), '');
  // Files of others, which are no claims of this lock.
  writeFileSync(folder.file('lock.txt'), '');
  writeFileSync(folder.file('lock2.1.one'), '');
  await locked(folder.file('lock'), async () => {
    const [own, ...others] = readdirSync(folder.path).sort();
    expect(own).toMatch(new RegExp(`^lock\\.${process.pid}\\.`));
    expect(others).toEqual(['lock.txt', 'lock2.1.one']);
  });
});
