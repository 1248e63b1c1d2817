// What the benchmarks need before they start: the broker and the native client, and certificates.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../../wasm-build/build.mjs';
import { fetchSdk } from '../../wasm-build/fetch-crates.mjs';
import { runTool } from '../../wasm-build/run-tool.mjs';
import { fail, step } from '../../wasm-build/terminal.mjs';
import { CertificateAuthority } from '../../dist/esm/index.js';
import { folder } from './clients.mjs';

export async function buildBench() {
  mkdirSync(folder, { recursive: true });
  await buildNative();
  await makeCertificates();
}

async function buildNative() {
  const sdk = await fetchSdk({ root, build: path.join(root, 'build') });
  step('Building the broker and the native client');
  const build = path.join(folder, 'native');
  await tool('cmake', ['-G', 'Ninja', '-S', root, '-B', build, `-DSDK_FOLDER=${sdk}`, '-DSDK_OPTIMIZATION=-O2']);
  await tool('ninja', ['-C', build, 'broker', 'native-client']);
}

async function tool(command, args) {
  const { status, error, stdout, stderr } = await runTool(command, args);
  if (status !== 0) fail(`${command} failed: ${error?.message ?? `${stdout}${stderr}`.slice(-4000)}`);
}

async function makeCertificates() {
  const authority = await CertificateAuthority.create({ subject: { commonName: 'bench root' } });
  const server = await authority.issue({ commonName: 'bench.azure-devices.net', usage: 'server' });
  const device = await authority.issue({ commonName: 'bench' });
  const write = (name, text) => writeFileSync(path.join(folder, name), text, { mode: 0o600 });
  write('root.pem', authority.pem);
  for (const [name, { chain, privateKey }] of Object.entries({ server, device })) {
    write(`${name}.pem`, chain);
    write(`${name}-key.pem`, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }
}
