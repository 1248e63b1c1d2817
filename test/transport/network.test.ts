// Connections through a network that fails: in the process and over TCP.
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { realClock, VirtualClock, type Clock } from '../../src/clock/index.js';
import { Network, openStream } from '../../src/transport/index.js';
import { lookUp } from '../../src/transport/open-stream.js';
import { codeOf, expectNoTimers } from '../support/sphere.js';

const RETRANSMISSION_LIMIT = 924_600;

let clock: VirtualClock;
let network: Network;
let ready: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  ready = true;
  network = new Network({ clock, ready: () => ready });
});

afterEach(async () => {
  network.close();
  await expectNoTimers(clock);
});

interface Watched {
  readonly stream: Duplex;
  /** What it got: texts, `end`, `close` and codes of errors. */
  readonly got: string[];
}

function watched(stream: Duplex): Watched {
  const got: string[] = [];
  stream.on('data', (bytes: Buffer) => got.push(bytes.toString()));
  stream.on('error', (error: NodeJS.ErrnoException) => got.push(String(error.code)));
  for (const name of ['end', 'close']) stream.on(name, () => got.push(name));
  return { stream, got };
}

/** A connection to a server in this process. */
function open(): { device: Watched; server: Watched } {
  let server!: Watched;
  const accept = (stream: Duplex): void => void (server = watched(stream));
  const stream = openStream({ clock, network, resolve: () => ({ kind: 'in-process', accept }) }, 'name', 1);
  return { device: watched(stream), server };
}

test('what is written during an outage arrives after it, in order, at the next time that TCP sends it', async () => {
  const { device, server } = open();
  const outage = network.fail();
  device.stream.write('one');
  device.stream.write('two');
  server.stream.write('answer');
  await clock.advance(6000);
  device.stream.end('three');
  expect([device.got, server.got]).toEqual([[], []]);
  outage.end();
  // Sent again after 0.2, 0.6, 1.4, 3 and 6.2 s.
  await clock.advance(199);
  expect([device.got, server.got]).toEqual([[], []]);
  await clock.advance(1);
  expect(server.got).toEqual(['one', 'two', 'three', 'end']);
  expect(device.got).toEqual(['answer']);
  expect(outage.hits).toBeGreaterThan(3);
});

test.each(['device', 'server'] as const)(
  'the %s gives up after 924.6 s; the other end learns it when it sends',
  async (side) => {
    const both = open();
    const [here, there] = side === 'device' ? [both.device, both.server] : [both.server, both.device];
    ready = false;
    here.stream.write('lost');
    await clock.advance(RETRANSMISSION_LIMIT - 1);
    expect(here.got).toEqual([]);
    await clock.advance(1);
    expect(here.got).toEqual(['ETIMEDOUT', 'close']);
    ready = true;
    await clock.advance(RETRANSMISSION_LIMIT);
    expect(there.got).toEqual([]);
    there.stream.write('anybody?');
    await clock.advance(1);
    expect(there.got).toEqual(['EPIPE', 'close']);
  },
);

test('a connection that says nothing survives any outage, and its end is silent, too', async () => {
  const { device, server } = open();
  ready = false;
  await clock.advance(10 * RETRANSMISSION_LIMIT);
  device.stream.destroy();
  await clock.advance(60_000);
  expect(server.got).toEqual([]);
  ready = true;
  await clock.advance(60_000);
  expect(server.got).toEqual(['end']);
  expect(device.got).toEqual(['close']);
});

test('only those that were open are half-open', async () => {
  const old = open();
  const outage = network.fail({ kind: 'halfOpen' });
  const fresh = open();
  for (const { stream } of [old.device, fresh.device]) stream.write('hello');
  await clock.advance(1000);
  expect([old.server.got, fresh.server.got]).toEqual([[], ['hello']]);
  outage.end();
});

test('the sender of much has to wait', async () => {
  const { device, server } = open();
  const outage = network.fail();
  let written = 0;
  const write = (): void => {
    while (written < 1_000_000) {
      written += 10_000;
      if (!device.stream.write(Buffer.alloc(10_000))) return void device.stream.once('drain', write);
    }
    device.stream.end();
  };
  write();
  await clock.advance(1000);
  expect(written).toBeLessThan(200_000);
  outage.end();
  let size = 0;
  server.stream.on('data', (bytes: Buffer) => (size += bytes.length));
  await clock.advance(10_000);
  expect(size).toBe(1_000_000);
  expect(server.got.at(-1)).toBe('end');
});

