// What a hostile hub may cost the device that connected to it: SDK, pump and binding.
import type { Duplex } from 'node:stream';

import { SphereIotError } from '../../src/errors.js';
import { hostileService, publish, type Hostile } from '../support/hostile-service.js';
import { connect, createHub, startSphere, type Sphere } from '../support/sphere.js';
import { attacks } from './attack-table.js';

const MIB = 1024 * 1024;
let hostile: Hostile;
beforeAll(async () => {
  hostile = await hostileService();
});

/** What came to the callbacks of the last device. */
let came = { twins: 0, methods: 0, messages: 0 };

/** A device of all callbacks that connects and sends, to which the hub says that, once; then the next device is served. */
async function told(speak: (socket: Duplex) => void): Promise<void> {
  const errors: unknown[] = [];
  const sphere = await startSphere({
    pump: { onError: (error) => void errors.push(error) },
    sdk: { resolve: hostile.resolve, trustRoots: hostile.trustRoots },
  });
  try {
    await use(sphere, speak);
    for (const error of errors) expect(error).toBeInstanceOf(SphereIotError);
  } finally {
    hostile.say = () => undefined;
    await sphere.close();
  }
}

async function use(sphere: Sphere, speak: (socket: Duplex) => void): Promise<void> {
  const { sdk, clock } = sphere;
  const hub = createHub(sphere, 'd');
  came = { twins: 0, methods: 0, messages: 0 };
  sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, () => void came.twins++);
  sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, () => {
    came.methods++;
    return { status: 200, response: '{}' };
  });
  sdk.IoTHubDeviceClient_LL_SetMessageCallback(hub, () => {
    came.messages++;
    return 0;
  });
  await connect(sphere, hub);
  sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => undefined);
  await clock.advance(5000);
  let said = false;
  hostile.say = (socket) => {
    if (!said) speak(socket);
    said = true;
  };
  const message = sdk.IoTHubMessage_CreateFromString('1')!;
  sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, () => undefined);
  sdk.IoTHubMessage_Destroy(message);
  await clock.advance(30_000);
  expect(said).toBe(true);
  hostile.say = () => undefined;
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
  const next = createHub(sphere);
  await connect(sphere, next);
  sdk.IoTHubDeviceClient_LL_Destroy(next);
  await clock.advance(1000);
}

const times = (count: number, one: (i: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => one(i)));
const message = (bag: string, body = 'x'): Buffer => publish(`devices/d/messages/devicebound/${bag}`, body);
/** A topic of almost 64 KiB, the most that MQTT has. */
const TOPIC = 65_000;
const honestly = (bytes: Buffer) => () => told((socket) => void socket.write(bytes));
const friendly = honestly(times(200, () => message('a=b&c=d', 'x'.repeat(300))));
const desired = (json: string): Buffer => publish('$iothub/twin/PATCH/properties/desired/?$version=2', json);
/** @param count What the callbacks get of it, beside the twin that a device begins with. @param factor Times of an honest hub. */
const said = (name: string, bytes: Buffer, count: Partial<typeof came> = {}, factor = 10) => ({
  ...{ name, honest: friendly, times: factor, bytes: 8 * MIB },
  attack: async () => {
    await honestly(bytes)();
    expect(came).toEqual({ twins: 1, methods: 0, messages: 0, ...count });
  },
});

attacks('A hub sends', [
  said('a message of 16,000 properties', message('a=&'.repeat(TOPIC / 4)), { messages: 1 }),
  said(
    'a message of 10,000 properties of different names',
    message(Array.from({ length: 10_000 }, (_, i) => `${i.toString(36)}=&`).join('')),
    { messages: 1 },
  ),
  said('a name of 64 KB', message(`${'n'.repeat(TOPIC)}=1`), { messages: 1 }),
  said('64 KB of percent signs', message('%'.repeat(TOPIC)), { messages: 1 }),
  said('64 KB of &', message('&'.repeat(TOPIC)), { messages: 1 }),
  said('64 KB of slashes', publish('/'.repeat(TOPIC))),
  said(
    '20,000 answers about twins that nobody asked for',
    times(20_000, (i) => publish(`$iothub/twin/res/200/?$rid=${1e6 + i}`, '{}')),
    {},
    40,
  ),
  said('an answer with a request id of 60 KB', publish(`$iothub/twin/res/200/?$rid=${'9'.repeat(60_000)}`, '{}')),
  said('a twin of 1 MB', desired(`{"a":"${'x'.repeat(MIB)}"}`), { twins: 2 }),
  said('a twin that is 500,000 deep', desired('['.repeat(500_000) + ']'.repeat(500_000)), { twins: 2 }),
  said(
    '5,000 methods without a request id',
    times(5000, () => publish('$iothub/methods/POST/m/', '{}')),
  ),
  said(
    '5,000 methods',
    times(5000, (i) => publish(`$iothub/methods/POST/m/?$rid=${i}`, '{}')),
    { methods: 5000 },
    60,
  ),
  said('a method whose name has 60 KB', publish(`$iothub/methods/POST/${'m'.repeat(60_000)}/?$rid=1`, '{}'), {
    methods: 1,
  }),
  said(
    '20,000 acknowledgements of nothing',
    times(20_000, () => Buffer.from('400211119003111100', 'hex')),
    {},
    40,
  ),
  said(
    '20,000 CONNACKs',
    times(20_000, () => Buffer.from('20020000', 'hex')),
    {},
    40,
  ),
  said(
    '20,000 refusals',
    times(20_000, () => Buffer.from('20020005', 'hex')),
    {},
    60,
  ),
  said(
    '100,000 answers to pings that nobody sent',
    times(100_000, () => Buffer.from('d000', 'hex')),
    {},
    40,
  ),
  {
    ...said('a twin of 64 KB, byte by byte', Buffer.alloc(0), {}, 40),
    attack: async () => {
      await told((socket) => {
        for (const byte of desired(`{"a":"${'x'.repeat(65_000)}"}`)) socket.write(Buffer.of(byte));
      });
      expect(came.twins).toBe(2);
    },
  },
]);
