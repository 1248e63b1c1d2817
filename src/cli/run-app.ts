import { readManifest, SphereApp, type BuiltApp, type LaunchOptions } from '../app/index.js';
import { Catalog } from '../certificates/index.js';
import { realClock } from '../clock/index.js';
import { LocalAzure } from '../emulator/index.js';
import { hubsOf, idScopeOf } from './app-cloud.js';

const CATALOG = 'catalog';

/**
 * Runs an app in real time, in a thread of its own, against services of this process that know its device.
 * @param interrupted Sends SIGTERM to it.
 * @returns Its exit code.
 * @throws SphereIotError what SphereApp.launch throws, `APP_CRASHED`, `APP_UNRESPONSIVE`.
 */
export async function runApp(built: BuiltApp, interrupted: AbortSignal, options: LaunchOptions): Promise<number> {
  const manifest = readManifest(built.manifest, built.peripherals);
  const { deviceAuthentication: catalogId } = manifest;
  const hubs = hubsOf(manifest);
  const idScope = idScopeOf(options.args ?? manifest.cmdArgs);
  const cloud = await LocalAzure.start({
    ...(hubs.length === 0 ? {} : { hubs }),
    ...(idScope === undefined ? {} : { idScope }),
  });
  try {
    const catalog = catalogId === undefined ? undefined : await enrolledCatalog(cloud, catalogId);
    const app = await SphereApp.launch(built, { cloud, isolate: true, ...(catalog && { catalog }), ...options });
    const terminate = (): void => app.signal('SIGTERM');
    interrupted.addEventListener('abort', terminate);
    if (interrupted.aborted) terminate();
    try {
      return await app.exitCode;
    } finally {
      interrupted.removeEventListener('abort', terminate);
      app.close();
    }
  } finally {
    await cloud.close();
  }
}

/** A new catalog with the id that the app expects; DPS enrolls its devices. */
async function enrolledCatalog({ dps }: LocalAzure, id: string): Promise<Catalog> {
  const catalog = await Catalog.create({ clock: realClock, id });
  dps.certificates.upload(CATALOG, catalog.caCertificate);
  const code = dps.certificates.generateVerificationCode(CATALOG);
  dps.certificates.verify(CATALOG, await catalog.proofOfPossession(code));
  dps.enrollmentGroups.create({ id: 'devices', attestation: { x509: { caName: CATALOG } } });
  return catalog;
}
