import type { ClientCertificate } from '../identity/client-certificate.js';

/** The peer, as far as TLS knows it. */
export interface Peer {
  /** Connections are counted from 1. */
  readonly connection: number;
  /** The SNI name that it asked for. */
  readonly serverName?: string;
  readonly certificate?: ClientCertificate;
}
