// The network goes away: for the SDK by its C functions, and for SphereDevice.
import { SphereDevice } from '../../src/device/index.js';
import type { TraceEntry } from '../../src/emulator/index.js';
import { IOTHUB_CLIENT_CONFIRMATION_RESULT, IOTHUB_CLIENT_CONNECTION_STATUS_REASON } from '../../src/sdk/index.js';
import type { Outage, OutageOptions } from '../../src/transport/index.js';
import {
  addToHub,
  codeOf,
  createHub,
  currentDaa,
  HUB,
  startSphere,
  textMessage,
  type Sphere,
} from '../support/sphere.js';

const MINUTE = 60_000;
const OUTAGE = 10 * MINUTE;

/** Whoever uses the network. */
interface User {
  /** What it was told, in order. */
  readonly told: string[];
  connect(): Promise<void>;
  /** What came of it is told. */
  send(text: string): void;
  outage(ms: number, options?: OutageOptions): Promise<Outage>;
  onDesired(listener: (desired: unknown) => void): void;
  close(): void;
}

function bySdk(sphere: Sphere, { keepAlive = 60 } = {}): User {
  const { sdk, pump, clock } = sphere;
  const hub = createHub(sphere);
  const told: string[] = [];
  let connected = (): void => undefined;
  sdk.IoTHubDeviceClient_LL_SetOption(hub, 'keepalive', keepAlive);
  sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, (status, reason) => {
    told.push(IOTHUB_CLIENT_CONNECTION_STATUS_REASON[reason]?.replace('IOTHUB_CLIENT_CONNECTION_', '') ?? '');
    if (status === 0) connected();
  });
  return {
    told,
    connect: () =>
      clock.runUntil(
        new Promise<void>((resolve) => {
          connected = resolve;
          pump.add(hub);
        }),
      ),
    send: (text) => {
      const message = textMessage(sphere, text);
      const confirmed = (result: number): void =>
        void told.push(
          `${text}: ${IOTHUB_CLIENT_CONFIRMATION_RESULT[result]?.replace('IOTHUB_CLIENT_CONFIRMATION_', '')}`,
        );
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, confirmed);
      sdk.IoTHubMessage_Destroy(message);
    },
    outage: (ms, options) => sdk.network.outage(ms, options),
    onDesired: (listener) =>
      void sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, (_state, payload) =>
        listener(JSON.parse(Buffer.from(payload).toString())),
      ),
    close: () => sdk.IoTHubDeviceClient_LL_Destroy(hub),
  };
}

function bySphereDevice({ sdk, pump, clock, deviceId }: Sphere, { keepAlive = 60 } = {}): User {
  const device = new SphereDevice({ sdk, pump, hub: HUB, deviceId, keepAliveSeconds: keepAlive });
  const told: string[] = [];
  device.onStatus((status) => told.push(status));
  return {
    told,
    connect: () => clock.runUntil(device.connect()),
    send: (text) =>
      void device.sendTelemetry(text).then(
        () => told.push(`${text}: OK`),
        (error: { c?: { name: string }; code: string }) =>
          told.push(`${text}: ${error.c?.name.replace('IOTHUB_CLIENT_CONFIRMATION_', '') ?? error.code}`),
      ),
    outage: (ms, options) => device.outage(ms, options),
    onDesired: (listener) => device.onDesired(listener),
    close: () => device.close(),
  };
}

let sphere: Sphere;
let user: User;
let ready: boolean;
/** What the services have seen since the last look. */
let seen: TraceEntry[];

/** Runs a test for a user that is connected, and closes it before the test's end looks at what is left. */
function connected(by: (sphere: Sphere) => User, run: (means: string) => Promise<void>) {
  return async (means = ''): Promise<void> => {
    await start(by);
    try {
      await run(means);
    } finally {
      user.close();
    }
  };
}

async function start(by: (sphere: Sphere) => User): Promise<void> {
  ready = true;
  seen = [];
  sphere = await startSphere({ pump: true, sdk: { networkReady: () => ready } });
  addToHub(sphere, currentDaa(sphere));
  user = by(sphere);
  await user.connect();
  user.send('before');
  await sphere.clock.advance(1000);
  expect(user.told.at(-1)).toBe('before: OK');
  user.told.length = 0;
  sphere.cloud.trace((entry) => void seen.push(entry));
}

