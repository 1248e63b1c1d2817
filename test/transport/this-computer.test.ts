// What a device reaches with allowInternet: never the computer that plays it.
import { once } from 'node:events';
import { createServer, type AddressInfo, type LookupFunction, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { realClock } from '../../src/clock/index.js';
import { Network, openStream, type StreamOptions } from '../../src/transport/index.js';
import { lookupElsewhere } from '../../src/transport/this-computer.js';

let server: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined).destroy();
  });
  server.listen(0); // on every address of this computer
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

beforeEach(() => {
  connections = 0;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Resolves to the code of the error, or to `connected`. */
async function outcomeOf(name: string, options: Partial<StreamOptions> = {}): Promise<string> {
  try {
    const stream = openStream(
      { clock: realClock, resolve: () => undefined, allowInternet: true, ...options },
      name,
      port,
    );
    await once(stream, 'connect').finally(() => stream.on('error', () => undefined).destroy());
    return 'connected';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

/** A name server that says the same of each name. */
function saying(...addresses: string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_, options, callback) => {
    if (options.all === true) callback(null, found);
    else callback(null, found[0]!.address, found[0]!.family);
  };
}

test.each([
  '127.0.0.1',
  '127.1',
  '127.255.255.254',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '017700000001',
  '0.0.0.0',
  '0',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::1%1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:0.0.0.0',
  '::127.0.0.1',
  'localhost',
  'LOCALHOST',
])('%s is the device itself', async (name) => {
  expect(await outcomeOf(name)).toBe('DEVICE_LOOPBACK');
  expect(await outcomeOf(name, { network: new Network({ clock: realClock }) })).toBe('DEVICE_LOOPBACK');
  expect(connections).toBe(0);
});

test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '0.0.0.0', '127.53.0.1'])(
  'so is a name whose address is %s',
  async (address) => {
    expect(await outcomeOf('rebound.contoso.com', { lookup: saying(address) })).toBe('DEVICE_LOOPBACK');
    expect(await outcomeOf('rebound.contoso.com', { lookup: saying(address, '127.0.0.2') })).toBe('DEVICE_LOOPBACK');
    expect(connections).toBe(0);
  },
);

const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
const own = interfaces.flatMap(({ address, family, scopeid }) =>
  family === 'IPv4' ? [address, `::ffff:${address}`] : scopeid ? [`${address}%${scopeid}`] : [address],
);
test.each(own)('%s is this computer, by whatever way it is found', async (address) => {
  expect(await outcomeOf(address)).toBe('DEVICE_LOOPBACK');
  expect(await outcomeOf('lan.contoso.com', { lookup: saying(address) })).toBe('DEVICE_LOOPBACK');
  expect(connections).toBe(0);
});

test('an address of an interface: the message says whose it is', async () => {
  const other = interfaces.find(({ internal }) => !internal)?.address;
  const expected = other === undefined ? 'the device itself' : 'an address of this computer, which no device reaches';
  const open = () =>
    openStream({ clock: realClock, resolve: () => undefined, allowInternet: true }, other ?? '127.0.0.1', 80);
  expect(open).toThrow(`${other ?? '127.0.0.1'} is ${expected}`);
});

test.each([true, false])('of the addresses of a name, those of other computers are left (all: %s)', (all) => {
  const found: unknown[] = [];
  const lookup = lookupElsewhere(port, saying('127.0.0.1', '192.0.2.1', '::1', '2001:db8::1'));
  lookup('both.contoso.com', { all }, (...answer) => found.push(answer));
  const [first, second] = [
    { address: '192.0.2.1', family: 4 },
    { address: '2001:db8::1', family: 6 },
  ];
  expect(found).toEqual([all ? [null, [first, second]] : [null, first.address, first.family]]);
});

test('a name that is not found fails as ever', async () => {
  const lookup: LookupFunction = (name, _, callback) =>
    callback(Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' }), []);
  expect(await outcomeOf('nowhere.contoso.com', { lookup })).toBe('ENOTFOUND');
});

test('the message says what to do', () => {
  expect(() =>
    openStream({ clock: realClock, resolve: () => undefined, allowInternet: true }, '127.0.0.1', 80),
  ).toThrow(
    "127.0.0.1:80 can't be reached: 127.0.0.1 is the device itself, and not this computer. Map it to an endpoint",
  );
});

test('what is mapped to this computer is reached', async () => {
  expect(await outcomeOf('127.0.0.1', { resolve: () => ({ kind: 'tcp', host: '127.0.0.1', port }) })).toBe('connected');
  expect(await outcomeOf('hub.contoso.com', { resolve: () => ({ kind: 'tcp', host: 'localhost', port }) })).toBe(
    'connected',
  );
});
