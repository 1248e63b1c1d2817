import type { KeyObject, X509Certificate } from 'node:crypto';
// Before toLegacyObject, which otherwise leaves node:tls without createSecureContext for the whole process (Node 20: it
// loads _tls_common, which needs tls, which needs _tls_common).
import 'node:tls';

import type { Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { checkKey, likelyLeaf, orderChain, withoutRoot, type Chain } from './credential-chain.js';
import { readCertificates, type CertificateInput } from './credential-input.js';
import { readPrivateKey } from './credential-key.js';
import { subjectOf } from './credential-subject.js';

/** A certificate chain with the private key of its leaf. */
export interface Credential {
  /** PEM, leaf first, then each issuer that is sent along. */
  readonly chain: string;
  /** Never leaves TypeScript: C gets a reference. */
  readonly privateKey: KeyObject;
  readonly leaf: X509Certificate;
  /** The leaf's subject common name. */
  readonly commonName: string;
}

/** When a certificate is valid, in clock milliseconds (since 1970-01-01T00:00:00Z). */
export interface Validity {
  /** notBefore. */
  readonly from: number;
  /** notAfter. */
  readonly until: number;
}

/** What else `readCredential` is told. */
export interface ReadCredentialOptions {
  /** What the private key is encrypted with, if it is. As bytes, where it is in another encoding than UTF-8. */
  readonly passphrase?: string | Uint8Array | undefined;
  /** By which the leaf must be valid now; without a clock its validity is not checked. */
  readonly clock?: Pick<Clock, 'now'> | undefined;
  /**
   * Whose rule the common name has to follow: that of DPS for registration ids, or that of IoT Hub for device ids, which
   * takes those and more. Default `dps`.
   */
  readonly service?: 'dps' | 'hub' | undefined;
}

interface NameRule {
  readonly taker: string;
  /** What the common name becomes. */
  readonly kind: string;
  readonly pattern: RegExp;
  /** The pattern in words. */
  readonly words: string;
}

const NAME_RULES: Readonly<Record<'dps' | 'hub', NameRule>> = {
  dps: {
    taker: 'DPS',
    kind: 'registration id',
    pattern: /^[A-Za-z0-9\-._:]{0,127}[A-Za-z0-9-]$/,
    words:
      'up to 128 letters, digits, hyphens, full stops, underscores and colons that ends with a letter, digit or hyphen',
  },
  hub: {
    taker: 'IoT Hub',
    kind: 'device id',
    pattern: /^[A-Za-z0-9\-.%_*?!(),:=@$']{1,128}$/,
    words: "up to 128 letters, digits and - . % _ * ? ! ( ) , : = @ $ '",
  },
};

/**
 * Reads a credential and checks that its parts belong together and that DPS and IoT Hub take them. The leaf is the
 * certificate with the private key's public key; the others must be its issuers. A self-signed root is left out of
 * what is sent, unless it is the only certificate. Issuers' validity is for whom the chain is shown to.
 * @param chain The leaf and its issuers in any order, each once or more: PEM (other PEM blocks are left out) or DER.
 * @param key The leaf's private key: PKCS#8, SEC1 or PKCS#1, PEM or DER, encrypted or not.
 * @throws SphereIotError For the certificates `CERTIFICATE_NOT_PEM`, `CERTIFICATE_TRUNCATED`; for the key
 * `CERTIFICATE_KEY_MISSING`, `CERTIFICATE_KEY_NOT_PEM`, `CERTIFICATE_KEY_TRUNCATED`, `KEY_PASSPHRASE_MISSING`,
 * `KEY_PASSPHRASE_WRONG`; for the chain `CERTIFICATE_KEY_MISMATCH`, `CERTIFICATE_CHAIN_TOO_LONG`,
 * `CERTIFICATE_CHAIN_BROKEN`, `CERTIFICATE_NOT_A_CA`, `CERTIFICATE_KEY_WEAK`, `CERTIFICATE_KEY_UNSUPPORTED`; for the
 * leaf `CERTIFICATE_COMMON_NAME_MISSING`, `CERTIFICATE_COMMON_NAME_INVALID`, `CERTIFICATE_EXPIRED`,
 * `CERTIFICATE_NOT_YET_VALID`.
 */
export function readCredential(
  chain: CertificateInput | readonly CertificateInput[],
  key: string | Uint8Array,
  options: ReadCredentialOptions = {},
): Credential {
  const certificates = readCertificates(chain);
  const privateKey = readPrivateKey(key, subjectOf(likelyLeaf(certificates)), options.passphrase);
  const ordered = orderChain(certificates, privateKey);
  const sent = withoutRoot(ordered);
  sent.forEach(checkKey);
  const [leaf] = ordered;
  const commonName = idOf(leaf, NAME_RULES[options.service ?? 'dps']);
  if (options.clock !== undefined) checkValidity(leaf, options.clock.now());
  return toCredential(sent, privateKey, commonName);
}

/** @internal A credential of parts that are known to belong together, leaf first. */
export function toCredential(certificates: Chain, privateKey: KeyObject, commonName: string): Credential {
  const chain = certificates.map((certificate) => certificate.toString()).join('');
  return { chain, privateKey, leaf: certificates[0], commonName };
}

/**
 * The subject's common name; the first, where there are several. Any length: a DAA certificate has 128 characters,
 * twice what X.520 allows.
 * @throws SphereIotError `CERTIFICATE_COMMON_NAME_MISSING` when the subject has none.
 */
export function commonNameOf(certificate: X509Certificate): string {
  // Node's types don't say that there may be no subject.
  const subject = certificate.toLegacyObject().subject as { readonly CN?: string | string[] } | undefined;
  const value = subject?.CN;
  const commonName = Array.isArray(value) ? value[0] : value;
  if (commonName === undefined || commonName === '')
    throw new SphereIotError(
      'CERTIFICATE_COMMON_NAME_MISSING',
      `The certificate (${subjectOf(certificate)}) has no common name. Issue it with the device's id as subject CN.`,
    );
  return commonName;
}

/** From when until when a certificate is valid. */
export function validityOf(certificate: X509Certificate): Validity {
  return { from: Date.parse(certificate.validFrom), until: Date.parse(certificate.validTo) };
}

/** The common name, if the service takes it as an id. */
function idOf(leaf: X509Certificate, { taker, kind, pattern, words }: NameRule): string {
  const commonName = commonNameOf(leaf);
  if (pattern.test(commonName)) return commonName;
  throw new SphereIotError(
    'CERTIFICATE_COMMON_NAME_INVALID',
    `${taker} does not take the common name of ${subjectOf(leaf)} as a ${kind}. ` +
      `Issue the certificate with one of ${words}.`,
  );
}

function checkValidity(leaf: X509Certificate, now: number): void {
  const { from, until } = validityOf(leaf);
  if (now > until)
    throw new SphereIotError(
      'CERTIFICATE_EXPIRED',
      `${subjectOf(leaf)} expired at ${leaf.validTo}; ${clockText(now)}. Issue a new certificate, or set the clock.`,
    );
  if (now >= from && now <= until) return;
  throw new SphereIotError(
    'CERTIFICATE_NOT_YET_VALID',
    `${subjectOf(leaf)} is valid only from ${leaf.validFrom}; ${clockText(now)}. Wait until then, or set the clock.`,
  );
}

function clockText(now: number): string {
  const date = new Date(now);
  return `the clock says ${Number.isNaN(date.getTime()) ? now : date.toISOString()}`;
}
