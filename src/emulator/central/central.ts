import { randomUUID, type X509Certificate } from 'node:crypto';

import { checkOptions } from '../../options.js';
import { list, text } from '../../rules.js';
import { isObject } from '../../json.js';
import { LocalAzure } from '../local-azure.js';
import { AZURE_RULES, type LocalAzureOptions } from '../local-azure-options.js';
import { CentralDevice } from './central-device.js';
import { Models } from './model.js';
import type { EnrollmentGroup } from '../dps/enrollments.js';

export interface CentralOptions extends Omit<LocalAzureOptions, 'hubs'> {
  /** DTDL interfaces, or arrays of them, as parsed JSON: the application's device templates. */
  readonly models?: readonly unknown[] | undefined;
  /** The GUID in the hub's name. Default: a random one. */
  readonly applicationId?: string | undefined;
}

type Certificate = string | Uint8Array | X509Certificate;

/**
 * An IoT Central application, as its devices see it (protocol.md#central): a DPS with the application's own CA certificates, one
 * hub named `iotc-<guid>.azure-devices.net`, and conventions on top. Close it when done.
 */
export class Central {
  /** The services: `resolve`, `listen`, `events`, `faults`, `trustRoots`. */
  readonly cloud: LocalAzure;
  readonly #models: Models;
  readonly #devices = new Map<string, CentralDevice>();
  readonly #modelIds = new Map<string, string>();

  private constructor(cloud: LocalAzure, models: Models) {
    this.cloud = cloud;
    this.#models = models;
    cloud.hub().onEvent((event) => {
      if (event.type === 'connected' && event.modelId !== undefined) this.#modelIds.set(event.deviceId, event.modelId);
    });
  }

  /** @throws SphereIotError `MODEL_INVALID`; as `LocalAzure.start`. */
  static async start(given: CentralOptions = {}): Promise<Central> {
    const { hubs: _, ...rules } = AZURE_RULES;
    checkOptions(given, 'Central.start', '{ clock, models }', { ...rules, models: list, applicationId: text });
    const { models = [], applicationId = randomUUID(), ...options } = given;
    const known = new Models(models);
    return new Central(
      await LocalAzure.start({ ...options, hubs: [`iotc-${applicationId}.azure-devices.net`] }),
      known,
    );
  }

  /** What devices register with. */
  get idScope(): string {
    return this.cloud.dps.idScope;
  }

  /** Full name of the application's hub. */
  get hubName(): string {
    return this.cloud.hub().name;
  }

  /**
   * Makes an enrollment group for devices below a CA, and says the code of which possession of the CA's key has to be
   * proved before any is let in.
   * @returns 40 hex digits, for `verify`.
   * @throws SphereIotError `CA_ALREADY_EXISTS`, `CA_NOT_READABLE`, `CA_NOT_A_CA`, `ENROLLMENT_GROUP_ALREADY_EXISTS`.
   */
  createGroup(name: string, certificate: Certificate): string {
    const { certificates, enrollmentGroups } = this.cloud.dps;
    certificates.upload(name, certificate);
    enrollmentGroups.create({ id: name, attestation: { x509: { caName: name } } });
    return certificates.generateVerificationCode(name);
  }

  /** Takes the proof of possession for the code. @throws SphereIotError as `CertificateList.verify`. */
  verify(name: string, proof: Certificate): EnrollmentGroup {
    this.cloud.dps.certificates.verify(name, proof);
    return this.cloud.dps.enrollmentGroups.get(name);
  }

  /** The same object each time; the device need not be there yet. */
  device(deviceId: string): CentralDevice {
    let device = this.#devices.get(deviceId);
    if (device === undefined) {
      device = new CentralDevice(deviceId, this.cloud.hub(), this.#models, () => this.#modelId(deviceId));
      this.#devices.set(deviceId, device);
    }
    return device;
  }

  close(): Promise<void> {
    return this.cloud.close();
  }

  /** `{"modelId":…}` goes with the registration. */
  #modelId(deviceId: string): string | undefined {
    const payload = this.cloud.dps.registration(deviceId)?.requestPayload;
    const registered = isObject(payload) ? payload['modelId'] : undefined;
    return this.#modelIds.get(deviceId) ?? (typeof registered === 'string' ? registered : undefined);
  }
}
