import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';

import { messageOf, SphereIotError } from '../errors.js';

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

const BEGIN = /-----BEGIN CERTIFICATE-----/g;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM text, in its order, each a PEM text of its own that ends with a line feed. Everything else
 * in the text is left out, a private key too.
 * @throws SphereIotError `CERTIFICATE_NOT_PEM` when there is none, or one is cut off.
 */
export function splitPem(pem: string): string[] {
  const blocks = pem.match(CERTIFICATE) ?? [];
  const begun = pem.match(BEGIN)?.length ?? 0;
  if (begun === 0)
    throw new SphereIotError(
      'CERTIFICATE_NOT_PEM',
      'The text holds no PEM certificate (-----BEGIN CERTIFICATE-----). Convert DER with `openssl x509 -inform der`.',
    );
  if (blocks.length < begun)
    throw new SphereIotError(
      'CERTIFICATE_NOT_PEM',
      `Of ${begun} PEM certificates only ${blocks.length} are whole: was the text cut off? Give it up to its last line.`,
    );
  return blocks.map((block) => `${block.replace(/\r\n?/g, '\n')}\n`);
}

/**
 * Reads a credential from PEM texts and checks that its parts belong together. Validity is not checked: that is for
 * whom the chain is shown to.
 * @param chainPem Certificates, leaf first, each followed by its issuer; other PEM blocks are left out.
 * @param keyPem The leaf's private key: PKCS#8, SEC1 or PKCS#1, not encrypted.
 * @throws SphereIotError `CERTIFICATE_NOT_PEM`, `CERTIFICATE_COMMON_NAME_MISSING`, `CERTIFICATE_KEY_MISSING`,
 * `CERTIFICATE_KEY_NOT_PEM`, `CERTIFICATE_KEY_MISMATCH`, `CERTIFICATE_CHAIN_BROKEN`.
 */
export function readCredential(chainPem: string, keyPem: string): Credential {
  const certificates = splitPem(chainPem).map(readCertificate);
  const leaf = certificates[0] as X509Certificate;
  const commonName = commonNameOf(leaf);
  const privateKey = readKey(keyPem, leaf);
  if (!leaf.checkPrivateKey(privateKey))
    throw new SphereIotError(
      'CERTIFICATE_KEY_MISMATCH',
      `The private key is not that of the first certificate (${subjectOf(leaf)}). Put the leaf first, with its own key.`,
    );
  checkOrder(certificates);
  return toCredential(certificates, privateKey, commonName);
}

/** @internal A credential of parts that are known to belong together, leaf first. */
export function toCredential(
  certificates: readonly X509Certificate[],
  privateKey: KeyObject,
  commonName: string,
): Credential {
  const chain = certificates.map((certificate) => certificate.toString()).join('');
  return { chain, privateKey, leaf: certificates[0] as X509Certificate, commonName };
}

/**
 * The subject's common name; the first, where there are several. Any length: a DAA certificate has 128 characters,
 * twice what X.520 allows.
 * @throws SphereIotError `CERTIFICATE_COMMON_NAME_MISSING` when the subject has none.
 */
export function commonNameOf(certificate: X509Certificate): string {
  const value: string | string[] | undefined = certificate.toLegacyObject().subject?.CN;
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

function readCertificate(pem: string, index: number): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new SphereIotError(
      'CERTIFICATE_NOT_PEM',
      `Certificate ${index + 1} of the chain can't be read: ${messageOf(cause)}. Export it again.`,
      { cause },
    );
  }
}

function readKey(pem: string, leaf: X509Certificate): KeyObject {
  const which = `The private key of ${subjectOf(leaf)}`;
  if (pem.trim() === '')
    throw new SphereIotError('CERTIFICATE_KEY_MISSING', `${which} is missing. Give it as PEM text.`);
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    const encrypted = pem.includes('ENCRYPTED');
    throw new SphereIotError(
      'CERTIFICATE_KEY_NOT_PEM',
      encrypted
        ? `${which} is encrypted. Decrypt it first: openssl pkey -in key.pem -out plain.pem`
        : `${which} is no PEM private key. Give an unencrypted one (-----BEGIN PRIVATE KEY-----).`,
      { cause },
    );
  }
}

function checkOrder(certificates: readonly X509Certificate[]): void {
  certificates.slice(1).forEach((issuer, index) => {
    const certificate = certificates[index] as X509Certificate;
    if (certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)) return;
    throw new SphereIotError(
      'CERTIFICATE_CHAIN_BROKEN',
      `${subjectOf(issuer)} did not sign ${subjectOf(certificate)}, which stands before it in the chain. ` +
        'Put the leaf first and each issuer right after what it signed.',
    );
  });
}

/** The subject on one line, for messages. */
function subjectOf(certificate: X509Certificate): string {
  // Node gives undefined for an empty subject, whatever its types say.
  const subject = certificate.subject as string | undefined;
  return subject ? subject.trim().split('\n').join(', ') : 'no subject';
}
