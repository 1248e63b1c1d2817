import { X509Certificate } from 'node:crypto';

import { thumbprintsOf } from '../../identity/client-certificate.js';
import type { Fields } from '../fields.js';
import { badRequest } from '../service-error.js';

/** What back ends are shown of a certificate, in the place of the certificate (protocol.md#service-enrollments). */
export function certificateView(certificate: X509Certificate): object {
  const { sha1, sha256 } = thumbprintsOf(certificate);
  return {
    info: {
      subjectName: certificate.subject.replaceAll('\n', ', '),
      sha1Thumbprint: sha1,
      sha256Thumbprint: sha256,
      issuerName: certificate.issuer.replaceAll('\n', ', '),
      notBeforeUtc: new Date(certificate.validFrom).toISOString(),
      notAfterUtc: new Date(certificate.validTo).toISOString(),
      serialNumber: certificate.serialNumber,
      version: 3,
    },
  };
}

/**
 * The certificate under this name, PEM or base64 of DER; undefined where there is none: what was read comes back without its certificate,
 * and stays as it is.
 * @throws ServiceError 400.
 */
export function certificateOf(fields: Fields | undefined, name: string): X509Certificate | undefined {
  const text = fields?.fields(name)?.text('certificate') ?? '';
  if (text === '') return undefined;
  try {
    return new X509Certificate(text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64'));
  } catch {
    throw badRequest(`The ${name} certificate can't be read: give PEM, or DER in Base64.`);
  }
}
