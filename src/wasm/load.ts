import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { SphereIotError, messageOf } from '../errors.js';
import { packageRoot } from '../package-root.cjs';
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
  shared ??= readAndCompile(path.join(packageRoot, WASM_FILE)).catch((error: unknown) => {
    shared = undefined;
    throw error;
  });
  return shared;
}

async function readAndCompile(file: string): Promise<WasmModule> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new SphereIotError(
      'WASM_NOT_FOUND',
      `${file} can't be read. In a clone of the project, run \`npm run setup\`.`,
      {
        cause: error,
      },
    );
  }
  return compile(bytes, `${file} is`);
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
