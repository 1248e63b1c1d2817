// DoWork by hand: what each call brings, in the order of the native SDK.
import {
  addToHub,
  createHub,
  createProv,
  currentDaa,
  startSphere,
  textMessage,
  type Sphere,
} from '../support/sphere.js';

/** Calls DoWork, with quiet between the calls, and says what happened in each. */
async function stepped(sphere: Sphere, doWork: () => void, happened: string[], count: number): Promise<string[]> {
  const steps: string[] = [];
  for (let i = 0; i < count; i++) {
    doWork();
    steps.push(happened.splice(0).join(', '));
    await sphere.clock.advance(0);
    // Between two DoWork nothing calls back.
    expect(happened).toEqual([]);
  }
  return steps;
}

test('hub: connect, CONNACK, subscriptions, twin, telemetry, confirmation', async () => {
  const sphere = await startSphere();
  const { sdk, cloud, deviceId } = sphere;
  addToHub(sphere, currentDaa(sphere));
  const hub = createHub(sphere);
  const happened: string[] = [];
  sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, (s, r) => void happened.push(`status ${s} ${r}`));
  sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, (state) => void happened.push(`twin ${state}`));
  const message = textMessage(sphere, '1');
  sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, (result) => void happened.push(`confirmed ${result}`));
  sdk.IoTHubMessage_Destroy(message);
  expect(sdk.inUse.sockets).toBe(0);
  const device = cloud.hub().device(deviceId);

  const work = () => sdk.IoTHubDeviceClient_LL_DoWork(hub);
  // 1 opens the socket; 2 hears that it is open and says CONNECT; 3 hears the CONNACK.
  expect(await stepped(sphere, work, happened, 1)).toEqual(['']);
  expect(sdk.inUse.sockets).toBe(1);
  expect(device.isConnected).toBe(false);
  expect(await stepped(sphere, work, happened, 1)).toEqual(['']);
  expect(device.isConnected).toBe(true);
  expect(await stepped(sphere, work, happened, 1)).toEqual(['status 0 6']);
  // SUBSCRIBE, twin GET, PUBLISH: then what they bring.
  const rest = await stepped(sphere, work, happened, 8);
  expect(rest.filter((step) => step !== '')).toEqual(['twin 0', 'confirmed 0']);
  expect(rest.slice(-3)).toEqual(['', '', '']);
  expect(device.receivedTelemetry()).toHaveLength(1);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('hub: nothing comes while DoWork is not called', async () => {
  const sphere = await startSphere();
  const { sdk, clock, cloud, deviceId } = sphere;
  addToHub(sphere, currentDaa(sphere));
  const hub = createHub(sphere);
  const happened: string[] = [];
  sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, (name) => {
    happened.push(String(name));
    return { status: 200, response: '1' };
  });
  await stepped(sphere, () => sdk.IoTHubDeviceClient_LL_DoWork(hub), happened, 8);
  const answers = ['a', 'b'].map((name) => cloud.hub().device(deviceId).invokeMethod(name));
  await clock.advance(2000);
  expect(happened).toEqual([]);
  sdk.IoTHubDeviceClient_LL_DoWork(hub);
  expect(happened).toEqual(['a', 'b']);
  expect(await clock.runUntil(Promise.all(answers))).toEqual([
    { status: 200, payload: 1 },
    { status: 200, payload: 1 },
  ]);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('DPS: connected, assigning, and the result at the end', async () => {
  const sphere = await startSphere();
  const { sdk, clock, deviceId } = sphere;
  const prov = createProv(sphere);
  const happened: string[] = [];
  sdk.Prov_Device_LL_Register_Device(
    prov,
    (result, uri, id) => void happened.push(`registered ${result} ${uri} ${id === deviceId}`),
    (status) => void happened.push(`status ${status}`),
  );
  const all: string[] = [];
  for (let i = 0; i < 30 && !all.at(-1)?.startsWith('registered'); i++) {
    sdk.Prov_Device_LL_DoWork(prov);
    all.push(...happened.splice(0));
    await clock.advance(500);
    expect(happened).toEqual([]);
  }
  // 0: connected, 2: assigning, as often as DPS was asked.
  expect(all[0]).toBe('status 0');
  expect(all.at(-1)).toBe('registered 0 contoso.azure-devices.net true');
  expect(new Set(all.slice(1, -1))).toEqual(new Set(['status 2']));
  sdk.Prov_Device_LL_Destroy(prov);
  sdk.prov_dev_security_deinit();
});
