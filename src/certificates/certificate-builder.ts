import { createHash, KeyObject, randomBytes, sign, webcrypto } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';

import type { Extension, GeneralName, PublicKeyInfo, RelativeDistinguishedNames, Time } from 'pkijs';

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

/** As it is written: from 0. */
const VERSION_3 = 2;
const COUNTRY = '2.5.4.6';
/** Kinds of GeneralName. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** From this year on X.509 writes a time with four digits of the year (RFC 5280, 4.1.2.5). */
const GENERALIZED_TIME_YEAR = 2050;

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

/** Makes and signs an X.509 v3 certificate (RFC 5280, 4.1); returns its DER. */
export async function buildCertificate(request: CertificateRequest): Promise<Buffer> {
  const lib = await encoders();
  const { asn1, pki } = lib;
  const { hash, signature: algorithmId } = CURVES[curveOf(request.issuerKeys.privateKey)];
  const signature = new pki.AlgorithmIdentifier({ algorithmId });
  const certificate = new pki.Certificate({
    version: VERSION_3,
    serialNumber: new asn1.Integer({ valueHex: arrayBuffer(serialNumber()) }),
    signature,
    issuer: nameOf(lib, request.issuer),
    notBefore: timeOf(lib, request.notBefore),
    notAfter: timeOf(lib, request.notAfter),
    subject: nameOf(lib, request.subject),
    subjectPublicKeyInfo: publicKeyInfo(lib, request.publicKey),
    extensions: extensionsOf(lib, request),
    signatureAlgorithm: signature,
  });
  // Node signs, and exports the key: pkijs goes by WebCrypto and JWK, and a renewal takes twice as long.
  const toBeSigned = new Uint8Array(certificate.encodeTBS().toBER());
  const signed = sign(hash, toBeSigned, KeyObject.from(request.issuerKeys.privateKey));
  certificate.signatureValue = new asn1.BitString({ valueHex: arrayBuffer(signed) });
  const encode = true;
  return Buffer.from(certificate.toSchema(encode).toBER());
}

/** What writes ASN.1: pkijs, and asn1js for the values that pkijs takes. Loaded only when it is needed: readers do not need it. */
interface Encoders {
  readonly asn1: typeof import('asn1js');
  readonly pki: typeof import('pkijs');
}

async function encoders(): Promise<Encoders> {
  return { asn1: await import('asn1js'), pki: await import('pkijs') };
}

function curveOf(key: webcrypto.CryptoKey): Curve {
  return (key.algorithm as webcrypto.EcKeyAlgorithm).namedCurve as Curve;
}

/** 16 random bytes; the first is between 0x40 and 0x7f, so that the number is positive and DER keeps all bytes. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes;
}

/** The country first and the common name last, as Azure Sphere's own certificates have it. */
function nameOf({ asn1, pki }: Encoders, subject: SubjectName): RelativeDistinguishedNames {
  const parts: [string, string | undefined][] = [
    [COUNTRY, subject.country],
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
    const text = type === COUNTRY ? new asn1.PrintableString({ value }) : new asn1.Utf8String({ value });
    return [new asn1.Set({ value: [new pki.AttributeTypeAndValue({ type, value: text }).toSchema()] })];
  });
  // From a list pkijs would write one set.
  return new pki.RelativeDistinguishedNames({ valueBeforeDecode: new asn1.Sequence({ value: sets }).toBER() });
}

function timeOf({ pki }: Encoders, ms: number): Time {
  const value = new Date(ms);
  const type = value.getUTCFullYear() < GENERALIZED_TIME_YEAR ? pki.TimeType.UTCTime : pki.TimeType.GeneralizedTime;
  return new pki.Time({ type, value });
}

function extensionsOf(
  lib: Encoders,
  { usage, subjectAltNames, publicKey, issuerKeys }: CertificateRequest,
): Extension[] {
  const { asn1, pki } = lib;
  const cA = usage === 'ca';
  const { bits, unusedBits } = cA ? CA_KEY_USAGE : LEAF_KEY_USAGE;
  const keyUsage = new asn1.BitString({ valueHex: arrayBuffer(Buffer.of(bits)), unusedBits });
  const octets = (bytes: Buffer) => new asn1.OctetString({ valueHex: arrayBuffer(bytes) });
  const extension = (extnID: string, value: { toBER(): ArrayBuffer }, critical = false): Extension =>
    new pki.Extension({ extnID, critical, extnValue: value.toBER() });
  const list = [
    extension(BASIC_CONSTRAINTS, new pki.BasicConstraints({ cA }).toSchema(), true),
    extension(KEY_USAGE, keyUsage, true),
  ];
  if (usage === 'client' || usage === 'server')
    list.push(extension(EXTENDED_KEY_USAGE, new pki.ExtKeyUsage({ keyPurposes: [PURPOSES[usage]] }).toSchema()));
  if (subjectAltNames.length > 0) {
    const names = subjectAltNames.map((each) => generalName(lib, each));
    list.push(extension(SUBJECT_ALT_NAME, new pki.GeneralNames({ names }).toSchema()));
  }
  const keyIdentifier = octets(keyIdentifierOf(issuerKeys.publicKey));
  list.push(extension(SUBJECT_KEY_IDENTIFIER, octets(keyIdentifierOf(publicKey))));
  list.push(extension(AUTHORITY_KEY_IDENTIFIER, new pki.AuthorityKeyIdentifier({ keyIdentifier }).toSchema()));
  return list;
}

/** SubjectPublicKeyInfo (RFC 5480, 2). Node takes 0.2 ms to export it, and nothing to export the JWK. */
function publicKeyInfo({ asn1, pki }: Encoders, key: webcrypto.CryptoKey): PublicKeyInfo {
  const algorithmParams = new asn1.ObjectIdentifier({ value: CURVES[curveOf(key)].id });
  return new pki.PublicKeyInfo({
    algorithm: new pki.AlgorithmIdentifier({ algorithmId: EC_PUBLIC_KEY, algorithmParams }),
    subjectPublicKey: new asn1.BitString({ valueHex: arrayBuffer(pointOf(key)) }),
  });
}

/** The public key as an uncompressed point. */
function pointOf(key: webcrypto.CryptoKey): Buffer {
  const { x = '', y = '' } = KeyObject.from(key).export({ format: 'jwk' });
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}

/** SHA-1 of the public key's bits: RFC 5280, 4.2.1.2, way 1. It names a key and protects nothing. */
function keyIdentifierOf(key: webcrypto.CryptoKey): Buffer {
  return createHash('sha1').update(pointOf(key)).digest();
}

function generalName({ asn1, pki }: Encoders, name: string): GeneralName {
  return isIP(name) === 0
    ? new pki.GeneralName({ type: DNS_NAME, value: name })
    : new pki.GeneralName({
        type: IP_ADDRESS,
        value: new asn1.OctetString({ valueHex: arrayBuffer(addressBytes(name)) }),
      });
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
