// The recipe of docs/wire.md, as a user's suite: once to write the golden wire, then in another process to be compared with it.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(__dirname, '../..');
const run = promisify(execFile);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(root, 'build/wire-'));
  const text = await readFile(path.join(root, 'docs/wire.md'), 'utf8');
  await writeFile(path.join(folder, 'wire.test.js'), /```js\n(.*?)```/s.exec(text)?.[1] as string);
  const filter = (name: string): boolean => path.basename(name) !== 'build';
  await cp(path.join(root, 'examples/event-loop'), path.join(folder, 'app'), { recursive: true, filter });
  await cp(path.join(root, 'examples/hardware'), path.join(folder, 'hardware'), { recursive: true });
  await mkdir(path.join(folder, 'node_modules'));
  await symlink(root, path.join(folder, 'node_modules/sphere-iot'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What jest says. */
async function suite(env: Record<string, string> = {}): Promise<string> {
  const jest = path.join(root, 'node_modules/jest/bin/jest.js');
  const options = ['--config', JSON.stringify({ rootDir: folder, testEnvironment: 'node' }), '--silent'];
  const ended = await run(process.execPath, [jest, ...options], { cwd: folder, env: { ...process.env, ...env } }).catch(
    (error: unknown) => error as { stderr: string },
  );
  return ended.stderr;
}

test('a golden wire is the same in the next process, and one that was changed is told', async () => {
  expect(await suite({ UPDATE_WIRE: '1' })).toContain('1 passed');
  const golden = path.join(folder, 'golden.jsonl');
  expect(existsSync(golden)).toBe(true);
  const text = await readFile(golden, 'utf8');
  expect(await suite()).toContain('1 passed');
  // Nothing has changed, and so nothing changes in the file.
  expect(await suite({ UPDATE_WIRE: '1' })).toContain('1 passed');
  expect(await readFile(golden, 'utf8')).toBe(text);
  expect(text).toContain('21.0');
  await writeFile(golden, text.replace('21.0', '12.0'));
  const changed = await suite();
  expect(changed).toContain('1 failed');
  expect(changed).toContain('They first differ here');
});
