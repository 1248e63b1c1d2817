// A device, its catalog and its cloud in one process and one virtual time: what most tests begin with.
import {
  Catalog,
  CertificateAuthority,
  CertificateStore,
  DeviceAuthentication,
  type Credential,
} from '../../src/certificates/index.js';
import { VirtualClock, type Clock } from '../../src/clock/index.js';
import { Pump, type PumpOptions } from '../../src/device/index.js';
import { LocalAzure } from '../../src/emulator/index.js';
import {
  createSdk,
  IOTHUB_CLIENT_CONNECTION_STATUS,
  IOTHUB_CLIENT_CONNECTION_STATUS_REASON,
  IOTHUB_SECURITY_TYPE,
  PROV_DEVICE_RESULT,
  SECURE_DEVICE_TYPE,
  type IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  type IOTHUB_MESSAGE_HANDLE,
  type PROV_DEVICE_LL_HANDLE,
  type Sdk,
  type SdkOptions,
} from '../../src/sdk/index.js';
import type { LogLine } from '../../src/wasm/index.js';

export const DPS = 'global.azure-devices-provisioning.net';
export const HUB = 'contoso.azure-devices.net';
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** As the overrides take them: PEM, leaf first, and PEM. */
export interface Pem {
  readonly chain: string;
  readonly privateKey: string;
  readonly credential: Credential;
}

export interface StartOptions {
  /** Whether a pump calls DoWork. Default false. */
  readonly pump?: boolean | PumpOptions;
  /** Of the emulator's faults by chance. */
  readonly faultSeed?: number;
  /** In the place of, or beside, what the context gives to createSdk. */
  readonly sdk?: Partial<SdkOptions> | ((cloud: LocalAzure) => Partial<SdkOptions>);
}

/** Everything of one test; ended after it, with a look at what it left. */
export interface Sphere {
  readonly clock: VirtualClock;
  readonly catalog: Catalog;
  readonly deviceId: string;
  readonly store: CertificateStore;
  readonly daa: DeviceAuthentication;
  readonly cloud: LocalAzure;
  readonly sdk: Sdk;
  /** The SDK's log. */
  readonly log: LogLine[];
  /** Throws where there is none. */
  readonly pump: Pump;
  /** Ends everything, and asserts that the test left nothing. The test's end calls it too; twice is harmless. */
  close(): Promise<void>;
}

const open = new Set<Sphere>();

afterEach(async () => {
  for (const sphere of [...open]) await sphere.close();
});

/** A claimed device with its DAA certificate, an SDK instance, and a cloud whose DPS trusts and enrolls the catalog. */
export async function startSphere(options: StartOptions = {}): Promise<Sphere> {
  const clock = new VirtualClock();
  const store = new CertificateStore();
  const catalog = await Catalog.create({ clock });
  const deviceId = catalog.claim();
  const daa = DeviceAuthentication.start({ catalog, deviceId, store, clock });
  await daa.renew();
  const { faultSeed } = options;
  const cloud = await LocalAzure.start({ clock, faultSeed });
  await enroll(cloud, 'catalog', catalog.authority);
  const log: LogLine[] = [];
  const sdk = await createSdk({
    clock,
    store,
    resolve: cloud.resolve,
    trustRoots: cloud.trustRoots,
    logger: (line) => void log.push(line),
    ...(typeof options.sdk === 'function' ? options.sdk(cloud) : options.sdk),
  });
  const pump = options.pump ? new Pump(sdk, options.pump === true ? {} : options.pump) : undefined;
  const heap = sdk.heapInUse;
  const sphere: Sphere = {
    clock,
    catalog,
    deviceId,
    store,
    daa,
    cloud,
    sdk,
    log,
    get pump() {
      if (pump === undefined) throw new Error('This test was started without a pump.');
      return pump;
    },
    close: () => end(sphere, pump, heap),
  };
  open.add(sphere);
  return sphere;
}

async function end(sphere: Sphere, pump: Pump | undefined, heap: number): Promise<void> {
  if (!open.delete(sphere)) return;
  const { sdk, daa, cloud, clock, store } = sphere;
  // What a test closed with something under way keeps it; the memory goes with the instance.
  const { inUse, heapInUse, closed } = sdk;
  pump?.close();
  sdk.close();
  daa.close();
  await cloud.close();
  expect(inUse).toEqual({ handles: [], callbacks: 0, sockets: 0 });
  expect(sdk.inUse.sockets).toBe(0);
  // The newest DAA credential at most: no superseded one, no custom chain.
  expect(store.size).toBeLessThanOrEqual(1);
  if (!closed) expect(heapInUse).toBe(heap);
  await expectNoTimers(clock);
}

/** A clock with a timer on it would say TIMED_OUT; one that is held, CLOCK_HELD. */
export async function expectNoTimers(clock: VirtualClock): Promise<void> {
  await expect(clock.runUntil(new Promise(() => undefined))).rejects.toMatchObject({ code: 'CLOCK_STALLED' });
}

