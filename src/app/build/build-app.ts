import { spawn } from 'node:child_process';
import { access, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { checkOptions, type Rules } from '../../options.js';
import { callback, flag, object, text, textList } from '../../rules.js';
import { SphereIotError } from '../../errors.js';
import { makeFolder } from '../../make-folder.js';
import { readTextWithin, undefinedIfUnreadable } from '../../read-file.js';
import { packageFile } from '../../package-file.js';
import { checkManifest, COMPILER_WARNINGS, readBuiltApp, SIGNATURE_MISMATCHES, type BuiltApp } from './built-app.js';
import { compilerWarningsIn } from './compiler-warnings.js';
import { readIdeSettings, type CmakeVariables } from './ide-settings.js';
import { locked } from './lock.js';
import { messagesOf, signatureMismatchesIn, stepsIn, type BuildStep } from './tool-messages.js';
import { toolsMissing, type Run } from './toolchain.js';
import { toolsFolder, writeTools } from './tools.js';

export interface BuildOptions {
  /** Folders with hardware definitions, beside those that the app names. */
  readonly hardwareDefinitions?: readonly string[] | undefined;
  /** Variables for the app's CMakeLists.txt, over those of the settings of Visual Studio, Visual Studio Code and CMakePresets.json. */
  readonly cmakeOptions?: Readonly<Record<string, string>> | undefined;
  /** A debug build: not optimised, and the errors of crashes have C files and lines. Default false. */
  readonly debug?: boolean | undefined;
  /** The target of the app, where the CMakeLists.txt makes several image packages. */
  readonly target?: string | undefined;
  /** Called for each step of the build, as it begins or ends. */
  readonly onProgress?: ((step: BuildStep) => void) | undefined;
  /** Where to build. Default: `build/sphere-iot` in the app's folder, `build/sphere-iot-debug` for a debug build. */
  readonly buildFolder?: string | undefined;
}

const RULES: Rules<BuildOptions> = {
  hardwareDefinitions: textList,
  cmakeOptions: object,
  debug: flag,
  target: text,
  onProgress: callback,
  buildFolder: text,
};

/** Archives, headers and the CMake package. */
const KIT = 'dist/app';

/** A file of it. */
function kit(name: string): string {
  return packageFile(path.join(KIT, name));
}

/**
 * Builds a Sphere app by its own CMakeLists.txt, with Emscripten, cmake and ninja. What has not changed is not built again.
 * @param folder The app's folder.
 * @throws SphereIotError `APP_NOT_FOUND` (no CMakeLists.txt or manifest), `TOOLS_MISSING`, `APP_BUILD_FAILED` with the
 * messages of the compiler, `APP_BUILD_LOCKED`, `MANIFEST_INVALID` with all that is wrong in the manifest, before anything is compiled.
 */
export async function buildApp(folder: string, options: BuildOptions = {}): Promise<BuiltApp> {
  checkOptions(options, 'buildApp', "{ buildFolder: 'build' }", RULES);
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
    const run = runner([toolsFolder(build), kit('Tools')], options.onProgress);
    const job = { source, build, variables, target: options.target };
    try {
      return await buildWith(run, job);
    } catch (error) {
      if (!isStale(error)) throw error;
      await rm(build, { recursive: true });
      return await buildWith(run, job);
    }
  });
}

/** Whether the build folder may be at fault: a source that a pattern found is gone, or ninja's files are damaged. */
function isStale(error: unknown): boolean {
  if (!(error instanceof SphereIotError) || error.code !== 'APP_BUILD_FAILED') return false;
  return /^ninja: |^(?:\S+: )?error: no input files|\^ near here$/m.test(error.message);
}

interface BuildJob {
  readonly source: string;
  readonly build: string;
  readonly variables: CmakeVariables;
  readonly target: string | undefined;
}

async function buildWith(run: Run, { source, build, variables, target: wanted }: BuildJob): Promise<BuiltApp> {
  if (!(await configure(source, build, variables, run))) await run('ninja', ['-C', build, 'build.ninja']); // where CMakeLists.txt has changed
  const { target, folder } = await imagePackageIn(build, wanted);
  await checkManifest(folder);
  const made = wanted === undefined ? [] : [`${target}-image-package`];
  const output = await run('ninja', ['-C', build, ...made]);
  const mismatches = signatureMismatchesIn(output);
  if (mismatches !== undefined) await writeFile(path.join(folder, SIGNATURE_MISMATCHES), mismatches.join('\n'));
  const inputs = await run('ninja', ['-C', build, '-t', 'inputs', ...made]);
  const warnings = await compilerWarningsIn(build, source, new Set(inputs.split('\n').map(unquoted)));
  await writeFile(path.join(folder, COMPILER_WARNINGS), JSON.stringify(warnings));
  return readBuiltApp(folder);
}

