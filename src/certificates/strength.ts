import type { KeyObject, X509Certificate } from 'node:crypto';

import { derElements } from './certificate-extensions.js';

// What OpenSSL's security level 1 asks of a chain, which is the level of Node 20: 80 bits of each key and each signature. Found by trying,
// and in docs/emulator.md. Node's own verdict is for the machine's time alone.

/** Bits of a modulus that OpenSSL counts as 80 bits of strength, by NIST's formula. */
const MIN_MODULUS = 919;
/** Bytes of a coordinate: half of the bits are strength. */
const MIN_COORDINATE = 20;

const RSA = '2a864886f70d0101';
const PSS = `${RSA}0a`;
/** Algorithms by the hex of their object identifier: those whose hash is too weak for a signature. */
const WEAK: Readonly<Record<string, string>> = {
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
};
/** Hashes of RSASSA-PSS; it names them apart, and SHA-1 by leaving it out (RFC 4055, 3.1). */
const WEAK_HASHES: Readonly<Record<string, string>> = {
  '2a864886f70d0202': 'MD2',
  '2a864886f70d0204': 'MD4',
  '2a864886f70d0205': 'MD5',
  '2b0e03021a': 'SHA-1',
};
const SHA1 = 'SHA-1';
const HASH = 0xa0;

/** Why the signature of a certificate proves nothing, in words; undefined where it does. */
export function signatureFault(certificate: X509Certificate): string | undefined {
  try {
    const [, algorithm] = derElements(derElements(certificate.raw)[0]!.value);
    const [id, parameters] = derElements(algorithm!.value);
    const name = id!.value.toString('hex');
    const hash = name === PSS ? weakHashOfPss(parameters?.value) : WEAK[name];
    return hash === undefined ? undefined : `is signed with ${hash}, which is too weak`;
  } catch {
    return 'has a signature that cannot be read';
  }
}

/** Why a certificate's key proves nothing, in words; undefined where it does. Of other kinds OpenSSL has only strong ones. */
export function keyFault(certificate: X509Certificate): string | undefined {
  try {
    const key = certificate.publicKey;
    const { asymmetricKeyType: type = '', asymmetricKeyDetails: { modulusLength } = {} } = key;
    if (modulusLength !== undefined && modulusLength < MIN_MODULUS)
      return `has a key that is too weak: ${type.toUpperCase()} ${modulusLength}`;
    if (type !== 'ec' || coordinateOf(key) >= MIN_COORDINATE) return undefined;
    return 'has a key that is too weak: its elliptic curve is too small';
  } catch {
    return 'has a key that cannot be read';
  }
}

function weakHashOfPss(parameters: Buffer | undefined): string | undefined {
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
