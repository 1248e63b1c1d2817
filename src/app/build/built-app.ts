import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { SphereIotError, messageOf } from '../../errors.js';
import { isObject, parseJson } from '../../json.js';
import { MAX_BINARY_BYTES, MAX_TEXT_BYTES, readFileWithin, readTextWithin } from '../../read-file.js';
import { parseJsonWithComments } from '../json-with-comments.js';
import { readManifest } from '../manifest.js';
import type { Peripherals } from '../peripherals.js';

/** The file of an image package with the linker's warnings of functions that are declared in two ways, a sentence a line. */
export const SIGNATURE_MISMATCHES = 'signature-mismatches.txt';

/** The file of an image package with the compiler's warnings, as JSON: `CompilerWarning[]`. */
export const COMPILER_WARNINGS = 'compiler-warnings.json';

/** How a text in UTF-16 begins: with its byte order mark, or with a brace or a space of two bytes. */
const UTF16 = /^(?:\xff\xfe|\xfe\xff|[{\s]\0|\0[{\s])/;

/** A manifest has some kilobytes, with long comments too. */
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** A warning of the compiler. */
export interface CompilerWarning {
  /** From the app's folder, or absolute where it is in another one. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The switch that asks for it: `-Wunused-variable`. */
  readonly switch?: string;
  readonly message: string;
}

/** An app that was built: what an image package holds. */
export interface BuiltApp {
  /** Where it was read from: `readBuiltApp` reads it there again. */
  readonly folder: string;
  /** The program. */
  readonly wasm: Uint8Array;
  /** The content of app_manifest.json, parsed. */
  readonly manifest: unknown;
  readonly peripherals: Peripherals;
  /**
   * What is to be mended, though the app runs, in sentences: fields of the manifest that are ignored, placeholders,
   * signatureMismatches, compilerWarnings.
   */
  readonly warnings: readonly string[];
  /** Functions that a file declares otherwise than another one defines them, each in a sentence: calls of them crash. */
  readonly signatureMismatches: readonly string[];
  /** The compiler's warnings of the app's files when it compiled them last, be it in an earlier build. */
  readonly compilerWarnings: readonly CompilerWarning[];
  /** Of a debug build: where the program comes from. */
  readonly sourceMap: string | undefined;
  /** The files of the image package, by their paths in it. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * Reads what `azsphere_target_add_image_package` made: the folder `sphere-iot` of the build.
 * @throws SphereIotError `APP_NOT_BUILT`, `MANIFEST_INVALID`.
 */
export async function readBuiltApp(folder: string): Promise<BuiltApp> {
  const content = path.join(folder, 'package');
  let wasm: Buffer;
  let peripherals: Peripherals;
  const files = new Map<string, Buffer>();
  try {
    wasm = await readFileWithin(path.join(folder, 'app.wasm'), MAX_BINARY_BYTES);
    peripherals = await peripheralsIn(folder);
    for (const name of await filesIn(content))
      files.set(name, await readFileWithin(path.join(content, name), MAX_BINARY_BYTES));
  } catch (error) {
    throw new SphereIotError('APP_NOT_BUILT', `${folder} does not hold an app that was built: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  const sourceMap = await readTextWithin(path.join(folder, 'app.wasm.map'), MAX_BINARY_BYTES).catch(() => undefined);
  const manifest = parse(files.get('app_manifest.json') ?? Buffer.alloc(0));
  const { warnings } = readManifest(manifest, peripherals);
  const signatureMismatches = linesOf(await readTextWithin(path.join(folder, SIGNATURE_MISMATCHES)).catch(() => ''));
  const compilerWarnings = await compilerWarningsIn(folder);
  return {
    folder,
    wasm,
    manifest,
    peripherals,
    warnings: [...warnings, ...signatureMismatches, ...compilerWarnings.map(sentence)],
    signatureMismatches,
    compilerWarnings,
    sourceMap,
    files,
  };
}

/** Those of the file that can be read: the app runs without the others. */
async function compilerWarningsIn(folder: string): Promise<CompilerWarning[]> {
  const list = parseJson(await readTextWithin(path.join(folder, COMPILER_WARNINGS)).catch(() => '[]'));
  return Array.isArray(list) ? list.filter(isCompilerWarning) : [];
}

function isCompilerWarning(value: unknown): value is CompilerWarning {
  if (!isObject(value)) return false;
  const { file, line, column, switch: name = '', message } = value;
  const isPlace = typeof file === 'string' && typeof line === 'number' && typeof column === 'number';
  return isPlace && typeof name === 'string' && typeof message === 'string';
}

/** As the compiler itself writes it. */
function sentence({ file, line, column, switch: name, message }: CompilerWarning): string {
  return `${file}:${line}:${column}: ${message}${name === undefined ? '' : ` [${name}]`}`;
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

/**
 * Checks the manifest of an image package that cmake has prepared, and that is to be built: its folder `sphere-iot`.
 * @throws SphereIotError `MANIFEST_INVALID`, which names every field that is wrong.
 */
export async function checkManifest(folder: string): Promise<void> {
  const manifest = (await readTextWithin(path.join(folder, 'manifest.txt'))).trimEnd();
  readManifest(parse(await readFileWithin(manifest, MAX_TEXT_BYTES)), await peripheralsIn(folder));
}

function parse(manifest: Buffer): unknown {
  if (manifest.length > MAX_MANIFEST_BYTES)
    throw new SphereIotError(
      'MANIFEST_INVALID',
      `app_manifest.json has ${manifest.length} bytes, of ${MAX_MANIFEST_BYTES} at most. Is it the right file?`,
    );
  if (UTF16.test(manifest.toString('latin1')))
    throw new SphereIotError('MANIFEST_INVALID', 'app_manifest.json is in UTF-16: save it in UTF-8.');
  try {
    return parseJsonWithComments(manifest.toString());
  } catch (error) {
    throw new SphereIotError('MANIFEST_INVALID', `app_manifest.json is no JSON: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

/** Of lines of "name type value". */
async function peripheralsIn(folder: string): Promise<Peripherals> {
  const text = await readTextWithin(path.join(folder, 'peripherals.txt'));
  return new Map(
    linesOf(text).map((line) => {
      const [name = '', type = '', ...value] = line.split(' ');
      return [name, { type, value: value.join(' ') }];
    }),
  );
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
