import { connect, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import { createDuplexPair } from './duplex-pair.js';
import type { Endpoint, EndpointResolver } from './endpoint.js';
import type { Line, Network } from './network.js';
import { TcpStream } from './tcp-stream.js';
import { lookupElsewhere, refuseThisComputer } from './this-computer.js';

export interface StreamOptions {
  readonly clock: Clock;
  /** Maps names and ports to endpoints. */
  readonly resolve: EndpointResolver;
  /** Whether a name that `resolve` does not know may be looked up and connected to, but for what is this computer. Default false. */
  readonly allowInternet?: boolean | undefined;
  /** Looks up the names that `resolve` does not know. Default: as the operating system does. */
  readonly lookup?: LookupFunction | undefined;
  /** The network that is between the device and all others. Default: nothing is. */
  readonly network?: Network | undefined;
}

/**
 * A stream of bytes to a name and port; a TCP socket is still to be connected. It emits what `tellOfStalls` says, and takes `leaving`: the
 * device is closing it.
 * @throws SphereIotError `ENDPOINT_NOT_MAPPED`, `DEVICE_LOOPBACK`; what `resolve` throws, and what an endpoint in this process throws that
 * accepts no connection; an error with the code `ENETUNREACH` where there is no network. The stream's error
 * is `DEVICE_LOOPBACK` where a name that `resolve` does not know leads to this computer.
 */
export function openStream(options: StreamOptions, name: string, port: number): Duplex {
  const { clock, resolve, allowInternet, network } = options;
  if (network?.connects() === false) throw failure('ENETUNREACH', 'The device has no network');
  const mapped = resolve(name, port);
  const endpoint = mapped ?? (allowInternet ? ({ kind: 'tcp', host: name, port } as const) : undefined);
  if (endpoint === undefined)
    throw new SphereIotError(
      'ENDPOINT_NOT_MAPPED',
      `Nothing is mapped to ${name}:${port}, and the internet is not allowed. Map it to an emulator, or set allowInternet.`,
    );
  if (mapped === undefined) refuseThisComputer(name, port);
  const line = network?.connection();
  const stream = streamTo(endpoint, line, {
    clock,
    lookup: mapped === undefined ? lookupElsewhere(port, options.lookup) : undefined,
  });
  stream.once('leaving', () => {
    if (line !== undefined) line.isLeaving = true;
  });
  return stream;
}

function streamTo(
  endpoint: Endpoint,
  line: Line | undefined,
  { clock, lookup }: { readonly clock: Clock; readonly lookup: LookupFunction | undefined },
): Duplex {
  if (endpoint.kind === 'tcp') {
    const { host, port } = endpoint;
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: line !== undefined, ...(lookup && { lookup }) });
    return line === undefined ? socket : new TcpStream(socket, line);
  }
  const [ours, theirs] = createDuplexPair(clock, line);
  endpoint.accept(theirs);
  return ours;
}

/**
 * A name is looked up before a connection. Addresses need no look-up.
 * @throws an error with the code `EAI_AGAIN` where there is no network, or no DNS.
 */
export function lookUp({ network }: StreamOptions, name: string): void {
  if (isIP(name) === 0 && network?.resolves() === false)
    throw failure('EAI_AGAIN', `The name ${name} can't be looked up: the network does not answer`);
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(`${message} (${code})`), { code });
}
