import type { KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

import { derElements } from './certificate-extensions.js';

// What OpenSSL asks of each key and each signature of a chain, by the security level of this Node: the first in Node 20 and 22, the second in
// Node 24. Found by trying, and in docs/emulator.md. Node's own verdict is for the machine's time alone.

/** How strong keys and signatures have to be. */
export interface Strength {
  /** Bits of strength. */
  readonly bits: number;
  /** Bits of an RSA or DSA modulus that OpenSSL counts as that many, by NIST's formula. */
  readonly modulus: number;
  /** Bytes of a coordinate of an elliptic curve: half of the bits are strength. */
  readonly coordinate: number;
}

export const STRENGTHS: Readonly<Record<80 | 112, Strength>> = {
  80: { bits: 80, modulus: 920, coordinate: 20 },
  112: { bits: 112, modulus: 1963, coordinate: 28 },
};

/** DER of a certificate on the curve P-192, which has 96 bits of strength. */
const PROBE =
  'MIIBTjCCAQOgAwIBAgIUDjq5XCR/9ANS2w4zTslbpeXVnpcwCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBeDAeFw0yNjExMzAyMjAxNDZaFw0yNz' +
  'AzMTAyMjAxNDZaMAwxCjAIBgNVBAMMAXgwSTATBgcqhkjOPQIBBggqhkjOPQMBAQMyAATI2DIMr8CfAGrgfUVsZH1fi6UpFuedUmz1vujn8TU1' +
  'LzSE6IW0U7VgTOs5Z2AM4O+jUzBRMB0GA1UdDgQWBBSxdb+Er37jjh47wD8xGrVqMMsX8zAfBgNVHSMEGDAWgBSxdb+Er37jjh47wD8xGrVqMM' +
  'sX8zAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCAzkAMDYCGQCR4bR3F8nfFbIU5s0mD24BbubNlEm80EoCGQDqZYKhOCKIMU1Pebd+iadu' +
  '3hTZdr66iaU=';

let asked: Strength | undefined;

/** What this Node asks of servers: measured, as it depends on how Node was built and started. */
export function strengthOfNode(): Strength {
  asked ??= STRENGTHS[isProbeTaken() ? 80 : 112];
  return asked;
}

function isProbeTaken(): boolean {
  try {
    createSecureContext({ cert: `-----BEGIN CERTIFICATE-----\n${PROBE}\n-----END CERTIFICATE-----\n` });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ERR_SSL_EE_KEY_TOO_SMALL';
  }
}

const RSA = '2a864886f70d0101';
const PSS = `${RSA}0a`;
/** Algorithms by the hex of their object identifier: those whose hash may be too weak for a signature. */
const WEAK: Readonly<Record<string, WeakHash>> = {
  [`${RSA}02`]: 'MD2',
  [`${RSA}03`]: 'MD4',
  [`${RSA}04`]: 'MD5',
  [`${RSA}05`]: 'SHA-1',
  '2b0e030203': 'MD5',
  '2b0e03021d': 'SHA-1',
  '2b0e03021b': 'SHA-1',
  '2b0e03020d': 'SHA-1',
  '2a8648ce380403': 'SHA-1',
  '2a8648ce3d0401': 'SHA-1',
  '2b2403030102': 'RIPEMD-160',
};
/** Hashes of RSASSA-PSS; it names them apart, and SHA-1 by leaving it out (RFC 4055, 3.1). */
const WEAK_HASHES: Readonly<Record<string, WeakHash>> = {
  '2a864886f70d0202': 'MD2',
  '2a864886f70d0204': 'MD4',
  '2a864886f70d0205': 'MD5',
  '2b0e03021a': 'SHA-1',
  '2b24030201': 'RIPEMD-160',
};
const SHA1 = 'SHA-1';
/** Bits of strength. */
const BITS = { MD2: 0, MD4: 0, MD5: 39, 'SHA-1': 63, 'RIPEMD-160': 80 } as const;
type WeakHash = keyof typeof BITS;
const HASH = 0xa0;

/** Why the signature of a certificate proves nothing, in words; undefined where it does. */
export function signatureFault(certificate: X509Certificate, { bits } = strengthOfNode()): string | undefined {
  try {
    const [, algorithm] = derElements(derElements(certificate.raw)[0]!.value);
    const [id, parameters] = derElements(algorithm!.value);
    const name = id!.value.toString('hex');
    const hash = name === PSS ? weakHashOfPss(parameters?.value) : WEAK[name];
    return hash === undefined || BITS[hash] >= bits ? undefined : `is signed with ${hash}, which is too weak`;
  } catch {
    return 'has a signature that cannot be read';
  }
}

/** Why a certificate's key proves nothing, in words; undefined where it does. Of other kinds OpenSSL has only strong ones. */
export function keyFault(certificate: X509Certificate, { modulus, coordinate } = strengthOfNode()): string | undefined {
  try {
    const key = certificate.publicKey;
    const { asymmetricKeyType: type = '', asymmetricKeyDetails: { modulusLength } = {} } = key;
    if (modulusLength !== undefined && modulusLength < modulus)
      return `has a key that is too weak: ${type.toUpperCase()} ${modulusLength}`;
    if (type !== 'ec' || coordinateOf(key) >= coordinate) return undefined;
    return 'has a key that is too weak: its elliptic curve is too small';
  } catch {
    return 'has a key that cannot be read';
  }
}

function weakHashOfPss(parameters: Buffer | undefined): WeakHash | undefined {
  const hash = derElements(parameters ?? Buffer.alloc(0)).find(({ tag }) => tag === HASH);
  if (hash === undefined) return SHA1;
  return WEAK_HASHES[derElements(derElements(hash.value)[0]!.value)[0]!.value.toString('hex')];
}

/** Bytes; of the point in SubjectPublicKeyInfo, which is either both coordinates after a 4, or one after another number. */
function coordinateOf(key: KeyObject): number {
  const spki = key.export({ type: 'spki', format: 'der' });
  const bits = derElements(derElements(spki)[0]!.value)[1]!.value;
  // A byte tells how many bits are unused.
  const point = bits.subarray(1);
  return (point.length - 1) / (point[0] === 4 ? 2 : 1);
}
