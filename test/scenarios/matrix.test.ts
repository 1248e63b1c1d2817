// Transport × credential × operation: each cell is a test of the C functions against the emulator.
import {
  DEVICE_TWIN_UPDATE_STATE,
  IOTHUB_CLIENT_CONFIRMATION_RESULT,
  IOTHUBMESSAGE_DISPOSITION_RESULT,
  PROV_DEVICE_RESULT,
  SECURE_DEVICE_TYPE,
  type IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  type PROV_DEVICE_LL_HANDLE,
  type SdkOptions,
} from '../../src/sdk/index.js';
import { deriveDeviceKey } from '../../src/emulator/index.js';
import {
  connect,
  DPS,
  enroll,
  HUB,
  issuePem,
  made,
  register,
  rootAuthority,
  startSphere,
  type Pem,
  type Sphere,
} from '../support/sphere.js';

type Transport = { readonly ws: boolean; readonly webSocket: SdkOptions['webSocket'] };

const transports: Record<string, Transport> = {
  MQTT: { ws: false, webSocket: 'sdk' },
  'WebSocket framed by the SDK': { ws: true, webSocket: 'sdk' },
  'WebSocket by ws': { ws: true, webSocket: 'ws' },
};

/** A device that is known to the services, and how it creates its handles. */
interface Device {
  readonly sphere: Sphere;
  readonly deviceId: string;
  createProv(): PROV_DEVICE_LL_HANDLE;
  createHub(): IOTHUB_DEVICE_CLIENT_LL_HANDLE;
}

type Credential = (sphere: Sphere, transport: Transport) => Promise<Device>;

const credentials: Record<string, Credential> = {
  'DAA X.509': async (sphere, transport) => x509Device(sphere, transport, sphere.deviceId, undefined),
  'custom X.509 by override': async (sphere, transport) => {
    const authority = await rootAuthority(sphere.clock);
    await enroll(sphere.cloud, 'contoso', authority);
    return x509Device(sphere, transport, 'boiler-7', await issuePem(authority, 'boiler-7'));
  },
  'connection string': async (sphere, { ws }) => {
    const { sdk, cloud } = sphere;
    const deviceId = 'thermostat-1';
    const group = cloud.dps.enrollmentGroups.create({ id: 'keys', attestation: { symmetricKey: {} } });
    const { primaryKey } = (group.attestation as { symmetricKey: { primaryKey: string } }).symmetricKey;
    cloud.hub().devices.create({ deviceId, authentication: { type: 'sas' } });
    return {
      sphere,
      deviceId,
      createProv: () => {
        expect(sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_SYMMETRIC_KEY)).toBe(0);
        sdk.prov_dev_set_symmetric_key_info('sensor-5', deriveDeviceKey(primaryKey, 'sensor-5'));
        return made(sdk.Prov_Device_LL_Create(DPS, cloud.dps.idScope, provProtocol(sphere, ws)));
      },
      createHub: () => {
        const connectionString = cloud.hub().devices.connectionString(deviceId);
        const protocol = ws ? sdk.MQTT_WebSocket_Protocol : sdk.MQTT_Protocol;
        return made(sdk.IoTHubDeviceClient_LL_CreateFromConnectionString(connectionString, protocol));
      },
    };
  },
};

function provProtocol({ sdk }: Sphere, ws: boolean) {
  return ws ? sdk.Prov_Device_MQTT_WS_Protocol : sdk.Prov_Device_MQTT_Protocol;
}

function x509Device(sphere: Sphere, { ws }: Transport, deviceId: string, custom: Pem | undefined): Device {
  const { sdk, cloud, store, daa } = sphere;
  const { leaf } = custom?.credential ?? store.resolve(daa.reference as string);
  cloud
    .hub()
    .devices.create({ deviceId, authentication: { type: 'selfSigned', thumbprints: { primary: leaf.fingerprint } } });
  return {
    sphere,
    deviceId,
    createProv: () => {
      expect(sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_X509)).toBe(0);
      const prov = made(sdk.Prov_Device_LL_Create(DPS, cloud.dps.idScope, provProtocol(sphere, ws)));
      expect(sdk.Prov_Device_LL_SetOption(prov, 'SetDeviceId', 1)).toBe(0);
      if (custom) expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(0);
      return prov;
    },
    createHub: () => {
      sdk.iothub_security_init(2);
      const protocol = ws ? sdk.MQTT_WebSocket_Protocol : sdk.MQTT_Protocol;
      const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, deviceId, protocol));
      sdk.iothub_security_deinit();
      expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1)).toBe(0);
      if (custom) expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(0);
      return hub;
    },
  };
}