/** Ninja may quote paths, for a shell. */
function unquoted(name: string): string {
  return name.replace(/^'(.*)'$/, '$1');
}

/** A manifest by another name, or that of a folder under this one, is left for cmake to find, and so is what is wrong in it. */
async function expectApp(source: string): Promise<void> {
  const lists = await readTextWithin(path.join(source, 'CMakeLists.txt')).catch(undefinedIfUnreadable);
  if (lists === undefined) throw notFound(source, 'CMakeLists.txt');
  const names = (await readdir(source)).map((name) => name.toLowerCase());
  if (!names.includes('app_manifest.json') && !/\b(APP_MANIFEST|add_subdirectory)\b/i.test(lists))
    throw notFound(source, 'app_manifest.json');
  // Its CMakeLists.txt is not for this compiler: what cmake says of it would not help.
  const manifest = (await readTextWithin(path.join(source, 'app_manifest.json')).catch(undefinedIfUnreadable)) ?? '';
  if (!/\bAPP_MANIFEST\b/i.test(lists) && /"ApplicationType"\s*:\s*"RealTimeCapable"/.test(manifest))
    throw new SphereIotError(
      'MANIFEST_INVALID',
      `${source} is an app of the real-time cores, which do not run here. Build the high-level app; a function can play this one (realTimeApps).`,
    );
}

function notFound(source: string, name: string): SphereIotError {
  return new SphereIotError('APP_NOT_FOUND', `${source} has no ${name}: name the folder of a Sphere app.`);
}

/**
 * Configures a new build folder, or one that was made for something else; ninja sees to later changes of CMakeLists.txt.
 * @returns Whether it has.
 */
async function configure(source: string, build: string, variables: CmakeVariables, run: Run): Promise<boolean> {
  const stamp = path.join(build, 'sphere-iot.stamp');
  // Another Node may stand elsewhere, and that of the last build be gone.
  const is = JSON.stringify([source, variables, process.execPath, await kitVersion()]);
  const was = await readTextWithin(stamp).catch(() => undefined);
  if (was === is) return false;
  if (was !== undefined) await rm(build, { recursive: true });
  await makeFolder(build, 0o755);
  // Of no value yet: what is here after a failure is not to be built on.
  await writeFile(stamp, '');
  const all: CmakeVariables = { ...variables, ...(await writeTools(build, packageFile(KIT), runner([]))) };
  const options = Object.entries(all).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  await run('cmake', ['-G', 'Ninja', '--no-warn-unused-cli', '-S', source, '-B', build, ...options]);
  await writeFile(stamp, is);
  return true;
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

/** The image package, which cmake has prepared: that of `wanted`, if there are several. */
async function imagePackageIn(build: string, wanted?: string): Promise<{ target: string; folder: string }> {
  const lines = (await readTextWithin(path.join(build, 'image-packages.txt'))).split('\n').filter(Boolean);
  const all = lines.map((line) => {
    const [target = '', ...folder] = line.split(' ');
    return { target, folder: folder.join(' ') };
  });
  const [found, other] = wanted === undefined ? all : all.filter(({ target }) => target === wanted);
  if (found !== undefined && other === undefined) return found;
  const names = all.map(({ target }) => target).join(', ');
  if (all.length === 0)
    throw failed(
      'The CMakeLists.txt makes no image package: it has to call azsphere_target_add_image_package(TARGET). Here azsphere runs no commands of its own.',
    );
  if (found === undefined) throw failed(`The CMakeLists.txt makes no image package of ${wanted}, but of ${names}.`);
  throw failed(
    `The CMakeLists.txt makes ${all.length} image packages, of ${names}: choose one (\`--target NAME\`, in a test \`buildApp(folder, { target })\`).`,
  );
}

function failed(message: string): SphereIotError {
  return new SphereIotError('APP_BUILD_FAILED', message);
}

/** What runs tools, with these folders first on PATH, and gives what they write on both streams. */
function runner(folders: readonly string[], onProgress?: (step: BuildStep) => void): Run {
  const env = {
    ...process.env,
    PATH: [...folders, process.env.PATH].filter(Boolean).join(path.delimiter),
    // Debian's emcc needs acorn, which Node finds there only if it is Debian's too.
    NODE_PATH: [process.env.NODE_PATH, '/usr/share/nodejs'].filter(Boolean).join(path.delimiter),
    CLICOLOR_FORCE: '0',
    NINJA_STATUS: '[%f/%t] ',
  };
  return (command, args) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      const hear = (text: string): void => {
        output += text;
        for (const step of onProgress === undefined ? [] : stepsIn(text)) onProgress?.(step);
      };
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      child.on('error', (error) => reject(toolsMissing(command, error)));
      child.on('close', (status) => (status === 0 ? resolve(output) : reject(failed(messagesOf(output)))));
    });
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
