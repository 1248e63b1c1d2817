// What a hub may send after it has let the device in: the SDK goes on or connects again, and the process holds no more than its limits.
import { SphereIotError } from '../../src/errors.js';
import { IOTHUB_CLIENT_CONFIRMATION_RESULT } from '../../src/sdk/index.js';
import { hostileService, publish, type Hostile, type Say } from '../support/hostile-service.js';
import { connect, createHub, HUB, startSphere, type Sphere } from '../support/sphere.js';

const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const method = (rid: string): Buffer => publish(`$iothub/methods/POST/m/?$rid=${rid}`, '{}');
const twin = (rest: string, payload = '{}'): Buffer => publish(`$iothub/twin/res/${rest}`, payload);

/** Each in a hub's answer to every packet of the device. */
const SAID: readonly (readonly [name: string, ...bytes: Buffer[]])[] = [
  [
    'topics that there are not',
    publish('x'),
    publish('$iothub/'),
    publish('$iothub/twin/'),
    publish('devices/other/x', 'x'),
  ],
  ['an empty topic', publish('', 'x')],
  [
    'answers about a twin that nobody asked for',
    twin('200/?$rid=999999'),
    twin('200/'),
    twin('/?$rid='),
    twin('x/?$rid=y'),
  ],
  ['a twin that is no JSON', twin('200/?$rid=1', '{'), twin('200/?$rid=2', 'null'), twin('200/?$rid=2', DEEP)],
  ['desired properties that are none', publish('$iothub/twin/PATCH/properties/desired/?$version=x', DEEP)],
  ['methods with odd request ids', method(''), method('0'), method('-1'), method('z'.repeat(5000)), method('%n%s')],
  ['a method without a name', publish('$iothub/methods/POST//?$rid=1', '{}'), publish('$iothub/methods/POST', '{}')],
  ['messages with odd properties', publish('devices/d/messages/devicebound/%24.to=%&=&a&&%zz=%00', 'x')],
  ['a PUBLISH with QoS 2', publish('$iothub/methods/POST/m/?$rid=1', '{}', 2)],
  ['a topic that is no UTF-8', Buffer.from('3007000480ff00c378', 'hex')],
  ['a topic that is longer than its packet', Buffer.from('3003ffff78', 'hex')],
  ['a packet of 256 MB, begun', Buffer.concat([Buffer.from('30ffffff7f000161', 'hex'), Buffer.alloc(50_000)])],
  ['a length that has no end', Buffer.from('30ffffffffffff', 'hex')],
  ['packets of a client', Buffer.from('c000e000820600010001610182', 'hex')],
  ['packets that MQTT reserves', Buffer.from('0000f000', 'hex')],
  [
    'a second CONNACK, and one that is too short',
    Buffer.from('2002000020002001', 'hex'),
    Buffer.from('200200ff', 'hex'),
  ],
  [
    'acknowledgements of nothing',
    Buffer.from('400200004002ffff4000', 'hex'),
    Buffer.from('9003000180900200019000', 'hex'),
  ],
];

describe('a hub', () => {
  let hostile: Hostile;
  let errors: unknown[];
  let sphere: Sphere;

  beforeEach(async () => {
    hostile = await hostileService();
    errors = [];
    sphere = await startSphere({
      pump: { onError: (error) => void errors.push(error) },
      sdk: { resolve: hostile.resolve, trustRoots: hostile.trustRoots },
    });
  });

  /** Connects while the hub is friendly, and then asks for what makes it speak. */
  async function used(speak: Say): Promise<void> {
    const { sdk, clock } = sphere;
    const hub = createHub(sphere, 'd');
    sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, () => undefined);
    sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, () => ({ status: 200, response: '{}' }));
    sdk.IoTHubDeviceClient_LL_SetMessageCallback(hub, () => 0);
    await connect(sphere, hub);
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => undefined);
    hostile.say = speak;
    const message = sdk.IoTHubMessage_CreateFromString('1')!;
    sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, () => undefined);
    sdk.IoTHubMessage_Destroy(message);
    await clock.advance(120_000);
    expect(sdk.IoTHubClient_GetVersionString()).toBe('1.14.0');
    for (const error of errors) expect(error).toBeInstanceOf(SphereIotError);
    hostile.say = () => undefined;
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    // The same instance serves the next device.
    const next = createHub(sphere);
    await connect(sphere, next);
    sdk.IoTHubDeviceClient_LL_Destroy(next);
    await clock.advance(1000);
  }

  test.each(SAID)('that sends %s ends nothing', async (_, ...bytes) => {
    let spoken = 0;
    await used((socket) => {
      if (spoken++ < 50) for (const each of bytes) socket.write(each);
    });
    expect(spoken).toBeGreaterThan(0);
  });

  test('that sends 100,000 messages ends nothing, and no more of them wait than fit', async () => {
    const one = publish('devices/d/messages/devicebound/', 'x'.repeat(100));
    const many = Buffer.concat(Array.from({ length: 1000 }, () => one));
    let sent = false;
    const before = process.memoryUsage();
    await used((socket) => {
      if (sent) return;
      sent = true;
      for (let i = 0; i < 100; i++) socket.write(many);
    });
    const { heapUsed, external } = process.memoryUsage();
    expect(heapUsed + external - before.heapUsed - before.external).toBeLessThan(128 * 1024 * 1024);
  });

  test('that reads nothing more makes the device hold 8 MiB, and is told of', async () => {
    const { sdk, clock } = sphere;
    const hub = createHub(sphere, 'd');
    await connect(sphere, hub);
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, () => undefined);
    hostile.say = (socket) => socket.pause();
    const outcomes: number[] = [];
    for (let i = 0; i < 100; i++) {
      const message = sdk.IoTHubMessage_CreateFromByteArray(new Uint8Array(250_000))!;
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, (result) => void outcomes.push(result));
      sdk.IoTHubMessage_Destroy(message);
      await clock.advance(200);
    }
    const codes = sdk.diagnostics.filter(({ code }) => code === 'SERVICE_NOT_READING');
    expect(codes.length).toBeGreaterThan(0);
    expect(codes[0]).toMatchObject({ handle: hub, message: expect.stringContaining(`${HUB}:8883 does not read`) });
    // What can't be sent is given back at once.
    expect(new Set(outcomes)).toEqual(new Set([IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_ERROR]));
    expect(outcomes.length).toBeGreaterThan(50);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    await clock.advance(1000);
    expect(outcomes).toHaveLength(100);
  });
});
