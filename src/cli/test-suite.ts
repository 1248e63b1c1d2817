import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import type { AppManifest } from '../app/index.js';
import { hubsOf, idScopeOf } from './app-cloud.js';

export interface SuiteOptions {
  /** As seen from the suite. */
  readonly hardwareDefinitions: readonly string[];
  /** Whether the app ends by itself on SIGTERM. */
  readonly handlesSigterm: boolean;
}

/** What a program ends with that does not handle SIGTERM: 128 and its number. */
const TERMINATED = 143;
/** ExitCode_TermHandler_SigTerm of Microsoft's samples. */
const TERM_HANDLER = 1;

/** Whether a C file of the app speaks of SIGTERM. */
export async function handlesSigterm(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith('.c')) continue;
    if ((await readFile(path.join(entry.parentPath, entry.name), 'utf8')).includes('SIGTERM')) return true;
  }
  return false;
}

/** A jest suite for an app: JavaScript, which takes nothing but jest and sphere-iot. */
export function testSuite(manifest: AppManifest, options: SuiteOptions): string {
  const { deviceAuthentication: catalogId } = manifest;
  const connects = catalogId !== undefined;
  const definitions = options.hardwareDefinitions.map((folder) => `path.join(__dirname, ${literal(folder)})`);
  const buildOptions = definitions.length === 0 ? '' : `, { hardwareDefinitions: [${definitions.join(', ')}] }`;
  const sections = [
    `// Tests of ${manifest.name}, without a board and without Azure. Run them: npx jest`,
    [
      ...(definitions.length === 0 ? [] : ["const path = require('node:path');"]),
      `const { ${connects ? 'Catalog, ' : ''}VirtualClock } = require('sphere-iot');`,
      "const { buildApp, SphereApp } = require('sphere-iot/app');",
      "const { LocalAzure } = require('sphere-iot/emulator');",
    ].join('\n'),
    exitCode(options),
    `let built;\nlet clock;\nlet cloud;\n${connects ? 'let catalog;\n' : ''}let app;`,
    `// The first build takes a while; later ones build what has changed.\nbeforeAll(async () => {\n  built = await buildApp(__dirname${buildOptions});\n}, 300_000);`,
    setUp(manifest),
    `afterEach(async () => {\n  app?.close();\n  await cloud.close();\n});`,
    launch(manifest),
    ...(connects ? [CONNECTS] : []),
    ends(connects),
  ];
  return `${sections.join('\n\n')}\n`;
}

function exitCode({ handlesSigterm: handles }: SuiteOptions): string {
  return handles
    ? `// What the app exits with when it is told to end: ExitCode_TermHandler_SigTerm of the samples. Yours may be another.\nconst EXIT_CODE = ${TERM_HANDLER};`
    : `// No file of the app handles SIGTERM: it is ended with 128 and the signal's number.\nconst EXIT_CODE = ${TERMINATED};`;
}

function setUp(manifest: AppManifest): string {
  const { deviceAuthentication: catalogId, cmdArgs } = manifest;
  const hubs = hubsOf(manifest);
  const idScope = idScopeOf(cmdArgs);
  const options = [
    'clock',
    ...(hubs.length === 0 ? [] : [`hubs: [${hubs.map(literal).join(', ')}]`]),
    ...(idScope === undefined ? [] : [`idScope: ${literal(idScope)}`]),
  ];
  const lines = ['clock = new VirtualClock();', `cloud = await LocalAzure.start({ ${options.join(', ')} });`];
  if (catalogId !== undefined)
    lines.push(
      "// The manifest's DeviceAuthentication. DPS is told to trust its CA, and enrolls every device under it.",
      `catalog = await Catalog.create({ clock, id: ${literal(catalogId)} });`,
      'const { certificates, enrollmentGroups } = cloud.dps;',
      "certificates.upload('catalog', catalog.caCertificate);",
      "const code = certificates.generateVerificationCode('catalog');",
      "certificates.verify('catalog', await catalog.proofOfPossession(code));",
      "enrollmentGroups.create({ id: 'devices', attestation: { x509: { caName: 'catalog' } } });",
    );
  return `beforeEach(async () => {\n${lines.map((line) => `  ${line}\n`).join('')}});`;
}

function launch({ deviceAuthentication, allowedApplicationConnections: partners }: AppManifest): string {
  const options = [
    'clock',
    'cloud',
    ...(deviceAuthentication === undefined ? [] : ['catalog']),
    ...(partners.length === 0 ? [] : ['realTimeApps']),
    '...options',
  ].join(', ');
  return `${partners.length === 0 ? '' : realTimeApps(partners)}async function launch(options = {}) {
  app = await SphereApp.launch(built, { ${options} });
}${deviceAuthentication === undefined ? '' : CONNECTED}`;
}

function realTimeApps(partners: readonly string[]): string {
  return `// Play the applications of the real-time cores: each gets a Buffer, and may answer with send('…').
const realTimeApps = {
${partners.map((id) => `  ${literal(id)}: (_message, _send) => {},\n`).join('')}};

`;
}

const CONNECTED = `

/** Waits until the hub has authenticated a device. */
function connected() {
  return clock.runUntil(cloud.nextEvent(({ service, type }) => service === 'hub' && type === 'connected'));
}`;

const CONNECTS = `test('authenticates with the hub', async () => {
  await launch();
  expect(await connected()).toMatchObject({ deviceId: app.deviceId });
});`;

function ends(connects: boolean): string {
  return `test('ends when it is told to', async () => {
  await launch();
  ${connects ? 'await connected();' : 'await clock.advance(1_000);'}
  app.signal('SIGTERM');
  expect(await app.exitCode).toBe(EXIT_CODE);
});`;
}

function literal(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
