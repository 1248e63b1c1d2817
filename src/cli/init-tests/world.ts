import { createHash } from 'node:crypto';

import { AppDevice, SphereApp, type AppManifest, type BuiltApp } from '../../app/index.js';
import { Catalog } from '../../certificates/index.js';
import { VirtualClock } from '../../clock/index.js';
import type { LocalAzure } from '../../emulator/index.js';
import { startSurroundings } from '../app-cloud.js';
import { grant, type HubAccess } from './hub-access.js';

/** What one test of a suite has: an app that runs, its device, the services, and a clock of their own. */
export interface World {
  readonly clock: VirtualClock;
  readonly cloud: LocalAzure;
  readonly app: SphereApp;
  /** The hub that the app connects to; undefined: the first of the manifest. */
  readonly hub: string | undefined;
  /** As the hub calls its device; undefined: none is known to connect. */
  readonly hubDeviceId: string | undefined;
  /**
   * Ends the app, if it still runs, and starts it again on its device.
   * @param storage A folder in the place of the device's storage.
   */
  relaunch(storage?: string): Promise<SphereApp>;
  close(): Promise<void>;
}

/** The id of the device in the suite of an app: the app's own, and the same each time. */
export function deviceIdFor({ componentId }: AppManifest): string {
  return createHash('sha512').update(componentId).digest('hex');
}

/** What is known of how an app comes to its hub. */
export interface Known {
  /** The name of that hub. */
  readonly hub?: string | undefined;
  /** Of an app without device authentication. */
  readonly access?: HubAccess | undefined;
}

/** Tries something with an app; undefined: the app did not do it. */
export type Attempt = <T>(what: string, probe: (world: World) => Promise<T>, tried?: Known) => Promise<T | undefined>;

/**
 * Does what `beforeEach` and `launch` of a suite do. Throws what startSurroundings and SphereApp.launch throw.
 */
export async function openWorld(built: BuiltApp, manifest: AppManifest, { hub, access }: Known = {}): Promise<World> {
  const clock = new VirtualClock();
  const deviceId = deviceIdFor(manifest);
  const { cloud, attested } = await startSurroundings(manifest, { clock, deviceId });
  const device =
    attested?.device ?? (await AppDevice.start({ catalog: await Catalog.create({ clock }), clock, deviceId }));
  const close = async (): Promise<void> => {
    device.close();
    await cloud.close();
  };
  const realTimeApps = Object.fromEntries(manifest.allowedApplicationConnections.map((id) => [id, () => undefined]));
  let granted: ReturnType<typeof grant> | undefined;
  const start = (storage?: string): Promise<SphereApp> => {
    const args = granted?.args ?? manifest.cmdArgs;
    return SphereApp.launch(built, {
      clock,
      cloud,
      device,
      realTimeApps,
      args,
      ...(storage !== undefined && { storage }),
    });
  };
  let app: SphereApp;
  try {
    granted = access && grant(cloud, access, deviceId);
    app = await start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    clock,
    cloud,
    hub,
    hubDeviceId: attested?.device.deviceId ?? granted?.deviceId,
    get app() {
      return app;
    },
    relaunch: async (storage) => {
      closeQuietly(app);
      return (app = await start(storage));
    },
    close: async () => {
      closeQuietly(app);
      // Of waits that a probe gave up it would tell, too.
      await close().catch(() => undefined);
    },
  };
}

/** What an app does is observed here, not tested: that it crashed is no error. */
function closeQuietly(app: SphereApp): void {
  try {
    app.close();
  } catch {
    // Its end is written down.
  }
}
