import { createHash, KeyObject, randomBytes, sign, webcrypto } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';

import { SphereIotError } from '../errors.js';

/** The curve of a key pair. A certificate is signed with the hash that goes with its issuer's curve. */
export type Curve = 'P-256' | 'P-384';

/** The parts of an X.501 name. */
export interface SubjectName {
  /** CN. Up to 128 characters here; X.520 says 64, but a DAA certificate has 128. */
  readonly commonName: string;
  /** OU. */
  readonly organizationalUnit?: string;
  /** O. */
  readonly organization?: string;
  /** L. */
  readonly locality?: string;
  /** ST. */
  readonly state?: string;
  /** C: two letters. */
  readonly country?: string;
}

/** What a certificate is for: a CA, a TLS client or server, or the proof that somebody holds a CA's key. */
export type Usage = 'ca' | 'client' | 'server' | 'proof';

/** What goes into a certificate. */
export interface CertificateRequest {
  readonly subject: SubjectName;
  readonly issuer: SubjectName;
  readonly publicKey: webcrypto.CryptoKey;
  readonly issuerKeys: webcrypto.CryptoKeyPair;
  readonly usage: Usage;
  readonly subjectAltNames: readonly string[];
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** The curve's id (RFC 5480, 2.1.1.1), and with which hash its keys sign: Node's name, and ecdsa-with-SHA… (RFC 5758, 3.2). */
const CURVES: Readonly<Record<Curve, { readonly id: string; readonly hash: string; readonly signature: string }>> = {
  'P-256': { id: '1.2.840.10045.3.1.7', hash: 'sha256', signature: '1.2.840.10045.4.3.2' },
  'P-384': { id: '1.3.132.0.34', hash: 'sha384', signature: '1.2.840.10045.4.3.3' },
};
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';

const BASIC_CONSTRAINTS = '2.5.29.19';
const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const SUBJECT_ALT_NAME = '2.5.29.17';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const AUTHORITY_KEY_IDENTIFIER = '2.5.29.35';
const PURPOSES = { client: '1.3.6.1.5.5.7.3.2', server: '1.3.6.1.5.5.7.3.1' };

/** keyCertSign and cRLSign: bits 5 and 6, one unused. */
const CA_KEY_USAGE = { bits: 0x06, unusedBits: 1 };
/** digitalSignature: bit 0, seven unused. */
const LEAF_KEY_USAGE = { bits: 0x80, unusedBits: 7 };

/** Tag classes. */
const UNIVERSAL = 1;
const CONTEXT = 3;
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** From this year on X.509 writes a time with four digits of the year (RFC 5280, 4.1.2.5). */
const GENERALIZED_TIME_YEAR = 2050;

type Asn1 = typeof import('asn1js');
type Element = InstanceType<Asn1['BaseBlock']>;

/** A new ECDSA key pair; extractable, so that Node's TLS can use it. */
export function generateKeys(curve: Curve): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: curve }, true, ['sign', 'verify']);
}

/** An ECDSA key pair from its parts, for signing; P-256 or P-384. */
export async function importKeys(privateKey: KeyObject, publicKey: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  const namedCurve = privateKey.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'P-384' : 'P-256';
  const algorithm = { name: 'ECDSA', namedCurve };
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
    publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
  };
}

/**
 * Makes and signs an X.509 v3 certificate (RFC 5280, 4.1); returns its DER. On asn1js, as with pkijs a renewal takes twice
 * as long.
 */
export async function buildCertificate(request: CertificateRequest): Promise<Buffer> {
  // Loaded only when it is needed: a reader of certificates does not need it.
  const asn1 = await import('asn1js');
  const { hash, signature: algorithm } = CURVES[curveOf(request.issuerKeys.privateKey)];
  const signatureAlgorithm = new asn1.Sequence({ value: [new asn1.ObjectIdentifier({ value: algorithm })] });
  const toBeSigned = new asn1.Sequence({
    value: [
      // Version 3.
      explicit(asn1, 0, new asn1.Integer({ value: 2 })),
      new asn1.Integer({ valueHex: arrayBuffer(serialNumber()) }),
      signatureAlgorithm,
      name(asn1, request.issuer),
      new asn1.Sequence({ value: [time(asn1, request.notBefore), time(asn1, request.notAfter)] }),
      name(asn1, request.subject),
      publicKeyInfo(asn1, request.publicKey),
      explicit(asn1, 3, new asn1.Sequence({ value: extensions(asn1, request) })),
    ],
  }).toBER();
  const signature = sign(hash, Buffer.from(toBeSigned), KeyObject.from(request.issuerKeys.privateKey));
  const bits = new asn1.BitString({ valueHex: arrayBuffer(signature) });
  return wrapped(asn1, [toBeSigned, signatureAlgorithm.toBER(), bits.toBER()]);
}

