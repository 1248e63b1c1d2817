// What an app expects of the cloud, as far as its manifest and its arguments say.
import { AppDevice, NIL_GUID, type AppManifest } from '../app/index.js';
import { Catalog } from '../certificates/index.js';
import type { Clock } from '../clock/index.js';
import { LocalAzure, type CertificateList } from '../emulator/index.js';

const CATALOG = 'catalog';

/** Services of this process, and the device that they know. */
export interface Surroundings {
  readonly cloud: LocalAzure;
  /** Undefined for an app without DeviceAuthentication, which needs neither. */
  readonly attested: { readonly catalog: Catalog; readonly device: AppDevice } | undefined;
}

export interface SurroundingsOptions {
  readonly clock: Clock;
  /** The app's. Default: the manifest's CmdArgs. */
  readonly args?: readonly string[] | undefined;
  /** Default: a new one. */
  readonly deviceId?: string | undefined;
}

/**
 * Starts the services that an app expects, and its device, which is enrolled with DPS, or registered with the hubs where the manifest
 * does not list DPS. The caller closes both. Throws what LocalAzure.start, Catalog.create and AppDevice.start throw.
 */
export async function startSurroundings(
  manifest: AppManifest,
  { clock, args = manifest.cmdArgs, deviceId }: SurroundingsOptions,
): Promise<Surroundings> {
  const hubs = hubsOf(manifest);
  const idScope = idScopeOf(args);
  const cloud = await LocalAzure.start({ clock, hubs: hubs.length === 0 ? undefined : hubs, idScope });
  const { deviceAuthentication: id } = manifest;
  if (id === undefined) return { cloud, attested: undefined };
  try {
    // Any, where the manifest has a placeholder.
    const catalog = await Catalog.create({ clock, id: id === NIL_GUID ? undefined : id });
    await enroll(cloud, hubs, catalog);
    const device = await AppDevice.start({ catalog, clock, deviceId });
    if (!usesDps(manifest)) register(cloud, hubs, device.deviceId);
    return { cloud, attested: { catalog, device } };
  } catch (error) {
    await cloud.close();
    throw error;
  }
}

/** Full names of the hubs that it may connect to. */
export function hubsOf({ allowedConnections }: AppManifest): string[] {
  return allowedConnections.filter((name) => /^[\w-]+\.azure-devices\.net$/.test(name));
}

/** The id scope among its arguments; undefined where none looks like one. */
export function idScopeOf(args: readonly string[]): string | undefined {
  return args.find((argument) => /^0ne[0-9a-f]{8}$/i.test(argument));
}

/** Whether it may reach DPS; if not, its device has to be in the hubs before it connects. */
export function usesDps({ allowedConnections }: AppManifest): boolean {
  return allowedConnections.some((name) => name.endsWith('.azure-devices-provisioning.net'));
}

/** DPS enrolls the devices of the catalog; the hubs know its CA. */
async function enroll(cloud: LocalAzure, hubs: readonly string[], catalog: Catalog): Promise<void> {
  for (const { certificates } of [cloud.dps, ...hubs.map((name) => cloud.hub(name))])
    await trust(certificates, catalog);
  cloud.dps.enrollmentGroups.create({ id: 'devices', attestation: { x509: { caName: CATALOG } } });
}

async function trust(certificates: CertificateList, catalog: Catalog): Promise<void> {
  certificates.upload(CATALOG, catalog.caCertificate);
  const code = certificates.generateVerificationCode(CATALOG);
  certificates.verify(CATALOG, await catalog.proofOfPossession(code));
}

/** For an app that connects without DPS. */
function register(cloud: LocalAzure, hubs: readonly string[], deviceId: string): void {
  for (const name of hubs)
    cloud.hub(name).devices.create({ deviceId, authentication: { type: 'certificateAuthority' } });
}
