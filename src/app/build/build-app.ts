import { spawn } from 'node:child_process';
import { access, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SphereIotError } from '../../errors.js';
import { packageFile } from '../../package-file.js';
import { checkManifest, readBuiltApp, SIGNATURE_MISMATCHES, type BuiltApp } from '../built-app.js';
import { readIdeSettings, type CmakeVariables } from './ide-settings.js';
import { locked } from './lock.js';
import { messagesOf, signatureMismatchesIn } from './messages.js';
import { findToolchain, toolsMissing } from './toolchain.js';

export interface BuildOptions {
  /** Folders with hardware definitions, beside those that the app names. */
  readonly hardwareDefinitions?: readonly string[];
  /** Variables for the app's CMakeLists.txt, over those of the settings of Visual Studio, Visual Studio Code and CMakePresets.json. */
  readonly cmakeOptions?: Readonly<Record<string, string>>;
  /** A debug build: not optimised, and crashes are told with C files and lines. Default false. */
  readonly debug?: boolean;
  /** Where to build. Default: `build/sphere-iot` in the app's folder, `build/sphere-iot-debug` for a debug build. */
  readonly buildFolder?: string;
}

/** Archives, headers and the CMake package. */
const KIT = 'dist/app';

/** A file of it. */
function kit(name: string): string {
  return packageFile(path.join(KIT, name));
}

/**
 * Builds a Sphere app by its own CMakeLists.txt, with Emscripten, cmake and ninja. What has not changed is not built again.
 * @param folder The app's folder.
 * @throws SphereIotError `APP_NOT_FOUND` (no CMakeLists.txt or manifest), `TOOLS_MISSING`, `APP_BUILD_FAILED` with what the
 * compiler said, `APP_BUILD_LOCKED`, `MANIFEST_INVALID` with all that is wrong in the manifest, before anything is compiled.
 */
export async function buildApp(folder: string, options: BuildOptions = {}): Promise<BuiltApp> {
  const source = path.resolve(folder);
  await expectApp(source);
  if (!(await exists(kit('cmake/AzureSphere.cmake'))))
    throw new SphereIotError(
      'TOOLS_MISSING',
      `${packageFile(KIT)} is not there. In a clone of the project, run \`npm run setup\`.`,
    );
  const debug = options.debug ?? false;
  const build = path.resolve(options.buildFolder ?? path.join(source, `build/sphere-iot${debug ? '-debug' : ''}`));
  const type = debug ? 'Debug' : 'Release';
  const definitions = (options.hardwareDefinitions ?? []).map((name) => path.resolve(name));
  const variables: CmakeVariables = {
    ...(await readIdeSettings(source, type)),
    ...options.cmakeOptions,
    CMAKE_BUILD_TYPE: type,
    SPHERE_IOT_HARDWARE_DEFINITIONS: definitions.join(';'),
  };
  return locked(`${build}.lock`, async () => {
    await configure(source, build, variables);
    await run('cmake', ['--build', build, '--target', 'build.ninja']); // where CMakeLists.txt has changed
    const folder = await imagePackageIn(build);
    await checkManifest(folder);
    const mismatches = signatureMismatchesIn(await run('cmake', ['--build', build]));
    if (mismatches !== undefined) await writeFile(path.join(folder, SIGNATURE_MISMATCHES), mismatches.join('\n'));
    return readBuiltApp(folder);
  });
}

/** A manifest by another name, or that of a folder under this one, is left for cmake to find, and so is what is wrong in it. */
async function expectApp(source: string): Promise<void> {
  const lists = await readFile(path.join(source, 'CMakeLists.txt'), 'utf8').catch(() => undefined);
  if (lists === undefined) throw notFound(source, 'CMakeLists.txt');
  const names = (await readdir(source)).map((name) => name.toLowerCase());
  if (!names.includes('app_manifest.json') && !/\b(APP_MANIFEST|add_subdirectory)\b/i.test(lists))
    throw notFound(source, 'app_manifest.json');
  // Its CMakeLists.txt is not for this compiler: what cmake says of it would not help.
  const manifest = await readFile(path.join(source, 'app_manifest.json'), 'utf8').catch(() => '');
  if (!/\bAPP_MANIFEST\b/i.test(lists) && /"ApplicationType"\s*:\s*"RealTimeCapable"/.test(manifest))
    throw new SphereIotError(
      'MANIFEST_INVALID',
      `${source} is an app of the real-time cores, which do not run here. Build the high-level app; a function can play this one (realTimeApps).`,
    );
}

