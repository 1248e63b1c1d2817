// What goes wrong below, as the C SDK reports it above; and what goes well, on the wire.
import type { Duplex } from 'node:stream';

import {
  IOTHUB_CLIENT_CONNECTION_STATUS,
  IOTHUB_CLIENT_CONNECTION_STATUS_REASON,
  PROV_DEVICE_RESULT,
} from '../../src/sdk/index.js';
import type { Endpoint } from '../../src/transport/index.js';
import {
  addToHub,
  connect,
  connectedHub,
  createHub,
  createProv,
  currentDaa,
  HUB,
  made,
  register,
  send,
  startSphere,
  textMessage,
  type Sphere,
} from '../support/sphere.js';

/** The first status that the handle reports. */
async function firstStatus(sphere: Sphere): Promise<string[]> {
  const { sdk, pump, clock } = sphere;
  const hub = createHub(sphere);
  const status = new Promise<string[]>((resolve) => {
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, (result, reason) =>
      resolve([
        IOTHUB_CLIENT_CONNECTION_STATUS[result] as string,
        IOTHUB_CLIENT_CONNECTION_STATUS_REASON[reason] as string,
      ]),
    );
  });
  pump.add(hub);
  const first = await clock.runUntil(status);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
  return first;
}

/** The result of a registration. */
async function registrationResult(sphere: Sphere): Promise<string | undefined> {
  const prov = createProv(sphere);
  const { result } = await register(sphere, prov);
  sphere.sdk.Prov_Device_LL_Destroy(prov);
  return PROV_DEVICE_RESULT[result];
}

const NO_NETWORK = ['IOTHUB_CLIENT_CONNECTION_UNAUTHENTICATED', 'IOTHUB_CLIENT_CONNECTION_NO_NETWORK'];

const messages = ({ log }: Sphere): string => log.map(({ message }) => message).join('\n');

test('a name that is not mapped', async () => {
  const sphere = await startSphere({ pump: true, sdk: { resolve: () => undefined } });
  expect(await registrationResult(sphere)).toBe('PROV_DEVICE_RESULT_TRANSPORT');
  expect(messages(sphere)).toContain('Nothing is mapped to global.azure-devices-provisioning.net:8883');
  expect(await firstStatus(sphere)).toEqual(NO_NETWORK);
  expect(messages(sphere)).toContain(`Nothing is mapped to ${HUB}:8883`);
});

test('a server that is not trusted', async () => {
  const sphere = await startSphere({ pump: true, sdk: { trustRoots: undefined } });
  expect(await registrationResult(sphere)).toBe('PROV_DEVICE_RESULT_TRANSPORT');
  expect(await firstStatus(sphere)).toEqual(NO_NETWORK);
  expect(messages(sphere)).toContain(`The certificate of ${HUB} is not trusted`);
});

