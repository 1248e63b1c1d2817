import { randomBytes, randomUUID, type X509Certificate } from 'node:crypto';

import { checkArgument, checkOptions, kindOf, type Rules } from '../options.js';
import { aClock, anything, oneOf, text } from '../rules.js';
import { counted } from '../counted.js';
import { askAtEnd, realClock, type Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import type { SubjectName } from './certificate-builder.js';
import { CertificateAuthority } from './certificate-authority.js';
import type { Credential } from './credential.js';

const DAY = 86_400_000;
const DEFAULT_LEAF_VALIDITY = DAY;
/** A catalog's CA certificate is renewed every two years. */
const DEFAULT_CA_VALIDITY = 730 * DAY;
const UPPER_CA_VALIDITY = 7300 * DAY;

const DEVICE_ID = /^[0-9a-f]{128}$/i;
/** A catalog's id. */
export const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const MICROSOFT = { country: 'US', state: 'Washington', locality: 'Redmond', organization: 'Microsoft Corporation' };

/** How a catalog issues certificates. */
export interface CatalogPolicy {
  /** How long a DAA certificate is valid from its issue, in ms. Default 24 hours. */
  readonly leafValidityMs?: number | undefined;
  /**
   * How long the catalog's CA certificate is valid, in ms. Default 730 days. `rollAuthority` makes a new one; nothing
   * does by itself.
   */
  readonly caValidityMs?: number | undefined;
  /** How long before its issue each certificate begins, in ms. Default 5 minutes. */
  readonly skewMs?: number | undefined;
  /**
   * How device ids are written, in certificates too. Default `lower`, as IoT Hub identities are case-sensitive and
   * users create them so; the Azure CLI prints them in upper case.
   */
  readonly deviceIdCase?: 'lower' | 'upper' | undefined;
}

export interface CatalogOptions extends CatalogPolicy {
  /** Says when certificates begin and end; held while one is signed. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** The catalog id (older word: tenant id), a GUID. Default: a random one. */
  readonly id?: string | undefined;
}

// The numbers are judged where certificates are made.
const RULES: Rules<CatalogOptions> = {
  clock: aClock,
  id: text,
  leafValidityMs: anything,
  caValidityMs: anything,
  skewMs: anything,
  deviceIdCase: oneOf('lower', 'upper'),
};

/** Why the security service attests a device no more: its software is not what it should be, or its OS is too old. */
export type AttestationRefusal = 'notAttested' | 'osTooOld';

const A_REFUSAL = oneOf('notAttested', 'osTooOld');

/** A device of the catalog. */
export interface ClaimedDevice {
  /** 128 hex digits in the catalog's case. */
  readonly id: string;
  /** Clock ms. */
  readonly claimedAt: number;
  /** Undefined as long as it is attested. */
  readonly refusal?: AttestationRefusal;
}

/** @internal What a catalog is made of: for its folder. */
export interface CatalogParts {
  readonly id: string;
  /** The policy CA, whose issuer is the root. */
  readonly policyAuthority: CertificateAuthority;
  /** The catalog's CAs, oldest first, at least one. */
  readonly authorities: readonly CertificateAuthority[];
  readonly devices: readonly ClaimedDevice[];
  readonly policy: CatalogPolicy;
}

/**
 * An Azure Sphere catalog, and the part that the Azure Sphere Security Service plays for it: it attests claimed
 * devices and gives each a Device Authentication and Attestation (DAA) certificate that is valid for a day.
 *
 * DAA certificate (P-256, CN=device id) ← catalog CA (P-256) ← policy CA (P-384) ← root (P-384). Only the shape is
 * that of the real certificates: keys are new with each catalog, and nothing outside trusts them.
 * `saveCatalog` and `loadCatalog` keep one in a folder.
 */
export class Catalog {
  /** The catalog id, a GUID in lower case. */
  readonly id: string;
  readonly #clock: Clock;
  readonly #policy: CatalogPolicy;
  readonly #policyAuthority: CertificateAuthority;
  readonly #authorities: CertificateAuthority[];
  readonly #devices: Map<string, ClaimedDevice>;
  readonly #refusals = new Map<string, number>();
  /** By device: takes back the question whether it was refused. */
  readonly #questions = new Map<string, () => void>();

  private constructor(clock: Clock, { id, policy, policyAuthority, authorities, devices }: CatalogParts) {
    this.id = id;
    this.#clock = clock;
    this.#policy = policy;
    this.#policyAuthority = policyAuthority;
    this.#authorities = [...authorities];
    this.#devices = new Map(devices.map((device) => [device.id, device]));
  }

  /**
   * Makes a catalog with new certificates.
   * @throws SphereIotError `CATALOG_ID_INVALID` when the id is no GUID, `CERTIFICATE_VALIDITY_INVALID`.
   */
  static async create(options: CatalogOptions = {}): Promise<Catalog> {
    checkOptions(options, 'Catalog.create', '{ clock }', RULES);
    const { clock = realClock, id: wanted, ...policy } = options;
    const id = (wanted ?? randomUUID()).toLowerCase();
    if (!GUID.test(id))
      throw new SphereIotError('CATALOG_ID_INVALID', `The catalog id ${JSON.stringify(wanted)} is no GUID.`);
    const { skewMs, caValidityMs = DEFAULT_CA_VALIDITY } = policy;
    // The upper two must outlive the catalog's.
    const upper = { clock, skewMs, curve: 'P-384', validityMs: Math.max(UPPER_CA_VALIDITY, caValidityMs) } as const;
    const root = await CertificateAuthority.create({
      ...upper,
      subject: named('Microsoft Azure Sphere Root (emulated)'),
    });
    const policyAuthority = await CertificateAuthority.create({
      ...upper,
      subject: named('Microsoft Azure Sphere Policy CA (emulated)'),
      issuer: root,
    });
    const catalog = new Catalog(clock, { id, policy, policyAuthority, authorities: [], devices: [] });
    await catalog.rollAuthority();
    return catalog;
  }

  /** @internal */
  static restore(clock: Clock, parts: CatalogParts): Catalog {
    return new Catalog(clock, parts);
  }

  /** @internal */
  get clock(): Clock {
    return this.#clock;
  }

  /** @internal */
  get parts(): CatalogParts {
    return {
      id: this.id,
      policy: this.#policy,
      policyAuthority: this.#policyAuthority,
      authorities: this.authorities,
      devices: this.claimedDevices,
    };
  }

  /** How it issues certificates: what was given; the rest is as CatalogPolicy says. */
  get policy(): CatalogPolicy {
    return this.#policy;
  }

  /** The CA that signs the DAA certificates: to be trusted by DPS, IoT Hub or IoT Central. */
  get authority(): CertificateAuthority {
    return this.#authorities.at(-1) as CertificateAuthority;
  }

  /** All CAs that the catalog has had, oldest first; the last is in use. */
  get authorities(): readonly CertificateAuthority[] {
    return [...this.#authorities];
  }

  /** What `az sphere ca-certificate download` gives; its `raw` is the DER of the `.cer` file. */
  get caCertificate(): X509Certificate {
    return this.authority.certificate;
  }

  /** What `az sphere ca-certificate download-chain` gives, as PEM: catalog CA, policy CA, root. */
  get chain(): readonly string[] {
    return this.authority.chain;
  }

  /** The claimed devices' ids, in the order in which they were claimed. */
  get devices(): readonly string[] {
    return [...this.#devices.keys()];
  }

  /** The claimed devices, in the order in which they were claimed. */
  get claimedDevices(): readonly ClaimedDevice[] {
    return [...this.#devices.values()];
  }

  /**
   * Claims a device for this catalog; returns its id, in the catalog's case.
   * @param deviceId 128 hex digits, in either case. Default: random ones.
   * @throws SphereIotError `DEVICE_ID_INVALID`, `DEVICE_ALREADY_CLAIMED`.
   */
  claim(deviceId: string = randomBytes(64).toString('hex')): string {
    const id = this.#normalized(deviceId);
    if (this.#devices.has(id))
      throw new SphereIotError('DEVICE_ALREADY_CLAIMED', `The device ${id} is already claimed in catalog ${this.id}.`);
    this.#devices.set(id, { id, claimedAt: this.#clock.now() });
    return id;
  }

  /**
   * A claimed device.
   * @param deviceId In either case.
   * @throws SphereIotError `DEVICE_ID_INVALID`, `DEVICE_NOT_CLAIMED`.
   */
  device(deviceId: string): ClaimedDevice {
    const id = this.#normalized(deviceId);
    const device = this.#devices.get(id);
    if (device === undefined)
      throw new SphereIotError(
        'DEVICE_NOT_CLAIMED',
        `The device ${id} is not claimed in catalog ${this.id}: claim it first.`,
      );
    return device;
  }

  /**
   * Attests a device: a new key pair and DAA certificate. The credential's chain is that certificate, the catalog CA's
   * and the policy CA's. Its subject is CN=device id and nothing else: apps read it from a fixed place.
   * @throws SphereIotError `DEVICE_ID_INVALID`, `DEVICE_NOT_CLAIMED`, `DEVICE_NOT_ATTESTED` and `DEVICE_OS_TOO_OLD`
   * after `refuseAttestation`, `CATALOG_CA_EXPIRED`.
   */
  async attest(deviceId: string): Promise<Credential> {
    const { id, refusal } = this.device(deviceId);
    if (refusal !== undefined) {
      this.#refusals.set(id, (this.#refusals.get(id) ?? 0) + 1);
      throw refused(id, refusal);
    }
    this.#checkAuthority();
    return this.authority.issue({
      commonName: id,
      validityMs: this.#policy.leafValidityMs ?? DEFAULT_LEAF_VALIDITY,
    });
  }

  /**
   * From now on the device gets no DAA certificate; the one that it has stays valid until it expires. On a virtual clock, the emulator's
   * `close` rejects with `ATTESTATION_NEVER_REFUSED` where the device has asked for none since, unless `acceptAttestation` was called: a test
   * would have passed without it, too.
   * @throws SphereIotError `DEVICE_ID_INVALID`, `DEVICE_NOT_CLAIMED`, `ARGUMENT_INVALID`.
   */
  refuseAttestation(deviceId: string, refusal: AttestationRefusal = 'notAttested'): void {
    checkArgument('The refusal of an attestation', refusal, A_REFUSAL);
    const device = this.device(deviceId);
    const { id } = device;
    this.#devices.set(id, { ...device, refusal });
    if (this.#questions.has(id)) return;
    const before = this.refusals(id);
    this.#questions.set(
      id,
      askAtEnd(this.#clock, () => (this.refusals(id) === before ? neverRefused(id) : undefined)),
    );
  }

  /**
   * How often this object has refused to attest a device: a test that asks for a refusal sees whether it has struck.
   * @throws SphereIotError `DEVICE_ID_INVALID`, `DEVICE_NOT_CLAIMED`.
   */
  refusals(deviceId: string): number {
    return this.#refusals.get(this.device(deviceId).id) ?? 0;
  }

  /**
   * Takes `refuseAttestation` back, whether it has struck or not.
   * @throws SphereIotError `DEVICE_ID_INVALID`, `DEVICE_NOT_CLAIMED`.
   */
  acceptAttestation(deviceId: string): void {
    const { id, claimedAt } = this.device(deviceId);
    this.#questions.get(id)?.();
    this.#questions.delete(id);
    this.#devices.set(id, { id, claimedAt });
  }

  /**
   * Gives the catalog a new CA certificate with a new key, as the security service does before the old one expires.
   * It signs from now on: services have to trust it before the devices come with their next DAA certificates. Those
   * under the old one stay valid until they expire.
   * @throws SphereIotError `CERTIFICATE_VALIDITY_INVALID`.
   */
  async rollAuthority(): Promise<CertificateAuthority> {
    const { skewMs, caValidityMs = DEFAULT_CA_VALIDITY } = this.#policy;
    const authority = await CertificateAuthority.create({
      clock: this.#clock,
      skewMs,
      curve: 'P-256',
      validityMs: caValidityMs,
      subject: named(`Microsoft Azure Sphere ${this.id}`),
      issuer: this.#policyAuthority,
    });
    this.#authorities.push(authority);
    return authority;
  }

  /**
   * What `az sphere ca-certificate download-proof` gives: a certificate with the verification code as common name,
   * signed by the catalog CA.
   * @param code The verification code of DPS, IoT Hub or IoT Central.
   * @throws SphereIotError `CERTIFICATE_COMMON_NAME_MISSING` when the code is empty.
   */
  proofOfPossession(code: string): Promise<X509Certificate> {
    return this.authority.proofOfPossession(code);
  }

  #checkAuthority(): void {
    const { validTo } = this.caCertificate;
    if (this.#clock.now() <= Date.parse(validTo)) return;
    throw new SphereIotError(
      'CATALOG_CA_EXPIRED',
      `The CA certificate of catalog ${this.id} expired at ${validTo}: no service takes what it signs. ` +
        'Call rollAuthority() and let the services trust the new one, or make the catalog with a longer caValidityMs.',
    );
  }

  #normalized(deviceId: string): string {
    if (typeof deviceId !== 'string')
      throw new SphereIotError(
        'DEVICE_ID_INVALID',
        `A device id is a text of 128 hex digits, not ${kindOf(deviceId)}.`,
      );
    if (!DEVICE_ID.test(deviceId))
      throw new SphereIotError(
        'DEVICE_ID_INVALID',
        `A device id is 128 hex digits; ${JSON.stringify(deviceId.slice(0, 200))} has ${counted(deviceId.length, 'character')} or ` +
          'others than those.',
      );
    return this.#policy.deviceIdCase === 'upper' ? deviceId.toUpperCase() : deviceId.toLowerCase();
  }
}

function neverRefused(id: string): SphereIotError {
  return new SphereIotError(
    'ATTESTATION_NEVER_REFUSED',
    `Attestation of the device ${id} was to be refused, and it asked for no certificate meanwhile. Call renew() of its ` +
      'DeviceAuthentication, or let a day pass. If it is not to ask, call acceptAttestation at the end.',
  );
}

function refused(id: string, refusal: AttestationRefusal): SphereIotError {
  return refusal === 'osTooOld'
    ? new SphereIotError(
        'DEVICE_OS_TOO_OLD',
        `The security service gives the device ${id} no DAA certificate: its Azure Sphere OS is too old. Update it.`,
      )
    : new SphereIotError(
        'DEVICE_NOT_ATTESTED',
        `The security service gives the device ${id} no DAA certificate: it did not attest that it runs as it should.`,
      );
}

function named(commonName: string): SubjectName {
  return { ...MICROSOFT, commonName };
}
