import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { SphereIotError, messageOf } from '../errors.js';
import { parseJsonWithComments } from './json-with-comments.js';
import { readManifest, type Peripherals } from './manifest.js';

/** An app that was built: what an image package holds. */
export interface BuiltApp {
  /** Where it was read from: `readBuiltApp` reads it there again. */
  readonly folder: string;
  /** The program. */
  readonly wasm: Uint8Array;
  /** The content of app_manifest.json, parsed. */
  readonly manifest: unknown;
  readonly peripherals: Peripherals;
  /** What is to be mended in the manifest, though the app runs: fields that are ignored, placeholders. Sentences. */
  readonly warnings: readonly string[];
  /** Of a debug build: where the program comes from. */
  readonly sourceMap?: string;
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
  let names: string[];
  try {
    wasm = await readFile(path.join(folder, 'app.wasm'));
    peripherals = await peripheralsIn(folder);
    names = await filesIn(content);
  } catch (error) {
    throw new SphereIotError('APP_NOT_BUILT', `${folder} does not hold an app that was built: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  const files = new Map<string, Buffer>();
  for (const name of names) files.set(name, await readFile(path.join(content, name)));
  const sourceMap = await readFile(path.join(folder, 'app.wasm.map'), 'utf8').catch(() => undefined);
  const manifest = parse(files.get('app_manifest.json') ?? '');
  const { warnings } = readManifest(manifest, peripherals);
  return {
    folder,
    wasm,
    manifest,
    peripherals,
    warnings,
    files,
    ...(sourceMap === undefined ? {} : { sourceMap }),
  };
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
  const manifest = (await readFile(path.join(folder, 'manifest.txt'), 'utf8')).trimEnd();
  readManifest(parse(await readFile(manifest)), await peripheralsIn(folder));
}

function parse(manifest: Buffer | string): unknown {
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
  const text = await readFile(path.join(folder, 'peripherals.txt'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [name = '', type = '', ...value] = line.split(' ');
      return [name, { type, value: value.join(' ') }];
    }),
  );
}
