// What a device does not take waits with the service, not in the device.
import type { Duplex } from 'node:stream';

import type { EndpointResolver } from '../../src/transport/index.js';
import { connectedHub, startSphere, type Sphere } from '../support/sphere.js';

const PATCHES = 500;
const PATCH = 'x'.repeat(4000);

interface Deaf {
  readonly sphere: Sphere;
  readonly hub: Awaited<ReturnType<typeof connectedHub>>;
  /** Patches that C was told of. */
  readonly told: () => number;
  /** Bytes that the service's network took since the device stopped calling DoWork. */
  readonly sent: () => number;
}

/** Counts what is written to a stream. */
function counted(resolve: EndpointResolver, count: (bytes: number) => void): EndpointResolver {
  return (name, port) => {
    const endpoint = resolve(name, port);
    if (endpoint?.kind !== 'in-process') return endpoint;
    return {
      kind: 'in-process',
      accept: (stream: Duplex) => {
        const write = stream._write.bind(stream);
        stream._write = (chunk: Buffer, encoding, done) => {
          count(chunk.length);
          write(chunk, encoding, done);
        };
        endpoint.accept(stream);
      },
    };
  };
}

/** A device that calls DoWork no longer, while 2 MB are sent to it. */
async function deaf(): Promise<Deaf> {
  let sent = 0;
  let told = 0;
  const sphere = await startSphere({
    pump: true,
    sdk: (cloud) => ({ resolve: counted(cloud.resolve, (bytes) => (sent += bytes)) }),
  });
  const hub = await connectedHub(sphere);
  sphere.sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, () => void told++);
  await sphere.clock.advance(1000);
  expect(told).toBe(1);
  sphere.pump.remove(hub);
  const device = sphere.cloud.hub().device(sphere.deviceId);
  sent = told = 0;
  for (let i = 0; i < PATCHES; i++) {
    device.updateDesired({ text: `${i}${PATCH}` });
    // As a write of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await sphere.clock.advance(1000);
  return { sphere, hub, told: () => told, sent: () => sent };
}

test('a device that calls DoWork no longer is sent no more than fits, and all of it afterwards', async () => {
  const { sphere, hub, told, sent } = await deaf();
  expect(told()).toBe(0);
  expect(sent()).toBeGreaterThan(64 * 1024);
  expect(sent()).toBeLessThan(512 * 1024);
  sphere.pump.add(hub);
  await sphere.clock.advance(1000);
  expect(told()).toBe(PATCHES);
  sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('a connection that the device does not read is closed when the device closes it', async () => {
  const { sphere, hub } = await deaf();
  const device = sphere.cloud.hub().device(sphere.deviceId);
  sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  await sphere.clock.runUntil(device.disconnected());
  expect(device.isConnected).toBe(false);
});

test('a device that does not read sees the end of its connection once it reads', async () => {
  const { sphere, hub, told } = await deaf();
  const device = sphere.cloud.hub().device(sphere.deviceId);
  device.disconnect();
  await sphere.clock.advance(1000);
  expect(told()).toBe(0);
  sphere.pump.add(hub);
  await sphere.clock.runUntil(device.connected());
  expect(told()).toBeGreaterThan(0);
  sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
});