function telemetry(): string[] {
  return sphere.cloud
    .hub()
    .device(sphere.deviceId)
    .receivedTelemetry()
    .map(({ body }) => Buffer.from(body).toString());
}

/** Packets that came from the device. */
function packets(): string[] {
  return seen
    .splice(0)
    .flatMap((entry) => (entry.type === 'packet' && entry.direction === 'in' ? [entry.packet.cmd] : []));
}

const USERS = [
  ['createSdk', bySdk],
  ['SphereDevice', bySphereDevice],
] as const;

describe.each(USERS)('%s', (_name, by) => {
  test.each(['networkReady', 'an outage'])(
    'without a network, by %s',
    connected(by, async (means) => {
      const { clock, cloud, sdk } = sphere;
      user.send('lost');
      const over = means === 'networkReady' ? undefined : user.outage(OUTAGE);
      ready = means !== 'networkReady';
      user.send('during');
      expect(sdk.network.online).toBe(false);
      // The hub closes it: the device must not learn of that either.
      cloud.hub().device(sphere.deviceId).disconnect();
      await clock.advance(30_000);
      expect(user.told).toEqual([]);
      await clock.advance(OUTAGE - 30_001);
      expect(packets()).toEqual([]);
      expect(seen.filter(({ type }) => type === 'handshake')).toEqual([]);
      expect(user.told).toEqual(expect.arrayContaining([expect.stringMatching(/NO_PING_RESPONSE|disconnected/)]));
      expect(user.told).not.toContain('during: OK');
      expect(sdk.diagnostics.at(-1)?.message).toMatch(/EAI_AGAIN/);
      ready = true;
      await clock.advance(1);
      await expect(over ?? Promise.resolve()).resolves.toEqual(
        over === undefined ? undefined : expect.objectContaining({ kind: 'down' }),
      );
      expect(sdk.network.online).toBe(true);
      await clock.advance(20 * MINUTE);
      user.send('after');
      await clock.advance(MINUTE);
      expect(user.told.at(-1)).toBe('after: OK');
      expect(telemetry().at(-1)).toBe('after');
    }),
  );

  test(
    'a short outage: TCP sends again, and nobody is told',
    connected(by, async () => {
      const { clock } = sphere;
      const over = user.outage(5000);
      user.send('late');
      await clock.advance(5000);
      const { hits } = await over;
      expect(hits).toBeGreaterThan(0);
      expect(telemetry()).toEqual(['before']);
      await clock.advance(5000);
      // 0.2, 0.4 … after it was lost: at 6.2 s.
      expect(telemetry()).toEqual(['before', 'late']);
      expect(user.told).toEqual(['late: OK']);
      expect(packets()).toEqual(['publish']);
    }),
  );

  test(
    'half-open',
    connected(by, async () => {
      const { clock } = sphere;
      const over = user.outage(OUTAGE, { kind: 'halfOpen' });
      await clock.advance(OUTAGE);
      await over;
      expect(user.told).toEqual([
        expect.stringMatching(/NO_PING_RESPONSE|disconnected/),
        expect.stringMatching(/OK|^connect/),
      ]);
      expect(packets().slice(0, 1)).toEqual(['connect']);
      user.send('after');
      await clock.advance(1000);
      expect(user.told.at(-1)).toBe('after: OK');
    }),
  );

  test(
    'DNS only: what is open goes on, what is new fails',
    connected(by, async () => {
      const { clock, cloud, sdk, deviceId } = sphere;
      const over = user.outage(OUTAGE, { kind: 'dns' });
      user.send('during');
      await clock.advance(1000);
      expect(user.told).toEqual(['during: OK']);
      expect(sdk.network.online).toBe(true);
      cloud.hub().device(deviceId).disconnect();
      await clock.advance(OUTAGE - 1000);
      await over;
      expect(packets()).toEqual(['publish']);
      expect(sdk.diagnostics.at(-1)?.message).toMatch(/EAI_AGAIN/);
      await clock.advance(20 * MINUTE);
      expect(packets()[0]).toBe('connect');
    }),
  );

  test(
    'slow: everything comes late',
    connected(by, async () => {
      const { clock, cloud, deviceId } = sphere;
      const over = user.outage(MINUTE, { kind: 'slow', latencyMs: 2000, bytesPerSecond: 1000 });
      user.send('x'.repeat(5000));
      await clock.advance(6900);
      expect(telemetry()).toHaveLength(1);
      await clock.advance(600);
      expect(telemetry()).toHaveLength(2);
      expect(user.told).toEqual([]);
      await clock.advance(2500);
      expect(user.told).toHaveLength(1);
      cloud.hub().device(deviceId).disconnect();
      const begin = clock.now();
      await clock.advance(40_000);
      const connect = seen.find((entry) => entry.type === 'packet' && entry.packet.cmd === 'connect');
      // TLS, there and back twice, and the CONNECT.
      expect((connect?.at as number) - begin).toBeGreaterThan(5 * 2000);
      await clock.advance(10_000);
      await over;
    }),
  );

  test('lossy: what is lost is sent again, as the seed says', async () => {
    const times = async (seed: number): Promise<number[]> => {
      await start(by);
      const { clock, cloud, deviceId } = sphere;
      const over = user.outage(MINUTE, { kind: 'lossy', loss: 0.5, seed });
      const begin = clock.now();
      for (let i = 0; i < 10; i++) {
        user.send(`message ${i}`);
        await clock.advance(1000);
      }
      await clock.advance(50_000);
      expect((await over).hits).toBeGreaterThan(0);
      const received = cloud.hub().device(deviceId).receivedTelemetry().slice(1);
      expect(received.map(({ body }) => Buffer.from(body).toString())).toEqual(
        [...Array(10).keys()].map((i) => `message ${i}`),
      );
      expect(user.told.filter((line) => line.endsWith(': OK'))).toHaveLength(10);
      const result = received.map(({ enqueuedTime }) => Number(enqueuedTime) - begin);
      user.close();
      await sphere.close();
      return result;
    };
    const first = await times(1);
    expect(first.some((ms, i) => ms > i * 1000)).toBe(true);
    expect(await times(1)).toEqual(first);
    expect(await times(2)).not.toEqual(first);
  });

  test(
    'one that strikes nothing fails who asked for it',
    connected(by, async () => {
      const { clock } = sphere;
      for (const kind of ['down', 'halfOpen', 'dns'] as const) {
        const over = codeOf(() => user.outage(1000, { kind }));
        await clock.advance(1000);
        expect(await over).toBe('OUTAGE_NEVER_STRUCK');
      }
    }),
  );
});

