import { spawn } from 'node:child_process';
import { access, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SphereIotError } from '../../errors.js';
import { packageRoot } from '../../package-root.cjs';
import { checkManifest, readBuiltApp, SIGNATURE_MISMATCHES, type BuiltApp } from '../built-app.js';
import { locked } from './lock.js';
import { messagesOf, signatureMismatchesIn } from './messages.js';

export interface BuildOptions {
  /** Folders with hardware definitions, beside those that the app names. */
  readonly hardwareDefinitions?: readonly string[];
  /** A debug build: not optimised, and crashes are told with C files and lines. Default false. */
  readonly debug?: boolean;
  /** Where to build. Default: `build/sphere-iot` in the app's folder, `build/sphere-iot-debug` for a debug build. */
  readonly buildFolder?: string;
}

/** Archives, headers and the CMake package. */
const KIT = path.join(packageRoot, 'dist/app');

/**
 * Builds a Sphere app by its own CMakeLists.txt, with Emscripten, cmake and ninja. What has not changed is not built again.
 * @param folder The app's folder.
 * @throws SphereIotError `APP_NOT_FOUND` (no CMakeLists.txt or manifest), `TOOLS_MISSING`, `APP_BUILD_FAILED` with what the
 * compiler said, `APP_BUILD_LOCKED`, `MANIFEST_INVALID` with all that is wrong in the manifest, before anything is compiled.
 */
export async function buildApp(folder: string, options: BuildOptions = {}): Promise<BuiltApp> {
  const source = path.resolve(folder);
  for (const name of ['CMakeLists.txt', 'app_manifest.json'])
    if (!(await exists(path.join(source, name))))
      throw new SphereIotError('APP_NOT_FOUND', `${source} has no ${name}: name the folder of a Sphere app.`);
  if (!(await exists(path.join(KIT, 'cmake/AzureSphere.cmake'))))
    throw new SphereIotError('TOOLS_MISSING', `${KIT} is not there. In a clone of the project, run \`npm run setup\`.`);
  const debug = options.debug ?? false;
  const build = path.resolve(options.buildFolder ?? path.join(source, `build/sphere-iot${debug ? '-debug' : ''}`));
  const definitions = (options.hardwareDefinitions ?? []).map((name) => path.resolve(name));
  return locked(`${build}.lock`, async () => {
    await configure(source, build, definitions, debug ? 'Debug' : 'Release');
    await run('cmake', ['--build', build, '--target', 'build.ninja']); // where CMakeLists.txt has changed
    const folder = await imagePackageIn(build);
    await checkManifest(folder);
    const mismatches = signatureMismatchesIn(await run('cmake', ['--build', build]));
    if (mismatches !== undefined) await writeFile(path.join(folder, SIGNATURE_MISMATCHES), mismatches.join('\n'));
    return readBuiltApp(folder);
  });
}

/** Configures a new build folder, or one that was made for something else; ninja sees to later changes of CMakeLists.txt. */
async function configure(source: string, build: string, definitions: readonly string[], type: string): Promise<void> {
  const stamp = path.join(build, 'sphere-iot.stamp');
  const is = JSON.stringify([source, definitions, type, await kitVersion()]);
  const was = await readFile(stamp, 'utf8').catch(() => undefined);
  if (was === is) return;
  if (was !== undefined) await rm(build, { recursive: true });
  await mkdir(build, { recursive: true });
  const emscripten = (await run('em-config', ['EMSCRIPTEN_ROOT'])).trim();
  await run('cmake', [
    ...['-G', 'Ninja', '-S', source, '-B', build],
    ...['-D', `CMAKE_BUILD_TYPE=${type}`],
    ...['-D', `CMAKE_TOOLCHAIN_FILE=${emscripten}/cmake/Modules/Platform/Emscripten.cmake`],
    ...['-D', `CMAKE_PROJECT_INCLUDE=${path.join(KIT, 'cmake/AzureSphere.cmake')}`],
    ...['-D', `SPHERE_IOT_HARDWARE_DEFINITIONS=${definitions.join(';')}`],
  ]);
  await writeFile(stamp, is);
}

/** Changes when the archives do: ninja does not know of them. */
async function kitVersion(): Promise<unknown[]> {
  const files = ['lib/libapplibs.a', 'lib/libazureiot.a', 'cmake/AzureSphere.cmake'];
  return Promise.all(
    files.map(async (file) => {
      const { mtimeMs, size } = await stat(path.join(KIT, file));
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

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // Debian's emcc needs acorn, which Node finds there only if it is Debian's too.
    const env = {
      ...process.env,
      NODE_PATH: [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(path.delimiter),
      CLICOLOR_FORCE: '0',
    };
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      said += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.on('error', (error) =>
      reject(
        new SphereIotError(
          'TOOLS_MISSING',
          `${command} can't be run. Building an app takes emcc, cmake and ninja: on Debian, apt-get install emscripten cmake ninja-build.`,
          { cause: error },
        ),
      ),
    );
    child.on('close', (status) =>
      status === 0 ? resolve(output) : reject(new SphereIotError('APP_BUILD_FAILED', messagesOf(said))),
    );
  });
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
