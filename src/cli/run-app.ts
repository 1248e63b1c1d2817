import {
  NIL_GUID,
  readManifest,
  SphereApp,
  type AppManifest,
  type BuiltApp,
  type LaunchOptions,
} from '../app/index.js';
import { Catalog } from '../certificates/index.js';
import { realClock } from '../clock/index.js';
import { LocalAzure } from '../emulator/index.js';
import { enroll, hubsOf, idScopeOf, register, usesDps } from './app-cloud.js';

/**
 * Runs an app in real time, in a thread of its own, against services of this process that know its device.
 * @param interrupted Sends SIGTERM to it.
 * @returns Its exit code, and how large its heap has become, in bytes.
 * @throws SphereIotError what SphereApp.launch throws, `APP_CRASHED`, `APP_UNRESPONSIVE`.
 */
export async function runApp(
  built: BuiltApp,
  interrupted: AbortSignal,
  options: LaunchOptions,
): Promise<{ readonly code: number; readonly heapPeak: number }> {
  const manifest = readManifest(built.manifest, built.peripherals);
  const hubs = hubsOf(manifest);
  const idScope = idScopeOf(options.args ?? manifest.cmdArgs);
  const cloud = await LocalAzure.start({
    ...(hubs.length === 0 ? {} : { hubs }),
    ...(idScope === undefined ? {} : { idScope }),
  });
  try {
    const catalog = await catalogOf(manifest);
    if (catalog !== undefined) await enroll(cloud, hubs, catalog);
    const app = await SphereApp.launch(built, {
      cloud,
      isolate: true,
      timeout: Infinity, // it runs for as long as its user wants
      ...(catalog && { catalog }),
      ...options,
    });
    if (catalog !== undefined && !usesDps(manifest)) register(cloud, hubs, app.deviceId);
    const terminate = (): void => app.signal('SIGTERM');
    interrupted.addEventListener('abort', terminate);
    if (interrupted.aborted) terminate();
    try {
      const code = await app.exitCode;
      return { code, heapPeak: app.heapPeak };
    } finally {
      interrupted.removeEventListener('abort', terminate);
      app.close();
    }
  } finally {
    await cloud.close();
  }
}

/** The catalog of the app's device: any, where the manifest has a placeholder. */
async function catalogOf({ deviceAuthentication: id }: AppManifest): Promise<Catalog | undefined> {
  if (id === undefined) return undefined;
  return Catalog.create({ clock: realClock, ...(id === NIL_GUID ? {} : { id }) });
}
