import { X509Certificate } from 'node:crypto';

import { SphereIotError } from '../errors.js';

const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';

/**
 * The certificates as the DER of a PKCS#7 `.p7b` file: SignedData without content and signers (RFC 2315, 9.1, "degenerate
 * case"), in the given order.
 */
export async function toPkcs7(certificates: readonly X509Certificate[]): Promise<Buffer> {
  // Only when it is needed, as it takes 40 ms to load.
  const pki = await import('pkijs');
  const signed = new pki.SignedData({
    version: 1,
    encapContentInfo: new pki.EncapsulatedContentInfo({ eContentType: DATA }),
    certificates: certificates.map(({ raw }) => pki.Certificate.fromBER(new Uint8Array(raw).buffer)),
  });
  const content = new pki.ContentInfo({ contentType: SIGNED_DATA, content: signed.toSchema(true) });
  return Buffer.from(content.toSchema().toBER());
}

/**
 * The certificates of a PKCS#7 `.p7b` file, at least one, in its order; signatures in it are not looked at.
 * @param der DER bytes.
 * @throws SphereIotError `PKCS7_NOT_READABLE`.
 */
export async function fromPkcs7(der: Uint8Array): Promise<X509Certificate[]> {
  const pki = await import('pkijs');
  const decode = (): { readonly contentType: string; readonly content?: unknown } => {
    try {
      return pki.ContentInfo.fromBER(new Uint8Array(der).buffer);
    } catch (cause) {
      throw notReadable('it is no SignedData, or its encoding is damaged or cut off', cause);
    }
  };
  const { contentType, content } = decode();
  if (contentType !== SIGNED_DATA) throw notReadable('it is no SignedData');
  // Version, digest algorithms, content, and then the certificates, [0]: pkijs would write them anew, and a thumbprint is of the bytes.
  const parts = children(content as Asn1Element | undefined);
  const certificates = parts.slice(3).find(({ idBlock }) => idBlock.tagClass === 3 && idBlock.tagNumber === 0);
  const encoded = children(certificates);
  if (encoded.length === 0) throw notReadable('no certificate is in it');
  return encoded.map(({ valueBeforeDecodeView }) => {
    try {
      return new X509Certificate(valueBeforeDecodeView);
    } catch (cause) {
      throw notReadable('a certificate in it is damaged', cause);
    }
  });
}

interface Asn1Element {
  readonly idBlock: { readonly tagClass: number; readonly tagNumber: number };
  readonly valueBeforeDecodeView: Uint8Array;
  readonly valueBlock?: unknown;
}

function children(element: Asn1Element | undefined): Asn1Element[] {
  const value = (element?.valueBlock as { value?: unknown } | undefined)?.value;
  return Array.isArray(value) ? (value as Asn1Element[]) : [];
}

function notReadable(why: string, cause?: unknown): SphereIotError {
  return new SphereIotError(
    'PKCS7_NOT_READABLE',
    `The PKCS#7 file can't be read: ${why}. Download or export it again.`,
    {
      cause,
    },
  );
}
