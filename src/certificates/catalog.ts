import { randomBytes, randomUUID, type X509Certificate } from 'node:crypto';

import type { Clock } from '../clock/index.js';
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
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const MICROSOFT = { country: 'US', state: 'Washington', locality: 'Redmond', organization: 'Microsoft Corporation' };

export interface CatalogOptions {
  /** Says when certificates begin and end; held while one is signed. */
  readonly clock: Clock;
  /** The catalog id (older word: tenant id), a GUID. Default: a random one. */
  readonly id?: string;
  /** How long a DAA certificate is valid from its issue, in ms. Default 24 hours. */
  readonly leafValidityMs?: number;
  /**
   * How long the catalog's CA certificate is valid, in ms. Default 730 days. It is not renewed: for tests that run for
   * longer in virtual time, make it longer.
   */
  readonly caValidityMs?: number;
  /** How long before its issue each certificate begins, in ms. Default 5 minutes. */
  readonly skewMs?: number;
  /**
   * How device ids are written, in certificates too. Default `lower`, as IoT Hub identities are case-sensitive and
   * users create them so; the Azure CLI prints them in upper case.
   */
  readonly deviceIdCase?: 'lower' | 'upper';
}

/**
 * An Azure Sphere catalog, and the part that the Azure Sphere Security Service plays for it: it attests claimed
 * devices and gives each a Device Authentication and Attestation (DAA) certificate that is valid for a day.
 *
 * DAA certificate (P-256, CN=device id) ← catalog CA (P-256) ← policy CA (P-384) ← root (P-384). Only the shape is
 * that of the real certificates: keys are new with each catalog, and nothing outside trusts them.
 */
export class Catalog {
  /** The catalog id, a GUID in lower case. */
  readonly id: string;
  /** The CA that signs the DAA certificates: to be trusted by DPS, IoT Hub or IoT Central. */
  readonly authority: CertificateAuthority;
  readonly #options: CatalogOptions;
  readonly #devices = new Set<string>();

  private constructor(id: string, authority: CertificateAuthority, options: CatalogOptions) {
    this.id = id;
    this.authority = authority;
    this.#options = options;
  }

  /**
   * Makes a catalog with new certificates.
   * @throws SphereIotError `CATALOG_ID_INVALID` when the id is no GUID.
   */
  static async create(options: CatalogOptions): Promise<Catalog> {
    const { clock, skewMs, caValidityMs = DEFAULT_CA_VALIDITY } = options;
    const id = (options.id ?? randomUUID()).toLowerCase();
    if (!GUID.test(id))
      throw new SphereIotError('CATALOG_ID_INVALID', `The catalog id ${JSON.stringify(options.id)} is no GUID.`);
    // The upper two must outlive the catalog's.
    const upper = { clock, skewMs, curve: 'P-384', validityMs: Math.max(UPPER_CA_VALIDITY, caValidityMs) } as const;
    const root = await CertificateAuthority.create({
      ...upper,
      subject: named('Microsoft Azure Sphere Root (emulated)'),
    });
    const policy = await CertificateAuthority.create({
      ...upper,
      subject: named('Microsoft Azure Sphere Policy CA (emulated)'),
      issuer: root,
    });
    const authority = await CertificateAuthority.create({
      clock,
      skewMs,
      curve: 'P-256',
      validityMs: caValidityMs,
      subject: named(`Microsoft Azure Sphere ${id}`),
      issuer: policy,
    });
    return new Catalog(id, authority, options);
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
    return [...this.#devices];
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
    this.#devices.add(id);
    return id;
  }

  /**
   * Attests a device: a new key pair and DAA certificate. The credential's chain is that certificate, the catalog CA's
   * and the policy CA's. Its subject is CN=device id and nothing else: apps read it from a fixed place.
   * @throws SphereIotError `DEVICE_ID_INVALID`, `DEVICE_NOT_CLAIMED`.
   */
  async attest(deviceId: string): Promise<Credential> {
    const id = this.#normalized(deviceId);
    if (!this.#devices.has(id))
      throw new SphereIotError(
        'DEVICE_NOT_CLAIMED',
        `The device ${id} is not claimed in catalog ${this.id}: call claim() first.`,
      );
    return this.authority.issue({
      commonName: id,
      validityMs: this.#options.leafValidityMs ?? DEFAULT_LEAF_VALIDITY,
    });
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

  #normalized(deviceId: string): string {
    if (!DEVICE_ID.test(deviceId))
      throw new SphereIotError(
        'DEVICE_ID_INVALID',
        `A device id is 128 hex digits; ${JSON.stringify(deviceId)} has ${deviceId.length} characters or others than those.`,
      );
    return this.#options.deviceIdCase === 'upper' ? deviceId.toUpperCase() : deviceId.toLowerCase();
  }
}

function named(commonName: string): SubjectName {
  return { ...MICROSOFT, commonName };
}
