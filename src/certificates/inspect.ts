import type { X509Certificate } from 'node:crypto';

import { defined } from '../defined.js';
import { SphereIotError } from '../errors.js';
import { hasCertificate, readCertificates } from './credential-input.js';
import { derTags, foreignFormat, isDer, textOf } from './credential-der.js';
import { commonNameOf, validityOf } from './credential.js';
import { publicKeyOf, subjectOf } from './credential-subject.js';
import { fromPkcs7 } from './pkcs7.js';

/** How a file holds certificates. */
export type CertificateFormat = 'PEM' | 'DER' | 'PKCS#7 PEM' | 'PKCS#7 DER';

export interface CertificateFile {
  readonly format: CertificateFormat;
  /** At least one; in the file's order. */
  readonly certificates: readonly X509Certificate[];
}

/** What there is to know of a certificate, JSON-able. */
export interface CertificateDescription {
  /** On one line. */
  readonly subject: string;
  readonly issuer: string;
  /** Of the subject, where it has one. */
  readonly commonName?: string;
  /** Hex. */
  readonly serialNumber: string;
  /** Upper-case hex, as the services show them. */
  readonly thumbprints: { readonly sha1: string; readonly sha256: string };
  /** For example `P-256`, `RSA 2048`. */
  readonly key: string;
  readonly ca: boolean;
  readonly selfSigned: boolean;
  /** ISO 8601; `unreadable` where it is no date. */
  readonly validFrom: string;
  readonly validUntil: string;
  readonly validity: 'valid' | 'expired' | 'notYetValid';
}

const OID_TAG = 6;
const PKCS7 = /-----BEGIN PKCS7-----([^-]*)-----END PKCS7-----/;
const OTHERS: readonly [RegExp, string][] = [
  [/-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/, 'a certificate request: have it signed first'],
  [/-----BEGIN (?:\w+ )?PRIVATE KEY-----/, 'a private key, and no certificate: give the file of its certificate'],
];

/**
 * Reads a file of certificates, whichever of the usual formats it has.
 * @throws SphereIotError `CERTIFICATE_NOT_PEM`, `CERTIFICATE_TRUNCATED`, `PKCS7_NOT_READABLE`.
 */
export async function readCertificateFile(content: Uint8Array): Promise<CertificateFile> {
  if (isDer(content) && foreignFormat(content) === undefined) {
    if (derTags(content)[0] !== OID_TAG) return { format: 'DER', certificates: readCertificates(content) };
    return { format: 'PKCS#7 DER', certificates: await fromPkcs7(content) };
  }
  const text = textOf(content);
  const pkcs7 = PKCS7.exec(text)?.[1];
  if (pkcs7 !== undefined) return { format: 'PKCS#7 PEM', certificates: await fromPkcs7(Buffer.from(pkcs7, 'base64')) };
  const other = hasCertificate(text) ? undefined : OTHERS.find(([mark]) => mark.test(text));
  if (other !== undefined) throw new SphereIotError('CERTIFICATE_NOT_PEM', `The file holds ${other[1]}.`);
  return { format: 'PEM', certificates: readCertificates(content) };
}

/**
 * Describes a certificate.
 * @param now Clock ms, for its validity.
 */
export function describeCertificate(certificate: X509Certificate, now: number): CertificateDescription {
  const { from, until } = validityOf(certificate);
  return {
    subject: subjectOf(certificate),
    issuer: (certificate.issuer as string | undefined)?.trim().split('\n').join(', ') ?? 'no issuer',
    ...defined({ commonName: optionalCommonName(certificate) }),
    serialNumber: certificate.serialNumber,
    thumbprints: { sha1: hex(certificate.fingerprint), sha256: hex(certificate.fingerprint256) },
    key: keyOf(certificate),
    ca: certificate.ca,
    selfSigned: isIssuer(certificate, certificate),
    validFrom: dateText(from),
    validUntil: dateText(until),
    validity: now > until ? 'expired' : now >= from && now <= until ? 'valid' : 'notYetValid',
  };
}

/** Bits. A longer modulus, a larger exponent or another kind of key takes a hundred times as long to verify, and no CA has it. */
const MAX_RSA_BITS = 8192;
const MAX_EXPONENT = 2n ** 33n;
const ISSUER_KEYS: readonly (string | undefined)[] = ['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448'];

/** Why no signature of a CA certificate's key is verified here, in words; undefined where they are. */
export function issuerKeyFault(issuer: X509Certificate): string | undefined {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = issuer.publicKey;
    const { modulusLength = 0, publicExponent = 0n, namedCurve } = details;
    const isKnown = ISSUER_KEYS.includes(type) && (type !== 'ec' || Object.hasOwn(CURVES, namedCurve ?? ''));
    if (isKnown && modulusLength <= MAX_RSA_BITS && publicExponent <= MAX_EXPONENT) return undefined;
    const exponent = publicExponent > MAX_EXPONENT ? ' with an exponent of more than 33 bits' : '';
    return `its key is ${keyOf(issuer)}${exponent}: a CA may have RSA up to ${MAX_RSA_BITS} bits, P-256, P-384, P-521, Ed25519 or Ed448`;
  } catch {
    return 'its key cannot be read';
  }
}

/** Whether `issuer` signed `certificate`, by names, key identifiers and signature. */
export function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    if (!certificate.checkIssued(issuer) || issuerKeyFault(issuer) !== undefined) return false;
    return certificate.verify(issuer.publicKey);
  } catch {
    // A key that OpenSSL can't use: not this one.
    return false;
  }
}

/** A damaged certificate may have what is no date: it is not valid then. */
function dateText(ms: number): string {
  return Number.isNaN(ms) ? 'unreadable' : new Date(ms).toISOString();
}

function optionalCommonName(certificate: X509Certificate): string | undefined {
  try {
    return commonNameOf(certificate);
  } catch {
    return undefined;
  }
}

function keyOf(certificate: X509Certificate): string {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKeyOf(certificate);
    if (type === 'rsa') return `RSA ${details?.modulusLength ?? ''}`.trim();
    const curve = details?.namedCurve;
    if (curve === undefined) return type === 'ed25519' ? 'Ed25519' : (type ?? 'unknown');
    return CURVES[curve] ?? curve;
  } catch {
    return 'unreadable';
  }
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

function hex(fingerprint: string): string {
  return fingerprint.replaceAll(':', '');
}
