// AzureIoT_OverrideAzureSphereAuthDPS and …IoTHub where they have to refuse. Their good case: test/scenarios.
import { CertificateAuthority, type CertificateStore } from '../../src/certificates/index.js';
import { IOTHUB_CLIENT_RESULT, PROV_DEVICE_RESULT } from '../../src/sdk/index.js';
import {
  codeOf,
  connect,
  connectedHub,
  createHub,
  createProv,
  enroll,
  HUB,
  issuePem,
  made,
  register,
  rootAuthority,
  send,
  startSphere,
  textMessage,
  type Pem,
} from '../support/sphere.js';

/** A device with a custom certificate for its own id. */
async function withCustom(pump = false) {
  const sphere = await startSphere({ pump });
  const authority = await rootAuthority(sphere.clock);
  const custom = await issuePem(authority, sphere.deviceId);
  return { sphere, authority, custom, sdk: sphere.sdk };
}

/** How many custom chains the store has. Their ids are nobody's business but for this. */
function customChains(store: CertificateStore): number {
  let count = 0;
  for (let i = 1; i < 200; i++) if (store.current(`custom-${i}`) !== undefined) count++;
  return count;
}

const { PROV_DEVICE_RESULT_INVALID_ARG, PROV_DEVICE_RESULT_INVALID_STATE } = PROV_DEVICE_RESULT;
const { IOTHUB_CLIENT_INVALID_ARG, IOTHUB_CLIENT_ERROR } = IOTHUB_CLIENT_RESULT;

describe('missing arguments are C’s to refuse', () => {
  test.each<[string, (custom: Pem) => [string | null, string | null]]>([
    ['no chain', ({ privateKey }) => [null, privateKey]],
    ['no key', ({ chain }) => [chain, null]],
    ['an empty chain', ({ privateKey }) => ['', privateKey]],
    ['an empty key', ({ chain }) => [chain, '']],
  ])('%s', async (_, argumentsOf) => {
    const { sphere, custom, sdk } = await withCustom();
    const prov = createProv(sphere);
    const hub = createHub(sphere);
    const given = argumentsOf(custom);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, ...given)).toBe(PROV_DEVICE_RESULT_INVALID_ARG);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, ...given)).toBe(IOTHUB_CLIENT_INVALID_ARG);
    sdk.Prov_Device_LL_Destroy(prov);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('no handle', async () => {
    const { sphere, custom, sdk } = await withCustom();
    const none = null as never;
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(none, custom.chain, custom.privateKey)).toBe(
      PROV_DEVICE_RESULT_INVALID_ARG,
    );
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(none, custom.chain, custom.privateKey)).toBe(
      IOTHUB_CLIENT_INVALID_ARG,
    );
    expect(customChains(sphere.store)).toBe(0);
  });
});

