import { defined } from '../defined.js';
import { checkOptions, type Rules } from '../options.js';
import { aClock, anything, like, object, oneOf, required, textList } from '../rules.js';
import { KeyObject, X509Certificate, type webcrypto } from 'node:crypto';

import { realClock, type Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import {
  buildCertificate,
  generateKeys,
  importKeys,
  type Curve,
  type SubjectName,
  type Usage,
} from './certificate-builder.js';
import type { Chain } from './credential-chain.js';
import { commonNameOf, toCredential, type Credential } from './credential.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const DEFAULT_SKEW = 5 * MINUTE;
const DEFAULT_CA_VALIDITY = 3650 * DAY;
const DEFAULT_LEAF_VALIDITY = 365 * DAY;

export interface CertificateAuthorityOptions {
  readonly subject: SubjectName;
  /** Says when certificates begin and end; held while one is signed. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Of this authority's own key. Default `P-256`. */
  readonly curve?: Curve | undefined;
  /** The authority that signs this one's certificate. Default: itself, which makes a root. */
  readonly issuer?: CertificateAuthority | undefined;
  /** From now until the authority's certificate ends, in ms. Default 3650 days. */
  readonly validityMs?: number | undefined;
  /** How long before now its own certificate, and each that it issues, begins, in ms. Default 5 minutes. */
  readonly skewMs?: number | undefined;
}

export interface IssueOptions extends SubjectName {
  /** What the key is for: `client` and `server` get that extended key usage, `proof` gets none. Default `client`. */
  readonly usage?: Exclude<Usage, 'ca'> | undefined;
  /** DNS names and IP addresses. Default: the common name for a server, none otherwise. */
  readonly subjectAltNames?: readonly string[] | undefined;
  /** Of the new key. Default `P-256`. */
  readonly curve?: Curve | undefined;
  /** From now until the certificate ends, in ms; negative for one that is expired. Default 365 days. */
  readonly validityMs?: number | undefined;
}

// The numbers are judged where the certificate is made.
const RULES: Rules<CertificateAuthorityOptions> = {
  subject: required(object),
  clock: aClock,
  curve: oneOf('P-256', 'P-384'),
  issuer: like('a CertificateAuthority', 'issue'),
  validityMs: anything,
  skewMs: anything,
};

const ISSUE_RULES: Rules<IssueOptions> = {
  commonName: anything,
  organizationalUnit: anything,
  organization: anything,
  locality: anything,
  state: anything,
  country: anything,
  usage: oneOf('client', 'server', 'proof'),
  subjectAltNames: textList,
  curve: oneOf('P-256', 'P-384'),
  validityMs: anything,
};

/** @internal An authority as it is kept: its certificate and key, under its issuer. */
export interface KeptAuthority {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  readonly issuer?: CertificateAuthority | undefined;
  readonly clock: Clock;
  readonly skewMs?: number | undefined;
}

/**
 * A certificate authority with its key: a root, or an intermediate below another one. For custom device chains, for
 * the emulator's servers, and under the catalog. Its private key can't be read, but a catalog's goes into the
 * catalog's folder; nothing needs to be released.
 */
export class CertificateAuthority {
  readonly subject: SubjectName;
  readonly certificate: X509Certificate;
  /** PEM of the certificates from this authority's up to and including the root's. */
  readonly chain: readonly string[];
  readonly #issuer: CertificateAuthority | undefined;
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #clock: Clock;
  readonly #skewMs: number;

  private constructor(
    options: CertificateAuthorityOptions,
    certificate: X509Certificate,
    keys: webcrypto.CryptoKeyPair,
  ) {
    this.subject = options.subject;
    this.certificate = certificate;
    this.#issuer = options.issuer;
    this.chain = [this.pem, ...(options.issuer?.chain ?? [])];
    this.#keys = keys;
    this.#clock = options.clock ?? realClock;
    this.#skewMs = options.skewMs ?? DEFAULT_SKEW;
  }

  /**
   * Makes a new authority with a new key.
   * @throws SphereIotError `CERTIFICATE_COMMON_NAME_MISSING`, `CERTIFICATE_NAME_INVALID`, `CERTIFICATE_VALIDITY_INVALID`.
   */
  static async create(options: CertificateAuthorityOptions): Promise<CertificateAuthority> {
    checkOptions(options, 'CertificateAuthority.create', '{ subject, clock }', RULES);
    const { subject, clock = realClock, issuer, validityMs = DEFAULT_CA_VALIDITY, skewMs = DEFAULT_SKEW } = options;
    const period = validity(clock, skewMs, validityMs, subject);
    const release = clock.hold('signing a certificate');
    try {
      const keys = await generateKeys(options.curve ?? 'P-256');
      const der = await buildCertificate({
        subject,
        issuer: issuer?.subject ?? subject,
        publicKey: keys.publicKey,
        issuerKeys: issuer === undefined ? keys : issuer.#keys,
        usage: 'ca',
        subjectAltNames: [],
        ...period,
      });
      return new CertificateAuthority(options, new X509Certificate(der), keys);
    } finally {
      release();
    }
  }

  /** @internal The certificate and the key must belong together. */
  static async restore(kept: KeptAuthority): Promise<CertificateAuthority> {
    const { certificate, privateKey } = kept;
    const keys = await importKeys(privateKey, certificate.publicKey);
    return new CertificateAuthority({ ...kept, subject: subjectNameOf(certificate) }, certificate, keys);
  }

  /** @internal For `restore`. */
  get privateKey(): KeyObject {
    return KeyObject.from(this.#keys.privateKey);
  }

  /** @internal Undefined for a root. */
  get issuer(): CertificateAuthority | undefined {
    return this.#issuer;
  }

  /** The certificate as PEM text. */
  get pem(): string {
    return this.certificate.toString();
  }

  /** The certificate as DER bytes: what a `.cer` file holds. */
  get der(): Buffer {
    return this.certificate.raw;
  }

  /**
   * Makes a new key pair and a certificate for it. The credential's chain is that certificate, then this authority's
   * and those above, without the root: DPS and Hub need all up to the certificate that they know.
   * @throws SphereIotError `OPTIONS_INVALID`, `CERTIFICATE_COMMON_NAME_MISSING`, `CERTIFICATE_NAME_INVALID`, `CERTIFICATE_VALIDITY_INVALID`.
   */
  async issue(options: IssueOptions): Promise<Credential> {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- callers in JavaScript may leave it out
    checkOptions(options ?? null, 'issue', "{ commonName: 'kettle-1' }", ISSUE_RULES);
    const {
      usage = 'client',
      subjectAltNames,
      curve = 'P-256',
      validityMs = DEFAULT_LEAF_VALIDITY,
      ...subject
    } = options;
    const period = validity(this.#clock, this.#skewMs, validityMs, subject);
    const release = this.#clock.hold('signing a certificate');
    try {
      const keys = await generateKeys(curve);
      const der = await buildCertificate({
        subject,
        issuer: this.subject,
        publicKey: keys.publicKey,
        issuerKeys: this.#keys,
        usage,
        subjectAltNames: subjectAltNames ?? (usage === 'server' ? [subject.commonName] : []),
        ...period,
      });
      const chain: Chain = [new X509Certificate(der), ...this.#intermediates()];
      return toCredential(chain, KeyObject.from(keys.privateKey), subject.commonName);
    } finally {
      release();
    }
  }

  /**
   * The proof of possession that DPS, IoT Hub and IoT Central ask for before they trust this authority: a certificate
   * with the verification code as common name, signed by this authority. Its own key is thrown away.
   * @param code The verification code, as the service gave it.
   * @throws SphereIotError `CERTIFICATE_COMMON_NAME_MISSING` when the code is empty.
   */
  async proofOfPossession(code: string): Promise<X509Certificate> {
    const proof = await this.issue({ commonName: code, usage: 'proof' });
    return proof.leaf;
  }

  /** From this authority's certificate upwards, without a self-signed one. */
  #intermediates(): X509Certificate[] {
    return this.#issuer === undefined ? [] : [this.certificate, ...this.#issuer.#intermediates()];
  }
}

function subjectNameOf(certificate: X509Certificate): SubjectName {
  const { C, ST, L, O, OU } = ((certificate.toLegacyObject().subject as object | undefined) ?? {}) as Readonly<
    Record<string, string | undefined>
  >;
  return {
    commonName: commonNameOf(certificate),
    ...defined({ organizationalUnit: OU, organization: O, locality: L, state: ST, country: C }),
  };
}

/** Whole seconds, as X.509 has no finer times. */
/** What GeneralizedTime has room for (RFC 5280, 4.1.2.5.2), ms. */
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T23:59:59Z');

function validity(
  clock: Clock,
  skewMs: number,
  validityMs: number,
  subject: SubjectName,
): { notBefore: number; notAfter: number } {
  if (!subject.commonName)
    throw new SphereIotError(
      'CERTIFICATE_COMMON_NAME_MISSING',
      'A certificate needs a common name: give the device id, the host name or the verification code.',
    );
  const now = clock.now();
  const notBefore = Math.floor((now - skewMs) / 1000) * 1000;
  const notAfter = Math.floor((now + validityMs) / 1000) * 1000;
  const invalid = (why: string): SphereIotError =>
    new SphereIotError(
      'CERTIFICATE_VALIDITY_INVALID',
      `A certificate for ${subject.commonName} would ${why} (validityMs ${validityMs}, skewMs ${skewMs}).`,
    );
  if (!(notBefore <= notAfter)) throw invalid('end before it begins');
  if (notBefore < EARLIEST || notAfter > LATEST) throw invalid('begin before the year 1, or end after 9999');
  return { notBefore, notAfter };
}
