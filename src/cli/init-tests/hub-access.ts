import type { AppManifest, BuiltApp } from '../../app/index.js';
import type { LocalAzure } from '../../emulator/index.js';
import { hubsOf } from '../app-cloud.js';

// How an app without device authentication comes to its hub: with a connection string.

/** Source of the expression that finds a connection string, with its hub, device id and key; suites have it, too. */
export const CONNECTION_STRING =
  'HostName=([\\w-]+\\.azure-devices\\.net);DeviceId=([^;\\0]+);SharedAccessKey=([\\w+/=]+)';

/** Where an app has its connection string from. */
export type HubAccess =
  /** From its code: the hub has to know that device by that key. */
  | { readonly by: 'code'; readonly hub: string; readonly deviceId: string; readonly key: string }
  /** From its arguments, among which undefined stands for it. */
  | { readonly by: 'argument'; readonly args: readonly (string | undefined)[] };

/** What may be tried with an app, in that order; nothing where it has device authentication, or no hub. */
export function accessesOf({ wasm }: BuiltApp, manifest: AppManifest): HubAccess[] {
  if (manifest.deviceAuthentication !== undefined || hubsOf(manifest).length === 0) return [];
  const [, hub, deviceId, key] = new RegExp(CONNECTION_STRING).exec(Buffer.from(wasm).toString('latin1')) ?? [];
  return [
    ...(hub === undefined || deviceId === undefined || key === undefined
      ? []
      : [{ by: 'code' as const, hub, deviceId, key }]),
    { by: 'argument', args: argsWithPlace(manifest.cmdArgs) },
  ];
}

/** The arguments, with undefined in the place of the connection string: where one is, or a placeholder of it, or at their end. */
function argsWithPlace(args: readonly string[]): (string | undefined)[] {
  const at = args.findIndex((each) => /SharedAccessKey|connection.?string/i.test(each) && !each.startsWith('-'));
  return at < 0 ? [...args, undefined] : args.with(at, undefined as never);
}

/**
 * Has the hub know the device of an access. Throws what the hub's `devices.create` and LocalAzure.hub do.
 * @param deviceId Of a device that has none in its code.
 * @returns Its id, and the arguments that the app is launched with; undefined: those of its manifest.
 */
export function grant(
  cloud: LocalAzure,
  access: HubAccess,
  deviceId: string,
): { readonly deviceId: string; readonly args: string[] | undefined } {
  if (access.by === 'code') {
    const authentication = { type: 'sas', symmetricKey: { primaryKey: access.key } } as const;
    cloud.hub(access.hub).devices.create({ deviceId: access.deviceId, authentication });
    return { deviceId: access.deviceId, args: undefined };
  }
  const { devices } = cloud.hub();
  devices.create({ deviceId, authentication: { type: 'sas' } });
  return { deviceId, args: access.args.map((each) => each ?? devices.connectionString(deviceId)) };
}
