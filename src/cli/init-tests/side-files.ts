import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { SphereIotError } from '../../errors.js';
import { readTextWithin, undefinedIfUnreadable } from '../../read-file.js';
import { isObject, parseJson } from '../../json.js';
import { makeFolder } from '../../make-folder.js';
import { packageFile } from '../../package-file.js';
import { packageVersion } from '../package-version.js';

/** The version of jest with which a suite is known to run. */
const JEST = '^30.0.0';

/** The name under which npm knows this package, and the range of its versions that a suite asks for. */
export interface PackageRange {
  readonly name: string;
  readonly range: string;
}

/** What a suite in a folder needs: this package, from where it is, and jest. */
export function packagesOf(folder: string): PackageRange[] {
  const packageRoot = path.dirname(packageFile('package.json'));
  const isInstalled = packageRoot.split(path.sep).includes('node_modules');
  const here = `file:${path.relative(folder, packageRoot).replaceAll(path.sep, '/')}`;
  return [
    { name: 'jest', range: JEST },
    { name: 'sphere-iot', range: isInstalled ? `^${packageVersion()}` : here },
  ];
}

/** How a suite's app is built. */
export interface SuiteBuild {
  /** Where the CMakeLists.txt makes several image packages: each has its own task. */
  readonly target?: string | undefined;
  /** Of the command `sphere-iot build`, as they are in the app's folder. */
  readonly options: readonly string[];
}

/** A task of Visual Studio Code. */
interface Task extends Readonly<Record<string, unknown>> {
  readonly label: string;
}

function vscodeTasks({ target, options }: SuiteBuild): Task[] {
  return [
    {
      label: target === undefined ? 'sphere-iot: build' : `sphere-iot: build ${target}`,
      type: 'shell',
      command: 'npx',
      args: ['sphere-iot', 'build', '.', ...options],
      group: 'build',
      problemMatcher: '$gcc',
    },
    { label: 'sphere-iot: test', type: 'shell', command: 'npm test', group: 'test', problemMatcher: [] },
  ];
}

const VSCODE_LAUNCH = {
  version: '0.2.0',
  configurations: [
    {
      name: 'Tests of the app',
      type: 'node',
      request: 'launch',
      program: '${workspaceFolder}/node_modules/jest/bin/jest.js',
      args: ['--runInBand'],
      console: 'integratedTerminal',
    },
  ],
};

/**
 * Writes what a suite needs around it: the npm scripts, and tasks for Visual Studio Code. Files that are there stay as they are, but
 * package.json gets the script `test` and the packages that it lacks, and tasks.json the tasks, where it is JSON without comments.
 * @returns The files that were written, by their names in the folder.
 * @throws SphereIotError `PACKAGE_JSON_INVALID`.
 */
export async function writeSideFiles(
  folder: string,
  packages: readonly PackageRange[],
  build: SuiteBuild = { options: [] },
): Promise<string[]> {
  const written = [
    (await writePackageJson(folder, packages)) && 'package.json',
    (await writeTasks(folder, vscodeTasks(build))) && '.vscode/tasks.json',
    (await writeNew(folder, '.vscode/launch.json', VSCODE_LAUNCH)) && '.vscode/launch.json',
  ];
  return written.filter((name) => name !== false);
}

async function writePackageJson(folder: string, packages: readonly PackageRange[]): Promise<boolean> {
  const file = path.join(folder, 'package.json');
  const text = await readTextWithin(file).catch(undefinedIfUnreadable);
  const before: PackageJson = text === undefined ? { private: true } : parsed(file, text);
  const { scripts = {}, dependencies = {}, devDependencies = {} } = before;
  const missing = packages.filter(
    ({ name }) => !Object.hasOwn(dependencies, name) && !Object.hasOwn(devDependencies, name),
  );
  const after = {
    ...before,
    scripts: { ...scripts, test: scripts.test ?? 'jest' },
    devDependencies: { ...devDependencies, ...Object.fromEntries(missing.map(({ name, range }) => [name, range])) },
  };
  if (JSON.stringify(after) === JSON.stringify(before)) return false;
  await writeFile(file, `${JSON.stringify(after, null, 2)}\n`);
  return true;
}

/** What counts here of a package.json; the rest is kept as it is. */
interface PackageJson extends Readonly<Record<string, unknown>> {
  readonly scripts?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, unknown>>;
}

function parsed(file: string, text: string): PackageJson {
  const value = parseJson(text);
  if (!isObject(value)) throw invalid(file, "can't be read as JSON: it is no object, or is nested too deep");
  const wrong = ['scripts', 'dependencies', 'devDependencies'].find(
    (field) => value[field] !== undefined && !isObject(value[field]),
  );
  if (wrong !== undefined) throw invalid(file, `can't be added to: its ${wrong} is no object`);
  return value;
}

function invalid(file: string, why: string): SphereIotError {
  return new SphereIotError('PACKAGE_JSON_INVALID', `${file} ${why}. Mend it, or move it away.`);
}

/** Adds the tasks that are not there yet. A file that can't be read, or has comments, which would be lost, is left alone. */
async function writeTasks(folder: string, tasks: readonly Task[]): Promise<boolean> {
  const name = '.vscode/tasks.json';
  const file = path.join(folder, name);
  const text = await readTextWithin(file).catch(undefinedIfUnreadable);
  if (text === undefined) return writeNew(folder, name, { version: '2.0.0', tasks });
  const before = parseJson(text);
  if (!isObject(before) || !Array.isArray(before['tasks'])) return false;
  const there = before['tasks'] as readonly unknown[];
  const labels = new Set(there.map((task) => isObject(task) && task['label']));
  const missing = tasks.filter(({ label }) => !labels.has(label));
  if (missing.length === 0) return false;
  await writeFile(file, `${JSON.stringify({ ...before, tasks: [...there, ...missing] }, null, 2)}\n`);
  return true;
}

/** Writes a file, unless it is there. */
async function writeNew(folder: string, name: string, content: object): Promise<boolean> {
  const file = path.join(folder, name);
  await makeFolder(path.dirname(file), 0o777);
  try {
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
