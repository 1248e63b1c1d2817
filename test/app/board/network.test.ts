// The sockets of apps. What runs in a thread is of dist/: `npm run build`.
import { createServer, type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type LaunchOptions } from '../../../src/app/index.js';
import { realClock } from '../../../src/clock/index.js';
import { codeOf } from '../../support/sphere.js';
import { useApp, useBuiltApp } from '../harness.js';

const built = useBuiltApp('apps/network');

const suite = useApp(built);
const { expectNoFailures, notes } = suite;

/** Starts a part of the app, and the servers that it finds. */
async function launch(part: string, options: LaunchOptions = {}): Promise<void> {
  await suite.launch(part, options);
  for (const name of ['echo.contoso.com', '10.1.2.3', '127.0.0.1'])
    suite.app.serve(name, 7, (stream) => void stream.pipe(stream));
  suite.app.serve('closed.contoso.com', 7, () => {
    throw Object.assign(new Error('closed'), { code: 'ECONNREFUSED' });
  });
  // Answers what it got, once that has come to its end.
  suite.app.serve('sink.contoso.com', 9, (stream) => {
    const received: Buffer[] = [];
    stream.on('data', (bytes: Buffer) => received.push(bytes));
    stream.on('end', () => stream.end(Buffer.concat(received)));
  });
  suite.app.serve('sink.contoso.com', 19, (stream) => stream.end('bye', () => stream.destroy()));
  for (const [name, port] of [
    ['echo.contoso.com', 123],
    ['127.0.0.1', 53],
  ] as const)
    suite.app.serveDatagrams(name, port, (datagram, send) => send(datagram.toString().toUpperCase()));
}

describe.each([
  ['in this thread', false],
  ['isolated', true],
])('%s', (_, isolate) => {
  test.each(['streams', 'large', 'timeouts', 'names', 'options', 'loopback', 'broken-pipe'])('%s', async (part) => {
    await launch(part, { isolate });
    await expectNoFailures();
    expect(notes()).toEqual([]);
  });

  test('what is refused says why in the log', async () => {
    await launch('refusals', { isolate });
    await expectNoFailures();
    expect(notes()).toEqual([
      expect.stringContaining("The manifest's capability AllowedConnections does not list other.contoso.com"),
      expect.stringContaining("The manifest's capability AllowedConnections does not list 10.9.9.9"),
      expect.stringContaining("nowhere.contoso.com:7 can't be reached"),
    ]);
    await launch('binding', { isolate });
    await expectNoFailures();
    expect(notes()).toEqual([
      expect.stringContaining('capability AllowedTcpServerPorts does not list 80: bind fails with EACCES'),
      expect.stringContaining('capability AllowedUdpServerPorts does not list 8080: bind fails with EACCES'),
    ]);
  });

  test('the interfaces', async () => {
    await launch('interfaces', { isolate });
    await expectNoFailures();
    expect(suite.app.lines.slice(0, -1)).toEqual([
      'lo 00:00:00:00:00:00 running',
      'lo 127.0.0.1/255.0.0.0 running',
      'wlan0 02:00:00:00:01:00 running',
      'wlan0 192.168.1.2/255.255.255.0 running',
      'eth0 02:00:00:00:01:01',
    ]);
    await launch('interfaces', { isolate, wifi: { accessPoints: [] } });
    await expectNoFailures();
    expect(suite.app.lines).toContain('wlan0 02:00:00:00:01:00');
  });

  test('a server that a test connects to', async () => {
    await launch('server', { isolate });
    await suite.app.log('listening');
    const stream = suite.app.connect(8080);
    const answer = buffer(stream);
    stream.end('ping');
    expect((await suite.clock.runUntil(answer)).toString()).toBe('pongbye');
    const second = suite.app.connect(8080);
    await expectNoFailures();
    expect((await buffer(second)).toString()).toBe('');
    expect(await codeOf(() => suite.app.connect(8080))).toBe('APP_ENDED');
  });

  test('a server in an event loop', async () => {
    await launch('event-loop', { isolate });
    await suite.app.log('listening');
    const stream = suite.app.connect(8080);
    const answers = buffer(stream);
    stream.write('one');
    await suite.app.log('got one');
    stream.end('two');
    await expectNoFailures();
    expect((await answers).toString()).toBe('onetwo');
  });

  test('datagrams', async () => {
    await launch('datagrams', { isolate });
    await suite.app.log('bound');
    const answer = new Promise<Buffer>((resolve) => suite.app.sendDatagram(5000, 'hello', resolve));
    expect((await suite.clock.runUntil(answer)).toString()).toBe('answer');
    await expectNoFailures();
    expect(notes()).toEqual([
      expect.stringContaining('AllowedConnections does not list other.contoso.com'),
      expect.stringContaining('A datagram to sink.contoso.com:123 is lost'),
      expect.stringContaining('A datagram to 127.0.0.1:54 is lost: the app has no socket there.'),
    ]);
    expect(await codeOf(() => suite.app.sendDatagram(5000, 'late'))).toBe('APP_ENDED');
  });

  test('without a network', async () => {
    await launch('offline', { isolate, networkReady: () => false });
    await expectNoFailures();
  });

  test('a write to a closed connection ends the app, unless it ignores SIGPIPE', async () => {
    await launch('killed', { isolate });
    expect(await suite.app.exitCode).toBe(128 + 13);
    expect(suite.app.lines).toEqual([expect.stringContaining('SIGPIPE ends it')]);
  });

  test('a signal interrupts; what was sent arrives after the end', async () => {
    await launch('interrupted', { isolate });
    let received!: Promise<Buffer>;
    suite.app.serve('echo.contoso.com', 7, (stream) => {
      received = buffer(stream);
    });
    await suite.app.log('reading');
    suite.app.signal('SIGUSR1');
    await expectNoFailures();
    expect((await suite.clock.runUntil(received)).toString()).toBe('left');
  });
});

// In a thread these two may look only after all has happened.
test.each(['nonblocking', 'full'])('%s', async (part) => {
  await launch(part);
  await expectNoFailures();
});

test('servers outside this process, in real time', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const resolve = () => ({ kind: 'tcp', host: '127.0.0.1', port }) as const;
    await suite.launch('streams', { clock: realClock, cloud: { resolve, trustRoots: '' } });
    await expectNoFailures();
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test('what a server throws without a code of the network refuses the connection, and `close` tells of it', async () => {
  await launch('streams');
  suite.app.serve('echo.contoso.com', 7, () => {
    throw new Error('a mistake in the test');
  });
  await suite.clock.advance(1000);
  expect(() => suite.app.close()).toThrow('a mistake in the test');
});

test('a device without a network has no servers', async () => {
  let ready = true;
  await launch('server', { networkReady: () => ready });
  await suite.app.log('listening');
  ready = false;
  expect(() => suite.app.connect(8080)).toThrow('The device has no network.');
});