/** A SEQUENCE of what is encoded already. */
function wrapped(asn1: Asn1, parts: readonly ArrayBuffer[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const sequence = new asn1.Primitive({
    idBlock: { tagClass: UNIVERSAL, tagNumber: 16 },
    valueHex: arrayBuffer(content),
  });
  sequence.idBlock.isConstructed = true;
  return Buffer.from(sequence.toBER());
}

function curveOf(key: webcrypto.CryptoKey): Curve {
  return (key.algorithm as webcrypto.EcKeyAlgorithm).namedCurve as Curve;
}

function explicit(asn1: Asn1, tagNumber: number, element: Element): Element {
  return new asn1.Constructed({ idBlock: { tagClass: CONTEXT, tagNumber }, value: [element] });
}

function implicit(asn1: Asn1, tagNumber: number, bytes: Buffer): Element {
  return new asn1.Primitive({ idBlock: { tagClass: CONTEXT, tagNumber }, valueHex: arrayBuffer(bytes) });
}

/** 16 random bytes; the first is between 0x40 and 0x7f, so that the number is positive and DER keeps all bytes. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes;
}

/** The country first and the common name last, as Azure Sphere's own certificates have it. */
function name(asn1: Asn1, subject: SubjectName): Element {
  const parts: [string, string | undefined][] = [
    ['2.5.4.6', subject.country],
    ['2.5.4.8', subject.state],
    ['2.5.4.7', subject.locality],
    ['2.5.4.10', subject.organization],
    ['2.5.4.11', subject.organizationalUnit],
    ['2.5.4.3', subject.commonName],
  ];
  const sets = parts.flatMap(([type, value]) => {
    if (value === undefined) return [];
    if (/\p{Surrogate}/u.test(value))
      throw new SphereIotError(
        'CERTIFICATE_NAME_INVALID',
        `${JSON.stringify(value)} can't be in a certificate's name: it has half of a surrogate pair, which is no Unicode character.`,
      );
    const text = type === '2.5.4.6' ? new asn1.PrintableString({ value }) : new asn1.Utf8String({ value });
    const part = new asn1.Sequence({ value: [new asn1.ObjectIdentifier({ value: type }), text] });
    return new asn1.Set({ value: [part] });
  });
  return new asn1.Sequence({ value: sets });
}

function time(asn1: Asn1, ms: number): Element {
  const valueDate = new Date(ms);
  return valueDate.getUTCFullYear() < GENERALIZED_TIME_YEAR
    ? new asn1.UTCTime({ valueDate })
    : new asn1.GeneralizedTime({ valueDate });
}

function extensions(asn1: Asn1, { usage, subjectAltNames, publicKey, issuerKeys }: CertificateRequest): Element[] {
  const ca = usage === 'ca';
  const { bits, unusedBits } = ca ? CA_KEY_USAGE : LEAF_KEY_USAGE;
  const keyUsage = new asn1.BitString({ valueHex: arrayBuffer(Buffer.of(bits)), unusedBits });
  const constraints = new asn1.Sequence({ value: ca ? [new asn1.Boolean({ value: true })] : [] });
  const list = [extension(asn1, BASIC_CONSTRAINTS, constraints, true), extension(asn1, KEY_USAGE, keyUsage, true)];
  if (usage === 'client' || usage === 'server') {
    const purpose = new asn1.ObjectIdentifier({ value: PURPOSES[usage] });
    list.push(extension(asn1, EXTENDED_KEY_USAGE, new asn1.Sequence({ value: [purpose] })));
  }
  if (subjectAltNames.length > 0) {
    const names = new asn1.Sequence({ value: subjectAltNames.map((each) => generalName(asn1, each)) });
    list.push(extension(asn1, SUBJECT_ALT_NAME, names));
  }
  const keyId = new asn1.OctetString({ valueHex: arrayBuffer(keyIdentifier(publicKey)) });
  const issuerKeyId = implicit(asn1, 0, keyIdentifier(issuerKeys.publicKey));
  list.push(extension(asn1, SUBJECT_KEY_IDENTIFIER, keyId));
  list.push(extension(asn1, AUTHORITY_KEY_IDENTIFIER, new asn1.Sequence({ value: [issuerKeyId] })));
  return list;
}

function extension(asn1: Asn1, id: string, value: Element, critical = false): Element {
  return new asn1.Sequence({
    value: [
      new asn1.ObjectIdentifier({ value: id }),
      ...(critical ? [new asn1.Boolean({ value: true })] : []),
      new asn1.OctetString({ valueHex: value.toBER() }),
    ],
  });
}

/** SubjectPublicKeyInfo (RFC 5480, 2). Node takes 0.2 ms to export it, and nothing to export the JWK. */
function publicKeyInfo(asn1: Asn1, key: webcrypto.CryptoKey): Element {
  const algorithm = new asn1.Sequence({
    value: [
      new asn1.ObjectIdentifier({ value: EC_PUBLIC_KEY }),
      new asn1.ObjectIdentifier({ value: CURVES[curveOf(key)].id }),
    ],
  });
  return new asn1.Sequence({ value: [algorithm, new asn1.BitString({ valueHex: arrayBuffer(pointOf(key)) })] });
}

/** The public key as an uncompressed point. */
function pointOf(key: webcrypto.CryptoKey): Buffer {
  const { x = '', y = '' } = KeyObject.from(key).export({ format: 'jwk' });
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

/** SHA-1 of the public key's bits: RFC 5280, 4.2.1.2, way 1. It names a key and protects nothing. */
function keyIdentifier(key: webcrypto.CryptoKey): Buffer {
  return createHash('sha1').update(pointOf(key)).digest();
}

function generalName(asn1: Asn1, value: string): Element {
  return isIP(value) === 0
    ? implicit(asn1, DNS_NAME, Buffer.from(value, 'latin1'))
    : implicit(asn1, IP_ADDRESS, addressBytes(value));
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // The URL parser brings every spelling of an IPv6 address to groups of hex digits with at most one "::".
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** asn1js wants an ArrayBuffer of its own; a Buffer may be a window on Node's pool. */
function arrayBuffer(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
