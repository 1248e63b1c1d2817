// What a connected device does with its hub, call by call.
import {
  DEVICE_TWIN_UPDATE_STATE,
  IOTHUB_CLIENT_CONFIRMATION_RESULT,
  IOTHUB_CLIENT_RESULT,
  IOTHUB_CLIENT_STATUS,
} from '../../src/sdk/index.js';
import { connectedHub, HOUR, made, send, startSphere, textMessage, type Sphere } from '../support/sphere.js';

/** JSON of a twin callback's payload. */
const json = (payload: Uint8Array): unknown => JSON.parse(Buffer.from(payload).toString());

describe('telemetry', () => {
  test('body, properties and system properties arrive', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, cloud, clock, deviceId } = sphere;
    const hub = await connectedHub(sphere);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'auto_url_encode_decode', true)).toBe(0);
    const message = textMessage(sphere, '{"temperature":21.5}');
    expect(sdk.IoTHubMessage_SetMessageId(message, 'message-1')).toBe(0);
    expect(sdk.IoTHubMessage_SetCorrelationId(message, 'correlation-1')).toBe(0);
    expect(sdk.IoTHubMessage_SetContentTypeSystemProperty(message, 'application/json')).toBe(0);
    expect(sdk.IoTHubMessage_SetContentEncodingSystemProperty(message, 'utf-8')).toBe(0);
    expect(sdk.IoTHubMessage_SetProperty(message, 'alarm', 'true')).toBe(0);
    expect(sdk.IoTHubMessage_SetProperty(message, 'room', 'boiler room')).toBe(0);
    const sentAt = clock.now();
    expect(await send(sphere, hub, message)).toBe(IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_OK);
    const [telemetry, ...more] = cloud.hub().device(deviceId).receivedTelemetry();
    expect(more).toEqual([]);
    expect(telemetry).toMatchObject({
      properties: { alarm: 'true', room: 'boiler room' },
      systemProperties: {
        messageId: 'message-1',
        correlationId: 'correlation-1',
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        connectionDeviceId: deviceId,
      },
      enqueuedTime: sentAt,
      qos: 1,
      duplicate: false,
    });
    expect(telemetry?.body.toString()).toBe('{"temperature":21.5}');
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('names and values that need it arrive whole with auto_url_encode_decode', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, cloud, deviceId } = sphere;
    const hub = await connectedHub(sphere);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'auto_url_encode_decode', true)).toBe(0);
    const message = textMessage(sphere, '1');
    sdk.IoTHubMessage_SetProperty(message, 'path', 'a/b&c=d %25?');
    expect(await send(sphere, hub, message)).toBe(0);
    const [telemetry] = cloud.hub().device(deviceId).receivedTelemetry();
    expect(telemetry?.properties).toEqual({ path: 'a/b&c=d %25?' });
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('without that, a slash ends the connection, as it does in Azure', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, cloud, deviceId, clock } = sphere;
    const hub = await connectedHub(sphere);
    const message = textMessage(sphere, '1');
    sdk.IoTHubMessage_SetContentTypeSystemProperty(message, 'application/json');
    sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, () => undefined);
    sdk.IoTHubMessage_Destroy(message);
    await clock.runUntil(cloud.hub().device(deviceId).disconnected());
    expect(cloud.hub().events().at(-1)).toMatchObject({
      type: 'disconnected',
      reason: 'a message with a property that is not percent-encoded: %24.ct=application/json',
    });
    expect(cloud.hub().device(deviceId).receivedTelemetry()).toEqual([]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('binary bodies arrive unchanged', async () => {
    const sphere = await startSphere({ pump: true });
    const hub = await connectedHub(sphere);
    const bytes = Uint8Array.from({ length: 512 }, (_, i) => i & 0xff);
    expect(await send(sphere, hub, made(sphere.sdk.IoTHubMessage_CreateFromByteArray(bytes)))).toBe(0);
    const [telemetry] = sphere.cloud.hub().device(sphere.deviceId).receivedTelemetry();
    expect(telemetry?.body.equals(bytes)).toBe(true);
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('every message is confirmed, in order, and the send status follows', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, cloud, deviceId } = sphere;
    const hub = await connectedHub(sphere);
    const confirmed: string[] = [];
    for (let i = 0; i < 25; i++) {
      const message = textMessage(sphere, String(i));
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, (result) => void confirmed.push(`${i}:${result}`));
      sdk.IoTHubMessage_Destroy(message);
    }
    const status = () => sdk.IoTHubDeviceClient_LL_GetSendStatus(hub);
    expect(status()).toEqual({ result: 0, iotHubClientStatus: IOTHUB_CLIENT_STATUS.IOTHUB_CLIENT_SEND_STATUS_BUSY });
    expect(confirmed).toEqual([]);
    await clock.advance(1000);
    expect(confirmed).toEqual(Array.from({ length: 25 }, (_, i) => `${i}:0`));
    expect(status()).toEqual({ result: 0, iotHubClientStatus: IOTHUB_CLIENT_STATUS.IOTHUB_CLIENT_SEND_STATUS_IDLE });
    const bodies = cloud
      .hub()
      .device(deviceId)
      .receivedTelemetry()
      .map(({ body }) => body.toString());
    expect(bodies).toEqual(Array.from({ length: 25 }, (_, i) => String(i)));
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('SendTelemetryAsync confirms too', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock } = sphere;
    const hub = await connectedHub(sphere);
    const message = textMessage(sphere, 'pnp');
    expect(sdk.IoTHubMessage_SetComponentName(message, 'thermostat1')).toBe(0);
    const confirmed = new Promise((resolve) => {
      expect(sdk.IoTHubDeviceClient_LL_SendTelemetryAsync(hub, message, resolve)).toBe(0);
    });
    sdk.IoTHubMessage_Destroy(message);
    expect(await clock.runUntil(confirmed)).toBe(0);
    expect(sphere.cloud.hub().device(sphere.deviceId).receivedTelemetry()).toMatchObject([
      { systemProperties: { componentName: 'thermostat1' } },
    ]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('what was not sent is confirmed BECAUSE_DESTROY, inside Destroy', async () => {
    const sphere = await startSphere();
    const { sdk } = sphere;
    sdk.iothub_security_init(2);
    const hub = made(
      sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(sphere.cloud.hub().name, sphere.deviceId, sdk.MQTT_Protocol),
    );
    const confirmed: number[] = [];
    const message = textMessage(sphere, '1');
    sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, (result) => void confirmed.push(result));
    sdk.IoTHubMessage_Destroy(message);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    expect(confirmed).toEqual([IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_BECAUSE_DESTROY]);
  });

  test('messageTimeout, in virtual time', async () => {
    const sphere = await startSphere({ pump: true, sdk: { resolve: () => undefined } });
    const { sdk, clock, pump } = sphere;
    sdk.iothub_security_init(2);
    const hub = made(
      sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(sphere.cloud.hub().name, sphere.deviceId, sdk.MQTT_Protocol),
    );
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'messageTimeout', 5000)).toBe(0);
    pump.add(hub);
    // At the tick 0 of a handle's own counter the SDK takes the message's time for "no time-out", natively too.
    await clock.advance(1);
    const begun = clock.now();
    const message = textMessage(sphere, '1');
    const confirmed = new Promise((resolve) => {
      sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, (result) => resolve([result, clock.now() - begun]));
    });
    sdk.IoTHubMessage_Destroy(message);
    const [result, after] = (await clock.runUntil(confirmed)) as [number, number];
    expect(result).toBe(IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_MESSAGE_TIMEOUT);
    expect(after).toBeGreaterThanOrEqual(5000);
    expect(after).toBeLessThan(5300);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('direct methods', () => {
  test('the callback gets name and payload, and its answer goes back', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, cloud, deviceId } = sphere;
    const hub = await connectedHub(sphere);
    const calls: unknown[] = [];
    const result = sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, (name, payload) => {
      calls.push([name, payload.length === 0 ? undefined : json(payload)]);
      if (name === 'bytes') return { status: 200, response: new Uint8Array(Buffer.from('{"é":[1,2]}')) };
      return name === 'blink' ? { status: 200, response: '{"blinked":true}' } : { status: 404, response: 'null' };
    });
    expect(result).toBe(IOTHUB_CLIENT_RESULT.IOTHUB_CLIENT_OK);
    await clock.advance(1000);
    const device = cloud.hub().device(deviceId);
    const invoke = (name: string, payload?: unknown) => clock.runUntil(device.invokeMethod(name, payload));
    expect(await invoke('blink', { times: 3 })).toEqual({ status: 200, payload: { blinked: true } });
    expect(await invoke('bytes', 'ü')).toEqual({ status: 200, payload: { é: [1, 2] } });
    expect(await invoke('unknown')).toEqual({ status: 404, payload: null });
    expect(calls).toEqual([
      ['blink', { times: 3 }],
      ['bytes', 'ü'],
      ['unknown', undefined],
    ]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a response of 100 KB', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, cloud, deviceId } = sphere;
    const hub = await connectedHub(sphere);
    const text = 'x'.repeat(100_000);
    sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, () => ({ status: 200, response: JSON.stringify(text) }));
    await clock.advance(1000);
    const answer = await clock.runUntil(cloud.hub().device(deviceId).invokeMethod('long'));
    expect(answer.payload === text).toBe(true);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('without a callback the hub can not call', async () => {
    const sphere = await startSphere({ pump: true });
    const hub = await connectedHub(sphere);
    await sphere.clock.advance(1000);
    await expect(sphere.cloud.hub().device(sphere.deviceId).invokeMethod('blink')).rejects.toMatchObject({
      code: 'DEVICE_NOT_ONLINE',
    });
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('twin', () => {
  async function withTwin(): Promise<{
    sphere: Sphere;
    hub: Awaited<ReturnType<typeof connectedHub>>;
    got: unknown[];
  }> {
    const sphere = await startSphere({ pump: true });
    const hub = await connectedHub(sphere);
    const got: unknown[] = [];
    sphere.sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, (state, payload) => {
      got.push([DEVICE_TWIN_UPDATE_STATE[state], json(payload)]);
    });
    return { sphere, hub, got };
  }

  test('complete first, then each patch', async () => {
    const { sphere, hub, got } = await withTwin();
    const device = sphere.cloud.hub().device(sphere.deviceId);
    device.updateDesired({ interval: 10 });
    await sphere.clock.advance(1000);
    expect(got).toEqual([
      ['DEVICE_TWIN_UPDATE_COMPLETE', { desired: { interval: 10, $version: 2 }, reported: { $version: 1 } }],
    ]);
    got.length = 0;
    device.updateDesired({ interval: 30, label: 'Küche' });
    device.updateDesired({ interval: null });
    await sphere.clock.advance(1000);
    expect(got).toEqual([
      ['DEVICE_TWIN_UPDATE_PARTIAL', { interval: 30, label: 'Küche', $version: 3 }],
      ['DEVICE_TWIN_UPDATE_PARTIAL', { interval: null, $version: 4 }],
    ]);
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('reported properties are accepted with 204 and seen by the hub', async () => {
    const { sphere, hub } = await withTwin();
    const { sdk, clock, cloud, deviceId } = sphere;
    const reported = new Promise<number>((resolve) => {
      expect(sdk.IoTHubDeviceClient_LL_SendReportedState(hub, '{"interval":30,"label":"Küche"}', resolve)).toBe(0);
    });
    expect(await clock.runUntil(reported)).toBe(204);
    expect(cloud.hub().device(deviceId).twin.reported).toMatchObject({ interval: 30, label: 'Küche' });
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('GetTwinAsync calls back once, with the whole twin', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, cloud, deviceId } = sphere;
    const hub = await connectedHub(sphere);
    cloud.hub().device(deviceId).updateDesired({ interval: 10 });
    const got: unknown[] = [];
    const result = sdk.IoTHubDeviceClient_LL_GetTwinAsync(
      hub,
      (state, payload) => void got.push([state, json(payload)]),
    );
    expect(result).toBe(IOTHUB_CLIENT_RESULT.IOTHUB_CLIENT_OK);
    await clock.advance(1000);
    cloud.hub().device(deviceId).updateDesired({ interval: 11 });
    await clock.advance(1000);
    expect(got).toEqual([
      [
        DEVICE_TWIN_UPDATE_STATE.DEVICE_TWIN_UPDATE_COMPLETE,
        { desired: { interval: 10, $version: 2 }, reported: { $version: 1 } },
      ],
    ]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

test('an idle connection lives for hours: keepalives are answered', async () => {
  const sphere = await startSphere({ pump: { idleMs: 1000 } });
  const hub = await connectedHub(sphere);
  const { clock, cloud, deviceId, sdk } = sphere;
  await clock.advance(3 * HOUR);
  expect(
    cloud
      .hub()
      .events()
      .map(({ type }) => type),
  ).toEqual(['deviceCreated', 'connected']);
  expect(await send(sphere, hub, textMessage(sphere, 'still here'))).toBe(0);
  expect(cloud.hub().device(deviceId).receivedTelemetry()).toHaveLength(1);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});
