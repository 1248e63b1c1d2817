// `npm run demo`: a Sphere device's first day, from the catalog to a custom certificate, in virtual time.
import {
  Catalog,
  CertificateAuthority,
  CertificateStore,
  DeviceAuthentication,
  type Credential,
} from '../certificates/index.js';
import { VirtualClock } from '../clock/index.js';
import { Pump } from '../device/index.js';
import { LocalAzure } from '../emulator/index.js';
import { messageOf } from '../errors.js';
import {
  createSdk,
  DEVICE_TWIN_UPDATE_STATE,
  IOTHUB_CLIENT_CONFIRMATION_RESULT,
  IOTHUB_CLIENT_CONNECTION_STATUS,
  IOTHUB_CLIENT_CONNECTION_STATUS_REASON,
  IOTHUB_CLIENT_RESULT,
  PROV_DEVICE_REG_STATUS,
  PROV_DEVICE_RESULT,
  SECURE_DEVICE_TYPE,
  type IOTHUB_DEVICE_CLIENT_LL_HANDLE,
  type Sdk,
} from '../sdk/index.js';
import { ownStreams, writeText } from './io.js';
import { Timeline } from './timeline.js';

const streams = ownStreams();
const DPS = 'global.azure-devices-provisioning.net';
const DAY = 24 * 3_600_000;

/** Everything that the demo's steps share. */
interface Demo {
  readonly clock: VirtualClock;
  readonly timeline: Timeline;
  readonly catalog: Catalog;
  readonly cloud: LocalAzure;
  readonly sdk: Sdk;
  readonly pump: Pump;
  readonly deviceId: string;
  readonly daa: DeviceAuthentication;
}

/** PEM: a chain, leaf first, and its key; in the place of the DAA certificate. */
interface Custom {
  readonly chain: string;
  readonly privateKey: string;
}

async function main(): Promise<void> {
  const demo = await begin();
  try {
    demo.timeline.heading('The service is told to trust the catalog');
    await trust(demo, 'catalog', demo.catalog.authority);

    demo.timeline.heading('The device provisions and connects with its DAA certificate');
    const firstHub = await provision(demo);
    const first = await connect(demo, firstHub);
    await useHub(demo, first);

    demo.timeline.heading('24 hours later');
    await demo.clock.advance(DAY);
    demo.sdk.IoTHubDeviceClient_LL_Destroy(first);
    const second = await connect(demo, await provision(demo));
    await sendTelemetry(demo, second, 1);
    demo.sdk.IoTHubDeviceClient_LL_Destroy(second);

    demo.timeline.heading('The same device with a certificate of its maker, by both overrides');
    const custom = await makeCustom(demo);
    const third = await connect(demo, await provision(demo, custom), custom);
    await sendTelemetry(demo, third, 1);
    demo.sdk.IoTHubDeviceClient_LL_Destroy(third);
  } finally {
    await end(demo);
  }
}

async function begin(): Promise<Demo> {
  const clock = new VirtualClock();
  const timeline = new Timeline(() => clock.now(), streams.stdout, streams.env);
  const store = new CertificateStore();
  timeline.heading('A catalog, a device, a cloud');
  const catalog = await Catalog.create({ clock });
  timeline.event('catalog', `made: ${catalog.id}`);
  const deviceId = catalog.claim();
  timeline.event('catalog', `device claimed: ${shortened(deviceId)}`);
  const daa = DeviceAuthentication.start({ catalog, deviceId, store, clock });
  await daa.renew();
  timeline.event('device', `attested, DAA certificate issued (${daa.reference})`);
  daa.onRenewed(() => timeline.event('device', `DAA certificate renewed (${daa.reference})`));
  const cloud = await LocalAzure.start({ clock });
  timeline.event('cloud', `DPS with id scope ${cloud.dps.idScope}, IoT Hub ${cloud.hub().name}`);
  const sdk = await createSdk({ clock, store, resolve: cloud.resolve, trustRoots: cloud.trustRoots });
  timeline.event('device', `Azure IoT C SDK ${sdk.IoTHubClient_GetVersionString()} loaded`);
  const pump = new Pump(sdk);
  return { clock, timeline, catalog, cloud, sdk, pump, deviceId, daa };
}

