// What a bundler makes of a program that uses the package runs where neither the package nor its dependencies are.
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

import esbuild from 'esbuild';
import webpack from 'webpack';

import { root, run, unpack } from './packed.js';

const PROGRAM = `
import { CertificateStore, createSdk, Pump, SphereDevice, VirtualClock } from 'sphere-iot';
import { LocalAzure } from 'sphere-iot/emulator';

const primaryKey = Buffer.alloc(32, 1).toString('base64');
async function main() {
  const clock = new VirtualClock();
  const cloud = await LocalAzure.start({ clock });
  const symmetricKey = { primaryKey, secondaryKey: primaryKey };
  cloud.hub().devices.create({ deviceId: 'kettle', authentication: { type: 'sas', symmetricKey } });
  const { resolve, trustRoots } = cloud;
  const sdk = await createSdk({ clock, store: new CertificateStore(), resolve, trustRoots, webSocket: 'ws' });
  const pump = new Pump(sdk);
  const connectionString = \`HostName=contoso.azure-devices.net;DeviceId=kettle;SharedAccessKey=\${primaryKey}\`;
  const device = new SphereDevice({ sdk, pump, connectionString, protocol: 'mqtt-ws' });
  await clock.runUntil(device.connect());
  await clock.runUntil(device.sendTelemetry('warm'));
  console.log((await cloud.hub().device('kettle').nextTelemetry()).body.toString());
  device.close();
  pump.close();
  sdk.close();
  await cloud.close();
}
main();
`;

/** The commands and files of docs/bundlers.md, in their order. */
const page = readFileSync(path.join(root, 'docs/bundlers.md'), 'utf8');
const [esbuildCommand = ''] = blocks('sh');
const [esbuildBuild = '', rollupConfig = '', webpackConfig = '', viteConfig = ''] = blocks('js');

function blocks(language: string): string[] {
  return [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map((match) => match[1] as string);
}

let folder: string;
let out: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(root, 'build/bundlers-'));
  out = path.join(folder, 'out');
  await unpack(folder);
  await writeFile(path.join(folder, 'main.mjs'), PROGRAM);
});
afterEach(() => rm(out, { recursive: true, force: true }));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes a file of the page, and runs what stands there beside it, with the bundlers of this project. */
async function bundle(command: string, file?: string, content = ''): Promise<void> {
  expect(page).toContain(command);
  if (file !== undefined) {
    expect(page).toContain(`\`${file}\`, run by \`${command}\``);
    await writeFile(path.join(folder, file), content);
  }
  const [program = '', ...args] = command.trim().replace(/^npx /, '').split(' ');
  const bin = path.join(root, 'node_modules/.bin');
  await run(program, args, {
    cwd: folder,
    env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH']}` },
  });
}

test('esbuild, CommonJS', async () => {
  await bundle(esbuildCommand);
  expect(await runBundle(out, 'main.cjs')).toBe('warm\n');
});

test('esbuild, an ES module', async () => {
  await bundle('node build.mjs', 'build.mjs', esbuildBuild);
  expect(await runBundle(out, 'main.mjs')).toBe('warm\n');
});

test('rollup', async () => {
  await bundle('npx rollup --config', 'rollup.config.mjs', rollupConfig);
  expect(await runBundle(out, 'main.mjs')).toBe('warm\n');
});

test('webpack, by its own interface, as its command line is another package', async () => {
  const file = path.join(folder, 'webpack.config.cjs');
  await writeFile(file, webpackConfig);
  // Not minified, which takes minutes on a loaded machine.
  const errors = await new Promise<unknown>((resolve, reject) =>
    webpack(
      { ...(createRequire(file)(file) as webpack.Configuration), context: folder, optimization: { minimize: false } },
      (error, stats) => (error ? reject(error) : resolve(stats?.toJson({ all: false, errors: true }).errors)),
    ),
  );
  expect(errors).toEqual([]);
  expect(await runBundle(out, 'main.cjs')).toBe('warm\n');
});

test('Vite SSR, with all in the bundle but ws, of which parts are optional', async () => {
  await bundle('npx vite build', 'vite.config.mjs', viteConfig);
  // Where ws is: above.
  expect((await run(process.execPath, [path.join(out, 'main.mjs')])).stdout).toBe('warm\n');
});

test('what needs files of the package says that it is in a bundle', async () => {
  const contents = `import { buildApp } from 'sphere-iot/app';
import { snapshotApi } from 'sphere-iot/regression';
buildApp('${path.join(root, 'bench/app')}').catch((error) => console.log(error.code));
snapshotApi().catch((error) => console.log(error.code));`;
  await esbuild.build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    platform: 'node',
    outfile: path.join(out, 'main.cjs'),
    logLevel: 'error',
  });
  expect(await runBundle(out, 'main.cjs')).toBe('PACKAGE_BUNDLED\nPACKAGE_BUNDLED\n');
});

/** Runs a bundle where nothing else is, and gives what it printed. */
async function runBundle(out: string, file: string): Promise<string> {
  const alone = await mkdtemp(path.join(tmpdir(), 'sphere-iot-bundle-'));
  try {
    await cp(out, alone, { recursive: true });
    const { stdout, stderr } = await run(process.execPath, [file], { cwd: alone });
    expect(stderr).toBe('');
    return stdout;
  } finally {
    await rm(alone, { recursive: true });
  }
}
