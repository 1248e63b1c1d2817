// AzureIoT_OverrideAzureSphereAuthDPS and …IoTHub: what is beside the table of overrides-table.test.ts.
import { CertificateAuthority, type Credential } from '../../src/certificates/index.js';
import {
  IOTHUB_CLIENT_RESULT,
  PROV_DEVICE_RESULT,
  SECURE_DEVICE_TYPE,
  type IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  type PROV_DEVICE_LL_HANDLE,
} from '../../src/sdk/index.js';
import {
  addToHub,
  codeOf,
  connect,
  createHub,
  createProv,
  currentDaa,
  customChains,
  DPS,
  enroll,
  HOUR,
  HUB,
  issuePem,
  made,
  register,
  rootAuthority,
  send,
  startSphere,
  textMessage,
  type Pem,
  type Sphere,
} from '../support/sphere.js';

/** A device with a custom certificate for its own id. */
async function withCustom(pump = false) {
  const sphere = await startSphere({ pump });
  const authority = await rootAuthority(sphere.clock);
  const custom = await issuePem(authority, sphere.deviceId);
  return { sphere, authority, custom, sdk: sphere.sdk };
}

const { PROV_DEVICE_RESULT_INVALID_ARG, PROV_DEVICE_RESULT_INVALID_STATE } = PROV_DEVICE_RESULT;
const { IOTHUB_CLIENT_INVALID_ARG } = IOTHUB_CLIENT_RESULT;

function thumbprintOf({ leaf }: Credential): string {
  return leaf.fingerprint.replaceAll(':', '');
}

test('no handle', async () => {
  const { sphere, custom, sdk } = await withCustom();
  const none = null as never;
  expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(none, custom.chain, custom.privateKey)).toBe(
    PROV_DEVICE_RESULT_INVALID_ARG,
  );
  expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(none, custom.chain, custom.privateKey)).toBe(
    IOTHUB_CLIENT_INVALID_ARG,
  );
  expect(sdk.diagnostics.map(({ handle, code }) => [handle, code])).toEqual([
    [0, 'OVERRIDE_HANDLE_INVALID'],
    [0, 'OVERRIDE_HANDLE_INVALID'],
  ]);
  expect(customChains(sphere)).toBe(0);
});

describe('what can not be used is thrown with its reason', () => {
  test.each<[string, (custom: Pem) => [unknown, unknown]]>([
    ['a chain', ({ chain, privateKey }) => [Buffer.from(chain), privateKey]],
    ['a key', ({ chain, privateKey }) => [chain, Buffer.from(privateKey)]],
    ['a key', ({ chain }) => [chain, undefined]],
  ])('%s that is no text', async (_, argumentsOf) => {
    const { sphere, custom, sdk } = await withCustom();
    const prov = createProv(sphere);
    const hub = createHub(sphere);
    const given = argumentsOf(custom) as [string, string];
    expect(await codeOf(() => sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, ...given))).toBe('ARGUMENT_INVALID');
    expect(await codeOf(() => sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, ...given))).toBe('ARGUMENT_INVALID');
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
    expect(customChains(sphere)).toBe(0);
  });

  test('one that does not use the device’s certificate', async () => {
    const { custom, sdk, sphere } = await withCustom();
    const text = `HostName=${HUB};DeviceId=${sphere.deviceId};x509=true`;
    const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromConnectionString(text, sdk.MQTT_Protocol));
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(
      IOTHUB_CLIENT_INVALID_ARG,
    );
    const { code, message } = sdk.diagnostics.at(-1)!;
    expect([code, message]).toEqual([
      'OVERRIDE_HANDLE_INVALID',
      expect.stringMatching(/not one that uses the device's own certificate/),
    ]);
    expect(sphere.log.at(-1)?.message).toBe(`${code}: ${message}`);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a provisioning handle with a symmetric key', async () => {
    const { custom, sdk, sphere } = await withCustom();
    expect(sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_SYMMETRIC_KEY)).toBe(0);
    sdk.prov_dev_set_symmetric_key_info('sensor-5', 'a2V5');
    const prov = made(sdk.Prov_Device_LL_Create(DPS, sphere.cloud.dps.idScope, sdk.Prov_Device_MQTT_Protocol));
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(
      PROV_DEVICE_RESULT_INVALID_ARG,
    );
    expect(sdk.diagnostics.at(-1)).toMatchObject({ handle: prov, code: 'OVERRIDE_HANDLE_INVALID' });
    sdk.Prov_Device_LL_Destroy(prov);
    sdk.prov_dev_security_deinit();
  });

  test('custom chains leave the store with their handles', async () => {
    const { sphere, custom, sdk } = await withCustom();
    for (let i = 0; i < 5; i++) {
      const hub = createHub(sphere);
      expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(0);
      expect(customChains(sphere)).toBe(1);
      sdk.IoTHubDeviceClient_LL_Destroy(hub);
    }
    expect(customChains(sphere)).toBe(0);
  });
});

