import { createHash, randomBytes, webcrypto, type KeyObject } from 'node:crypto';
import { isIP, isIPv4 } from 'node:net';

import type * as Asn1 from 'asn1js';
import type * as Pki from 'pkijs';

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

interface Libraries {
  readonly pki: typeof Pki;
  readonly asn1: typeof Asn1;
  readonly engine: Pki.ICryptoEngine;
}

const HASHES: Readonly<Record<Curve, string>> = { 'P-256': 'SHA-256', 'P-384': 'SHA-384' };

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

const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** From this year on X.509 writes a time with four digits of the year (RFC 5280, 4.1.2.5). */
const GENERALIZED_TIME_YEAR = 2050;

let libraries: Promise<Libraries> | undefined;

/** pkijs takes 40 ms to load, and who only reads certificates doesn't need it. */
function load(): Promise<Libraries> {
  libraries ??= Promise.all([import('pkijs'), import('asn1js')]).then(([pki, asn1]) => ({
    pki,
    asn1,
    engine: new pki.CryptoEngine({ name: 'sphere-iot', crypto: webcrypto as never }),
  }));
  return libraries;
}

/** A new ECDSA key pair; extractable, so that Node's TLS can use it. */
export function generateKeys(curve: Curve): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: curve }, true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>;
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

/** Makes and signs an X.509 v3 certificate; returns its DER. */
export async function buildCertificate(request: CertificateRequest): Promise<Buffer> {
  const lib = await load();
  const { pki, asn1, engine } = lib;
  const certificate = new pki.Certificate();
  certificate.version = 2;
  certificate.serialNumber = new asn1.Integer({ valueHex: arrayBuffer(serialNumber()) });
  certificate.issuer = name(lib, request.issuer);
  certificate.subject = name(lib, request.subject);
  certificate.notBefore = time(lib, request.notBefore);
  certificate.notAfter = time(lib, request.notAfter);
  await certificate.subjectPublicKeyInfo.importKey(request.publicKey as never, engine);
  certificate.extensions = await extensions(lib, request, certificate.subjectPublicKeyInfo);
  await certificate.sign(request.issuerKeys.privateKey as never, hashOf(request.issuerKeys.privateKey), engine);
  return Buffer.from(certificate.toSchema(true).toBER());
}

function hashOf(key: webcrypto.CryptoKey): string {
  return HASHES[(key.algorithm as webcrypto.EcKeyAlgorithm).namedCurve as Curve];
}

/** 16 random bytes; the first is between 0x40 and 0x7f, so that the number is positive and DER keeps all bytes. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes;
}

/** The country first and the common name last, as Azure Sphere's own certificates have it. */
function name({ pki, asn1 }: Libraries, subject: SubjectName): Pki.RelativeDistinguishedNames {
  const parts: [string, string | undefined][] = [
    ['2.5.4.6', subject.country],
    ['2.5.4.8', subject.state],
    ['2.5.4.7', subject.locality],
    ['2.5.4.10', subject.organization],
    ['2.5.4.11', subject.organizationalUnit],
    ['2.5.4.3', subject.commonName],
  ];
  // pkijs would put all parts into one set, as if they were one multi-valued part; bytes that it reads it leaves alone.
  const sets = parts.flatMap(([type, value]) => {
    if (value === undefined) return [];
    const text = type === '2.5.4.6' ? new asn1.PrintableString({ value }) : new asn1.Utf8String({ value });
    return new asn1.Set({ value: [new pki.AttributeTypeAndValue({ type, value: text }).toSchema()] });
  });
  return pki.RelativeDistinguishedNames.fromBER(new asn1.Sequence({ value: sets }).toBER());
}

function time({ pki }: Libraries, ms: number): Pki.Time {
  const value = new Date(ms);
  const type = value.getUTCFullYear() < GENERALIZED_TIME_YEAR ? pki.TimeType.UTCTime : pki.TimeType.GeneralizedTime;
  return new pki.Time({ type, value });
}

async function extensions(
  lib: Libraries,
  request: CertificateRequest,
  publicKey: Pki.PublicKeyInfo,
): Promise<Pki.Extension[]> {
  const { pki, asn1, engine } = lib;
  const issuerKey = new pki.PublicKeyInfo();
  await issuerKey.importKey(request.issuerKeys.publicKey as never, engine);
  const keyId = new asn1.OctetString({ valueHex: keyIdentifier(publicKey) });
  const issuerKeyId = new asn1.OctetString({ valueHex: keyIdentifier(issuerKey) });
  const { usage } = request;
  const ca = usage === 'ca';
  const { bits, unusedBits } = ca ? CA_KEY_USAGE : LEAF_KEY_USAGE;
  const keyUsage = new asn1.BitString({ valueHex: arrayBuffer(Buffer.of(bits)), unusedBits });

  const list = [
    extension(lib, BASIC_CONSTRAINTS, new pki.BasicConstraints({ cA: ca }).toSchema(), true),
    extension(lib, KEY_USAGE, keyUsage, true),
  ];
  if (usage === 'client' || usage === 'server') {
    const purposes = new pki.ExtKeyUsage({ keyPurposes: [PURPOSES[usage]] });
    list.push(extension(lib, EXTENDED_KEY_USAGE, purposes.toSchema()));
  }
  if (request.subjectAltNames.length > 0) {
    const names = new pki.GeneralNames({ names: request.subjectAltNames.map((each) => generalName(lib, each)) });
    list.push(extension(lib, SUBJECT_ALT_NAME, names.toSchema()));
  }
  const authority = new pki.AuthorityKeyIdentifier({ keyIdentifier: issuerKeyId });
  list.push(extension(lib, SUBJECT_KEY_IDENTIFIER, keyId));
  list.push(extension(lib, AUTHORITY_KEY_IDENTIFIER, authority.toSchema()));
  return list;
}

function extension(
  { pki }: Libraries,
  extnID: string,
  value: { toBER(): ArrayBuffer },
  critical = false,
): Pki.Extension {
  return new pki.Extension({ extnID, critical, extnValue: value.toBER() });
}

/** SHA-1 of the public key's bits: RFC 5280, 4.2.1.2, way 1. It names a key and protects nothing. */
function keyIdentifier(publicKey: Pki.PublicKeyInfo): ArrayBuffer {
  const digest = createHash('sha1').update(publicKey.subjectPublicKey.valueBlock.valueHexView).digest();
  return arrayBuffer(digest);
}

function generalName({ pki, asn1 }: Libraries, value: string): Pki.GeneralName {
  if (isIP(value) === 0) return new pki.GeneralName({ type: DNS_NAME, value });
  const address = new asn1.OctetString({ valueHex: arrayBuffer(addressBytes(value)) });
  return new pki.GeneralName({ type: IP_ADDRESS, value: address });
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
