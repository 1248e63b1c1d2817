import type { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/** What the other side of a TLS connection sent of certificates. */
export interface SentCertificates {
  /** Leaf first, all, in the order in which they were sent; empty where none was. */
  readonly certificates: readonly X509Certificate[];
  /** Node's own view of the leaf. */
  readonly leaf: DetailedPeerCertificate;
}

/** No peer needs more; Node takes 100 KB of them. */
const MAX_CERTIFICATES = 100;
const cache = new WeakMap<TLSSocket, SentCertificates>();

/**
 * Reads them, once the handshake is done. `getPeerCertificate` follows one issuer of each, which hides a second one of the same
 * name; `getPeerX509Certificate` has all, but takes them out of the socket, so that both are kept here: call this and neither.
 */
export function sentCertificates(socket: TLSSocket): SentCertificates {
  const known = cache.get(socket);
  if (known !== undefined) return known;
  const leaf = socket.getPeerCertificate(true);
  const certificates: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  for (; next !== undefined && certificates.length < MAX_CERTIFICATES; next = next.issuerCertificate)
    certificates.push(next);
  const sent = { certificates, leaf };
  if (certificates.length > 0) cache.set(socket, sent);
  return sent;
}
