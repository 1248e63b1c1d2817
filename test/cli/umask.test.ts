// What the commands write where the umask takes nothing away: as programs of their own, of dist/ (`npm run build`).
import { spawnSync } from 'node:child_process';
import { cpSync, lstatSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { PROGRAM_TIME } from '../support/limits.js';
import { useFolder } from '../support/folder.js';

const MAIN = path.join(__dirname, '../../dist/cjs/cli/main.js');
const COUNTER = path.join(__dirname, 'counter');
const folder = useFolder();

/** Under umask 000. @returns What is there afterwards, with the modes, but for links. */
function run(...argv: string[]): Readonly<Record<string, string>> {
  const command = 'umask 000; exec "$@"';
  const { status, stderr } = spawnSync('sh', ['-c', command, 'sh', process.execPath, MAIN, ...argv], {
    cwd: folder.path,
    encoding: 'utf8',
    timeout: PROGRAM_TIME,
  });
  expect(status === 0 ? '' : stderr).toBe('');
  const names = (readdirSync(folder.path, { recursive: true }) as string[]).sort();
  const stats = names.map((name) => [name, lstatSync(folder.file(name))] as const);
  return Object.fromEntries(
    stats.filter(([, stat]) => !stat.isSymbolicLink()).map(([name, { mode }]) => [name, (mode & 0o777).toString(8)]),
  );
}

const changeable = (modes: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(modes).flatMap(([name, mode]) => ((parseInt(mode, 8) & 0o002) === 0 ? [] : [`${name} ${mode}`]));

test('a catalog and its devices', () => {
  run('catalog', 'create');
  const modes = run('device', 'claim');
  expect(changeable(modes)).toEqual([]);
  for (const [name, mode] of Object.entries(modes)) {
    if (/(^|\/)keys$/.test(name)) expect([name, mode]).toEqual([name, '700']);
    if (/keys\/|private-key/.test(name)) expect([name, mode]).toEqual([name, '600']);
  }
  expect(Object.keys(modes).filter((name) => /keys\//.test(name)).length).toBeGreaterThan(2);
});

test('an app that is built and run, its storage, its tests and a JUnit file', () => {
  cpSync(COUNTER, folder.file('app'), { recursive: true, filter: (name) => !name.endsWith('build') });
  run('init-tests', 'app');
  writeFileSync(folder.file('script'), 'wait 1s\n');
  const modes = run('run', 'app', '--script', 'script', '--junit', 'junit.xml', '--storage', 'storage');
  expect(changeable(modes)).toEqual([]);
  expect(modes).toMatchObject({ 'junit.xml': '644', storage: '700' });
});
