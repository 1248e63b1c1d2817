import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { AppDevice } from '../../src/app/index.js';
import { Network } from '../../src/transport/index.js';
import { Proxy } from '../support/proxy.js';
import { LocalAzure, type HubDevice, type Recording } from '../../src/emulator/index.js';

const CATALOG_ID = '6d3c6a0e-2a0b-4f0e-8a9e-0b8a3f1d2c55';
const KEY = Buffer.alloc(32, 7).toString('base64');
const KEY_DEVICE = 'key-device';
const KEY_REGISTRATION = 'key-registration';

/** The cloud that one run of a scenario finds, and its devices: one with a certificate, and one with a key. */
export class ScenarioCloud {
  readonly clock: VirtualClock;
  readonly cloud: LocalAzure;
  readonly device: AppDevice;
  readonly wire: Recording;
  readonly proxy: Proxy | undefined;
  /** What is between the device and the cloud: the side's. */
  network: Network;
  /** What the services' side has seen of it, in order. */
  readonly told: string[] = [];

  private constructor(
    clock: VirtualClock,
    cloud: LocalAzure,
    device: AppDevice,
    proxy: Proxy | undefined,
    readonly networkFails: boolean,
  ) {
    this.clock = clock;
    this.cloud = cloud;
    this.device = device;
    this.wire = cloud.record();
    this.proxy = proxy;
    this.network = new Network({ clock });
  }

  /**
   * @param proxied How a proxy answers that is between the device and the cloud.
   * @param networkFails Whether the network is to fail.
   */
  static async create(proxied?: string, networkFails = false): Promise<ScenarioCloud> {
    // OpenSSL looks at the machine's clock for the certificates.
    const clock = new VirtualClock({ start: Date.now() });
    const cloud = await LocalAzure.start({ clock });
    const catalog = await Catalog.create({ clock, id: CATALOG_ID });
    for (const { certificates } of [cloud.dps, cloud.hub()])
      certificates.upload('catalog', catalog.caCertificate, { verified: true });
    const device = await AppDevice.start({ catalog, clock });
    cloud.dps.enrollmentGroups.create({ id: 'devices', attestation: { x509: { caName: 'catalog' } } });
    const symmetricKey = { primaryKey: KEY };
    cloud.dps.enrollments.create({ registrationId: KEY_REGISTRATION, attestation: { symmetricKey } });
    const { devices } = cloud.hub();
    devices.create({ deviceId: device.deviceId, authentication: { type: 'certificateAuthority' } });
    devices.create({ deviceId: KEY_DEVICE, authentication: { type: 'sas', symmetricKey } });
    return new ScenarioCloud(
      clock,
      cloud,
      device,
      proxied === undefined ? undefined : proxyThat(proxied, clock),
      networkFails,
    );
  }

  /** The arguments of a scenario: the first fields of Context. */
  args(connectionString = this.connectionString(KEY)): string[] {
    const { cloud, device } = this;
    return [cloud.dps.idScope, cloud.hub().name, device.deviceId, connectionString, KEY_REGISTRATION, KEY];
  }

  connectionString(key: string, deviceId = KEY_DEVICE): string {
    return `HostName=${this.cloud.hub().name};DeviceId=${deviceId};SharedAccessKey=${key}`;
  }

  /** The device with the certificate. */
  get hubDevice(): HubDevice {
    return this.cloud.hub().device(this.device.deviceId);
  }

  async close(): Promise<void> {
    this.wire.stop();
    this.network.close();
    this.device.close();
    await this.cloud.close();
  }
}

function proxyThat(answers: string, clock: VirtualClock): Proxy {
  const proxy = new Proxy();
  proxy.answer = answers;
  proxy.clock = () => clock;
  return proxy;
}
