import type { AppManifest } from '../app/index.js';
import type { Catalog } from '../certificates/index.js';
import type { CertificateList, LocalAzure } from '../emulator/index.js';

const CATALOG = 'catalog';

// What an app expects of the cloud, as far as its manifest and its arguments say.

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
export async function enroll(cloud: LocalAzure, hubs: readonly string[], catalog: Catalog): Promise<void> {
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
export function register(cloud: LocalAzure, hubs: readonly string[], deviceId: string): void {
  for (const name of hubs)
    cloud.hub(name).devices.create({ deviceId, authentication: { type: 'certificateAuthority' } });
}