const operations: Record<string, (device: Device) => Promise<void>> = {
  register: async ({ sphere, createProv }) => {
    const prov = createProv();
    const { result, uri } = await register(sphere, prov);
    expect(PROV_DEVICE_RESULT[result]).toBe('PROV_DEVICE_RESULT_OK');
    expect(uri).toBe(HUB);
    sphere.sdk.Prov_Device_LL_Destroy(prov);
    sphere.sdk.prov_dev_security_deinit();
  },

  connect: async (device) => {
    const hub = await connected(device);
    expect(device.sphere.cloud.hub().device(device.deviceId).isConnected).toBe(true);
    device.sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  },

  'D2C with every message property': async (device) => {
    const { sdk, clock, cloud } = device.sphere;
    const hub = await connected(device);
    sdk.IoTHubDeviceClient_LL_SetOption(hub, 'auto_url_encode_decode', true);
    const message = made(sdk.IoTHubMessage_CreateFromByteArray(new Uint8Array([0, 1, 254, 255])));
    sdk.IoTHubMessage_SetProperty(message, 'room', 'cellar');
    sdk.IoTHubMessage_SetMessageId(message, 'm-1');
    sdk.IoTHubMessage_SetCorrelationId(message, 'c-1');
    sdk.IoTHubMessage_SetContentTypeSystemProperty(message, 'application/json');
    sdk.IoTHubMessage_SetContentEncodingSystemProperty(message, 'utf-8');
    sdk.IoTHubMessage_SetMessageCreationTimeUtcSystemProperty(message, '2026-01-01T00:00:00Z');
    sdk.IoTHubMessage_SetMessageUserIdSystemProperty(message, 'u-1');
    sdk.IoTHubMessage_SetComponentName(message, 'thermostat');
    sdk.IoTHubMessage_SetOutputName(message, 'out');
    const confirmed = new Promise((resolve) => sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, resolve));
    sdk.IoTHubMessage_Destroy(message);
    expect(await clock.runUntil(confirmed)).toBe(IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_OK);
    const received = await clock.runUntil(cloud.hub().device(device.deviceId).nextTelemetry());
    expect([...received.body]).toEqual([0, 1, 254, 255]);
    expect(received.properties).toEqual({ room: 'cellar' });
    expect(received.systemProperties).toMatchObject({
      messageId: 'm-1',
      correlationId: 'c-1',
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      creationTimeUtc: '2026-01-01T00:00:00Z',
      componentName: 'thermostat',
      outputName: 'out',
    });
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  },

  'D2C as a security message': async (device) => {
    const { sdk, clock, cloud } = device.sphere;
    const hub = await connected(device);
    const message = made(sdk.IoTHubMessage_CreateFromString('{}'));
    sdk.IoTHubMessage_SetAsSecurityMessage(message);
    sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, null);
    sdk.IoTHubMessage_Destroy(message);
    const { systemProperties } = await clock.runUntil(cloud.hub().device(device.deviceId).nextTelemetry());
    // The SDK adds both, the encoding of its own accord.
    expect(systemProperties).toMatchObject({
      interfaceId: 'urn:azureiot:Security:SecurityAgent:1',
      contentEncoding: 'application/json',
    });
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  },

  'C2D accepted': (device) => receiveC2d(device, 'IOTHUBMESSAGE_ACCEPTED', 'completed'),
  // MQTT has no way to say no: the SDK acknowledges a rejected message, too.
  'C2D rejected': (device) => receiveC2d(device, 'IOTHUBMESSAGE_REJECTED', 'completed'),
  'C2D abandoned': (device) => receiveC2d(device, 'IOTHUBMESSAGE_ABANDONED', undefined),

  'C2D answered later': async (device) => {
    const { sdk, clock, cloud } = device.sphere;
    const hub = await connected(device);
    const received = new Promise<Parameters<typeof sdk.IoTHubMessage_GetString>[0]>((resolve) => {
      sdk.IoTHubDeviceClient_LL_SetMessageCallback(hub, (message) => {
        resolve(message);
        return IOTHUBMESSAGE_DISPOSITION_RESULT.IOTHUBMESSAGE_ASYNC_ACK;
      });
    });
    const delivery = cloud.hub().device(device.deviceId).sendC2D('later');
    const message = await clock.runUntil(received);
    await clock.advance(5000);
    expect(delivery.outcome).toBeUndefined();
    expect(Buffer.from(sdk.IoTHubMessage_GetByteArray(message).buffer ?? []).toString()).toBe('later');
    const accepted = IOTHUBMESSAGE_DISPOSITION_RESULT.IOTHUBMESSAGE_ACCEPTED;
    expect(sdk.IoTHubDeviceClient_LL_SendMessageDisposition(hub, message, accepted)).toBe(0);
    expect((await clock.runUntil(delivery.finished())).status).toBe('completed');
    expect(() => sdk.IoTHubMessage_GetMessageId(message)).toThrow(
      expect.objectContaining({ code: 'HANDLE_DESTROYED' }),
    );
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  },

  method: async (device) => {
    const { sdk, clock, cloud } = device.sphere;
    const hub = await connected(device);
    sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, (name, payload) => ({
      status: 207,
      response: JSON.stringify({ name, payload: JSON.parse(Buffer.from(payload).toString()) as unknown }),
    }));
    await clock.advance(1000);
    const answer = await clock.runUntil(cloud.hub().device(device.deviceId).invokeMethod('blink', { times: 3 }));
    expect(answer).toEqual({ status: 207, payload: { name: 'blink', payload: { times: 3 } } });
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  },

  twin: async (device) => {
    const { sdk, clock, cloud } = device.sphere;
    const remote = cloud.hub().device(device.deviceId);
    const hub = await connected(device);
    const updates: string[] = [];
    sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, (state, payload) => {
      updates.push(`${DEVICE_TWIN_UPDATE_STATE[state]} ${Buffer.from(payload).toString()}`);
    });
    await clock.advance(1000);
    remote.updateDesired({ interval: 5 });
    const status = new Promise((resolve) =>
      sdk.IoTHubDeviceClient_LL_SendReportedState(hub, '{"interval":5}', resolve),
    );
    expect(await clock.runUntil(status)).toBe(204);
    await clock.advance(1000);
    expect(updates).toEqual([
      'DEVICE_TWIN_UPDATE_COMPLETE {"desired":{"$version":1},"reported":{"$version":1}}',
      'DEVICE_TWIN_UPDATE_PARTIAL {"interval":5,"$version":2}',
    ]);
    expect(remote.twin.reported).toEqual({ interval: 5 });
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  },
};