/** Uploads a CA to DPS, proves its possession, and enrolls all devices under it. */
export async function enroll({ dps }: LocalAzure, name: string, authority: CertificateAuthority): Promise<void> {
  dps.certificates.upload(name, authority.certificate);
  const code = dps.certificates.generateVerificationCode(name);
  dps.certificates.verify(name, await authority.proofOfPossession(code));
  dps.enrollmentGroups.create({ id: `${name}-devices`, attestation: { x509: { caName: name } } });
}

export function rootAuthority(clock: Clock, commonName = 'Contoso Device CA'): Promise<CertificateAuthority> {
  return CertificateAuthority.create({ subject: { commonName }, clock });
}

export async function issuePem(
  authority: CertificateAuthority,
  commonName: string,
  validityMs: number = 365 * DAY,
): Promise<Pem> {
  const credential = await authority.issue({ commonName, validityMs });
  return { chain: credential.chain, privateKey: keyPem(credential), credential };
}

export function keyPem({ privateKey }: Credential): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** The DAA credential that is the newest now. */
export function currentDaa({ store, daa }: Sphere): Credential {
  return store.resolve(daa.reference as string);
}

/** The handle; fails the test where C gave NULL. */
export function made<T>(handle: T | null): T {
  expect(handle).not.toBeNull();
  return handle as T;
}

/** A provisioning handle that was not told anything yet. */
export function createProv({ sdk, cloud }: Sphere): PROV_DEVICE_LL_HANDLE {
  expect(sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_X509)).toBe(0);
  return made(sdk.Prov_Device_LL_Create(DPS, cloud.dps.idScope, sdk.Prov_Device_MQTT_Protocol));
}

export interface Registered {
  readonly result: PROV_DEVICE_RESULT;
  readonly uri: string | null;
  readonly deviceId: string | null;
}

/** Registers by the pump; resolves with what the callback got. */
export function register({ sdk, pump, clock }: Sphere, prov: PROV_DEVICE_LL_HANDLE): Promise<Registered> {
  const registered = new Promise<Registered>((resolve) => {
    const result = sdk.Prov_Device_LL_Register_Device(
      prov,
      (outcome, uri, deviceId) => resolve({ result: outcome, uri, deviceId }),
      null,
    );
    expect(PROV_DEVICE_RESULT[result]).toBe('PROV_DEVICE_RESULT_OK');
  });
  pump.add(prov);
  return clock.runUntil(registered);
}

/** The device in the registry of the hub, by the thumbprint of the DAA certificate or of another one. */
export function addToHub({ cloud, deviceId }: Sphere, credential: Credential): void {
  const authentication = { type: 'selfSigned', thumbprints: { primary: credential.leaf.fingerprint } } as const;
  const { devices } = cloud.hub();
  if (devices.has(deviceId)) devices.update(deviceId, { authentication });
  else devices.create({ deviceId, authentication });
}

/** A hub handle with the device's own certificate, not connected. */
export function createHub(
  { sdk, deviceId }: Pick<Sphere, 'sdk' | 'deviceId'>,
  id = deviceId,
): IOTHUB_DEVICE_CLIENT_LL_HANDLE {
  expect(sdk.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509)).toBe(0);
  return made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, id, sdk.MQTT_Protocol));
}

/** Waits, by the pump, until the handle is authenticated; rejects with the reason if it is not. */
export function connect({ sdk, pump, clock }: Sphere, hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE): Promise<void> {
  const authenticated = new Promise<void>((resolve, reject) => {
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, (status, reason) =>
      status === IOTHUB_CLIENT_CONNECTION_STATUS.IOTHUB_CLIENT_CONNECTION_AUTHENTICATED
        ? resolve()
        : reject(new Error(IOTHUB_CLIENT_CONNECTION_STATUS_REASON[reason])),
    );
  });
  pump.add(hub);
  return clock.runUntil(authenticated);
}

/** A connected hub handle of a device that the hub knows by its DAA certificate. */
export async function connectedHub(sphere: Sphere): Promise<IOTHUB_DEVICE_CLIENT_LL_HANDLE> {
  addToHub(sphere, currentDaa(sphere));
  const hub = createHub(sphere);
  await connect(sphere, hub);
  return hub;
}

export function textMessage({ sdk }: { sdk: Sdk }, text: string): IOTHUB_MESSAGE_HANDLE {
  return made(sdk.IoTHubMessage_CreateFromString(text));
}

/** Sends one message; resolves with its confirmation. */
export function send(
  sphere: Sphere,
  hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  message: IOTHUB_MESSAGE_HANDLE,
): Promise<number> {
  const { sdk, clock } = sphere;
  return clock.runUntil(
    new Promise<number>((resolve) => {
      expect(sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, resolve)).toBe(0);
      sdk.IoTHubMessage_Destroy(message);
    }),
  );
}

/** How many custom chains the store has. Their ids are nobody's business but for this. */
export function customChains({ store }: Sphere): number {
  let count = 0;
  for (let i = 1; i < 200; i++) if (store.current(`custom-${i}`) !== undefined) count++;
  return count;
}

/** The code of the SphereIotError that is thrown, or rejected with. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  throw new Error('nothing was thrown');
}
