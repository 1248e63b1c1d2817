import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { LocalAzure } from '../../../src/emulator/index.js';
import { testWithMount } from '../../support/small-disk.js';
import { World } from '../support.js';
import { useFolder } from '../../support/folder.js';

// The operating system's lock: no id of a process says who has a folder.

const children: ChildProcess[] = [];
let world: World | undefined;
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await world?.azure.close().catch(() => undefined);
  world = undefined;
});
const own = useFolder();

const MODULE = join(__dirname, '../../../dist/cjs/emulator/index.js');
const lock = (): string => join(own.file('state'), 'store/LOCK');
const start = (path: string): string =>
  `require(${JSON.stringify(MODULE)}).LocalAzure.start({ state: ${JSON.stringify(path)} })`;

/** A process that starts an emulator, and then says `started` or an error's code. */
async function holder(...around: readonly string[]): Promise<{ said: string; child: ChildProcess }> {
  const program = `${start(own.file('state'))}
    .then(() => setInterval(() => 0, 1000) && console.log('started ' + process.pid), (error) => console.log(error.code));`;
  const [command, ...args] = [...around, process.execPath, '-e', program] as unknown as [string, ...string[]];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { said: said.toString().trim(), child };
}

/** A thread that does the same. */
async function threadOn(path: string): Promise<string> {
  const program = `const { parentPort } = require('node:worker_threads');
    ${start(path)}.then(() => parentPort.postMessage('started'), (error) => parentPort.postMessage(error.code));`;
  const worker = new Worker(program, { eval: true });
  const [said] = (await once(worker, 'message')) as [string];
  await worker.terminate();
  return said;
}

/** What `unshare` can make; where it can't, the test is counted as skipped. */
function testWithNamespace(...options: readonly string[]): typeof test {
  return spawnSync('unshare', [...options, 'true']).status === 0 ? test : test.skip;
}

const PIDS = ['--pid', '--fork', '--kill-child'];
/** A network of its own is what a container has, too: nobody there sees the names of sockets here. */
const NETWORK = ['--net'];

test('a folder that another process has is refused, with what to do', async () => {
  expect((await holder()).said).toMatch('started');
  await expect(LocalAzure.start({ state: own.file('state') })).rejects.toMatchObject({
    code: 'STATE_FOLDER_IN_USE',
    message: `The state in ${own.file('state')} is in use by another emulator: end that one, or choose another folder.`,
  });
});

test('after kill -9, the next start has it at once', async () => {
  const { child } = await holder();
  child.kill('SIGKILL');
  await once(child, 'close');
  await (await LocalAzure.start({ state: own.file('state') })).close();
});

testWithNamespace(...PIDS)('two of which each is the first process of its container don’t both get it', async () => {
  expect((await holder('unshare', ...PIDS)).said).toBe('started 1');
  expect((await holder('unshare', ...PIDS)).said).toBe('STATE_FOLDER_IN_USE');
});

testWithNamespace(...NETWORK)('nor do two with networks of their own', async () => {
  expect((await holder('unshare', ...NETWORK)).said).toMatch('started');
  expect((await holder('unshare', ...NETWORK)).said).toBe('STATE_FOLDER_IN_USE');
});

describe('in one process', () => {
  testWithNamespace(...NETWORK)('a second start is refused, and lets no other process in', async () => {
    world = await World.create({ state: own.file('state') });
    await expect(LocalAzure.start({ state: own.file('state') })).rejects.toMatchObject({ code: 'STATE_FOLDER_IN_USE' });
    expect((await holder('unshare', ...NETWORK)).said).toBe('STATE_FOLDER_IN_USE');
  });

  test('another thread is refused, and lets no other process in', async () => {
    world = await World.create({ state: own.file('state') });
    expect(await threadOn(own.file('state'))).toBe('STATE_FOLDER_IN_USE');
    expect((await holder()).said).toBe('STATE_FOLDER_IN_USE');
  });

  test('a thread that ends without a word gives it back', async () => {
    expect(await threadOn(own.file('state'))).toBe('started');
    await (await LocalAzure.start({ state: own.file('state') })).close();
  });

  testWithMount.each(['state', '.'])('another thread is refused by a second mount of %s', async (mounted) => {
    const mount = own.file('mount');
    mkdirSync(mount);
    mkdirSync(own.file('state'));
    expect(spawnSync('mount', ['--bind', own.file(mounted), mount]).status).toBe(0);
    try {
      world = await World.create({ state: own.file('state') });
      const path = mounted === '.' ? join(mount, 'state') : mount;
      expect(await threadOn(path)).toBe('STATE_FOLDER_IN_USE');
      await expect(LocalAzure.start({ state: path })).rejects.toMatchObject({ code: 'STATE_FOLDER_IN_USE' });
    } finally {
      await world?.azure.close();
      spawnSync('umount', ['-l', mount]);
    }
  });
});

describe('whose file is removed while an emulator runs', () => {
  const events = 'devices/a/messages/events/';
  const bodies = (): readonly string[] =>
    world!.hub
      .device('a')
      .receivedTelemetry()
      .map(({ body }) => body.toString());
  const stateEvents = (): readonly string[] =>
    world!.azure.events().flatMap(({ type }) => (type.startsWith('state') ? [type] : []));
  const stateEvent = (type: string): Promise<unknown> =>
    world!.azure.nextEvent((event) => event.type === type, { timeout: Infinity });

  async function online() {
    world = await World.create({ state: own.file('state') });
    const client = await world.online(await world.device('a'));
    client.publish(events, 'before', 1);
    await client.next('puback');
    return client;
  }

  test('no other process gets in', async () => {
    await online();
    rmSync(lock());
    expect((await holder()).said).toBe('STATE_FOLDER_IN_USE');
  });

  test.each<[string, () => void]>([
    ['removed', () => rmSync(lock())],
    [
      'replaced',
      () => {
        rmSync(lock());
        writeFileSync(lock(), '');
      },
    ],
  ])('nothing is confirmed any more; it takes the lock again by itself: %s', async (_name, act) => {
    const client = await online();
    act();
    client.publish(events, 'unconfirmed', 1);
    await expect(client.next('puback')).rejects.toThrow('closed before puback');
    await expect(world!.azure.saved()).rejects.toMatchObject({
      code: 'STATE_LOCK_LOST',
      message: expect.stringMatching(
        /^The file store\/LOCK in .* was removed or replaced .* let nobody remove that file\.$/,
      ),
    });
    await stateEvent('stateWritten');
    expect(existsSync(lock())).toBe(true);
    expect(stateEvents()).toEqual(['stateNotWritten', 'stateWritten']);
    await world!.azure.close();
    world = await World.create({ state: own.file('state') });
    expect(bodies()).toEqual(['before', 'unconfirmed']);
  });

  testWithNamespace(...NETWORK)('another container gets in; from then on the first one confirms nothing', async () => {
    const client = await online();
    rmSync(lock());
    const { said, child } = await holder('unshare', ...NETWORK);
    expect(said).toMatch('started');
    client.publish(events, 'unconfirmed', 1);
    await expect(client.next('puback')).rejects.toThrow('closed before puback');
    // It tries once more, in vain, and does not harm the other one's.
    await expect(world!.azure.close()).rejects.toMatchObject({ code: 'STATE_LOCK_LOST' });
    expect(stateEvents()).toEqual(['stateNotWritten']);
    child.kill('SIGKILL');
    await once(child, 'close');
    world = await World.create({ state: own.file('state') });
    expect(bodies()).toEqual(['before']);
  });
});