async function connected(device: Device): Promise<IOTHUB_DEVICE_CLIENT_LL_HANDLE> {
  const hub = device.createHub();
  await connect(device.sphere, hub);
  return hub;
}

async function receiveC2d(
  device: Device,
  disposition: keyof typeof IOTHUBMESSAGE_DISPOSITION_RESULT,
  outcome: string | undefined,
): Promise<void> {
  const { sdk, clock, cloud } = device.sphere;
  const hub = await connected(device);
  const received: unknown[] = [];
  sdk.IoTHubDeviceClient_LL_SetMessageCallback(hub, (message) => {
    received.push({
      body: Buffer.from(sdk.IoTHubMessage_GetByteArray(message).buffer ?? []).toString(),
      messageId: sdk.IoTHubMessage_GetMessageId(message),
      correlationId: sdk.IoTHubMessage_GetCorrelationId(message),
      room: sdk.IoTHubMessage_GetProperty(message, 'room'),
    });
    return IOTHUBMESSAGE_DISPOSITION_RESULT[disposition];
  });
  const options = { properties: { room: 'cellar' }, messageId: 'm-1', correlationId: 'c-1' };
  const sent = Math.floor(clock.now() / 1000);
  const delivery = cloud.hub().device(device.deviceId).sendC2D('hello', options);
  await clock.advance(5000);
  const { result, lastMessageReceiveTime } = sdk.IoTHubDeviceClient_LL_GetLastMessageReceiveTime(hub);
  expect(result).toBe(0);
  expect(lastMessageReceiveTime).toBeGreaterThanOrEqual(sent);
  expect(lastMessageReceiveTime).toBeLessThanOrEqual(sent + 5);
  expect(received).toEqual([{ body: 'hello', messageId: 'm-1', correlationId: 'c-1', room: 'cellar' }]);
  expect(delivery.outcome?.status).toBe(outcome);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
}

describe.each(Object.entries(transports))('%s', (_transport, transport) => {
  describe.each(Object.entries(credentials))('%s', (_credential, makeDevice) => {
    test.each(Object.entries(operations))('%s', async (_operation, run) => {
      const sphere = await startSphere({ pump: true, sdk: { webSocket: transport.webSocket } });
      await run(await makeDevice(sphere, transport));
    });
  });
});