async function end({ pump, sdk, daa, cloud, timeline }: Demo): Promise<void> {
  pump.close();
  sdk.close();
  daa.close();
  await cloud.close();
  timeline.event('device', 'closed');
}

/** Uploads a CA to DPS, proves its possession, and enrolls all devices under it. */
async function trust({ cloud, timeline }: Demo, name: string, authority: CertificateAuthority): Promise<void> {
  const { dps } = cloud;
  dps.certificates.upload(name, authority.certificate);
  timeline.event('dps', `CA certificate uploaded as "${name}": unverified`);
  const code = dps.certificates.generateVerificationCode(name);
  dps.certificates.verify(name, await authority.proofOfPossession(code));
  timeline.event('dps', `proof of possession accepted: "${name}" verified`);
  dps.enrollmentGroups.create({ id: `${name}-devices`, attestation: { x509: { caName: name } } });
  timeline.event('dps', `enrollment group "${name}-devices" created`);
}

/** The sequence of Microsoft's samples; returns the host name of the hub that DPS assigned. */
async function provision({ sdk, pump, clock, cloud, timeline }: Demo, custom?: Custom): Promise<string> {
  if (sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_X509) !== 0)
    throw new Error('prov_dev_security_init failed');
  const prov = sdk.Prov_Device_LL_Create(DPS, cloud.dps.idScope, sdk.Prov_Device_MQTT_Protocol);
  if (prov === null) throw new Error('Prov_Device_LL_Create failed');
  expectOk(PROV_DEVICE_RESULT, sdk.Prov_Device_LL_SetOption(prov, 'SetDeviceId', 1));
  if (custom) {
    expectOk(PROV_DEVICE_RESULT, sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey));
    timeline.event('device', 'AzureIoT_OverrideAzureSphereAuthDPS: custom chain in place of DAA');
  }
  const registered = new Promise<string>((resolve, reject) => {
    const result = sdk.Prov_Device_LL_Register_Device(
      prov,
      (outcome, uri) => (uri === null ? reject(new Error(PROV_DEVICE_RESULT[outcome])) : resolve(uri)),
      (status) => timeline.event('dps', describe(status)),
    );
    expectOk(PROV_DEVICE_RESULT, result);
  });
  pump.add(prov);
  const hub = await clock.runUntil(registered);
  timeline.event('dps', `assigned to ${hub}`);
  sdk.Prov_Device_LL_Destroy(prov);
  sdk.prov_dev_security_deinit();
  return hub;
}

function describe(status: PROV_DEVICE_REG_STATUS): string {
  return ((PROV_DEVICE_REG_STATUS[status] as string | undefined) ?? '')
    .replace('PROV_DEVICE_REG_STATUS_', '')
    .toLowerCase();
}

async function connect(
  { sdk, pump, clock, deviceId, timeline }: Demo,
  host: string,
  custom?: Custom,
): Promise<IOTHUB_DEVICE_CLIENT_LL_HANDLE> {
  const hub = sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(host, deviceId, sdk.MQTT_Protocol);
  if (hub === null) throw new Error('IoTHubDeviceClient_LL_CreateFromDeviceAuth failed');
  expectOk(IOTHUB_CLIENT_RESULT, sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1));
  if (custom) {
    expectOk(IOTHUB_CLIENT_RESULT, sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey));
    timeline.event('device', 'AzureIoT_OverrideAzureSphereAuthIoTHub: the same chain');
  }
  const authenticated = new Promise<void>((resolve, reject) => {
    sdk.IoTHubDeviceClient_LL_SetConnectionStatusCallback(hub, (status, reason) =>
      status === IOTHUB_CLIENT_CONNECTION_STATUS.IOTHUB_CLIENT_CONNECTION_AUTHENTICATED
        ? resolve()
        : reject(new Error(IOTHUB_CLIENT_CONNECTION_STATUS_REASON[reason])),
    );
  });
  pump.add(hub);
  await clock.runUntil(authenticated);
  timeline.event('hub', 'device authenticated');
  return hub;
}

async function useHub(demo: Demo, hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE): Promise<void> {
  await sendTelemetry(demo, hub, 10);
  await answerMethod(demo, hub);
  await synchronizeTwin(demo, hub);
}

