// A day later: the DAA certificate was renewed.
import { splitPem, type CertificateStore } from '../../src/certificates/index.js';
import { createSdk } from '../../src/sdk/index.js';
import {
  addToHub,
  connect,
  connectedHub,
  createHub,
  currentDaa,
  DAY,
  HOUR,
  issuePem,
  made,
  register,
  createProv,
  rootAuthority,
  send,
  startSphere,
  textMessage,
  type Sphere,
} from '../support/sphere.js';

function has(store: CertificateStore, reference: string): boolean {
  try {
    return store.resolve(reference) !== undefined;
  } catch {
    return false;
  }
}

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

test('the store keeps each certificate that a handle uses, and no other', async () => {
  const sphere = await startSphere();
  const { sdk, daa, store } = sphere;
  const hubs = [];
  for (const version of [1, 2, 3]) {
    hubs.push(createHub(sphere), createHub(sphere));
    expect(await daa.renew()).toBe(`daa:${version + 1}`);
  }
  // Nobody has 4 but as the newest.
  await daa.renew();
  const kept = () => [1, 2, 3, 4, 5].filter((version) => has(store, `daa:${version}`));
  expect(kept()).toEqual([1, 2, 3, 5]);
  const [first, another, second, last] = hubs as [never, never, never, never];
  sdk.IoTHubDeviceClient_LL_Destroy(first);
  expect(kept()).toEqual([1, 2, 3, 5]);
  sdk.IoTHubDeviceClient_LL_Destroy(another);
  expect(kept()).toEqual([2, 3, 5]);
  // A custom chain takes the place of the DAA certificate for good.
  const custom = await issuePem(await rootAuthority(sphere.clock), sphere.deviceId);
  for (const hub of [second, last])
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(0);
  expect(kept()).toEqual([3, 5]);
  for (const hub of hubs.slice(2)) sdk.IoTHubDeviceClient_LL_Destroy(hub);
  expect(kept()).toEqual([5]);
});

test('an instance that is closed with handles alive leaves the store as it was; another goes on', async () => {
  const sphere = await startSphere();
  const { clock, store, daa, deviceId } = sphere;
  const custom = await issuePem(await rootAuthority(clock), deviceId);
  const other = await createSdk({ clock, store });
  for (const sdk of [other, sphere.sdk]) {
    createHub({ sdk, deviceId });
    const hub = createHub({ sdk, deviceId });
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(0);
  }
  await daa.renew();
  expect(store.size).toBe(4);
  other.close();
  // The old DAA certificate and the custom chain of the one that goes on.
  expect(store.size).toBe(3);
  for (const { handle } of sphere.sdk.inUse.handles) sphere.sdk.IoTHubDeviceClient_LL_Destroy(handle as never);
  expect(store.size).toBe(1);
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

test('a handle goes on with its certificate, though the store has forgotten it', async () => {
  const sphere = await startSphere({ pump: true });
  const { sdk, daa, store } = sphere;
  addToHub(sphere, currentDaa(sphere));
  const first = daa.reference!;
  const hub = createHub(sphere);
  await daa.renew();
  store.remove(first);
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

describe('what DPS binds the identity in the hub to', () => {
  /** Registers, and connects a day later, with the renewed certificate. */
  async function connectRenewed(sphere: Sphere) {
    const prov = createProv(sphere);
    const { uri } = await register(sphere, prov);
    sphere.sdk.Prov_Device_LL_Destroy(prov);
    const hub = () =>
      made(sphere.sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(uri, sphere.deviceId, sphere.sdk.MQTT_Protocol));
    const first = hub();
    await connect(sphere, first);
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(first);
    await sphere.clock.advance(DAY);
    expect(sphere.daa.reference).toBe('daa:2');
    return hub;
  }

  test('the leaf: the hub refuses the renewed one until the device has provisioned again', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, cloud, deviceId } = sphere;
    const createRenewed = await connectRenewed(sphere);
    const refused = createRenewed();
    await expect(connect(sphere, refused)).rejects.toThrow('IOTHUB_CLIENT_CONNECTION_BAD_CREDENTIAL');
    expect(cloud.hub().events().at(-1)).toMatchObject({ type: 'authenticationFailed', deviceId, returnCode: 5 });
    expect(sdk.diagnostics.at(-1)).toMatchObject({ handle: refused, code: 'HUB_CONNECT_REFUSED' });
    expect(sdk.diagnostics.at(-1)?.message).toContain('After a new certificate, register with DPS again');
    sdk.IoTHubDeviceClient_LL_Destroy(refused);

    const prov = createProv(sphere);
    expect(await register(sphere, prov)).toMatchObject({ result: 0 });
    sdk.Prov_Device_LL_Destroy(prov);
    const hub = createRenewed();
    await connect(sphere, hub);
    expect(await send(sphere, hub, textMessage(sphere, 'renewed'))).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('the CA: the hub takes the renewed one', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, catalog, cloud, deviceId } = sphere;
    cloud.dps.enrollmentGroups.update('catalog-devices', { credentialMode: 'ca' });
    cloud.hub().certificates.upload('catalog', catalog.caCertificate, { verified: true });
    const createRenewed = await connectRenewed(sphere);
    expect(cloud.hub().devices.get(deviceId).authentication).toEqual({ type: 'certificateAuthority' });
    const hub = createRenewed();
    await connect(sphere, hub);
    expect(await send(sphere, hub, textMessage(sphere, 'renewed'))).toBe(0);
    expect(sdk.diagnostics).toEqual([]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
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
