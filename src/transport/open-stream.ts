import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { createDuplexPair } from './duplex-pair.js';
import type { EndpointResolver } from './endpoint.js';

export interface StreamOptions {
  readonly clock: Clock;
  /** Maps names and ports to endpoints. */
  readonly resolve: EndpointResolver;
  /** Whether a name that `resolve` does not know may be looked up and connected to. Default false. */
  readonly allowInternet?: boolean;
}

/**
 * A stream of bytes to a name and port; a TCP socket is still to be connected.
 * @throws SphereIotError `ENDPOINT_NOT_MAPPED`; what `resolve` throws, and what an endpoint in this process throws that
 * accepts no connection.
 */
export function openStream({ clock, resolve, allowInternet }: StreamOptions, name: string, port: number): Duplex {
  const endpoint = resolve(name, port) ?? (allowInternet ? { kind: 'tcp', host: name, port } : undefined);
  if (endpoint === undefined)
    throw new SphereIotError(
      'ENDPOINT_NOT_MAPPED',
      `Nothing is mapped to ${name}:${port}, and the internet is not allowed. Map it to an emulator, or set allowInternet.`,
    );
  if (endpoint.kind === 'tcp') return connect({ host: endpoint.host, port: endpoint.port, noDelay: true });
  const [ours, theirs] = createDuplexPair(clock);
  endpoint.accept(theirs);
  return ours;
}