test('OPTION_TRUSTED_CERT makes up for it', async () => {
  const sphere = await startSphere({ pump: true, sdk: { trustRoots: undefined } });
  addToHub(sphere, currentDaa(sphere));
  const hub = createHub(sphere);
  expect(sphere.sdk.IoTHubDeviceClient_LL_SetOption(hub, 'TrustedCerts', sphere.cloud.trustRoots)).toBe(0);
  await connect(sphere, hub);
  // And the SDK's own reconnect has it too.
  const device = sphere.cloud.hub().device(sphere.deviceId);
  device.disconnect();
  await sphere.clock.runUntil(device.disconnected());
  await sphere.clock.runUntil(device.connected());
  sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('a server of another name', async () => {
  // DPS's and the hub's names lead to one server; this one leads there too, and is not in its certificate.
  const other = 'fabrikam.azure-devices.net';
  const sphere = await startSphere({
    pump: true,
    sdk: (cloud) => ({ resolve: (name, port) => cloud.resolve(name === other ? HUB : name, port) }),
  });
  const { sdk, pump, clock, deviceId } = sphere;
  sdk.iothub_security_init(2);
  const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(other, deviceId, sdk.MQTT_Protocol));
  const reason = new Promise((resolve) => {
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, (...status) => resolve(status));
  });
  pump.add(hub);
  expect(await clock.runUntil(reason)).toEqual([
    IOTHUB_CLIENT_CONNECTION_STATUS.IOTHUB_CLIENT_CONNECTION_UNAUTHENTICATED,
    IOTHUB_CLIENT_CONNECTION_STATUS_REASON.IOTHUB_CLIENT_CONNECTION_NO_NETWORK,
  ]);
  expect(messages(sphere)).toContain(`The server that answers for ${other} has a certificate for another host`);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('a server that closes during the handshake; and the SDK connects once it does not', async () => {
  let refuse = true;
  const sphere = await startSphere({
    pump: true,
    sdk: (cloud) => ({
      resolve: (name, port): Endpoint | undefined =>
        refuse ? { kind: 'in-process', accept: (stream) => void stream.destroy() } : cloud.resolve(name, port),
    }),
  });
  const { sdk, pump, clock, cloud, deviceId } = sphere;
  expect(await firstStatus(sphere)).toEqual(NO_NETWORK);
  addToHub(sphere, currentDaa(sphere));
  const hub = createHub(sphere);
  pump.add(hub);
  await clock.advance(10_000);
  expect(sdk.inUse.sockets).toBeLessThanOrEqual(1);
  refuse = false;
  await clock.runUntil(cloud.hub().device(deviceId).connected());
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('while there is no DAA certificate the device can not connect, and the log says why', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, store, daa, deviceId } = sphere;
  store.remove(daa.reference as string);
  sdk.iothub_security_init(2);
  const hub = sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, deviceId, sdk.MQTT_Protocol);
  expect(sdk.IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth(HUB, sdk.MQTT_Protocol)).toBeNull();
  expect(messages(sphere)).toMatch(/device authentication is not ready/);
  if (hub !== null) sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

describe('on the wire', () => {
  /** A device whose bytes are seen as they leave: a chunk for each write of its socket. */
  async function tapped() {
    const chunks: Buffer[] = [];
    const sphere = await startSphere({
      pump: true,
      sdk: (cloud) => ({
        resolve: (name, port): Endpoint | undefined => {
          const endpoint = cloud.resolve(name, port);
          if (endpoint?.kind !== 'in-process') return undefined;
          const accept = (stream: Duplex): void => {
            stream.on('data', (bytes: Buffer) => chunks.push(bytes));
            endpoint.accept(stream);
          };
          return { kind: 'in-process', accept };
        },
      }),
    });
    const hub = await connectedHub(sphere);
    await sphere.clock.advance(0);
    chunks.length = 0;
    return { sphere, hub, chunks };
  }

  /** Lengths of the TLS records. */
  const records = (bytes: Buffer): number[] => {
    const lengths: number[] = [];
    for (let at = 0; at < bytes.length; at += 5 + (lengths.at(-1) as number)) lengths.push(bytes.readUInt16BE(at + 3));
    return lengths;
  };

  test('messages of one turn leave in one record', async () => {
    const { sphere, hub, chunks } = await tapped();
    const { sdk, clock, cloud, deviceId } = sphere;
    for (let i = 0; i < 10; i++) {
      const message = textMessage(sphere, `message ${i}`);
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, null);
      sdk.IoTHubMessage_Destroy(message);
    }
    await clock.advance(0);
    expect(chunks).toHaveLength(1);
    expect(records(chunks[0] as Buffer)).toHaveLength(1);
    expect(cloud.hub().device(deviceId).receivedTelemetry()).toHaveLength(10);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a message of 200 KB arrives whole', async () => {
    const { sphere, hub, chunks } = await tapped();
    const { sdk, cloud, deviceId } = sphere;
    const body = new Uint8Array(200_000).map((_, i) => (i * 13 + (i >> 9)) & 0xff);
    expect(await send(sphere, hub, made(sdk.IoTHubMessage_CreateFromByteArray(body)))).toBe(0);
    const [telemetry] = cloud.hub().device(deviceId).receivedTelemetry();
    expect(telemetry?.body.equals(body)).toBe(true);
    const lengths = records(Buffer.concat(chunks));
    expect(lengths.length).toBeLessThan(20);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});
