// `npm run test:native`, first half: builds the native side of test/native-reference, with the SDK's own adapters and OpenSSL.
import path from 'node:path';
import { root } from './build.mjs';
import { fetchSdk } from './fetch-crates.mjs';
import { runTool } from './run-tool.mjs';
import { fail, step } from './terminal.mjs';

const folder = path.join(root, 'build/native-reference');

const sdk = await fetchSdk({ root, build: path.join(root, 'build') });
step('Building the native side');
await run('cmake', ['-G', 'Ninja', '-S', root, '-B', folder, `-DSDK_FOLDER=${sdk}`]);
await run('ninja', ['-C', folder]);

async function run(command, args) {
  const { status, error, stdout, stderr } = await runTool(command, args);
  if (status !== 0) fail(`${command} failed: ${error?.message ?? `${stdout}${stderr}`.slice(-4000)}`);
}
