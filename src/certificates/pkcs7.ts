import type { X509Certificate } from 'node:crypto';

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
