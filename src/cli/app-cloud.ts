import type { AppManifest } from '../app/index.js';

// What an app expects of the cloud, as far as its manifest and its arguments say.

/** Full names of the hubs that it may connect to. */
export function hubsOf({ allowedConnections }: AppManifest): string[] {
  return allowedConnections.filter((name) => /^[\w-]+\.azure-devices\.net$/.test(name));
}

/** The id scope among its arguments; undefined where none looks like one. */
export function idScopeOf(args: readonly string[]): string | undefined {
  return args.find((argument) => /^0ne[0-9a-f]{8}$/i.test(argument));
}
