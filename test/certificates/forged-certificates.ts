// Certificates that a peer without credentials can make: any key, and signatures that are none.
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';

import { DER } from './der.js';

const { bits, choice, integer, oid, sequence, set, time, utf8 } = DER;

/** A kind of key, and a signature by one: of the right length, so that it is verified as far as a true one. */
export interface KeyKind {
  /** SubjectPublicKeyInfo, DER; another one with each call. */
  key(): Buffer;
  /** AlgorithmIdentifier, DER. */
  readonly algorithm: Buffer;
  signature(): Buffer;
}

const SHA256_RSA = sequence(oid('2a864886f70d01010b'), Buffer.of(5, 0));
const SHA256_ECDSA = sequence(oid('2a8648ce3d040302'));
const SHA256_DSA = sequence(oid('608648016503040302'));

/** @param exponent Big-endian. */
export function rsa(length: number, exponent = Buffer.of(1, 0, 1), pss = false): KeyKind {
  const kind = pss ? sequence(oid('2a864886f70d01010a')) : sequence(oid('2a864886f70d010101'), Buffer.of(5, 0));
  return {
    key: () => sequence(kind, bits(sequence(integer(random(length / 8, 0x80)), integer(exponent)))),
    algorithm: pss ? kind : SHA256_RSA,
    signature: () => random(length / 8, 0),
  };
}

export function ec(namedCurve: string, bytes: number): KeyKind {
  const key = generateKeyPairSync('ec', { namedCurve }).publicKey.export({ type: 'spki', format: 'der' });
  return { key: () => key, algorithm: SHA256_ECDSA, signature: () => pair(bytes) };
}

/** As long as OpenSSL takes one. */
export function dsa(): KeyKind {
  const prime = Buffer.alloc(1250, 0xff);
  const key = (): Buffer => {
    const parameters = sequence(integer(prime), integer(random(32, 0x80)), integer(random(1250, 0)));
    return sequence(sequence(oid('2a8648ce380401'), parameters), bits(integer(random(1250, 0))));
  };
  return { key, algorithm: SHA256_DSA, signature: () => pair(32) };
}

export interface Names {
  readonly subject: string;
  readonly issuer: string;
}

let serial = 0;

/** DER. A leaf with `key`, its SubjectPublicKeyInfo; else a CA with a key of the kind. */
export function forged(kind: KeyKind, { subject, issuer }: Names, key?: Buffer): Buffer {
  const name = (text: string): Buffer => sequence(set(sequence(oid('550403'), utf8(text))));
  const isCa = sequence(oid('551d13'), Buffer.of(4, 5, 0x30, 3, 1, 1, 0xff));
  const body = sequence(
    choice(0, integer(Buffer.of(2))),
    integer(Buffer.of(1, ++serial >> 8, serial & 0xff)),
    kind.algorithm,
    name(issuer),
    sequence(time('200101000000Z'), time('490101000000Z')),
    name(subject),
    key ?? kind.key(),
    ...(key === undefined ? [choice(3, sequence(isCa))] : []),
  );
  return sequence(body, kind.algorithm, bits(kind.signature()));
}

/** What a TLS client shows: a leaf whose key it has, and what is above it. */
export interface Shown {
  readonly cert: string;
  readonly key: string;
}

/** @param count Of the CA certificates: each of which may have signed the leaf, or each the one before it. */
export function shown(kind: KeyKind, leaf: string, count: number, how: 'namesakes' | 'chain'): Shown {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = (i: number): Names =>
    how === 'chain' ? { subject: `CA ${i}`, issuer: `CA ${i + 1}` } : { subject: 'CA 0', issuer: 'CA 1' };
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const all = [forged(kind, { subject: leaf, issuer: 'CA 0' }, spki)];
  for (let i = 0; i < count; i++) all.push(forged(kind, names(i)));
  const cert = all.map((der) => new X509Certificate(der).toString()).join('');
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

/** Odd, with a first byte at least as large as `first`, and one of 1 to 127 for 0. */
function random(size: number, first: number): Buffer {
  const bytes = randomBytes(size);
  bytes[0] = first === 0 ? 1 : (bytes[0] as number) | first;
  bytes[size - 1] = (bytes[size - 1] as number) | 1;
  return bytes;
}

function pair(size: number): Buffer {
  return sequence(integer(random(size, 0)), integer(random(size, 0)));
}
