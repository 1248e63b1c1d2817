import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { useFolder } from '../../support/folder.js';

// A process has as many connections as it may have files open, and no more.

const MAIN = join(__dirname, '../../../dist/cjs/cli/main.js');
const HUB = 'contoso.azure-devices.net';
/** Files that the emulator may have open; Node and LevelDB take some 30 of them. */
const LIMIT = 80;

const folder = useFolder();

/** Resolves with whether it stays open, once the other side had time to close it. */
function connected(port: number): Promise<{ socket: Socket; isOpen: boolean }> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(false)));
  // TLS answers what is no handshake with an alert, so that one knows it was accepted.
  const answered = new Promise<boolean>((resolve) => socket.once('data', () => resolve(true)));
  socket.resume();
  socket.write('\x16\x03\x01\x00\x01');
  const idle = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 300));
  return Promise.race([closed, answered, idle]).then((isOpen) => ({ socket, isOpen }));
}

async function secure(port: number, ca: string): Promise<void> {
  const socket = connectTls({ host: '127.0.0.1', port, servername: HUB, ca });
  await once(socket, 'secureConnect');
  socket.destroy();
}

test('without a file descriptor for the next connection, the operator is told at once; then service goes on', async () => {
  const roots = folder.file('roots.pem');
  const args = [MAIN, 'emulate', '--json', '--state', folder.file('state'), '--trust-roots', roots];
  const command = ['-c', `ulimit -n ${LIMIT}; exec "$0" "$@"`, process.execPath, ...args];
  const child = spawn('sh', command, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const sockets: Socket[] = [];
  try {
    const said = createInterface({ input: child.stderr })[Symbol.asyncIterator]();
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const { port } = (JSON.parse(line.toString()) as { addresses: [{ port: number }] }).addresses[0];
    await secure(port, readFileSync(roots, 'utf8'));
    // All at once, many more than it can have.
    const all = await Promise.all(Array.from({ length: 2 * LIMIT }, () => connected(port)));
    sockets.push(...all.map(({ socket }) => socket));
    const open = all.filter(({ isOpen }) => isOpen).length;
    expect(open).toBeGreaterThan(20);
    expect(open).toBeLessThan(LIMIT);
    expect((await said.next()).value).toMatch(/^Connections are closed before a word, .*\(EMFILE\)\. Raise its limit/);
    for (const socket of sockets) socket.destroy();
    expect((await said.next()).value).toBe('There are file descriptors again: connections are accepted.');
    await secure(port, readFileSync(roots, 'utf8'));
    child.kill('SIGTERM');
    expect((await said.next()).done).toBe(true);
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    for (const socket of sockets) socket.destroy();
    await ended;
  }
});