async function sendTelemetry(demo: Demo, hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE, count: number): Promise<void> {
  const { sdk, clock, timeline, cloud, deviceId } = demo;
  const confirmed = Array.from({ length: count }, (_, index) => {
    const message = sdk.IoTHubMessage_CreateFromString(JSON.stringify({ temperature: 20 + index }));
    if (message === null) throw new Error('IoTHubMessage_CreateFromString failed');
    return new Promise<IOTHUB_CLIENT_CONFIRMATION_RESULT>((resolve) => {
      expectOk(IOTHUB_CLIENT_RESULT, sdk.IoTHubDeviceClient_LL_SendEventAsync(hub, message, resolve));
      sdk.IoTHubMessage_Destroy(message);
    });
  });
  const results = await clock.runUntil(Promise.all(confirmed));
  const ok = results.filter(
    (result) => result === IOTHUB_CLIENT_CONFIRMATION_RESULT.IOTHUB_CLIENT_CONFIRMATION_OK,
  ).length;
  if (ok !== count) throw new Error(`only ${ok} of ${count} messages were confirmed`);
  const last = await cloud
    .hub()
    .device(deviceId)
    .nextTelemetry((message) => message.body.toString().includes(String(19 + count)));
  timeline.event(
    'hub',
    `${count} telemetry message${count > 1 ? 's' : ''} confirmed, the last is ${last.body.toString()}`,
  );
}

async function answerMethod(
  { sdk, clock, cloud, deviceId, timeline }: Demo,
  hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE,
): Promise<void> {
  sdk.IoTHubDeviceClient_LL_SetDeviceMethodCallback(hub, (name, payload) => {
    timeline.event('device', `direct method ${name} called with ${Buffer.from(payload).toString()}`);
    return { status: 200, response: JSON.stringify({ blinked: true }) };
  });
  await clock.advance(1000);
  const answer = await clock.runUntil(cloud.hub().device(deviceId).invokeMethod('blink', { times: 3 }));
  timeline.event('hub', `direct method answered: ${answer.status} ${JSON.stringify(answer.payload)}`);
}

async function synchronizeTwin(
  { sdk, clock, cloud, deviceId, timeline }: Demo,
  hub: IOTHUB_DEVICE_CLIENT_LL_HANDLE,
): Promise<void> {
  const device = cloud.hub().device(deviceId);
  const applied = new Promise<void>((resolve) => {
    sdk.IoTHubDeviceClient_LL_SetDeviceTwinCallback(hub, (state, payload) => {
      timeline.event('device', `${DEVICE_TWIN_UPDATE_STATE[state]}: ${Buffer.from(payload).toString()}`);
      if (state !== DEVICE_TWIN_UPDATE_STATE.DEVICE_TWIN_UPDATE_PARTIAL) return;
      const { interval } = JSON.parse(Buffer.from(payload).toString()) as { interval: number };
      sdk.IoTHubDeviceClient_LL_SendReportedState(hub, JSON.stringify({ interval }), (status) => {
        timeline.event('hub', `reported properties accepted: ${status}`);
        resolve();
      });
    });
  });
  await clock.advance(1000);
  device.updateDesired({ interval: 30 });
  timeline.event('hub', 'desired property interval set to 30');
  await clock.runUntil(applied);
  timeline.event('hub', `twin: reported ${JSON.stringify(device.twin.reported)}`);
}

async function makeCustom(demo: Demo): Promise<Custom> {
  const { clock, deviceId, timeline } = demo;
  const authority = await CertificateAuthority.create({ subject: { commonName: 'Contoso Device CA' }, clock });
  timeline.event('maker', 'a CA of its own made: Contoso Device CA');
  await trust(demo, 'contoso', authority);
  const credential: Credential = await authority.issue({ commonName: deviceId });
  timeline.event('maker', `certificate issued for ${shortened(deviceId)}`);
  return {
    chain: credential.chain,
    privateKey: credential.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** 0 is OK in every result enum of the SDK. */
function expectOk(type: Record<number, string>, result: number): void {
  if (result !== 0) throw new Error(type[result] ?? String(result));
}

function shortened(deviceId: string): string {
  return `${deviceId.slice(0, 8)}…${deviceId.slice(-4)}`;
}

main().catch((error: unknown) => {
  writeText(streams.stderr, `error: ${messageOf(error)}\n`);
  process.exitCode = 1;
});
