import { X509Certificate } from 'node:crypto';

import { messageOf, SphereIotError } from '../errors.js';
import { derLength, foreignFormat, isDer, textOf } from './credential-der.js';
import { subjectOf } from './credential-subject.js';

/** One file's worth of certificates: PEM as text or bytes, with any number of them, or DER bytes. */
export type CertificateInput = string | Uint8Array;

/** Also the labels that OpenSSL gives and reads: an older one, and one of a certificate with settings of trust behind it. */
const LABEL = '((?:TRUSTED |X509 )?CERTIFICATE)';
/** Also a beginning that the end of the text cuts short. */
const BEGIN = new RegExp(`-----BEGIN ${LABEL}-----|-----B[A-Z0-9 ]*-{0,4}$`, 'g');
const CERTIFICATE = new RegExp(`-----BEGIN ${LABEL}-----([^-]*)-----END \\1-----`, 'g');

/**
 * The certificates of a PEM text, in its order, each a PEM text of its own that ends with a line feed. Everything else
 * in the text is left out, a private key too.
 * @throws SphereIotError `CERTIFICATE_NOT_PEM` when there is none, `CERTIFICATE_TRUNCATED` when one is cut off.
 */
export function splitPem(pem: string): string[] {
  checkFormat(pem);
  const text = pem.trimEnd();
  const blocks = Array.from(text.matchAll(CERTIFICATE), certificateOf);
  const begun = text.match(BEGIN)?.length ?? 0;
  if (begun === 0)
    throw new SphereIotError(
      'CERTIFICATE_NOT_PEM',
      'The text holds no PEM certificate (-----BEGIN CERTIFICATE-----). Give PEM text, or DER as bytes.',
    );
  if (blocks.length < begun)
    throw new SphereIotError(
      'CERTIFICATE_TRUNCATED',
      `Of ${begun} PEM certificates only ${blocks.length} are whole${whole(blocks)}: was the text cut off? ` +
        'Give it up to its last line.',
    );
  return blocks;
}

/** Whether a text holds the beginning of a PEM certificate. */
export function hasCertificate(text: string): boolean {
  return /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/.test(text);
}

/** A PEM block as one with the label CERTIFICATE; without the settings of trust that follow in one with TRUSTED CERTIFICATE. */
function certificateOf([block, label, body = '']: RegExpMatchArray): string {
  if (label === 'CERTIFICATE') return `${block.replace(/\r\n?/g, '\n')}\n`;
  const der = Buffer.from(body, 'base64');
  const base64 = der.subarray(0, derLength(der)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

/** @throws SphereIotError `CERTIFICATE_NOT_PEM`. */
function checkFormat(input: CertificateInput): void {
  const format = foreignFormat(input);
  if (format !== undefined) throw new SphereIotError('CERTIFICATE_NOT_PEM', `The certificates are ${format}.`);
}

/**
 * The certificates of one or more inputs, in their order, each once.
 * @throws SphereIotError `CERTIFICATE_NOT_PEM`, `CERTIFICATE_TRUNCATED`.
 */
export function readCertificates(input: CertificateInput | readonly CertificateInput[]): X509Certificate[] {
  const inputs = typeof input === 'string' || ArrayBuffer.isView(input) ? [input] : input;
  const encoded = inputs.flatMap(split);
  if (encoded.length === 0)
    throw new SphereIotError(
      'CERTIFICATE_NOT_PEM',
      'No certificate was given. Give the leaf with its chain, PEM or DER.',
    );
  const distinct = new Map<string, X509Certificate>();
  let before: X509Certificate | undefined;
  encoded.forEach((one, index) => {
    before = readCertificate(one, index, before);
    if (!distinct.has(before.fingerprint256)) distinct.set(before.fingerprint256, before);
  });
  return [...distinct.values()];
}

function split(input: CertificateInput): CertificateInput[] {
  checkFormat(input);
  if (typeof input !== 'string' && isDer(input)) return splitDer(input);
  return splitPem(textOf(input));
}

/** DER certificates that stand one after the other. */
function splitDer(der: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < der.length;) {
    const length = derLength(der, offset);
    if (length === undefined)
      throw new SphereIotError(
        'CERTIFICATE_NOT_PEM',
        `After certificate ${parts.length}${whole(parts)} of the DER bytes comes something else. Give certificates only.`,
      );
    parts.push(der.subarray(offset, offset + length));
    offset += length;
  }
  return parts;
}

function readCertificate(
  encoded: CertificateInput,
  index: number,
  before: X509Certificate | undefined,
): X509Certificate {
  const which = `Certificate ${index + 1}${before ? `, after ${subjectOf(before)},` : ''} of the chain`;
  if (isCut(encoded))
    throw new SphereIotError('CERTIFICATE_TRUNCATED', `${which} is cut off. Export or copy all of it again.`);
  try {
    return new X509Certificate(encoded);
  } catch (cause) {
    throw new SphereIotError('CERTIFICATE_NOT_PEM', `${which} can't be read: ${messageOf(cause)}. Export it again.`, {
      cause,
    });
  }
}

/** Whether the encoding says that it is longer than what is there. */
function isCut(encoded: CertificateInput): boolean {
  const der = typeof encoded === 'string' ? Buffer.from(encoded.replace(/-----[^-]*-----/g, ''), 'base64') : encoded;
  return (derLength(der) ?? 0) > der.length;
}

/** The subjects of those that are whole, for a message. */
function whole(encoded: readonly CertificateInput[]): string {
  const subjects = encoded.flatMap((one) => {
    try {
      return [subjectOf(new X509Certificate(one))];
    } catch {
      return [];
    }
  });
  return subjects.length > 0 ? ` (${subjects.slice(0, 10).join('; ')})` : '';
}