function notFound(source: string, name: string): SphereIotError {
  return new SphereIotError('APP_NOT_FOUND', `${source} has no ${name}: name the folder of a Sphere app.`);
}

/** Configures a new build folder, or one that was made for something else; ninja sees to later changes of CMakeLists.txt. */
async function configure(source: string, build: string, variables: CmakeVariables): Promise<void> {
  const stamp = path.join(build, 'sphere-iot.stamp');
  const is = JSON.stringify([source, variables, await kitVersion()]);
  const was = await readFile(stamp, 'utf8').catch(() => undefined);
  if (was === is) return;
  if (was !== undefined) await rm(build, { recursive: true });
  await mkdir(build, { recursive: true });
  // Of no value yet: what is here after a failure is not to be built on.
  await writeFile(stamp, '');
  const toolchain = await findToolchain(kit('toolchain.json'), run);
  const all: CmakeVariables = {
    ...variables,
    CMAKE_TOOLCHAIN_FILE: `${toolchain.emscripten}/cmake/Modules/Platform/Emscripten.cmake`,
    CMAKE_PROJECT_INCLUDE: kit('cmake/AzureSphere.cmake'),
    // So that nobody runs emcc to ask for them.
    CMAKE_C_COMPILER_VERSION: toolchain.clangVersion,
    CMAKE_CXX_COMPILER_VERSION: toolchain.clangVersion,
    EMSCRIPTEN_VERSION: toolchain.emscriptenVersion,
    SPHERE_IOT_WASM_OPT: toolchain.wasmOpt,
    SPHERE_IOT_NODE: process.execPath,
  };
  const options = Object.entries(all).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  await run('cmake', ['-G', 'Ninja', '--no-warn-unused-cli', '-S', source, '-B', build, ...options]);
  await writeFile(stamp, is);
}

/** Changes when the archives or the CMake package do: ninja does not know of them. */
async function kitVersion(): Promise<unknown[]> {
  const scripts = (await readdir(kit('cmake'))).sort().map((name) => path.join('cmake', name));
  const archives = ['lib/libapplibs.a', 'lib/libazureiot.a'];
  return Promise.all(
    [...archives, ...scripts].map(async (file) => {
      const { mtimeMs, size } = await stat(kit(file));
      return [mtimeMs, size];
    }),
  );
}

/** The folder of the image package, which cmake has prepared. */
async function imagePackageIn(build: string): Promise<string> {
  const entries = await readdir(build, { recursive: true, withFileTypes: true });
  // Not app.wasm: the app's own target may be called app.
  const found = entries.filter(
    (entry) => entry.name === 'manifest.txt' && path.basename(entry.parentPath) === 'sphere-iot',
  );
  if (found.length !== 1)
    throw new SphereIotError(
      'APP_BUILD_FAILED',
      found.length === 0
        ? 'The CMakeLists.txt makes no image package: it has to call azsphere_target_add_image_package.'
        : `The CMakeLists.txt makes ${found.length} image packages: build the folder of one app.`,
    );
  return found[0]!.parentPath;
}

/** Runs a tool; gives what it writes on both streams. */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // Debian's emcc needs acorn, which Node finds there only if it is Debian's too.
    const env = {
      ...process.env,
      NODE_PATH: [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(path.delimiter),
      CLICOLOR_FORCE: '0',
    };
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', (error) => reject(toolsMissing(command, error)));
    child.on('close', (status) =>
      status === 0 ? resolve(said) : reject(new SphereIotError('APP_BUILD_FAILED', messagesOf(said))),
    );
  });
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
