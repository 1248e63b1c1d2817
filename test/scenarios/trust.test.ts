// Whom the services trust: DPS and the hub each have their own list of CA certificates, and a device gets in by a CA that
// is on it and whose possession was proved.
import { CertificateAuthority } from '../../src/certificates/index.js';
import type { CertificateList } from '../../src/emulator/index.js';
import { PROV_DEVICE_RESULT, type IOTHUB_DEVICE_CLIENT_LL_HANDLE } from '../../src/sdk/index.js';
import {
  codeOf,
  connect,
  createHub,
  createProv,
  currentDaa,
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

/** A device that begins in a world that knows none of its CAs. */
interface Stranger {
  readonly sphere: Sphere;
  /** The CA above its certificate. */
  readonly authority: CertificateAuthority;
  readonly deviceId: string;
  /** None: it shows its DAA certificate. */
  readonly custom?: Pem;
}

const KINDS = ['DAA', 'a custom chain'] as const;

async function startStranger(kind: (typeof KINDS)[number]): Promise<Stranger> {
  const sphere = await startSphere({ pump: true });
  const { dps } = sphere.cloud;
  dps.enrollmentGroups.delete('catalog-devices');
  dps.certificates.delete('catalog');
  if (kind === 'DAA') return { sphere, authority: sphere.catalog.authority, deviceId: sphere.deviceId };
  const authority = await rootAuthority(sphere.clock);
  return { sphere, authority, deviceId: 'kettle-0042', custom: await issuePem(authority, 'kettle-0042') };
}

/** One registration; the name of its result. */
async function registered({ sphere, custom }: Stranger): Promise<string | undefined> {
  const { sdk } = sphere;
  const prov = createProv(sphere);
  if (custom !== undefined)
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(0);
  const { result } = await register(sphere, prov);
  sdk.Prov_Device_LL_Destroy(prov);
  sdk.prov_dev_security_deinit();
  return PROV_DEVICE_RESULT[result];
}

function hubHandle({ sphere, deviceId, custom }: Stranger): IOTHUB_DEVICE_CLIENT_LL_HANDLE {
  const { sdk } = sphere;
  const hub = createHub({ sdk, deviceId });
  if (custom !== undefined)
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(0);
  return hub;
}

/** What the service's administrator does once the CA's owner has signed the code. */
async function prove(list: CertificateList, name: string, authority: CertificateAuthority): Promise<void> {
  list.verify(name, await authority.proofOfPossession(list.generateVerificationCode(name)));
}

/** Of the last event, and of the last that is about the registration or the authentication. */
function lastReason(events: readonly { readonly type: string; readonly reason?: string }[]): string | undefined {
  return events.filter(({ type }) => /Refused|Failed/.test(type)).at(-1)?.reason;
}

describe.each(KINDS)('with %s', (kind) => {
  describe('DPS refuses a CA that is', () => {
    test.each([
      ['not uploaded', /no CA certificate is known that signed the certificate of /],
      ['uploaded, but not verified', /the CA factory is there, but not verified/],
      ['verified at the hub only', /no CA certificate is known that signed the certificate of /],
      ['verified, but of no enrollment group', /no enrollment group is for the CA factory/],
    ])('%s', async (state, reason) => {
      const stranger = await startStranger(kind);
      const { sphere, authority, deviceId } = stranger;
      const { dps } = sphere.cloud;
      if (state.startsWith('uploaded')) {
        dps.certificates.upload('factory', authority.certificate);
        dps.enrollmentGroups.create({ id: 'g', attestation: { x509: { caName: 'factory' } } });
      }
      const { certificates } = state.includes('hub') ? sphere.cloud.hub() : dps;
      if (state.startsWith('verified')) certificates.upload('factory', authority.certificate, { verified: true });
      expect(await registered(stranger)).toBe('PROV_DEVICE_RESULT_DEV_AUTH_ERROR');
      expect(dps.events()).toContainEqual({
        type: 'registrationRefused',
        at: expect.any(Number),
        registrationId: deviceId,
        status: 401,
        errorCode: 401002,
        reason: expect.stringMatching(reason),
      });
      expect(sphere.sdk.diagnostics.at(-1)).toMatchObject({
        code: 'DPS_REGISTRATION_REFUSED',
        message: expect.stringContaining('401002 CA certificate not found.'),
      });
      expect(dps.registration(deviceId)).toBeUndefined();
    });
  });

  test('DPS lets the device in once possession is proved, and takes that back with the CA', async () => {
    const stranger = await startStranger(kind);
    const { sphere, authority, deviceId } = stranger;
    const { dps } = sphere.cloud;
    dps.certificates.upload('factory', authority.certificate);
    dps.enrollmentGroups.create({ id: 'g', attestation: { x509: { caName: 'factory' } } });
    expect(await registered(stranger)).toBe('PROV_DEVICE_RESULT_DEV_AUTH_ERROR');
    await prove(dps.certificates, 'factory', authority);
    expect(await registered(stranger)).toBe('PROV_DEVICE_RESULT_OK');
    expect(dps.registration(deviceId)).toMatchObject({ status: 'assigned', enrollmentGroupId: 'g', deviceId });
    dps.certificates.delete('factory');
    expect(await registered(stranger)).toBe('PROV_DEVICE_RESULT_DEV_AUTH_ERROR');
  });

  describe('the hub refuses a CA that is', () => {
    test.each([
      ['not uploaded', /no CA certificate is known that signed the certificate of /],
      ['uploaded, but not verified', /the CA factory is there, but not verified/],
      ['verified at DPS only', /no CA certificate is known that signed the certificate of /],
    ])('%s; the handle that was refused connects by itself once it is proved', async (state, reason) => {
      const stranger = await startStranger(kind);
      const { sphere, authority, deviceId } = stranger;
      const { clock, sdk } = sphere;
      const cloud = sphere.cloud.hub();
      cloud.devices.create({ deviceId, authentication: { type: 'certificateAuthority' } });
      const { certificates } = state.includes('DPS') ? sphere.cloud.dps : cloud;
      if (state !== 'not uploaded')
        certificates.upload('factory', authority.certificate, { verified: state.startsWith('verified') });

      const hub = hubHandle(stranger);
      await expect(connect(sphere, hub)).rejects.toThrow('IOTHUB_CLIENT_CONNECTION_BAD_CREDENTIAL');
      expect(cloud.events()).toContainEqual({
        type: 'authenticationFailed',
        at: expect.any(Number),
        deviceId,
        returnCode: 5,
        reason: expect.stringMatching(reason),
      });
      expect(sdk.diagnostics.at(-1)).toMatchObject({ code: 'HUB_CONNECT_REFUSED', handle: hub });
      // It keeps trying, and is refused for the same reason.
      await clock.advance(60_000);
      expect(lastReason(cloud.events())).toMatch(reason);

      if (!state.startsWith('uploaded')) cloud.certificates.upload('factory', authority.certificate);
      await prove(cloud.certificates, 'factory', authority);
      await clock.runUntil(cloud.device(deviceId).connected());
      expect(await send(sphere, hub, textMessage(sphere, 'in'))).toBe(0);
      sdk.IoTHubDeviceClient_LL_Destroy(hub);
    });
  });

  test('in ca mode the device passes DPS, and the hub asks its own list', async () => {
    const stranger = await startStranger(kind);
    const { sphere, authority, deviceId } = stranger;
    const { clock, sdk, cloud } = sphere;
    cloud.dps.certificates.upload('factory', authority.certificate, { verified: true });
    cloud.dps.enrollmentGroups.create({ id: 'g', attestation: { x509: { caName: 'factory' } }, credentialMode: 'ca' });
    expect(await registered(stranger)).toBe('PROV_DEVICE_RESULT_OK');
    expect(cloud.dps.registration(deviceId)).toMatchObject({ assignedHub: HUB });
    const hub = hubHandle(stranger);
    await expect(connect(sphere, hub)).rejects.toThrow('IOTHUB_CLIENT_CONNECTION_BAD_CREDENTIAL');
    cloud.hub().certificates.upload('factory', authority.certificate);
    await prove(cloud.hub().certificates, 'factory', authority);
    await clock.runUntil(cloud.hub().device(deviceId).connected());
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

test('DPS and the hub each want a proof of their own', async () => {
  const { sphere, authority } = await startStranger('DAA');
  const { dps } = sphere.cloud;
  const hub = sphere.cloud.hub();
  for (const { certificates } of [dps, hub]) certificates.upload('factory', authority.certificate);
  const proof = await authority.proofOfPossession(dps.certificates.generateVerificationCode('factory'));
  hub.certificates.generateVerificationCode('factory');
  dps.certificates.verify('factory', proof);
  expect(await codeOf(() => hub.certificates.verify('factory', proof))).toBe('PROOF_CODE_WRONG');
  expect([dps, hub].map(({ certificates }) => certificates.get('factory').verified)).toEqual([true, false]);
});

describe('a custom chain with an intermediate', () => {
  async function startChain() {
    const sphere = await startSphere({ pump: true });
    const { clock, cloud } = sphere;
    const root = await rootAuthority(clock);
    const line = await CertificateAuthority.create({ subject: { commonName: 'Line 7' }, clock, issuer: root });
    const custom = await issuePem(line, 'kettle-0043');
    const device: Stranger = { sphere, authority: root, deviceId: 'kettle-0043', custom };
    const [leaf] = custom.chain.split(/(?<=-----END CERTIFICATE-----\n)/) as [string];
    const incomplete: Stranger = { ...device, custom: { ...custom, chain: leaf } };
    return { sphere, dps: cloud.dps, hub: cloud.hub(), root, line, device, incomplete };
  }

  test('is taken by a group of the intermediate, which need not be verified when the root is', async () => {
    const { dps, root, line, device } = await startChain();
    dps.certificates.upload('root', root.certificate);
    dps.certificates.upload('line', line.certificate);
    dps.enrollmentGroups.create({ id: 'line', attestation: { x509: { caName: 'line' } } });
    expect(await registered(device)).toBe('PROV_DEVICE_RESULT_DEV_AUTH_ERROR');
    expect(lastReason(dps.events())).toBe('the CA root is there, but not verified');
    await prove(dps.certificates, 'root', root);
    expect(await registered(device)).toBe('PROV_DEVICE_RESULT_OK');
    expect(dps.registration('kettle-0043')).toMatchObject({ enrollmentGroupId: 'line' });
  });

  test('that is not sent whole is refused where only the root is known, by DPS and by the hub', async () => {
    const { sphere, dps, hub, root, device, incomplete } = await startChain();
    dps.certificates.upload('root', root.certificate, { verified: true });
    dps.enrollmentGroups.create({ id: 'root', attestation: { x509: { caName: 'root' } } });
    expect(await registered(incomplete)).toBe('PROV_DEVICE_RESULT_DEV_AUTH_ERROR');
    const reason = 'no CA certificate is known that signed the certificate of kettle-0043 (issuer CN=Line 7)';
    expect(lastReason(dps.events())).toBe(reason);
    expect(await registered(device)).toBe('PROV_DEVICE_RESULT_OK');

    hub.certificates.upload('root', root.certificate, { verified: true });
    hub.devices.update('kettle-0043', { authentication: { type: 'certificateAuthority' } });
    const refused = hubHandle(incomplete);
    await expect(connect(sphere, refused)).rejects.toThrow('IOTHUB_CLIENT_CONNECTION_BAD_CREDENTIAL');
    expect(lastReason(hub.events())).toBe(reason);
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(refused);
    const whole = hubHandle(device);
    await connect(sphere, whole);
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(whole);
  });
});

describe('disabled', () => {
  test('a group: its devices are, until it is enabled again; a hub that knows them lets them in', async () => {
    const sphere = await startSphere({ pump: true });
    const { cloud, sdk, deviceId } = sphere;
    const device: Stranger = { sphere, authority: sphere.catalog.authority, deviceId };
    expect(await registered(device)).toBe('PROV_DEVICE_RESULT_OK');
    cloud.dps.enrollmentGroups.update('catalog-devices', { enabled: false });
    expect(await registered(device)).toBe('PROV_DEVICE_RESULT_DISABLED');
    expect(lastReason(cloud.dps.events())).toBe('the enrollment group catalog-devices is disabled');
    const hub = hubHandle(device);
    await connect(sphere, hub);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    cloud.dps.enrollmentGroups.update('catalog-devices', { enabled: true });
    expect(await registered(device)).toBe('PROV_DEVICE_RESULT_OK');
  });

  test('a group of the intermediate: the enabled one of the root does not let its devices in', async () => {
    const sphere = await startSphere({ pump: true });
    const { clock, cloud } = sphere;
    const root = await rootAuthority(clock);
    const line = await CertificateAuthority.create({ subject: { commonName: 'Line 7' }, clock, issuer: root });
    for (const [name, { certificate }] of Object.entries({ root, line })) {
      cloud.dps.certificates.upload(name, certificate, { verified: true });
      cloud.dps.enrollmentGroups.create({
        id: name,
        attestation: { x509: { caName: name } },
        enabled: name === 'root',
      });
    }
    const custom = await issuePem(line, 'kettle-0043');
    const device: Stranger = { sphere, authority: line, deviceId: 'kettle-0043', custom };
    expect(await registered(device)).toBe('PROV_DEVICE_RESULT_DISABLED');
    expect(lastReason(cloud.dps.events())).toBe('the enrollment group line is disabled');
  });

  test('the enrollment of one device: it is blocked though its group would let it in', async () => {
    const sphere = await startSphere({ pump: true });
    const { cloud, deviceId } = sphere;
    const certificate = currentDaa(sphere).leaf;
    const device: Stranger = { sphere, authority: sphere.catalog.authority, deviceId };
    cloud.dps.enrollments.create({ registrationId: deviceId, attestation: { x509: { certificate } }, enabled: false });
    expect(await registered(device)).toBe('PROV_DEVICE_RESULT_DISABLED');
    expect(lastReason(cloud.dps.events())).toBe(`the enrollment of ${deviceId} is disabled`);
    expect(cloud.hub().devices.has(deviceId)).toBe(false);
    cloud.dps.enrollments.delete(deviceId);
    expect(await registered(device)).toBe('PROV_DEVICE_RESULT_OK');
  });
});