test('slow: the connections share the link, and each way takes its time', async () => {
  const [a, b] = [open(), open()];
  const outage = network.fail({ kind: 'slow', latencyMs: 100, bytesPerSecond: 1000 });
  a.device.stream.write('x'.repeat(500));
  b.device.stream.write('y'.repeat(500));
  b.server.stream.write('z'.repeat(100));
  await clock.advance(199);
  expect(b.device.got).toEqual([]);
  await clock.advance(1);
  expect(b.device.got).toHaveLength(1);
  await clock.advance(399);
  expect(a.server.got).toEqual([]);
  await clock.advance(1);
  expect(a.server.got).toHaveLength(1);
  await clock.advance(499);
  expect(b.server.got).toEqual([]);
  await clock.advance(1);
  expect(b.server.got).toHaveLength(1);
  outage.end();
});

test('datagrams are lost, not sent again', async () => {
  let arrived = 0;
  const send = (): void => network.datagram('out', 10, () => void arrived++);
  const lossy = network.fail({ kind: 'lossy', loss: 0.3, seed: 7 });
  for (let i = 0; i < 1000; i++) send();
  expect(arrived + lossy.hits).toBe(1000);
  expect(Math.abs(lossy.hits - 300)).toBeLessThan(50);
  lossy.end();
  const down = network.fail();
  send();
  await clock.advance(RETRANSMISSION_LIMIT);
  expect(arrived).toBe(1000 - lossy.hits);
  down.end();
  const slow = network.fail({ kind: 'slow', latencyMs: 50 });
  send();
  expect(arrived).toBe(1000 - lossy.hits);
  await clock.advance(50);
  expect(arrived).toBe(1001 - lossy.hits);
  slow.end();
});

test('names and new connections', async () => {
  const options = { clock, network, resolve: () => undefined };
  for (const kind of ['down', 'dns'] as const) {
    const outage = network.fail({ kind });
    expect(await codeOf(() => lookUp(options, 'name'))).toBe('EAI_AGAIN');
    expect(() => lookUp(options, '10.1.2.3')).not.toThrow();
    expect(await codeOf(() => openStream(options, 'name', 1))).toBe(
      kind === 'down' ? 'ENETUNREACH' : 'ENDPOINT_NOT_MAPPED',
    );
    outage.end();
  }
  ready = false;
  expect(await codeOf(() => lookUp(options, 'name'))).toBe('EAI_AGAIN');
  expect(await codeOf(() => openStream(options, 'name', 1))).toBe('ENETUNREACH');
  ready = true;
  expect(() => lookUp(options, 'name')).not.toThrow();
});

test.each([
  ['a kind', { kind: 'flood' }, /no outage of the kind flood, but down, halfOpen, dns, slow, lossy/],
  ['a misspelled kind', { kind: 'halfopen' }, /no outage of the kind halfopen; halfOpen is meant, perhaps\.$/],
  ['a field', { kind: 'dns', loss: 1 }, /outage dns are wrong: there is no loss, but kind\.$/],
  ['a misspelled field kind', { knd: 'halfOpen' }, /there is no knd; kind is meant, perhaps\.$/],
  ['a value', { kind: 'lossy', loss: 2 }, /loss has to be a number of more than 0, and at most 1, and is 2\.$/],
  ['a misspelled field', { kind: 'lossy', los: 1 }, /there is no los; loss is meant, perhaps\.$/],
  ['no probability', { kind: 'lossy' }, /loss is missing, a number of more than 0/],
  ['a slowness of 0 ms', { kind: 'slow', latencyMs: 0 }, /latencyMs has to be milliseconds, from 1/],
  ['a slowness that nothing notices', { kind: 'slow', latencyMs: 1e-9 }, /latencyMs has to be milliseconds, from 1/],
  ['a text', { kind: 'slow', latencyMs: '100' }, /latencyMs has to be milliseconds, .* and is a text\.$/],
  ['no limit of bytes', { kind: 'slow', bytesPerSecond: Infinity }, /bytesPerSecond has to be/],
  ['a list', [], /are an object, not a list/],
  ['no slowness', { kind: 'slow' }, /needs latencyMs or bytesPerSecond/],
])('refused: %s', async (_what, options, message) => {
  expect(await codeOf(() => network.fail(options as never))).toBe('OUTAGE_INVALID');
  expect(() => network.fail(options as never)).toThrow(message);
  expect(network.online).toBe(true);
});

const TEN_YEARS = 3650 * 86_400_000;

test('refused: a time that is none or too long, and a network that is closed', async () => {
  for (const ms of [0, -1, NaN, Infinity, 1e12, TEN_YEARS + 1, '5', { ms: 5 }, null])
    expect(await codeOf(() => network.outage(ms as never))).toBe('OUTAGE_INVALID');
  network.close();
  expect(await codeOf(() => network.outage(1))).toBe('NETWORK_CLOSED');
});

