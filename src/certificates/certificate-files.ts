import { X509Certificate } from 'node:crypto';

import type { Catalog } from './catalog.js';
import { toPkcs7 } from './pkcs7.js';

/** What `az sphere ca-certificate download` writes: the catalog CA's certificate, `.cer`, DER. */
export function caCertificateFile(catalog: Catalog): Buffer {
  return Buffer.from(catalog.caCertificate.raw);
}

/** What `az sphere ca-certificate download-chain` writes: catalog CA, policy CA and root, `.p7b`, PKCS#7 DER. */
export function caChainFile(catalog: Catalog): Promise<Buffer> {
  return toPkcs7(catalog.chain.map((pem) => new X509Certificate(pem)));
}

/**
 * What `az sphere ca-certificate download-proof` writes: the proof of possession, `.cer`, DER.
 * @param code The verification code of DPS, IoT Hub or IoT Central.
 * @throws SphereIotError `CERTIFICATE_COMMON_NAME_MISSING` when the code is empty.
 */
export async function proofOfPossessionFile(catalog: Catalog, code: string): Promise<Buffer> {
  return Buffer.from((await catalog.proofOfPossession(code)).raw);
}
