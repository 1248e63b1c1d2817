// The tests of examples/custom-chain, as a user would write them.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildApp, readManifest, SphereApp, type BuiltApp, type LaunchOptions } from '../../src/app/index.js';
import { Catalog, CertificateAuthority } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure } from '../../src/emulator/index.js';

let built: BuiltApp;
let clock: VirtualClock;
let cloud: LocalAzure;
let catalog: Catalog;
let authority: CertificateAuthority;
let storage: string;
let app: SphereApp;

beforeAll(async () => {
  built = await buildApp(path.resolve(__dirname));
}, 300_000);

beforeEach(async () => {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock });
  catalog = await Catalog.create({ clock, id: readManifest(built.manifest).deviceAuthentication! });
  // A certificate authority of one's own, which DPS trusts; the catalog's it does not know.
  authority = await CertificateAuthority.create({ subject: { commonName: 'Contoso Device CA' }, clock });
  const { certificates, enrollmentGroups } = cloud.dps;
  certificates.upload('contoso', authority.certificate);
  const code = certificates.generateVerificationCode('contoso');
  certificates.verify('contoso', await authority.proofOfPossession(code));
  enrollmentGroups.create({ id: 'devices', attestation: { x509: { caName: 'contoso' } } });
  storage = mkdtempSync(path.join(tmpdir(), 'sphere-iot-'));
});

afterEach(async () => {
  app.close();
  await cloud.close();
  rmSync(storage, { recursive: true });
});

async function launch(options: LaunchOptions = {}): Promise<void> {
  app = await SphereApp.launch(built, { clock, cloud, catalog, storage, ...options });
}

/** Runs the factory's step with these files in the image package. */
async function install(files: Record<string, string>): Promise<number> {
  const added = Object.entries(files).map(([name, text]) => [name, Buffer.from(text)] as const);
  const factory = { ...built, files: new Map([...built.files, ...added]) };
  app = await SphereApp.launch(factory, { clock, storage, args: ['--install'] });
  return app.exitCode;
}

async function installCredential(commonName: string): Promise<string> {
  const { chain, privateKey } = await authority.issue({ commonName });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(await install({ 'factory/chain.pem': chain, 'factory/key.pem': key })).toBe(0);
  return key;
}

test('provisions and connects with the chain of its own, under its name', async () => {
  await installCredential('pump-17');
  await launch();
  await app.log('Provisioned as pump-17');
  await app.log('Authenticated');
  const { body } = await clock.runUntil(cloud.hub().device('pump-17').nextTelemetry());
  expect(JSON.parse(body.toString())).toEqual({ hello: 'by a chain of our own' });
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(1);
});

test('the file holds no key that can be read', async () => {
  const key = await installCredential('pump-17');
  const kept = readFileSync(path.join(storage, readdirSync(storage)[0]!));
  expect(kept.length).toBeGreaterThan(key.length);
  expect(kept.includes('PRIVATE KEY')).toBe(false);
  expect(kept.includes('CERTIFICATE')).toBe(false);
});

test('without a credential', async () => {
  await launch();
  expect(await app.exitCode).toBe(2);
  expect(await install({})).toBe(3);
});

test('a chain and a key that are no pair are refused before anything is sent', async () => {
  const { chain } = await authority.issue({ commonName: 'pump-17' });
  const { privateKey } = await authority.issue({ commonName: 'pump-18' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await install({ 'factory/chain.pem': chain, 'factory/key.pem': key });
  await launch();
  expect(await app.exitCode).toBe(4);
  expect(app.lines.join('\n')).toMatch(/can't be used/);
  expect(cloud.events()).toEqual([]);
});

test('a chain that DPS does not trust', async () => {
  authority = await CertificateAuthority.create({ subject: { commonName: 'Another CA' }, clock });
  await installCredential('pump-17');
  await launch();
  expect(await app.exitCode).toBe(4);
});