describe('handles at the same time', () => {
  /** Shows which certificate each handle uses: DPS binds the hub identity to it. */
  async function registered(sphere: Sphere, prov: PROV_DEVICE_LL_HANDLE, id: string): Promise<string | undefined> {
    expect(await register(sphere, prov)).toMatchObject({ result: 0, deviceId: id });
    return sphere.cloud.dps.registration(id)?.thumbprint;
  }

  test('DPS: two with a chain each, and one with DAA', async () => {
    const { sphere, authority, sdk } = await withCustom(true);
    await enroll(sphere.cloud, 'contoso', authority);
    const chains = [await issuePem(authority, 'one'), await issuePem(authority, 'two')] as const;
    const [one, plain, two] = [createProv(sphere), createProv(sphere), createProv(sphere)];
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(one, chains[0].chain, chains[0].privateKey)).toBe(0);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(two, chains[1].chain, chains[1].privateKey)).toBe(0);
    expect(customChains(sphere)).toBe(2);
    expect(await registered(sphere, plain, sphere.deviceId)).toBe(thumbprintOf(currentDaa(sphere)));
    expect(await registered(sphere, two, 'two')).toBe(thumbprintOf(chains[1].credential));
    sdk.Prov_Device_LL_Destroy(two);
    expect(customChains(sphere)).toBe(1);
    expect(await registered(sphere, one, 'one')).toBe(thumbprintOf(chains[0].credential));
    for (const prov of [one, plain]) sdk.Prov_Device_LL_Destroy(prov);
  });

  test('the hub: two with a chain each, and one with DAA', async () => {
    const { sphere, authority, sdk } = await withCustom(true);
    const { cloud, deviceId } = sphere;
    const names = ['one', 'two', deviceId] as const;
    const handles = names.map((name) => createHub(sphere, name));
    for (const [index, name] of names.entries()) {
      const { chain, privateKey, credential } = await issuePem(authority, name);
      const shown = name === deviceId ? currentDaa(sphere) : credential;
      const authentication = { type: 'selfSigned', thumbprints: { primary: shown.leaf.fingerprint } } as const;
      cloud.hub().devices.create({ deviceId: name, authentication });
      if (name !== deviceId)
        expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(handles[index]!, chain, privateKey)).toBe(0);
    }
    await Promise.all(handles.map((hub) => connect(sphere, hub)));
    for (const name of names) expect(cloud.hub().device(name).isConnected).toBe(true);
    for (const hub of handles) sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('the registration id', () => {
  test('can’t be set to another after an override', async () => {
    const { sphere, custom, sdk } = await withCustom(true);
    const prov = createProv(sphere);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(0);
    expect(sdk.Prov_Device_LL_SetOption(prov, 'registration_id', 'another')).toBe(
      PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_ERROR,
    );
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('that the app set is not changed by a certificate with another name', async () => {
    const { sphere, custom, sdk } = await withCustom(true);
    const prov = createProv(sphere);
    expect(sdk.Prov_Device_LL_SetOption(prov, 'registration_id', 'another')).toBe(0);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(
      PROV_DEVICE_RESULT_INVALID_STATE,
    );
    expect(sdk.diagnostics.at(-1)?.message).toMatch(
      /common name is [0-9a-f]{128}, but the handle's registration id is another, /,
    );
    sdk.Prov_Device_LL_Destroy(prov);
  });
});

test('the option x509certificate after an override: the SDK takes it, and uses what it was told last', async () => {
  const { sphere, authority, custom, sdk } = await withCustom(true);
  await enroll(sphere.cloud, 'contoso', authority);
  const later = await issuePem(authority, sphere.deviceId);
  const prov = createProv(sphere);
  expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(0);
  expect(sdk.Prov_Device_LL_SetOption(prov, 'x509certificate', later.chain)).toBe(0);
  expect(sdk.Prov_Device_LL_SetOption(prov, 'x509privatekey', later.privateKey)).toBe(0);
  expect(await register(sphere, prov)).toMatchObject({ result: 0 });
  expect(sphere.cloud.dps.registration(sphere.deviceId)?.thumbprint).toBe(thumbprintOf(later.credential));
  sdk.Prov_Device_LL_Destroy(prov);
});

describe('the clock', () => {
  /** A leaf that is valid when it is handed over, and not when the handle connects. */
  async function withShort(): Promise<{ sphere: Sphere; short: Pem }> {
    const { sphere, authority } = await withCustom(true);
    await enroll(sphere.cloud, 'contoso', authority);
    return { sphere, short: await issuePem(authority, sphere.deviceId, HOUR) };
  }

  test('a leaf that expires between the override and the registration is refused by DPS', async () => {
    const { sphere, short } = await withShort();
    const { sdk, clock } = sphere;
    const prov = createProv(sphere);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, short.chain, short.privateKey)).toBe(0);
    await clock.advance(HOUR + 1000);
    expect((await register(sphere, prov)).result).not.toBe(0);
    expect(sphere.cloud.dps.registration(sphere.deviceId)).toBeUndefined();
    expect(sdk.diagnostics.at(-1)).toMatchObject({ handle: prov, code: expect.stringMatching(/^DPS_/) });
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('one that expires between the override and the connection is refused by the hub', async () => {
    const { sphere, short } = await withShort();
    const { sdk, clock, cloud } = sphere;
    addToHub(sphere, short.credential);
    const hub = createHub(sphere);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, short.chain, short.privateKey)).toBe(0);
    await clock.advance(HOUR + 1000);
    await expect(connect(sphere, hub)).rejects.toThrow('IOTHUB_CLIENT_CONNECTION_BAD_CREDENTIAL');
    expect(cloud.hub().events().at(-1)).toMatchObject({
      type: 'authenticationFailed',
      reason: expect.stringMatching(/expired/),
    });
    expect(sdk.diagnostics[0]).toMatchObject({
      handle: hub,
      code: 'HUB_CONNECT_REFUSED',
      message: expect.stringMatching(/the certificate of [0-9a-f]{128} expired on /),
    });
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('an expired one that an app sets by option is the hub’s to refuse', async () => {
    const { sphere, authority } = await withCustom(true);
    const { sdk, cloud, deviceId } = sphere;
    const expired = await issuePem(authority, deviceId, -60_000);
    addToHub(sphere, expired.credential);
    const hub = hubWithPem(sphere, deviceId, expired);
    await expect(connect(sphere, hub)).rejects.toThrow('IOTHUB_CLIENT_CONNECTION_BAD_CREDENTIAL');
    expect(cloud.hub().events().at(-1)).toMatchObject({ reason: expect.stringMatching(/expired/) });
    expect(sdk.diagnostics[0]?.message).toMatch(/expired on /);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

/** A handle of a connection string, with the certificate set by option. */
function hubWithPem({ sdk }: Sphere, deviceId: string, pem: Pem): IOTHUB_DEVICE_CLIENT_LL_HANDLE {
  const text = `HostName=${HUB};DeviceId=${deviceId};x509=true`;
  const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromConnectionString(text, sdk.MQTT_Protocol));
  expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'x509certificate', pem.chain)).toBe(0);
  expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'x509privatekey', pem.privateKey)).toBe(0);
  return hub;
}

describe('a common name that is a device id, and no registration id', () => {
  const NAME = "Kettle(7),v1.2:*!@$_-='";

  test.each(['by option', 'by override'])('%s, the hub takes it', async (way) => {
    const { sphere, authority, sdk } = await withCustom(true);
    const pem = await issuePem(authority, NAME);
    const thumbprints = { primary: pem.credential.leaf.fingerprint };
    sphere.cloud.hub().devices.create({ deviceId: NAME, authentication: { type: 'selfSigned', thumbprints } });
    const hub = way === 'by option' ? hubWithPem(sphere, NAME, pem) : createHub(sphere, NAME);
    if (way === 'by override')
      expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, pem.chain, pem.privateKey)).toBe(0);
    await connect(sphere, hub);
    expect(await send(sphere, hub, textMessage(sphere, '1'))).toBe(0);
    expect(sphere.cloud.hub().device(NAME).receivedTelemetry()).toHaveLength(1);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('DPS’s override refuses it', async () => {
    const { sphere, authority, sdk } = await withCustom();
    const pem = await issuePem(authority, NAME);
    const prov = createProv(sphere);
    expect(await codeOf(() => sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, pem.chain, pem.privateKey))).toBe(
      'CERTIFICATE_COMMON_NAME_INVALID',
    );
    expect(sdk.diagnostics.at(-1)?.message).toMatch(/^DPS does not take .* as a registration id\. /);
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('DPS refuses it by option, not the device', async () => {
    const { sphere, authority, sdk } = await withCustom(true);
    const pem = await issuePem(authority, NAME);
    const prov = createProv(sphere);
    expect(sdk.Prov_Device_LL_SetOption(prov, 'x509certificate', pem.chain)).toBe(0);
    expect(sdk.Prov_Device_LL_SetOption(prov, 'x509privatekey', pem.privateKey)).toBe(0);
    expect(await register(sphere, prov)).not.toMatchObject({ result: 0 });
    expect(sdk.diagnostics.at(-1)?.code).toMatch(/^DPS_/);
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('one that is neither is refused for the hub, too', async () => {
    const { sphere, authority, sdk } = await withCustom(true);
    const pem = await issuePem(authority, 'kettle 7');
    const overridden = createHub(sphere, 'kettle 7');
    expect(await codeOf(() => sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(overridden, pem.chain, pem.privateKey))).toBe(
      'CERTIFICATE_COMMON_NAME_INVALID',
    );
    const byOption = hubWithPem(sphere, 'kettle 7', pem);
    sdk.IoTHubDeviceClient_LL_DoWork(byOption);
    for (const handle of [overridden, byOption])
      expect(sdk.diagnostics.find((diagnostic) => diagnostic.handle === handle)).toMatchObject({
        code: 'CERTIFICATE_COMMON_NAME_INVALID',
        message: expect.stringMatching(/^IoT Hub does not take .* as a device id\. /),
      });
    for (const hub of [overridden, byOption]) sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

test('a device that has no DAA certificate yet provisions and connects by the overrides', async () => {
  const { sphere, authority, sdk } = await withCustom(true);
  const { clock, cloud, store, daa, deviceId } = sphere;
  await enroll(cloud, 'contoso', authority);
  const custom = await issuePem(authority, deviceId);
  store.remove(daa.reference as string);
  const prov = createProv(sphere);
  expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(0);
  expect(await register(sphere, prov)).toMatchObject({ result: 0 });
  const hub = createHub(sphere);
  expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(0);
  await connect(sphere, hub);
  sdk.Prov_Device_LL_Destroy(prov);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
  await clock.advance(0);
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
