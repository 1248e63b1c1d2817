import type { KeyObject, X509Certificate } from 'node:crypto';

import { SphereIotError } from '../errors.js';

/** The subject on one line, for messages. */
export function subjectOf(certificate: X509Certificate): string {
  // Node gives undefined for an empty subject, whatever its types say.
  const subject = certificate.subject as string | undefined;
  return subject ? subject.trim().split('\n').join(', ') : 'no subject';
}

/**
 * The certificate's public key.
 * @throws SphereIotError `CERTIFICATE_KEY_UNSUPPORTED` when node:crypto can't read it.
 */
export function publicKeyOf(certificate: X509Certificate): KeyObject {
  try {
    return certificate.publicKey;
  } catch (cause) {
    throw new SphereIotError(
      'CERTIFICATE_KEY_UNSUPPORTED',
      `The public key of the certificate ${subjectOf(certificate)} can't be read. ` +
        'Issue it again, with an RSA key of 2048 to 4096 bits, P-256, P-384 or Ed25519.',
      { cause },
    );
  }
}
