// A day later: the DAA certificate was renewed.
import { splitPem } from '../../src/certificates/index.js';
import {
  addToHub,
  connect,
  connectedHub,
  createHub,
  currentDaa,
  DAY,
  HOUR,
  made,
  register,
  createProv,
  send,
  startSphere,
  textMessage,
} from '../support/sphere.js';

test('after 24 hours there is a new certificate, and a new handle connects with it', async () => {
  const sphere = await startSphere({ pump: { idleMs: 1000 } });
  const { sdk, clock, cloud, daa, deviceId } = sphere;
  const old = currentDaa(sphere);
  const first = await connectedHub(sphere);
  await clock.advance(DAY);
  const renewed = currentDaa(sphere);
  expect(daa.reference).toBe('daa:2');
  expect(renewed.leaf.fingerprint256).not.toBe(old.leaf.fingerprint256);
  expect(splitPem(renewed.chain)).toHaveLength(splitPem(old.chain).length);

  // The hub is told the thumbprint of the new one only: who still uses the old one is refused.
  addToHub(sphere, renewed);
  sdk.IoTHubDeviceClient_LL_Destroy(first);
  const second = createHub(sphere);
  await connect(sphere, second);
  expect(await send(sphere, second, textMessage(sphere, 'renewed'))).toBe(0);
  expect(cloud.hub().device(deviceId).isConnected).toBe(true);
  sdk.IoTHubDeviceClient_LL_Destroy(second);
});

test('the SDK itself reconnects with the old certificate', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, clock, cloud, daa, deviceId } = sphere;
  const hub = await connectedHub(sphere);
  const statuses: string[] = [];
  sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, (s, r) => void statuses.push(`${s} ${r}`));
  await daa.renew();
  expect(daa.reference).toBe('daa:2');
  const device = cloud.hub().device(deviceId);
  // The hub knows the old one only.
  device.disconnect();
  await clock.runUntil(device.disconnected());
  await clock.runUntil(device.connected());
  await clock.advance(1000);
  expect(statuses.at(-1)).toBe('0 6');
  expect(await send(sphere, hub, textMessage(sphere, 'again'))).toBe(0);
  expect(
    cloud
      .hub()
      .events()
      .map(({ type }) => type),
  ).toEqual(['deviceCreated', 'connected', 'disconnected', 'connected']);
  // A new handle takes the new one, which the hub does not know.
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
  const fresh = createHub(sphere);
  await expect(connect(sphere, fresh)).rejects.toThrow(/^IOTHUB_CLIENT_CONNECTION_/);
  expect(cloud.hub().events().at(-1)).toMatchObject({ type: 'authenticationFailed', deviceId });
  sdk.IoTHubDeviceClient_LL_Destroy(fresh);
});

test('a handle keeps the certificate that was the newest when it was made, though it connects later', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, daa } = sphere;
  addToHub(sphere, currentDaa(sphere));
  const hub = createHub(sphere);
  await daa.renew();
  await connect(sphere, hub);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('DPS takes the renewed certificate, and the hub follows it', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, clock, cloud, deviceId } = sphere;
  for (const day of [1, 2]) {
    const prov = createProv(sphere);
    const { uri } = await register(sphere, prov);
    sdk.Prov_Device_LL_Destroy(prov);
    sdk.prov_dev_security_deinit();
    const thumbprint = currentDaa(sphere).leaf.fingerprint.replaceAll(':', '');
    expect(cloud.dps.registration(deviceId)).toMatchObject({ thumbprint });
    const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(uri, deviceId, sdk.MQTT_Protocol));
    await connect(sphere, hub);
    expect(await send(sphere, hub, textMessage(sphere, `day ${day}`))).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    await clock.advance(DAY);
  }
  const bodies = cloud
    .hub()
    .device(deviceId)
    .receivedTelemetry()
    .map(({ body }) => body.toString());
  expect(bodies).toEqual(['day 1', 'day 2']);
});

test('an expired DAA certificate is refused by the hub: time is the clock’s', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, clock, cloud, daa, deviceId } = sphere;
  addToHub(sphere, currentDaa(sphere));
  daa.close();
  await clock.advance(DAY + HOUR);
  const hub = createHub(sphere);
  await expect(connect(sphere, hub)).rejects.toThrow(/^IOTHUB_CLIENT_CONNECTION_/);
  expect(cloud.hub().events()[1]).toMatchObject({
    type: 'authenticationFailed',
    deviceId,
    reason: expect.stringMatching(/expired/i),
  });
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});
