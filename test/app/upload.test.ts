// The SDK's file upload, in an app: it waits for its answers, which the app's clock makes happen.
import path from 'node:path';
import { buildApp, readManifest, SphereApp, type BuiltApp, type LaunchOptions } from '../../src/app/index.js';
import { Catalog } from '../../src/certificates/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { LocalAzure, type LocalAzureOptions } from '../../src/emulator/index.js';

const KEY = Buffer.alloc(32, 7).toString('base64');

let built: BuiltApp;
let clock: VirtualClock;
let cloud: LocalAzure;
let app: SphereApp;

beforeAll(async () => {
  built = await buildApp(path.join(__dirname, 'apps/upload'));
});

beforeEach(() => start());

afterEach(async () => {
  app.close();
  await cloud.close();
});

async function start(options: LocalAzureOptions = {}): Promise<void> {
  clock = new VirtualClock();
  cloud = await LocalAzure.start({ clock, ...options });
  const symmetricKey = { primaryKey: KEY };
  cloud.hub().devices.create({ deviceId: 'camera', authentication: { type: 'sas', symmetricKey } });
}

async function launch(what: readonly string[], options: LaunchOptions = {}): Promise<void> {
  const connectionString = `HostName=${cloud.hub().name};DeviceId=camera;SharedAccessKey=${KEY}`;
  app = await SphereApp.launch(built, { clock, cloud, args: ['sas', connectionString, ...what], ...options });
}

/** A catalogue whose devices the provisioning service takes, and the arguments of the app that makes use of it. */
async function provisioned(what: readonly string[]): Promise<LaunchOptions> {
  const id = readManifest(built.manifest, built.peripherals).deviceAuthentication!;
  const catalog = await Catalog.create({ clock, id });
  cloud.dps.trust(catalog);
  return { catalog, args: ['daa', cloud.dps.idScope, ...what] };
}

function uploads(deviceId = 'camera'): unknown[] {
  return cloud
    .hub()
    .device(deviceId)
    .uploads()
    .map(({ blobName, isSuccess, body }) => ({ blobName, isSuccess, body: body?.toString() }));
}

describe.each([
  ['in this thread', false],
  ['isolated', true],
])('%s', (_, isolate) => {
  test('by a symmetric key: in one, in pieces, block by block', async () => {
    await launch(['hello.txt', 'pieces', 'blockwise'], { isolate });
    expect(await app.exitCode).toBe(0);
    expect(app.lines).toEqual([
      'hello.txt: 0',
      ...['Asked, 0', 'Asked, 0', 'Asked, 0', 'Asked, 0', 'Told: 0', 'pieces: 0'],
      ...['Block 0: 0', 'Block 1: 0', 'Block 2: 0', 'Notified: 0', 'blockwise: 0'],
    ]);
    expect(uploads()).toEqual([
      { blobName: 'camera/hello.txt', isSuccess: true, body: 'hello' },
      { blobName: 'camera/pieces.txt', isSuccess: true, body: 'one, two, three' },
      { blobName: 'camera/blocks.txt', isSuccess: true, body: 'one, two, three' },
    ]);
  });

  test("by the device's own certificate", async () => {
    await launch([], { isolate, ...(await provisioned(['hello.txt', 'blockwise'])) });
    expect(await app.exitCode).toBe(0);
    expect(uploads(app.deviceId)).toEqual([
      { blobName: `${app.deviceId}/hello.txt`, isSuccess: true, body: 'hello' },
      { blobName: `${app.deviceId}/blocks.txt`, isSuccess: true, body: 'one, two, three' },
    ]);
  });
});

test('a megabyte; a block of no bytes is none', async () => {
  await launch(['big', 'empty']);
  expect(await app.exitCode).toBe(0);
  const [big] = cloud.hub().device('camera').uploads();
  expect(big?.body).toEqual(Buffer.from(Array.from({ length: 2 ** 20 }, (_, i) => i % 251)));
  expect(uploads()[1]).toEqual({ blobName: 'camera/empty.txt', isSuccess: false, body: undefined });
});

test('what the app ends itself, the hub is told of', async () => {
  await launch(['aborted', 'regretted']);
  await app.exitCode;
  expect(uploads()).toEqual([
    { blobName: 'camera/pieces.txt', isSuccess: false, body: undefined },
    { blobName: 'camera/blocks.txt', isSuccess: false, body: 'one, two, three' },
  ]);
});

test('a size without bytes', async () => {
  await launch(['nothing']);
  await app.exitCode;
  expect(app.lines).toContain('nothing: 1');
});

test('a hub without storage', async () => {
  await cloud.close();
  await start({ hub: { fileUpload: false } });
  await launch(['hello.txt']);
  await app.exitCode;
  expect(app.lines).toContain('hello.txt: 2');
  expect(cloud.events().at(-1)).toMatchObject({ type: 'fileUploadRefused', deviceId: 'camera', errorCode: 400014 });
});

test("storage that the app's manifest does not have", async () => {
  const manifest = structuredClone(built.manifest) as { Capabilities: { AllowedConnections: string[] } };
  manifest.Capabilities.AllowedConnections.pop();
  await launch(['hello.txt'], { manifest });
  await app.exitCode;
  expect(app.lines).toContain('hello.txt: 2');
  expect(app.lines.join('\n')).toMatch(/AllowedConnections/);
  expect(uploads()).toEqual([{ blobName: 'camera/hello.txt', isSuccess: false, body: undefined }]);
});

test('a connection that is refused', async () => {
  cloud.faults.add({ kind: 'refuseTls', service: 'hub', times: 1 });
  await launch(['hello.txt', 'again.txt']);
  await app.exitCode;
  expect(app.lines.filter((line) => / \d$/.test(line))).toEqual(['hello.txt: 2', 'again.txt: 0']);
});
