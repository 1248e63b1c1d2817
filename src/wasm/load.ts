import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { SphereIotError, messageOf } from '../errors.js';
import { packageFile } from '../package-file.js';
import { MAX_BINARY_BYTES, readFileWithin } from '../read-file.js';
import { webAssembly, type WasmModule } from './webassembly.js';

/** Where `npm run setup` puts the module, and where the package has it. */
const WASM_FILE = 'dist/sphere-iot.wasm';

let shared: Promise<WasmModule> | undefined;

/**
 * The compiled module: that of the package, read once per process, or one from given bytes.
 * @throws SphereIotError `WASM_NOT_FOUND`, `WASM_INVALID`.
 */
export function loadModule(bytes?: Uint8Array): Promise<WasmModule> {
  if (bytes !== undefined) return compile(bytes, 'The given bytes are');
  shared ??= readAndCompile().catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  return shared;
}

async function readAndCompile(): Promise<WasmModule> {
  let file = WASM_FILE;
  try {
    file = packageFile(WASM_FILE);
    return await compile(await readFileWithin(file, MAX_BINARY_BYTES), `${file} is`);
  } catch (error) {
    if ((error as SphereIotError).code === 'WASM_INVALID') throw error;
    const bytes = await bundled();
    if (bytes !== undefined) return compile(bytes, 'The module in the bundle is');
    throw new SphereIotError(
      'WASM_NOT_FOUND',
      `${file} can't be read. In a clone of the project, run \`npm run setup\`; elsewhere give its bytes: \`createSdk({ wasm })\`.`,
      { cause: error },
    );
  }
}

/** The module as a part of the code: a bundle has that, and no other files of the package. */
async function bundled(): Promise<Uint8Array | undefined> {
  const embedded = await import('./embedded.js').catch(() => undefined);
  return embedded && promisify(gunzip)(Buffer.from(embedded.gzipped, 'base64'));
}

async function compile(bytes: Uint8Array, what: string): Promise<WasmModule> {
  try {
    return await webAssembly.compile(bytes);
  } catch (error) {
    throw new SphereIotError('WASM_INVALID', `${what} no WebAssembly module, or damaged: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
