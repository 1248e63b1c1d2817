import { NIL_GUID, type AppManifest } from '../../app/index.js';
import { hubsOf, idScopeOf, usesDps } from '../app-cloud.js';
import type { Observation } from './observe.js';
import { block, literal } from './source.js';
import { CONNECTION_STRING, type HubAccess } from './hub-access.js';
import { helpersOf, hubDeviceIdOf, testsOf } from './tests.js';
import { deviceIdFor } from './world.js';

export interface SuiteOptions {
  /** As seen from the suite. */
  readonly hardwareDefinitions: readonly string[];
  readonly cmakeOptions: Readonly<Record<string, string>>;
  /** Where the CMakeLists.txt makes several image packages. */
  readonly target?: string | undefined;
  /** In the place of the manifest's. */
  readonly args?: readonly string[] | undefined;
}

/** A suite for an app, for jest, or vitest with its globals: JavaScript, which takes nothing but that and sphere-iot. */
export function suiteOf(manifest: AppManifest, observation: Observation, options: SuiteOptions): string {
  const { access } = observation;
  const isInCode = access?.by === 'code';
  const sections = [
    `// Tests of ${manifest.name}, without a board and without Azure. Run them: npx jest
// Each test holds what the app did when this file was written. A test.todo names what nobody but you can say.`,
    imports(options.hardwareDefinitions.length > 0),
    `// The device has the same id in each run.\nconst DEVICE_ID =\n  '${deviceIdFor(manifest)}';`,
    `let built;\nlet clock;\nlet cloud;\nlet device;\nlet app;${isInCode ? '\nlet connection;' : ''}`,
    LIMITS,
    `// The first build takes a while; later ones build what has changed.\n${block('beforeAll(async () => {', [`built = await buildApp(__dirname${buildOptions(options)});`], '}, 300_000);')}`,
    ...(isInCode ? [CONNECTION_IN_CODE] : []),
    setUp(manifest, access),
    block('afterEach(async () => {', ['await closeAll(app, device, cloud);'], '});'),
    launch(manifest, argsOf(access, options)),
    ...(observation.connects ? [connected(manifest, observation)] : []),
    ...helpersOf(observation),
    ...testsOf(manifest, observation),
  ];
  return `${sections.join('\n\n')}\n`;
}

const LIMITS = `// Most tests take milliseconds. A machine may be loaded. (vi is vitest's, with its option globals.)
if (typeof jest === 'undefined') vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
else jest.setTimeout(60_000);`;

const CONNECTION_IN_CODE = `/** The connection string that the app has in its code. */
function connectionInCode() {
  const pattern = /${CONNECTION_STRING.replaceAll('/', '\\/')}/;
  const [, hub, deviceId, key] = pattern.exec(Buffer.from(built.wasm).toString('latin1'));
  return { hub, deviceId, key };
}`;

function imports(hasDefinitions: boolean): string {
  return [
    ...(hasDefinitions ? ["const path = require('node:path');"] : []),
    "const { Catalog, closeAll, VirtualClock } = require('sphere-iot');",
    "const { AppDevice, buildApp, SphereApp } = require('sphere-iot/app');",
    "const { LocalAzure } = require('sphere-iot/emulator');",
  ].join('\n');
}

function buildOptions({ hardwareDefinitions, cmakeOptions, target }: SuiteOptions): string {
  const definitions = hardwareDefinitions.map((folder) => `path.join(__dirname, ${literal(folder)})`);
  const variables = Object.entries(cmakeOptions).map(([name, value]) => `${literal(name)}: ${literal(value)}`);
  const fields = [
    ...(target === undefined ? [] : [`target: ${literal(target)}`]),
    ...(definitions.length === 0 ? [] : [`hardwareDefinitions: [${definitions.join(', ')}]`]),
    ...(variables.length === 0 ? [] : [`cmakeOptions: { ${variables.join(', ')} }`]),
  ];
  return fields.length === 0 ? '' : `, { ${fields.join(', ')} }`;
}

function setUp(manifest: AppManifest, access: HubAccess | undefined): string {
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
      ...catalog(manifest),
      ...(access === undefined ? [] : known(access)),
      '// The device keeps what the app stores, from one launch of a test to the next.',
      'device = await AppDevice.start({ catalog, clock, deviceId: DEVICE_ID });',
    ],
    '});',
  );
}

function catalog(manifest: AppManifest): string[] {
  const { deviceAuthentication: catalogId } = manifest;
  if (catalogId === undefined) return ['const catalog = await Catalog.create({ clock });'];
  const isPlaceholder = catalogId === NIL_GUID;
  return [
    `// ${isPlaceholder ? "The manifest's DeviceAuthentication is a placeholder: any catalog will do." : "The manifest's DeviceAuthentication."}`,
    `const catalog = await Catalog.create({ clock${isPlaceholder ? '' : `, id: ${literal(catalogId)}`} });`,
    ...(usesDps(manifest) ? enrolled() : registered(hubsOf(manifest))),
  ];
}

/** The hub knows the device of a connection string. */
function known({ by }: HubAccess): string[] {
  if (by === 'argument')
    return [
      '// The app is given a connection string.',
      "cloud.hub().devices.create({ deviceId: DEVICE_ID, authentication: { type: 'sas' } });",
    ];
  return [
    '// The hub knows the device of the connection string in its code, by that key.',
    'connection = connectionInCode();',
    "const authentication = { type: 'sas', symmetricKey: { primaryKey: connection.key } };",
    'cloud.hub(connection.hub).devices.create({ deviceId: connection.deviceId, authentication });',
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

/** What the app is launched with; undefined stands for the connection string. Undefined in place of all: those of the manifest. */
function argsOf(access: HubAccess | undefined, { args }: SuiteOptions): readonly (string | undefined)[] | undefined {
  return access?.by === 'argument' ? access.args : args;
}

function launch(
  { allowedApplicationConnections: partners }: AppManifest,
  args: readonly (string | undefined)[] | undefined,
): string {
  const options = [
    'clock',
    'cloud',
    'device',
    ...(partners.length === 0 ? [] : ['realTimeApps']),
    ...(args === undefined ? [] : ['args']),
    '...options',
  ].join(', ');
  const functions = block(
    'async function launch(options = {}) {',
    [...(args === undefined ? [] : [argsLine(args)]), `app = await SphereApp.launch(built, { ${options} });`],
    '}',
  );
  return partners.length === 0 ? functions : `${realTimeApps(partners)}\n\n${functions}`;
}

function argsLine(all: readonly (string | undefined)[]): string {
  const texts = all.map((each) =>
    each === undefined ? 'cloud.hub().devices.connectionString(DEVICE_ID)' : literal(each),
  );
  return `const args = [${texts.join(', ')}];`;
}

function realTimeApps(partners: readonly string[]): string {
  const comment = "// Play the applications of the real-time cores: each gets a Buffer, and may answer with send('…').";
  const apps = partners.map((id) => `${literal(id)}: (_message, _send) => {},`);
  return `${comment}\n${block('const realTimeApps = {', apps, '};')}`;
}

function connected(manifest: AppManifest, observation: Observation): string {
  const { hub = '', access } = observation;
  const several = hubsOf(manifest).length > 1;
  const name = access?.by === 'code' ? 'connection.hub' : several ? literal(hub) : '';
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
  return cloud.hub(${name}).device(${hubDeviceIdOf(observation)});
}`;
}
