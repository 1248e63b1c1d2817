import { SphereIotError } from '../errors.js';
import type { Endpoint, EndpointResolver } from '../transport/index.js';
import type { AppManifest } from './manifest.js';

/** The error of a connection to a host that the manifest does not list; undefined: it does. */
export function notAllowed(manifest: AppManifest, name: string): SphereIotError | undefined {
  if (manifest.allowedConnections.includes(name.toLowerCase())) return undefined;
  return new SphereIotError(
    'CONNECTION_NOT_ALLOWED',
    `The manifest's capability AllowedConnections does not list ${name}: the device lets no connection to it through.`,
  );
}

export interface ConnectionsOptions {
  readonly manifest: AppManifest;
  /** The server that a test plays under a name; undefined: none. */
  readonly played: EndpointResolver;
  /** Where the cloud is; undefined: there is none. */
  readonly cloud: EndpointResolver | undefined;
  readonly allowInternet: boolean;
}

/**
 * Where an app's connections lead: to a server that the test plays, to the cloud, or, where that is allowed, to the internet.
 * The resolver throws `CONNECTION_NOT_ALLOWED` where the manifest does not list the name, and `ENDPOINT_NOT_MAPPED`.
 */
export function connectionsOf({ manifest, played, cloud, allowInternet }: ConnectionsOptions): EndpointResolver {
  return (name, port): Endpoint | undefined => {
    const refused = notAllowed(manifest, name);
    if (refused !== undefined) throw refused;
    const endpoint = played(name, port) ?? cloud?.(name, port);
    if (endpoint === undefined && cloud === undefined && !allowInternet)
      throw new SphereIotError(
        'ENDPOINT_NOT_MAPPED',
        `${name}:${port} can't be reached: launch the app with a cloud, or play its server with serve.`,
      );
    return endpoint;
  };
}
