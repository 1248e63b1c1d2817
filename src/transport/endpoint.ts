import type { Duplex } from 'node:stream';

/**
 * Where a connection to a (name, port) goes. Device code always says the real name, and TLS sends and checks it;
 * only the way there is mapped.
 */
export type Endpoint =
  /**
   * A server in this process: it is handed one end of a byte stream, TLS not yet begun. To refuse, it throws; an error's
   * `code` is Node's, for example ECONNREFUSED.
   */
  | { readonly kind: 'in-process'; accept(stream: Duplex): void }
  /** A TCP address. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** Finds the endpoint of a name and port; undefined where it knows none, and the connection is then refused. */
export type EndpointResolver = (name: string, port: number) => Endpoint | undefined;
