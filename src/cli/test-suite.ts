import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { NIL_GUID, type AppManifest } from '../app/index.js';
import { hubsOf, idScopeOf, usesDps } from './app-cloud.js';

export interface SuiteOptions {
  /** As seen from the suite. */
  readonly hardwareDefinitions: readonly string[];
  readonly cmakeOptions: Readonly<Record<string, string>>;
  /** What the app is expected to exit with on SIGTERM. */
  readonly exitCode: number;
}

/** What a program ends with that does not handle SIGTERM: 128 and its number. */
const TERMINATED = 143;

/** What an app may be expected to exit with on SIGTERM, by its C files: a guess, which the user of the suite corrects. */
export async function expectedExitCode(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.c'));
  const texts = await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name), 'utf8')));
  const has = (pattern: RegExp): boolean => texts.some((text) => pattern.test(text));
  if (!has(/\b(sigaction|signal)\s*\(\s*SIGTERM\b/)) return TERMINATED;
  // As in Microsoft's samples, where it is ExitCode_TermHandler_SigTerm.
  return has(/\bExitCode_\w*SigTerm\b/) ? 1 : 0;
}

/** A jest suite for an app: JavaScript, which takes nothing but jest and sphere-iot. */
export function testSuite(manifest: AppManifest, options: SuiteOptions): string {
  const { deviceAuthentication: catalogId } = manifest;
  const connects = catalogId !== undefined;
  const definitions = options.hardwareDefinitions.map((folder) => `path.join(__dirname, ${literal(folder)})`);
  const variables = Object.entries(options.cmakeOptions).map(([name, value]) => `${literal(name)}: ${literal(value)}`);
  const fields = [
    ...(definitions.length === 0 ? [] : [`hardwareDefinitions: [${definitions.join(', ')}]`]),
    ...(variables.length === 0 ? [] : [`cmakeOptions: { ${variables.join(', ')} }`]),
  ];
  const buildOptions = fields.length === 0 ? '' : `, { ${fields.join(', ')} }`;
  const sections = [
    `// Tests of ${manifest.name}, without a board and without Azure. Run them: npx jest`,
    [
      ...(definitions.length === 0 ? [] : ["const path = require('node:path');"]),
      `const { ${connects ? 'Catalog, ' : ''}VirtualClock } = require('sphere-iot');`,
      "const { buildApp, SphereApp } = require('sphere-iot/app');",
      "const { LocalAzure } = require('sphere-iot/emulator');",
    ].join('\n'),
    `// What the app exits with when it is told to end. Correct it where yours is another.\nconst EXIT_CODE = ${options.exitCode};`,
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

function setUp(manifest: AppManifest): string {
  const { deviceAuthentication: catalogId, cmdArgs } = manifest;
  const isPlaceholder = catalogId === NIL_GUID;
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
      `// ${isPlaceholder ? "The manifest's DeviceAuthentication is a placeholder: any catalog will do." : "The manifest's DeviceAuthentication."}`,
      usesDps(manifest)
        ? '// DPS is told to trust its CA, and enrolls every device under it.'
        : '// The hub is told to trust its CA.',
      `catalog = await Catalog.create({ clock${isPlaceholder ? '' : `, id: ${literal(catalogId)}`} });`,
      `const { certificates${usesDps(manifest) ? ', enrollmentGroups' : ''} } = cloud.${usesDps(manifest) ? 'dps' : 'hub()'};`,
      "certificates.upload('catalog', catalog.caCertificate);",
      "const code = certificates.generateVerificationCode('catalog');",
      "certificates.verify('catalog', await catalog.proofOfPossession(code));",
      ...(usesDps(manifest)
        ? ["enrollmentGroups.create({ id: 'devices', attestation: { x509: { caName: 'catalog' } } });"]
        : []),
    );
  return `beforeEach(async () => {\n${lines.map((line) => `  ${line}\n`).join('')}});`;
}

function launch(manifest: AppManifest): string {
  const { deviceAuthentication, allowedApplicationConnections: partners } = manifest;
  const options = [
    'clock',
    'cloud',
    ...(deviceAuthentication === undefined ? [] : ['catalog']),
    ...(partners.length === 0 ? [] : ['realTimeApps']),
    '...options',
  ].join(', ');
  return `${partners.length === 0 ? '' : realTimeApps(partners)}async function launch(options = {}) {
  app = await SphereApp.launch(built, { ${options} });${deviceAuthentication === undefined || usesDps(manifest) ? '' : REGISTERED}
}${deviceAuthentication === undefined ? '' : CONNECTED}`;
}

function realTimeApps(partners: readonly string[]): string {
  return `// Play the applications of the real-time cores: each gets a Buffer, and may answer with send('…').
const realTimeApps = {
${partners.map((id) => `  ${literal(id)}: (_message, _send) => {},\n`).join('')}};

`;
}

const REGISTERED = `
  // The app connects without DPS: its hub has to know the device.
  const { deviceId } = app;
  cloud.hub().devices.create({ deviceId, authentication: { type: 'certificateAuthority' } });`;

const CONNECTED = `

/** Waits until the hub has authenticated a device; the error has the app's log. */
function connected() {
  const event = cloud.nextEvent(({ service, type }) => service === 'hub' && type === 'connected');
  return clock.runUntil(event).catch((error) => {
    throw new Error(\`\${error.message}\\nThe app's log:\\n\${app.lines.join('\\n')}\`);
  });
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
