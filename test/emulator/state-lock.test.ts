import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { LocalAzure } from '../../src/emulator/index.js';

// The operating system's lock: no id of a process says who has a folder.

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sphere-iot-lock-'))));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const MODULE = join(__dirname, '../../dist/cjs/emulator/index.js');

/** A process that starts an emulator, and then says `started` or an error's code. */
async function holder(...around: readonly string[]): Promise<{ said: string; child: ChildProcess }> {
  const program = `require(${JSON.stringify(MODULE)}).LocalAzure.start({ state: ${JSON.stringify(folder)} })
    .then(() => setInterval(() => 0, 1000) && console.log('started ' + process.pid), (error) => console.log(error.code));`;
  const [command, ...args] = [...around, process.execPath, '-e', program] as unknown as [string, ...string[]];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { said: said.toString().trim(), child };
}

test('a folder that another process has is refused, with what to do', async () => {
  expect((await holder()).said).toMatch('started');
  await expect(LocalAzure.start({ state: folder })).rejects.toMatchObject({
    code: 'STATE_FOLDER_IN_USE',
    message: `The state in ${folder} is in use by another emulator: end that one, or choose another folder.`,
  });
});

test('after kill -9, the next start has it at once', async () => {
  const { child } = await holder();
  child.kill('SIGKILL');
  await once(child, 'close');
  await (await LocalAzure.start({ state: folder })).close();
});

test('two of which each is the first process of its container don’t both get it', async () => {
  const unshare = ['unshare', '--pid', '--fork', '--kill-child'];
  if (spawnSync(unshare[0]!, [...unshare.slice(1), 'true']).status !== 0)
    return console.warn('Not tested, as no pid namespace can be made here.');
  expect((await holder(...unshare)).said).toBe('started 1');
  expect((await holder(...unshare)).said).toBe('STATE_FOLDER_IN_USE');
});
