import { createHash } from 'node:crypto';

import { SphereApp, type AppManifest, type BuiltApp } from '../../app/index.js';
import { VirtualClock } from '../../clock/index.js';
import type { LocalAzure } from '../../emulator/index.js';
import { startSurroundings } from '../app-cloud.js';

/** What one test of a suite has: an app that runs, its device, the services, and a clock of their own. */
export interface World {
  readonly clock: VirtualClock;
  readonly cloud: LocalAzure;
  readonly app: SphereApp;
  /** The hub that the app connects to; undefined: the first of the manifest. */
  readonly hub: string | undefined;
  /** Ends the app, if it still runs, and starts it again on its device. */
  relaunch(): Promise<SphereApp>;
  close(): Promise<void>;
}

/** The id of the device in the suite of an app: the app's own, and the same each time. */
export function deviceIdFor({ componentId }: AppManifest): string {
  return createHash('sha512').update(componentId).digest('hex');
}

/**
 * Does what `beforeEach` and `launch` of a suite do. Throws what startSurroundings and SphereApp.launch throw.
 * @param hub The one that the app connects to, once that is known.
 */
export async function openWorld(built: BuiltApp, manifest: AppManifest, hub?: string): Promise<World> {
  const clock = new VirtualClock();
  const { cloud, attested } = await startSurroundings(manifest, { clock, deviceId: deviceIdFor(manifest) });
  const device = attested?.device;
  const close = async (): Promise<void> => {
    device?.close();
    await cloud.close();
  };
  const realTimeApps = Object.fromEntries(manifest.allowedApplicationConnections.map((id) => [id, () => undefined]));
  const start = (): Promise<SphereApp> =>
    SphereApp.launch(built, { clock, cloud, realTimeApps, ...(device === undefined ? {} : { device }) });
  let app: SphereApp;
  try {
    app = await start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    clock,
    cloud,
    hub,
    get app() {
      return app;
    },
    relaunch: async () => {
      app.close();
      return (app = await start());
    },
    close: async () => {
      app.close();
      await close();
    },
  };
}
