// The network goes away: for an app's sockets, curl, wolfSSL and the SDK in it.
import * as https from 'node:https';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { buildApp, type BuiltApp, type LaunchOptions, type OutageOptions } from '../../src/app/index.js';
import { CertificateAuthority } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import { codeOf } from '../support/sphere.js';
import { useApp } from './harness.js';

const BUILD_TIME = 240_000;
const RUN_TIME = 60_000;
const THERE = 'there.contoso.com';
const MINUTE = 60_000;
/** Networking_InterfaceConnectionStatus. */
const UP = 1;
const ALL = 15;

let built: BuiltApp;
let secure: https.Server;

beforeAll(async () => {
  built = await buildApp(path.join(__dirname, 'apps/outage'));
  const authority = await CertificateAuthority.create({ subject: { commonName: 'Root' }, clock: new VirtualClock() });
  const { chain, privateKey } = await authority.issue({ commonName: THERE, usage: 'server' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  secure = https.createServer({ cert: chain, key }, (_request, response) => {
    response.sendDate = false;
    response.end('hello');
  });
  secure.keepAliveTimeout = 0;
}, BUILD_TIME);

const suite = useApp(() => built);

/** What a round of the app says. */
interface Round {
  readonly ready: boolean;
  readonly status: number;
  readonly kept: string;
  readonly keptMs: number;
  readonly fresh: string;
  readonly freshMs: number;
}

async function launch(user: string, options: LaunchOptions = {}, network = 'wlan0'): Promise<void> {
  await suite.launch(user, { args: [user, network], ...options });
  suite.app.serve(THERE, 7, (stream: Duplex) => void stream.pipe(stream));
  suite.app.serve(THERE, 443, (stream) => void secure.emit('connection', stream));
  suite.app.serveDatagrams(THERE, 9, (datagram, send) => send(datagram));
}

/** The rounds from the line `from` on. */
function rounds(from = 0): Round[] {
  return suite.app.lines.slice(from).flatMap((line) => {
    const found = /^ready (\d) (\d+) kept (.*) (\d+) new (.*) (\d+)$/.exec(line);
    if (found === null) return [];
    const [, ready, status, kept, keptMs, fresh, freshMs] = found as unknown as string[];
    return [
      {
        ready: ready === '1',
        status: Number(status),
        kept: kept as string,
        keptMs: Number(keptMs),
        fresh: fresh as string,
        freshMs: Number(freshMs),
      },
    ];
  });
}

/** The rounds that lie in an outage, after two in which all was well. */
async function during(options: OutageOptions, ms = MINUTE): Promise<{ hits: number; seen: Round[] }> {
  await suite.clock.advance(15_000);
  expect(rounds().map(({ ready, kept, fresh }) => [ready, kept, fresh])).toEqual([
    [true, 'ok', 'ok'],
    [true, 'ok', 'ok'],
  ]);
  const from = suite.app.lines.length;
  const begin = suite.clock.now();
  const { hits } = await suite.app.outage(ms, options);
  expect(suite.clock.now() - begin).toBe(ms);
  return { hits, seen: rounds(from) };
}

/** What the users say, in the order of `USERS`. */
const USERS = ['tcp', 'address', 'udp', 'curl', 'wolfssl'] as const;
const NO_NAME = {
  tcp: 'EAI_AGAIN',
  address: 'ok',
  udp: 'EAI_AGAIN',
  curl: 'COULDNT_RESOLVE_HOST',
  wolfssl: 'EAI_AGAIN',
} as const;

describe.each(USERS)('%s', (user) => {
  test(
    'without a network',
    async () => {
      await launch(user);
      const { seen } = await during({});
      expect(seen.length).toBeGreaterThanOrEqual(4);
      for (const [index, { ready, status, kept, fresh }] of seen.entries()) {
        expect([ready, status]).toEqual([false, UP]);
        // A datagram is refused by the device; curl gives a connection up that does not answer, and knows the address for a minute.
        const expected = { udp: 'ENETUNREACH', curl: index === 0 ? 'silent' : 'COULDNT_CONNECT' };
        expect(kept).toBe((expected as Readonly<Record<string, string>>)[user] ?? 'silent');
        expect(fresh).toBe(user === 'address' ? 'ENETUNREACH' : NO_NAME[user]);
      }
      const from = suite.app.lines.length;
      // TCP sends again what it could not send, at the latest when the outage has lasted as long again.
      await suite.clock.advance(2 * MINUTE);
      expect(rounds(from)[1]).toMatchObject({ ready: true, status: ALL, fresh: 'ok' });
      expect(rounds(from).at(-1)).toMatchObject({ kept: 'ok' });
    },
    RUN_TIME,
  );

  test(
    'half-open',
    async () => {
      await launch(user);
      if (user === 'udp') {
        // Which has no connections.
        expect(await codeOf(() => during({ kind: 'halfOpen' }))).toBe('OUTAGE_NEVER_STRUCK');
        return;
      }
      const { seen } = await during({ kind: 'halfOpen' });
      expect(seen.length).toBeGreaterThanOrEqual(4);
      for (const [index, round] of seen.entries())
        expect(round).toMatchObject({
          ready: true,
          status: ALL,
          kept: user === 'curl' && index > 0 ? 'ok' : 'silent',
          fresh: 'ok',
        });
    },
    RUN_TIME,
  );

  test(
    'DNS only',
    async () => {
      await launch(user);
      if (user === 'address') {
        expect(await codeOf(() => during({ kind: 'dns' }))).toBe('OUTAGE_NEVER_STRUCK');
        return;
      }
      const { seen } = await during({ kind: 'dns' });
      expect(seen.length).toBeGreaterThanOrEqual(5);
      for (const round of seen)
        expect(round).toMatchObject({ ready: true, status: ALL, kept: 'ok', fresh: NO_NAME[user] });
    },
    RUN_TIME,
  );

  test(
    'slow',
    async () => {
      await launch(user);
      const { seen } = await during({ kind: 'slow', latencyMs: 250 });
      expect(seen.length).toBeGreaterThanOrEqual(5);
      for (const { kept, keptMs, fresh, freshMs } of seen) {
        expect([kept, fresh]).toEqual(['ok', 'ok']);
        expect(keptMs).toBeGreaterThanOrEqual(500);
        expect(keptMs).toBeLessThan(600);
        // Of TLS two ways there and back more.
        expect(freshMs).toBeGreaterThanOrEqual(user === 'curl' || user === 'wolfssl' ? 1000 : 500);
      }
    },
    RUN_TIME,
  );

  test(
    'lossy',
    async () => {
      const run = async (): Promise<Round[]> => {
        await launch(user);
        const { seen } = await during({ kind: 'lossy', loss: 0.4, seed: 5 }, 10 * MINUTE);
        return seen;
      };
      const seen = await run();
      const results = new Set(seen.flatMap(({ kept, fresh }) => [kept, fresh]));
      expect(results).toContain('ok');
      if (user === 'udp') expect(results).toContain('silent');
      // TCP sends again, after 0.2 s at first.
      else expect(seen.some(({ kept, keptMs }) => kept === 'ok' && keptMs >= 200)).toBe(true);
      suite.app.close();
      suite.clock = new VirtualClock();
      expect(await run()).toEqual(seen);
    },
    RUN_TIME,
  );
});

test('a server in the app, and whoever is connected to it', async () => {
  await launch('server');
  await suite.clock.advance(1000);
  const stream = suite.app.connect(8080);
  const got: string[] = [];
  stream.on('data', (bytes: Buffer) => got.push(bytes.toString()));
  stream.on('end', () => got.push('end'));
  stream.write('before');
  await suite.clock.advance(1000);
  const outage = suite.app.network.fail();
  stream.write('during');
  await suite.clock.advance(10_000);
  expect(await codeOf(() => suite.app.connect(8080))).toBe('PORT_CLOSED');
  expect(got).toEqual(['before']);
  outage.end();
  await suite.clock.advance(10_000);
  expect(got).toEqual(['before', 'during']);
  stream.end();
  await suite.clock.advance(1000);
  expect(got.at(-1)).toBe('end');
});

test(
  'an app in a thread of its own',
  async () => {
    await launch('tcp', { isolate: true });
    const { seen } = await during({}, 30_000);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    for (const round of seen) expect(round).toMatchObject({ ready: false, kept: 'silent', fresh: 'EAI_AGAIN' });
  },
  RUN_TIME,
);

/** Each ends the network, or brings it back. */
const SWITCHES: Readonly<Record<string, { network: string; options: LaunchOptions; set: (on: boolean) => void }>> = {
  networkReady: { network: 'wlan0', options: { networkReady: () => isOn }, set: (on) => void (isOn = on) },
  'no access point': {
    network: 'wlan0',
    options: {},
    set: (on) => void (suite.app.wifi.accessPoints = on ? [{ ssid: 'sphere-iot' }] : []),
  },
  'no cable': {
    network: 'eth0',
    options: { wifi: { accessPoints: [] } },
    set: (on) => void (suite.app.networkInterface('eth0').cable = on),
  },
};
let isOn = true;

describe.each(Object.keys(SWITCHES))('%s', (name) => {
  const { network, options, set } = SWITCHES[name] as (typeof SWITCHES)[string];

  test.each(['tcp', 'curl', 'wolfssl'] as const)(
    '%s',
    async (user) => {
      isOn = true;
      await launch(user, options, network);
      set(true);
      await suite.clock.advance(15_000);
      expect(rounds().at(-1)).toMatchObject({ ready: true, status: ALL, kept: 'ok', fresh: 'ok' });
      set(false);
      expect(suite.app.network.online).toBe(false);
      let from = suite.app.lines.length;
      await suite.clock.advance(10_000);
      expect(rounds(from)[0]).toMatchObject({ ready: false, status: UP, kept: 'silent', fresh: NO_NAME[user] });
      set(true);
      from = suite.app.lines.length;
      await suite.clock.advance(MINUTE);
      expect(rounds(from).at(-1)).toMatchObject({ ready: true, status: ALL, kept: 'ok', fresh: 'ok' });
    },
    RUN_TIME,
  );
});

describe('the SDK in an app', () => {
  let cloud: LocalAzure;

  beforeEach(async () => {
    cloud = await LocalAzure.start({ clock: suite.clock });
  });

  afterEach(async () => {
    suite.app.close();
    await cloud.close();
  });

  async function launchHub(options: LaunchOptions = {}): Promise<void> {
    const { name, devices } = cloud.hub();
    const primaryKey = Buffer.alloc(32, 1).toString('base64');
    devices.create({ deviceId: 'kettle', authentication: { type: 'sas', symmetricKey: { primaryKey } } });
    const connectionString = `HostName=${name};DeviceId=kettle;SharedAccessKey=${primaryKey}`;
    await launch('hub', { cloud, ...options }, connectionString);
    await suite.clock.advance(15_000);
    expect(suite.app.lines).toEqual(['status 0 6', 'sent 0', 'sent 0']);
  }

  const received = (): number => cloud.hub().device('kettle').receivedTelemetry().length;

  test.each(['an outage', ...Object.keys(SWITCHES).slice(0, 2)])(
    'without a network, by %s',
    async (means) => {
      isOn = true;
      await launchHub(SWITCHES[means]?.options);
      const seen: string[] = [];
      cloud.trace(({ type }) => void seen.push(type));
      if (means === 'an outage') expect((await suite.app.outage(10 * MINUTE)).hits).toBeGreaterThan(10);
      else {
        SWITCHES[means]?.set(false);
        await suite.clock.advance(10 * MINUTE);
        SWITCHES[means]?.set(true);
      }
      expect(received()).toBe(2);
      expect(seen.filter((type) => type === 'handshake' || type === 'packet')).toEqual([]);
      expect(suite.app.lines).toEqual(expect.arrayContaining(['status 1 5']));
      expect(suite.app.diagnostics.at(-1)?.message).toMatch(/EAI_AGAIN/);
      await suite.clock.advance(20 * MINUTE);
      expect(suite.app.lines).toContain('status 0 6');
      expect(received()).toBeGreaterThan(60);
    },
    RUN_TIME,
  );

  test(
    'half-open: it connects anew',
    async () => {
      await launchHub();
      await suite.app.outage(5 * MINUTE, { kind: 'halfOpen' });
      expect(suite.app.lines.filter((line) => line.startsWith('status'))).toEqual([
        'status 0 6',
        'status 1 5',
        'status 0 6',
      ]);
      expect(suite.app.network.online).toBe(true);
    },
    RUN_TIME,
  );

  test(
    'DNS only, slow and lossy: messages arrive',
    async () => {
      await launchHub();
      for (const options of [
        { kind: 'dns' },
        { kind: 'slow', latencyMs: 3000 },
        { kind: 'lossy', loss: 0.5 },
      ] as const) {
        const before = received();
        if (options.kind === 'dns')
          expect(await codeOf(() => suite.app.outage(MINUTE, options))).toBe('OUTAGE_NEVER_STRUCK');
        else await suite.app.outage(MINUTE, options);
        expect(received()).toBeGreaterThan(before + 3);
      }
    },
    RUN_TIME,
  );
});