describe('what can not be used is thrown with its reason', () => {
  const cases: [string, string, (custom: Pem, other: Pem) => [unknown, unknown]][] = [
    ['a chain that is no PEM', 'CERTIFICATE_NOT_PEM', ({ privateKey }) => ['no PEM', privateKey]],
    ['a chain that is cut off', 'CERTIFICATE_TRUNCATED', (c) => [c.chain.slice(0, -40), c.privateKey]],
    ['the key in the place of the chain', 'CERTIFICATE_NOT_PEM', (c) => [c.privateKey, c.chain]],
    ['a key that is no PEM', 'CERTIFICATE_KEY_NOT_PEM', ({ chain }) => [chain, 'no key']],
    ['the key of another certificate', 'CERTIFICATE_KEY_MISMATCH', (c, other) => [c.chain, other.privateKey]],
    ['a stranger in the chain', 'CERTIFICATE_CHAIN_BROKEN', (c, other) => [c.chain + other.chain, c.privateKey]],
    ['a chain that is no text', 'ARGUMENT_INVALID', ({ privateKey }) => [Buffer.from('x'), privateKey]],
    ['a key that is no text', 'ARGUMENT_INVALID', ({ chain }) => [chain, undefined]],
  ];
  test.each(cases)('%s → %s', async (_, code, argumentsOf) => {
    const { sphere, authority, custom, sdk } = await withCustom();
    const other = await issuePem(authority, 'another');
    const prov = createProv(sphere);
    const hub = createHub(sphere);
    const given = argumentsOf(custom, other) as [string, string];
    expect(await codeOf(() => sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, ...given))).toBe(code);
    expect(await codeOf(() => sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, ...given))).toBe(code);
    // The handle is as it was, and takes a good one.
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(0);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(0);
    sdk.Prov_Device_LL_Destroy(prov);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('no message has the key in it', async () => {
    const { sphere, authority, custom, sdk } = await withCustom();
    const other = await issuePem(authority, 'another');
    const hub = createHub(sphere);
    const texts: string[] = [];
    const secret = custom.privateKey.split('\n')[1] as string;
    for (const [chain, key] of [
      [other.chain, custom.privateKey],
      [custom.privateKey, custom.privateKey],
      [custom.chain, custom.privateKey.replace('PRIVATE KEY', 'PRIVAT KEY')],
    ] as const)
      try {
        sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, chain, key);
      } catch (error) {
        texts.push(String(error), String((error as Error).cause), String((error as Error).stack));
      }
    expect(texts).toHaveLength(9);
    for (const text of [...texts, ...sphere.log.map(({ message }) => message)]) expect(text).not.toContain(secret);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('handles', () => {
  test('a destroyed one, and one of the other kind', async () => {
    const { sphere, custom, sdk } = await withCustom();
    const prov = createProv(sphere);
    const hub = createHub(sphere);
    const dps = (handle: unknown) => () =>
      sdk.AzureIoT_OverrideAzureSphereAuthDPS(handle as never, custom.chain, custom.privateKey);
    const iotHub = (handle: unknown) => () =>
      sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(handle as never, custom.chain, custom.privateKey);
    expect(await codeOf(dps(hub))).toBe('HANDLE_INVALID');
    expect(await codeOf(iotHub(prov))).toBe('HANDLE_INVALID');
    sdk.Prov_Device_LL_Destroy(prov);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    expect(await codeOf(dps(prov))).toBe('HANDLE_DESTROYED');
    expect(await codeOf(iotHub(hub))).toBe('HANDLE_DESTROYED');
    expect(customChains(sphere.store)).toBe(0);
  });

  test('one that does not use the device’s certificate', async () => {
    const { custom, sdk, sphere } = await withCustom();
    const text = `HostName=${HUB};DeviceId=${sphere.deviceId};x509=true`;
    const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromConnectionString(text, sdk.MQTT_Protocol));
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(
      IOTHUB_CLIENT_INVALID_ARG,
    );
    expect(sphere.log.map(({ message }) => message).join('\n')).toMatch(
      /not one that uses the device's own certificate/,
    );
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('custom chains leave the store with their handles', async () => {
    const { sphere, custom, sdk } = await withCustom();
    for (let i = 0; i < 5; i++) {
      const hub = createHub(sphere);
      expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(0);
      expect(customChains(sphere.store)).toBe(1);
      sdk.IoTHubDeviceClient_LL_Destroy(hub);
    }
    expect(customChains(sphere.store)).toBe(0);
  });
});

describe('the wrong moment', () => {
  test('the hub’s override for a certificate of another device', async () => {
    const { sphere, authority, sdk } = await withCustom();
    const other = await issuePem(authority, 'another');
    const hub = createHub(sphere);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, other.chain, other.privateKey)).toBe(
      IOTHUB_CLIENT_INVALID_ARG,
    );
    expect(sphere.log.at(-1)?.message).toMatch(/common name is another, but the handle was created for/);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('the hub’s override after the first connection: refused, and the reconnect keeps the certificate', async () => {
    const { sphere, custom, sdk } = await withCustom(true);
    const { cloud, clock, deviceId } = sphere;
    const hub = await connectedHub(sphere);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(IOTHUB_CLIENT_ERROR);
    const device = cloud.hub().device(deviceId);
    device.disconnect();
    await clock.runUntil(device.disconnected());
    // The hub knows the DAA certificate only.
    await clock.runUntil(device.connected());
    expect(await send(sphere, hub, textMessage(sphere, '1'))).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('the hub’s override while the first connection opens', async () => {
    const { sphere, custom, sdk } = await withCustom();
    const hub = createHub(sphere);
    sdk.IoTHubDeviceClient_LL_DoWork(hub);
    expect(sdk.inUse.sockets).toBe(1);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(IOTHUB_CLIENT_ERROR);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    await sphere.clock.advance(0);
  });

  test('DPS’s override after Register_Device', async () => {
    const { sphere, custom, sdk } = await withCustom(true);
    const { cloud, clock, deviceId, pump } = sphere;
    const prov = createProv(sphere);
    const registered = new Promise((resolve) => sdk.Prov_Device_LL_Register_Device(prov, resolve, null));
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(
      PROV_DEVICE_RESULT_INVALID_STATE,
    );
    pump.add(prov);
    // It goes on, with the DAA certificate.
    expect(await clock.runUntil(registered)).toBe(PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK);
    expect(cloud.dps.registration(deviceId)?.enrollmentGroupId).toBe('catalog-devices');
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('DPS’s override after a registration id was set: refused, and nothing of it stays', async () => {
    const { sphere, custom, sdk } = await withCustom(true);
    const prov = createProv(sphere);
    expect(sdk.Prov_Device_LL_SetOption(prov, 'registration_id', sphere.deviceId)).toBe(0);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(
      PROV_DEVICE_RESULT_INVALID_STATE,
    );
    expect(customChains(sphere.store)).toBe(0);
    expect(await register(sphere, prov)).toMatchObject({ result: 0 });
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('the hub’s override twice before the connection: the last one counts', async () => {
    const { sphere, authority, custom, sdk } = await withCustom(true);
    const second = await issuePem(authority, sphere.deviceId);
    const hub = createHub(sphere);
    for (const { chain, privateKey } of [custom, second])
      expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, chain, privateKey)).toBe(0);
    const thumbprints = { primary: second.credential.leaf.fingerprint };
    sphere.cloud
      .hub()
      .devices.create({ deviceId: sphere.deviceId, authentication: { type: 'selfSigned', thumbprints } });
    await connect(sphere, hub);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

test('an override makes up for a DAA certificate that DPS does not know', async () => {
  const { sphere, sdk } = await withCustom(true);
  const { cloud, clock, deviceId } = sphere;
  cloud.dps.enrollmentGroups.delete('catalog-devices');
  const root = await CertificateAuthority.create({ subject: { commonName: 'Own root' }, clock });
  await enroll(cloud, 'own', root);
  const own = await issuePem(root, deviceId);
  const prov = createProv(sphere);
  expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, own.chain, own.privateKey)).toBe(0);
  expect(await register(sphere, prov)).toEqual({ result: 0, uri: HUB, deviceId });
  sdk.Prov_Device_LL_Destroy(prov);
});
