// All that C and TypeScript know of each other, from the headers. `npm run abi` writes the TypeScript of it, which is in the repository; a
// build, and this with --check, refuse another one.
import path from 'node:path';
import { fetchSdk } from './fetch-crates.mjs';
import { generate } from './generate.mjs';
import { checkGenerated, writeGenerated } from './generated-files.mjs';
import { readHostAbi } from './host-abi.mjs';
import { lock } from './lock.mjs';
import { ensureTools, toolEnvironment } from './tools.mjs';

/**
 * Reads native/host.h and the SDK's headers, and writes the C side to the build folder's `generated`.
 * @param {object} input
 * @param {string} input.emcc
 * @param {string} input.root The project's folder.
 * @param {string} input.build The build folder.
 * @param {string} input.sdk The SDK's folder.
 * @returns the folders of generated TypeScript, the names of the host's imports, and what `generate` returns beside that.
 */
export function readAbi({ emcc, root, build, sdk }) {
  const host = readHostAbi({ emcc, root, build });
  const binding = generate({ emcc, root, build, sdk, host: host.generated.files });
  return { ...binding, imports: host.imports, generated: [host.generated, binding.generated] };
}

if (process.argv[1] === import.meta.filename) {
  const root = path.resolve(import.meta.dirname, '..');
  const build = path.join(root, 'build');
  await lock(build);
  await ensureTools('build');
  process.env.NODE_PATH = toolEnvironment.NODE_PATH;
  const { generated } = readAbi({ emcc: 'emcc', root, build, sdk: await fetchSdk({ root, build }) });
  if (process.argv.includes('--check')) checkGenerated(generated, root);
  else writeGenerated(generated, root);
}
