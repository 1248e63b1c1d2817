import { createHash } from 'node:crypto';

import { AppDevice, NIL_GUID, SphereApp, type AppManifest, type BuiltApp } from '../../app/index.js';
import { Catalog } from '../../certificates/index.js';
import { VirtualClock } from '../../clock/index.js';
import { LocalAzure } from '../../emulator/index.js';
import { enroll, hubsOf, idScopeOf, register, usesDps } from '../app-cloud.js';

/** What one test of a suite has: an app that runs, its device, the services, and a clock of their own. */
export interface World {
  readonly clock: VirtualClock;
  readonly cloud: LocalAzure;
  readonly app: SphereApp;
  /** Ends the app, if it still runs, and starts it again on its device. */
  relaunch(): Promise<SphereApp>;
  close(): Promise<void>;
}

/** The id of the device in the suite of an app: the app's own, and the same each time. */
export function deviceIdFor({ componentId }: AppManifest): string {
  return createHash('sha512').update(componentId).digest('hex');
}

/** Does what `beforeEach` and `launch` of a suite do. Throws what SphereApp.launch throws. */
export async function openWorld(built: BuiltApp, manifest: AppManifest): Promise<World> {
  const clock = new VirtualClock();
  const hubs = hubsOf(manifest);
  const idScope = idScopeOf(manifest.cmdArgs);
  const cloud = await LocalAzure.start({
    clock,
    ...(hubs.length === 0 ? {} : { hubs }),
    ...(idScope === undefined ? {} : { idScope }),
  });
  const device = await deviceOf(manifest, cloud, clock);
  const realTimeApps = Object.fromEntries(manifest.allowedApplicationConnections.map((id) => [id, () => undefined]));
  const start = (): Promise<SphereApp> =>
    SphereApp.launch(built, { clock, cloud, realTimeApps, ...(device === undefined ? {} : { device }) });
  let app = await start();
  return {
    clock,
    cloud,
    get app() {
      return app;
    },
    relaunch: async () => {
      app.close();
      return (app = await start());
    },
    close: async () => {
      app.close();
      device?.close();
      await cloud.close();
    },
  };
}

async function deviceOf(manifest: AppManifest, cloud: LocalAzure, clock: VirtualClock): Promise<AppDevice | undefined> {
  const { deviceAuthentication: id } = manifest;
  if (id === undefined) return undefined;
  const catalog = await Catalog.create({ clock, ...(id === NIL_GUID ? {} : { id }) });
  const hubs = hubsOf(manifest);
  await enroll(cloud, hubs, catalog);
  const deviceId = catalog.claim(deviceIdFor(manifest));
  if (!usesDps(manifest)) register(cloud, hubs, deviceId);
  return AppDevice.start({ catalog, clock, deviceId });
}
