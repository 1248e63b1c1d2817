// `npm run test:native`, first half: builds the native side of test/native-reference, with the SDK's own adapters and OpenSSL.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root } from './build.mjs';
import { fetchSdk } from './fetch-crates.mjs';
import { fail, step } from './terminal.mjs';

const folder = path.join(root, 'build/native-reference');

const sdk = fetchSdk({ root, build: path.join(root, 'build') });
step('Building the native side');
run('cmake', ['-G', 'Ninja', '-S', root, '-B', folder, `-DSDK_FOLDER=${sdk}`]);
run('ninja', ['-C', folder]);

function run(command, args) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) fail(`${command} failed: ${error?.message ?? `${stdout}${stderr}`.slice(-4000)}`);
}
