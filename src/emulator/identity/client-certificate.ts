import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

import { sentCertificates } from '../../certificates/index.js';

/** What a client showed in its TLS handshake. Nothing of it is checked, except that the client has the leaf's key. */
export interface ClientCertificate {
  readonly leaf: X509Certificate;
  /** The issuers that it sent along, in the order in which it sent them. */
  readonly intermediates: readonly X509Certificate[];
}

/** Undefined where the client sent none: that is refused above TLS (protocol.md#refusals). */
export function clientCertificateOf(socket: TLSSocket): ClientCertificate | undefined {
  const [leaf, ...intermediates] = sentCertificates(socket).certificates;
  return leaf === undefined ? undefined : { leaf, intermediates };
}

/** The SHA-1 and SHA-256 thumbprints, upper-case hex without colons. */
export function thumbprintsOf(certificate: X509Certificate): { readonly sha1: string; readonly sha256: string } {
  return { sha1: plain(certificate.fingerprint), sha256: plain(certificate.fingerprint256) };
}

/** A thumbprint as tools write it (colons, spaces, either case) in the form that is compared. */
export function plain(thumbprint: string): string {
  return thumbprint.replace(/[^0-9a-f]/gi, '').toUpperCase();
}
