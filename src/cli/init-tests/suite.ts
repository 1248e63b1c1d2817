import { NIL_GUID, type AppManifest } from '../../app/index.js';
import { hubsOf, idScopeOf, usesDps } from '../app-cloud.js';
import type { Observation } from './observe.js';
import { block, literal } from './source.js';
import { testsOf } from './tests.js';
import { deviceIdFor } from './world.js';

export interface SuiteOptions {
  /** As seen from the suite. */
  readonly hardwareDefinitions: readonly string[];
  readonly cmakeOptions: Readonly<Record<string, string>>;
}

/** A jest suite for an app: JavaScript, which takes nothing but jest and sphere-iot. */
export function suiteOf(manifest: AppManifest, observation: Observation, options: SuiteOptions): string {
  const hasDevice = manifest.deviceAuthentication !== undefined;
  const sections = [
    `// Tests of ${manifest.name}, without a board and without Azure. Run them: npx jest
// Each test holds what the app did when this file was written. A test.todo names what nobody but you can say.`,
    imports(hasDevice, options.hardwareDefinitions.length > 0),
    ...(hasDevice
      ? [`// The device has the same id in each run.\nconst DEVICE_ID =\n  '${deviceIdFor(manifest)}';`]
      : []),
    `let built;\nlet clock;\nlet cloud;\n${hasDevice ? 'let device;\n' : ''}let app;`,
    '// Most tests take milliseconds. A machine may be loaded.\njest.setTimeout(60_000);',
    `// The first build takes a while; later ones build what has changed.\n${block('beforeAll(async () => {', [`built = await buildApp(__dirname${buildOptions(options)});`], '}, 300_000);')}`,
    setUp(manifest),
    block(
      'afterEach(async () => {',
      ['app?.close();', ...(hasDevice ? ['device?.close();'] : []), 'await cloud.close();'],
      '});',
    ),
    launch(manifest),
    ...(observation.connects ? [connected(manifest, observation)] : []),
    ...testsOf(manifest, observation),
  ];
  return `${sections.join('\n\n')}\n`;
}

function imports(hasDevice: boolean, hasDefinitions: boolean): string {
  return [
    ...(hasDefinitions ? ["const path = require('node:path');"] : []),
    `const { ${hasDevice ? 'Catalog, ' : ''}VirtualClock } = require('sphere-iot');`,
    `const { ${hasDevice ? 'AppDevice, ' : ''}buildApp, SphereApp } = require('sphere-iot/app');`,
    "const { LocalAzure } = require('sphere-iot/emulator');",
  ].join('\n');
}

function buildOptions({ hardwareDefinitions, cmakeOptions }: SuiteOptions): string {
  const definitions = hardwareDefinitions.map((folder) => `path.join(__dirname, ${literal(folder)})`);
  const variables = Object.entries(cmakeOptions).map(([name, value]) => `${literal(name)}: ${literal(value)}`);
  const fields = [
    ...(definitions.length === 0 ? [] : [`hardwareDefinitions: [${definitions.join(', ')}]`]),
    ...(variables.length === 0 ? [] : [`cmakeOptions: { ${variables.join(', ')} }`]),
  ];
  return fields.length === 0 ? '' : `, { ${fields.join(', ')} }`;
}

function setUp(manifest: AppManifest): string {
  const hubs = hubsOf(manifest);
  const idScope = idScopeOf(manifest.cmdArgs);
  const options = [
    'clock',
    ...(hubs.length === 0 ? [] : [`hubs: [${hubs.map(literal).join(', ')}]`]),
    ...(idScope === undefined ? [] : [`idScope: ${literal(idScope)}`]),
  ];
  return block(
    'beforeEach(async () => {',
    [
      'clock = new VirtualClock();',
      `cloud = await LocalAzure.start({ ${options.join(', ')} });`,
      ...(manifest.deviceAuthentication === undefined ? [] : device(manifest, manifest.deviceAuthentication)),
    ],
    '});',
  );
}

function device(manifest: AppManifest, catalogId: string): string[] {
  const isPlaceholder = catalogId === NIL_GUID;
  return [
    `// ${isPlaceholder ? "The manifest's DeviceAuthentication is a placeholder: any catalog will do." : "The manifest's DeviceAuthentication."}`,
    `const catalog = await Catalog.create({ clock${isPlaceholder ? '' : `, id: ${literal(catalogId)}`} });`,
    ...(usesDps(manifest) ? enrolled() : registered(hubsOf(manifest))),
    '// The device keeps what the app stores, from one launch of a test to the next.',
    'device = await AppDevice.start({ catalog, clock, deviceId: DEVICE_ID });',
  ];
}

function trusted(service: string): string[] {
  return [
    `const { certificates${service === 'cloud.dps' ? ', enrollmentGroups' : ''} } = ${service};`,
    "certificates.upload('catalog', catalog.caCertificate);",
    "const code = certificates.generateVerificationCode('catalog');",
    "certificates.verify('catalog', await catalog.proofOfPossession(code));",
  ];
}

function enrolled(): string[] {
  return [
    '// DPS is told to trust its CA, and enrolls every device under it.',
    ...trusted('cloud.dps'),
    "enrollmentGroups.create({ id: 'devices', attestation: { x509: { caName: 'catalog' } } });",
  ];
}

/** For an app that connects without DPS: any of its hubs may be the one. */
function registered(hubs: readonly string[]): string[] {
  const names = hubs.length === 0 ? 'undefined' : hubs.map(literal).join(', ');
  return [
    '// The app connects without DPS: its hub is told to trust the CA, and has to know the device.',
    `for (const hub of [${names}].map((name) => cloud.hub(name))) {`,
    ...trusted('hub').map((line) => `  ${line}`),
    "  hub.devices.create({ deviceId: DEVICE_ID, authentication: { type: 'certificateAuthority' } });",
    '}',
  ];
}

function launch({ deviceAuthentication, allowedApplicationConnections: partners }: AppManifest): string {
  const options = [
    'clock',
    'cloud',
    ...(deviceAuthentication === undefined ? [] : ['device']),
    ...(partners.length === 0 ? [] : ['realTimeApps']),
    '...options',
  ].join(', ');
  const functions = block(
    'async function launch(options = {}) {',
    [`app = await SphereApp.launch(built, { ${options} });`],
    '}',
  );
  return partners.length === 0 ? functions : `${realTimeApps(partners)}\n\n${functions}`;
}

function realTimeApps(partners: readonly string[]): string {
  const comment = "// Play the applications of the real-time cores: each gets a Buffer, and may answer with send('…').";
  const apps = partners.map((id) => `${literal(id)}: (_message, _send) => {},`);
  return `${comment}\n${block('const realTimeApps = {', apps, '};')}`;
}

function connected(manifest: AppManifest, { hub = '' }: Observation): string {
  const name = hubsOf(manifest).length > 1 ? literal(hub) : '';
  return `/** Resolves once the hub authenticates the device, from now on. */
function authenticated() {
  return cloud.nextEvent(({ service, type }) => service === 'hub' && type === 'connected');
}

/** Launches the app, and waits until the hub has authenticated its device. The error has the app's log. */
async function launchConnected(options) {
  await launch(options);
  const event = authenticated();
  return clock.runUntil(event).catch((error) => {
    throw new Error(\`\${error.message}\\nThe app's log:\\n\${app.lines.join('\\n')}\`);
  });
}

/** The device as its hub sees it. */
function hubDevice() {
  return cloud.hub(${name}).device(DEVICE_ID);
}`;
}
