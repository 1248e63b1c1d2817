// What C and TypeScript know of each other beside the SDK: src/wasm/generated/, written from native/host.h, and in the repository, so
// that who has Node alone can read and check it. `npm run abi` writes it; a build, and this with --check, refuse another one.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readHost } from './read-host.mjs';
import { fail } from './terminal.mjs';
import { ensureTools, toolEnvironment } from './tools.mjs';
import { checksOfHost, typescriptOfHost } from './write-host.mjs';

/** Where it is in the project. */
const FOLDER = 'src/wasm/generated';

/**
 * Reads native/host.h, and writes the C file that has the compiler check what was read to the build folder's `generated`.
 * @param {object} input
 * @param {string} input.emcc
 * @param {string} input.root The project's folder.
 * @param {string} input.build The build folder.
 * @returns the TypeScript, file name to text, and the names of all imports.
 */
export function readHostAbi({ emcc, root, build }) {
  const folder = path.join(build, 'generated');
  mkdirSync(folder, { recursive: true });
  const native = path.join(root, 'native');
  const sections = readHost({ compiler: emcc, native, source: path.join(folder, 'host.source.h') });
  writeFileSync(path.join(folder, 'host_abi.c'), checksOfHost(sections));
  return {
    typescript: typescriptOfHost(sections),
    imports: sections.flatMap(({ imports }) => imports.map(({ name }) => name)),
  };
}

/** Ends this process where src/wasm/generated/ is not what native/host.h says. */
export function checkHostAbi(typescript, root) {
  const stale = staleIn(path.join(root, FOLDER), typescript);
  if (stale.length === 0) return;
  fail(
    `${FOLDER} does not fit native/host.h: ${stale.join(', ')}.`,
    'Type `npm run abi`, which writes it, and commit the outcome.',
  );
}

/** The names of files that are missing, different or too many. */
function staleIn(folder, typescript) {
  const names = new Set([...Object.keys(typescript), ...filesIn(folder)]);
  return [...names].filter((name) => contentOf(path.join(folder, name)) !== typescript[name]);
}

function writeHostAbi(typescript, root) {
  const folder = path.join(root, FOLDER);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(typescript)) writeFileSync(path.join(folder, name), text);
}

function filesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not there yet
  }
}

function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

if (process.argv[1] === import.meta.filename) {
  const root = path.resolve(import.meta.dirname, '..');
  await ensureTools('build');
  process.env.NODE_PATH = toolEnvironment.NODE_PATH;
  const { typescript } = readHostAbi({ emcc: 'emcc', root, build: path.join(root, 'build') });
  if (process.argv.includes('--check')) checkHostAbi(typescript, root);
  else writeHostAbi(typescript, root);
}