describe('a desired property that changes during a half-open loss', () => {
  /** Loses the connection while a message is under way, and changes the twin meanwhile. */
  async function lose(): Promise<void> {
    const { clock, cloud, deviceId } = sphere;
    await clock.advance(5000);
    seen.length = 0;
    const over = user.outage(OUTAGE, { kind: 'halfOpen' });
    user.send('lost');
    cloud.hub().device(deviceId).updateDesired({ interval: 30 });
    await clock.advance(OUTAGE);
    await over;
  }

  test(
    'the SDK comes back with its session, and reads nothing: docs/devices.md',
    connected(
      (of) => bySdk(of, { keepAlive: 240 }),
      async () => {
        const twins: string[] = [];
        user.onDesired((desired) => twins.push(JSON.stringify(desired)));
        await lose();
        expect(user.told).toEqual(expect.arrayContaining(['lost: MESSAGE_TIMEOUT', 'COMMUNICATION_ERROR']));
        const connack = seen.findLast((entry) => entry.type === 'packet' && entry.packet.cmd === 'connack');
        expect(connack).toMatchObject({ packet: { sessionPresent: true } });
        expect(packets().filter((cmd) => cmd !== 'pingreq')).toEqual(['connect']);
        expect(twins).toHaveLength(1);
        expect(twins[0]).not.toMatch(/interval/);
      },
    ),
  );

  test(
    'SphereDevice reads it',
    connected(
      (of) => bySphereDevice(of, { keepAlive: 240 }),
      async () => {
        const twins: unknown[] = [];
        user.onDesired((desired) => twins.push(desired));
        await lose();
        expect(packets().filter((cmd) => cmd !== 'pingreq')).toEqual(['connect', 'publish']);
        expect(twins.at(-1)).toMatchObject({ interval: 30 });
        expect(twins).toHaveLength(2);
        // And only once: a later loss of another kind is the SDK's.
        sphere.cloud.hub().device(sphere.deviceId).disconnect();
        await sphere.clock.advance(MINUTE);
        expect(twins).toHaveLength(3);
      },
    ),
  );
});
