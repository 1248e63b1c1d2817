// What a bundler makes of a program that uses the package runs where neither the package nor its dependencies are.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import commonjs from '@rollup/plugin-commonjs';
import nodeResolve from '@rollup/plugin-node-resolve';
import esbuild from 'esbuild';
import { rollup } from 'rollup';
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

/** As docs/bundlers.md has it. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(root, 'build/bundlers-'));
  await unpack(folder);
  await writeFile(path.join(folder, 'main.mjs'), PROGRAM);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const entry = (): string => path.join(folder, 'main.mjs');

test.each([
  ['esbuild, an ES module', 'esm', 'mjs', { banner: { js: REQUIRE } }],
  ['esbuild, CommonJS', 'cjs', 'cjs', {}],
] as const)('%s', async (_name, format, ending, options) => {
  const out = path.join(folder, `esbuild-${format}`);
  const outfile = path.join(out, `main.${ending}`);
  await esbuild.build({
    entryPoints: [entry()],
    bundle: true,
    platform: 'node',
    format,
    outfile,
    logLevel: 'error',
    ...options,
  });
  expect(await runBundle(out, `main.${ending}`)).toBe('warm\n');
});

test('rollup', async () => {
  const out = path.join(folder, 'rollup');
  const bundle = await rollup({
    input: entry(),
    external: [/^node:/],
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs()],
    onwarn: () => undefined, // circles in a dependency
  });
  await bundle.write({ dir: out, format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' });
  await bundle.close();
  expect(await runBundle(out, 'main.mjs')).toBe('warm\n');
});

test('webpack', async () => {
  const out = path.join(folder, 'webpack');
  const errors = await new Promise<unknown>((resolve, reject) =>
    webpack(
      {
        mode: 'development',
        devtool: false,
        target: 'node20',
        entry: entry(),
        output: { path: out, filename: 'main.cjs' },
      },
      (error, stats) => (error ? reject(error) : resolve(stats?.toJson({ all: false, errors: true }).errors)),
    ),
  );
  expect(errors).toEqual([]);
  expect(await runBundle(out, 'main.cjs')).toBe('warm\n');
});

test('Vite SSR, with all in the bundle but ws, of which parts are optional', async () => {
  const out = path.join(folder, 'vite');
  const script = `import { build } from 'vite';
await build({ root: ${JSON.stringify(folder)}, logLevel: 'error', configFile: false, ssr: { noExternal: true, external: ['ws'] },
  build: { ssr: ${JSON.stringify(entry())}, outDir: ${JSON.stringify(out)}, minify: false, emptyOutDir: true } });`;
  // A process of its own: jest can't load what is an ES module only.
  await run(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
  // Where ws is: above.
  expect((await run(process.execPath, [path.join(out, 'main.mjs')])).stdout).toBe('warm\n');
});

test('what needs files of the package says that it is in a bundle', async () => {
  const out = path.join(folder, 'files');
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
