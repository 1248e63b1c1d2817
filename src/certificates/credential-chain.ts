import type { KeyObject, X509Certificate } from 'node:crypto';

import { SphereIotError } from '../errors.js';
import { publicKeyOf, subjectOf } from './credential-subject.js';

/** How many certificates a chain may have, a root that is given with it included. */
export const MAX_CHAIN_LENGTH = 10;

/** Certificates in order: each is signed by the next. */
export type Chain = readonly [leaf: X509Certificate, ...issuers: X509Certificate[]];

/**
 * Puts certificates into order by their signatures: the one with the private key's public key first, then each issuer.
 * @param certificates Distinct ones, at least one, in any order.
 * @throws SphereIotError `CERTIFICATE_KEY_MISMATCH`, `CERTIFICATE_CHAIN_TOO_LONG`, `CERTIFICATE_CHAIN_BROKEN` when one
 * is not part of the chain, `CERTIFICATE_NOT_A_CA`.
 */
export function orderChain(certificates: readonly X509Certificate[], privateKey: KeyObject): Chain {
  const leaf = leafOf(certificates, privateKey);
  if (certificates.length > MAX_CHAIN_LENGTH)
    throw new SphereIotError(
      'CERTIFICATE_CHAIN_TOO_LONG',
      `The chain of ${subjectOf(leaf)} has ${certificates.length} certificates; it may have ${MAX_CHAIN_LENGTH}. ` +
        'Give the leaf with its own issuers only.',
    );
  const ordered = follow(leaf, certificates);
  const left = certificates.find((certificate) => !ordered.includes(certificate));
  if (left !== undefined) throw broken(left, ordered);
  const [, ...issuers] = ordered;
  let below = leaf;
  for (const issuer of issuers) {
    checkIssuer(issuer, below);
    below = issuer;
  }
  return ordered;
}

/** What is sent of a chain in order: all but a root at its end, which the other side has to have itself. */
export function withoutRoot([leaf, ...issuers]: Chain): Chain {
  const last = issuers.at(-1);
  return last !== undefined && signed(last, last) ? [leaf, ...issuers.slice(0, -1)] : [leaf, ...issuers];
}

/** By names alone, which certificate is the leaf: one that issued none of the others. For messages without a key. */
export function likelyLeaf(certificates: readonly X509Certificate[]): X509Certificate {
  const issued = (one: X509Certificate) =>
    certificates.some((other) => other !== one && other.issuer === one.subject && other.subject !== one.subject);
  return certificates.find((one) => !issued(one)) ?? (certificates[0] as X509Certificate);
}

function leafOf(certificates: readonly X509Certificate[], privateKey: KeyObject): X509Certificate {
  const leaf = certificates.find((certificate) => hasKey(certificate, privateKey));
  const expected = likelyLeaf(certificates);
  if (leaf === undefined)
    throw new SphereIotError(
      'CERTIFICATE_KEY_MISMATCH',
      `The private key is not that of ${subjectOf(expected)}, nor of another certificate of the chain. ` +
        'Give the key that the leaf was requested with.',
    );
  const issued = certificates.find((other) => other !== leaf && !hasKey(other, privateKey) && signed(other, leaf));
  if (issued !== undefined)
    throw new SphereIotError(
      'CERTIFICATE_KEY_MISMATCH',
      `The private key is not that of ${subjectOf(issued)} but that of its issuer, ${subjectOf(leaf)}. ` +
        "Give the leaf's own key.",
    );
  return leaf;
}

function hasKey(certificate: X509Certificate, privateKey: KeyObject): boolean {
  try {
    return certificate.checkPrivateKey(privateKey);
  } catch {
    return false;
  }
}

function follow(leaf: X509Certificate, certificates: readonly X509Certificate[]): Chain {
  const ordered: [X509Certificate, ...X509Certificate[]] = [leaf];
  for (let last: X509Certificate | undefined = leaf; last !== undefined && !signed(last, last);) {
    const current: X509Certificate = last;
    last = certificates.find((other) => !ordered.includes(other) && signed(current, other));
    if (last !== undefined) ordered.push(last);
  }
  return ordered;
}

/** By name and signature; whether the issuer was allowed to is another question. */
function signed(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    if (certificate.issuer !== issuer.subject && !certificate.checkIssued(issuer)) return false;
    return certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function broken(left: X509Certificate, [leaf, ...issuers]: Chain): SphereIotError {
  const last = issuers.at(-1) ?? leaf;
  return new SphereIotError(
    'CERTIFICATE_CHAIN_BROKEN',
    `${subjectOf(left)} did not sign ${subjectOf(last)}, with which the chain of ${subjectOf(leaf)} ends. ` +
      'Give every issuer in between, and no certificate that is not part of the chain.',
  );
}

function checkIssuer(issuer: X509Certificate, certificate: X509Certificate): void {
  if (!issuer.ca)
    throw new SphereIotError(
      'CERTIFICATE_NOT_A_CA',
      `${subjectOf(issuer)} signed ${subjectOf(certificate)} but is no CA certificate. ` +
        'Issue it again with basicConstraints=critical,CA:TRUE and keyUsage=critical,keyCertSign.',
    );
  if (certificate.checkIssued(issuer)) return;
  throw new SphereIotError(
    'CERTIFICATE_CHAIN_BROKEN',
    `${subjectOf(issuer)} signed ${subjectOf(certificate)}, whose authority key identifier names another one. ` +
      'Give the certificate that it names.',
  );
}

/**
 * Checks that a certificate's key is of a kind, and long enough, for the services.
 * @throws SphereIotError `CERTIFICATE_KEY_WEAK`, `CERTIFICATE_KEY_UNSUPPORTED`.
 */
export function checkKey(certificate: X509Certificate): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKeyOf(certificate);
  const bits = type === 'rsa' ? (details?.modulusLength ?? 0) : undefined;
  if (bits !== undefined && bits < 2048)
    throw new SphereIotError(
      'CERTIFICATE_KEY_WEAK',
      `The key of ${subjectOf(certificate)} is too weak: RSA with ${bits} bits. Use RSA with 2048 bits or more, or P-256.`,
    );
  const curve = type === 'ec' ? (details?.namedCurve ?? 'unknown') : undefined;
  const supported = type === 'ed25519' || (bits ?? Infinity) <= 4096 || (curve !== undefined && CURVES.includes(curve));
  if (supported) return;
  const kind = curve ? `the curve ${curve}` : bits ? `RSA with ${bits} bits` : String(type);
  throw new SphereIotError(
    'CERTIFICATE_KEY_UNSUPPORTED',
    `The key of ${subjectOf(certificate)} is of a kind that is not supported: ${kind}. ` +
      'Use RSA with 2048 to 4096 bits, P-256, P-384 or Ed25519.',
  );
}

/** P-256 and P-384, as OpenSSL calls them. */
const CURVES: readonly string[] = ['prime256v1', 'secp384r1'];
