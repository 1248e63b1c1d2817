// What C and TypeScript know of each other beside the SDK: src/wasm/generated/, from native/host.h.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readHost } from './read-host.mjs';
import { checksOfHost, typescriptOfHost } from './write-host.mjs';

/**
 * Reads native/host.h, and writes the C file that has the compiler check what was read to the build folder's `generated`.
 * @param {object} input
 * @param {string} input.emcc
 * @param {string} input.root The project's folder.
 * @param {string} input.build The build folder.
 * @returns the TypeScript, and the names of all imports.
 */
export function readHostAbi({ emcc, root, build }) {
  const folder = path.join(build, 'generated');
  mkdirSync(folder, { recursive: true });
  const native = path.join(root, 'native');
  const sections = readHost({ compiler: emcc, native, source: path.join(folder, 'host.source.h') });
  writeFileSync(path.join(folder, 'host_abi.c'), checksOfHost(sections));
  return {
    generated: { folder: 'src/wasm/generated', source: 'native/host.h', files: typescriptOfHost(sections) },
    imports: sections.flatMap(({ imports }) => imports.map(({ name }) => name)),
  };
}