test('one that strikes nothing fails its end; to be asked is to strike', async () => {
  const outage = network.fail();
  expect(await codeOf(() => outage.end())).toBe('OUTAGE_NEVER_STRUCK');
  expect(outage.isOver).toBe(true);
  expect(() => outage.end()).not.toThrow();
  const asked = network.fail();
  expect(network.isReady()).toBe(false);
  expect(() => asked.end()).not.toThrow();
  expect(asked.hits).toBe(1);
});

test('close tells of an outage that nobody waits for', async () => {
  void network.outage(60_000);
  const told = network.close();
  expect(told).toEqual([
    expect.objectContaining({ code: 'WAIT_FORGOTTEN', message: expect.stringContaining('the end of an outage') }),
  ]);
  await clock.advance(60_000);
});

test('close ends an outage that somebody waits for; what was under way arrives', async () => {
  const { device, server } = open();
  const over = network.outage(60_000);
  const unstruck = codeOf(() => network.outage(60_000, { kind: 'dns' }));
  device.stream.write('last words');
  device.stream.destroy();
  await clock.advance(1000);
  network.close();
  expect((await over).hits).toBeGreaterThan(0);
  expect(await unstruck).toBe('OUTAGE_NEVER_STRUCK');
  await clock.advance(0);
  expect(server.got).toEqual(['last words', 'end']);
});

describe('over TCP, in real time', () => {
  const real: Clock = realClock;
  let sockets: Socket[];
  let there: Watched;
  let port: number;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    there = watched(socket);
    socket.on('data', (bytes: Buffer) => socket.write(bytes));
    socket.on('end', () => socket.end());
  });
  const connected = async (): Promise<Watched> => {
    const resolve = () => ({ kind: 'tcp', host: '127.0.0.1', port }) as const;
    const here = watched(openStream({ clock: real, network, resolve }, 'name', 1));
    here.stream.write('1');
    await until(() => here.got.length === 1);
    return here;
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setImmediate(resolve));
  };

  beforeEach(async () => {
    sockets = [];
    network = new Network({ clock: real });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterEach(async () => {
    network.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test('silence, in both directions, until it is over', async () => {
    const here = await connected();
    const outage = network.fail();
    here.stream.write('2');
    sockets[0]?.write('3');
    await network.outage(700);
    expect([here.got, there.got]).toEqual([['1'], ['1']]);
    outage.end();
    await until(() => here.got.length === 3);
    expect(here.got).toEqual(['1', '3', '2']);
    here.stream.end();
    await until(() => here.got.at(-1) === 'close');
    expect(there.got).toEqual(['1', '2', 'end', 'close']);
    expect(here.got.slice(3)).toEqual(['end', 'close']);
  });

  test('an end is not heard of either; close lets it through', async () => {
    const here = await connected();
    const outage = network.fail();
    sockets[0]?.destroy();
    const other = await connected().catch((error: NodeJS.ErrnoException) => error.code);
    expect(other).toBe('ENETUNREACH');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(here.got).toEqual(['1']);
    here.stream.destroy();
    expect(outage.hits).toBeGreaterThan(0);
    network.close();
    await until(() => here.got.at(-1) === 'close');
  });

  test('refused', async () => {
    const resolve = () => ({ kind: 'tcp', host: '127.0.0.1', port: 1 }) as const;
    const here = watched(openStream({ clock: real, network, resolve }, 'name', 1));
    await until(() => here.got.at(-1) === 'close');
    expect(here.got).toEqual(['ECONNREFUSED', 'close']);
  });

  test('much, against back-pressure', async () => {
    const here = await connected();
    const size = 5_000_000;
    let received = 0;
    here.stream.on('data', (bytes: Buffer) => (received += bytes.length));
    here.stream.end(Buffer.alloc(size));
    await until(() => here.got.at(-1) === 'close');
    expect(received).toBe(size);
  });
});

test.each<[unknown, string]>([
  [Promise.resolve(false), 'a promise'],
  [undefined, 'undefined'],
  [0, '0'],
  ['false', 'a text'],
])('networkReady that returns %p is refused', (answer, said) => {
  const network = new Network({ clock: new VirtualClock(), ready: () => answer as boolean });
  for (const ask of [() => network.online, () => network.isReady(), () => network.connects(), () => network.resolves()])
    expect(ask).toThrow(
      expect.objectContaining({
        code: 'NETWORK_READY_INVALID',
        message: expect.stringContaining(`networkReady returned ${said}, and not true or false`),
      }),
    );
});
