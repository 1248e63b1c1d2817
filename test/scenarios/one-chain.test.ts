// DPS binds the hub's identity to the certificate that it was shown: the hub has to be shown the same one, so both
// overrides need the same chain, or neither is called.
import type { Credential } from '../../src/certificates/index.js';
import { SphereDevice } from '../../src/device/index.js';
import {
  connect,
  createHub,
  createProv,
  currentDaa,
  enroll,
  HUB,
  issuePem,
  register,
  rootAuthority,
  send,
  startSphere,
  textMessage,
  type Pem,
  type Sphere,
} from '../support/sphere.js';

/** A device, and two custom chains for its id that DPS takes. */
async function withTwoChains(): Promise<{ sphere: Sphere; first: Pem; second: Pem }> {
  const sphere = await startSphere({ pump: true });
  const authority = await rootAuthority(sphere.clock);
  await enroll(sphere.cloud, 'contoso', authority);
  const [first, second] = [await issuePem(authority, sphere.deviceId), await issuePem(authority, sphere.deviceId)];
  return { sphere, first, second };
}

async function provision(sphere: Sphere, chain: Pem | undefined): Promise<void> {
  const { sdk, deviceId } = sphere;
  const prov = createProv(sphere);
  if (chain) expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, chain.chain, chain.privateKey)).toBe(0);
  expect(await register(sphere, prov)).toEqual({ result: 0, uri: HUB, deviceId });
  sdk.Prov_Device_LL_Destroy(prov);
  sdk.prov_dev_security_deinit();
}

function hubHandle(sphere: Sphere, chain: Pem | undefined) {
  const hub = createHub(sphere);
  if (chain) expect(sphere.sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, chain.chain, chain.privateKey)).toBe(0);
  return hub;
}

/** The beginning of the SHA-256 thumbprint, which the diagnostics show. */
function shortened({ leaf }: Credential): string {
  return leaf.fingerprint256.replaceAll(':', '').slice(0, 8);
}

const cases: [string, 'first' | undefined, 'first' | 'second' | undefined][] = [
  ['another chain', 'first', 'second'],
  ['DAA', 'first', undefined],
  ['a chain, after DPS by DAA', undefined, 'first'],
];

test.each(cases)('the hub is shown %s: refused, and the diagnostics say why', async (_, forDps, forHub) => {
  const { sphere, ...chains } = await withTwoChains();
  const { sdk, cloud, clock, deviceId } = sphere;
  const [dpsChain, hubChain] = [forDps && chains[forDps], forHub && chains[forHub]];
  const registered = dpsChain?.credential ?? currentDaa(sphere);
  const shown = hubChain?.credential ?? currentDaa(sphere);
  await provision(sphere, dpsChain);
  expect(cloud.hub().devices.get(deviceId).authentication).toEqual({
    type: 'selfSigned',
    thumbprints: { primary: registered.leaf.fingerprint256.replaceAll(':', '') },
  });

  const hub = hubHandle(sphere, hubChain);
  await expect(connect(sphere, hub)).rejects.toThrow(/^IOTHUB_CLIENT_CONNECTION_BAD_CREDENTIAL$/);
  const both = [
    `DPS registered ${deviceId} with the certificate ${shortened(registered)}…`,
    `was shown ${shortened(shown)}… (SHA-256 thumbprints)`,
    'register with DPS again',
    'the same in AzureIoT_OverrideAzureSphereAuthDPS and AzureIoT_OverrideAzureSphereAuthIoTHub, and in both or none',
  ];
  expect(sdk.diagnostics[0]).toMatchObject({ handle: hub, code: 'HUB_CONNECT_REFUSED' });
  for (const words of both) expect(sdk.diagnostics[0]?.message).toContain(words);
  const event = cloud.hub().events().at(-1);
  expect(event).toMatchObject({ type: 'authenticationFailed', deviceId, returnCode: 5 });
  for (const words of [
    'the hub knows the device by another certificate',
    `thumbprint ${shortened(registered)}…, and ${shortened(shown)}… was shown`,
    'a custom chain has to be the same for DPS and the hub',
  ])
    expect((event as { reason: string }).reason).toContain(words);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);

  // With what DPS was shown, it connects.
  const right = hubHandle(sphere, dpsChain);
  await connect(sphere, right);
  expect(await send(sphere, right, textMessage(sphere, '1'))).toBe(0);
  sdk.IoTHubDeviceClient_LL_Destroy(right);
  await clock.advance(0);
});

test('a device that provisions anew, with the chain that the hub is shown, is taken', async () => {
  const { sphere, first, second } = await withTwoChains();
  const { sdk } = sphere;
  await provision(sphere, first);
  await provision(sphere, second);
  const hub = hubHandle(sphere, second);
  await connect(sphere, hub);
  expect(sdk.diagnostics).toEqual([]);
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('where another instance registered the device, the diagnostics can only guess', async () => {
  const { sphere, first } = await withTwoChains();
  const { sdk, cloud, deviceId } = sphere;
  const thumbprints = { primary: currentDaa(sphere).leaf.fingerprint };
  cloud.hub().devices.create({ deviceId, authentication: { type: 'selfSigned', thumbprints } });
  const hub = hubHandle(sphere, first);
  await expect(connect(sphere, hub)).rejects.toThrow(/^IOTHUB_CLIENT_CONNECTION_BAD_CREDENTIAL$/);
  expect(sdk.diagnostics[0]?.message).toMatch(/or it is registered with another certificate or key/);
  // The hub was told a SHA-1 thumbprint, and compares with one.
  const shown = first.credential.leaf.fingerprint.replaceAll(':', '').slice(0, 8);
  expect(cloud.hub().events().at(-1)).toMatchObject({ reason: expect.stringContaining(`and ${shown}… was shown`) });
  sdk.IoTHubDeviceClient_LL_Destroy(hub);
});

test('SphereDevice says why an override is refused', async () => {
  const { sphere } = await withTwoChains();
  const { sdk, pump, clock } = sphere;
  const other = await issuePem(await rootAuthority(clock), 'another');
  const device = new SphereDevice({ sdk, pump, hub: HUB, deviceId: sphere.deviceId, custom: other });
  await expect(clock.runUntil(device.connect())).rejects.toMatchObject({
    code: 'CONNECT_FAILED',
    c: { name: 'IOTHUB_CLIENT_INVALID_ARG' },
    message: expect.stringMatching(/common name is another, but the handle was created for device/),
    cause: { code: 'OVERRIDE_COMMON_NAME_MISMATCH' },
  });
  device.close();
});
