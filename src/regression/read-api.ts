import { execFile } from 'node:child_process';
import path from 'node:path';
import type { ErrorCode } from '../error-codes/index.js';
import { SphereIotError, messageOf } from '../errors.js';
import { packageFile } from '../package-file.js';
import { readTextWithin } from '../read-file.js';
import { checkApiSnapshot, parseApiSnapshot, type ApiSnapshot } from './api-snapshot.js';

/** How the compiler is called, where the headers are read anew. */
export interface ReadApiOptions {
  /** By default `emcc`; a clang does as well. */
  readonly compiler?: string | undefined;
  /** Further flags, such as `-DNAME`. */
  readonly flags?: readonly string[] | undefined;
}

/** The folder of an Azure IoT C SDK: the one that has iothub_client in it. */
export interface SdkSource extends ReadApiOptions {
  readonly sdk: string;
}

/** Headers of one's own. */
export interface HeaderSource extends ReadApiOptions {
  /** As in an #include. What they include out of the folders that hold them is in the snapshot too. */
  readonly headers: readonly string[];
  /** The folders in which headers are looked for, in this order. */
  readonly includes: readonly string[];
}

/**
 * The API surface of headers as data: of the SDK that is built in, which needs no compiler; or, by emcc, of another SDK
 * or of headers of one's own.
 * @throws SphereIotError `API_SNAPSHOT_NOT_FOUND` (not built), `COMPILER_NOT_FOUND`, `SDK_NOT_FOUND`, `HEADERS_INVALID` (with
 *   what the compiler said), `API_READER_FAILED`.
 */
export async function snapshotApi(source?: SdkSource | HeaderSource): Promise<ApiSnapshot> {
  if (source === undefined) return readBuiltIn();
  const { compiler = 'emcc', flags = [] } = source;
  const where =
    'sdk' in source
      ? { sdk: path.resolve(source.sdk) }
      : { headers: source.headers, includes: source.includes.map((folder) => path.resolve(folder)) };
  const answer = JSON.parse(await runReader(JSON.stringify({ ...where, compiler, flags }))) as {
    readonly error?: { readonly code: string; readonly message: string };
  };
  if (answer.error) throw new SphereIotError(codeOfReader(answer.error.code), answer.error.message);
  return checkApiSnapshot(answer, 'What was read');
}

/** What the reader says of the headers; another code is of a fault of its own. */
const READER_CODES = ['COMPILER_NOT_FOUND', 'HEADERS_INVALID', 'SDK_NOT_FOUND'] as const;

function codeOfReader(given: string): ErrorCode {
  return READER_CODES.find((code) => code === given) ?? 'API_READER_FAILED';
}

async function readBuiltIn(): Promise<ApiSnapshot> {
  const file = packageFile('dist/api.json');
  const text = await readTextWithin(file).catch((error: unknown) => {
    const message = `${file} can't be read. In a clone of the project, run \`npm run setup\`.`;
    throw new SphereIotError('API_SNAPSHOT_NOT_FOUND', message, { cause: error });
  });
  return parseApiSnapshot(text, file);
}

/** The reader is the build's own (wasm-build/); it runs in its own process, which may wait for the compiler. */
function runReader(request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const script = packageFile('wasm-build/read-api.mjs');
    const child = execFile(process.execPath, [script], { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const text = `The headers can't be read: ${stderr.trim() || messageOf(error)}`;
      reject(new SphereIotError('API_READER_FAILED', text, { cause: error }));
    });
    child.stdin?.on('error', () => undefined); // it ended early: told by the exit
    child.stdin?.end(request);
  });
}
