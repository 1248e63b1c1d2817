import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { SphereIotError, messageOf } from '../../errors.js';
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

const VSCODE_TASKS = {
  version: '2.0.0',
  tasks: [
    {
      label: 'sphere-iot: build',
      type: 'shell',
      command: 'npx sphere-iot build .',
      group: 'build',
      problemMatcher: '$gcc',
    },
    { label: 'sphere-iot: test', type: 'shell', command: 'npm test', group: 'test', problemMatcher: [] },
  ],
};

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
 * package.json gets the script `test` and the packages that it lacks.
 * @returns The files that were written, by their names in the folder.
 * @throws SphereIotError `PACKAGE_JSON_INVALID`.
 */
export async function writeSideFiles(folder: string, packages: readonly PackageRange[]): Promise<string[]> {
  const written = [
    (await writePackageJson(folder, packages)) && 'package.json',
    (await writeNew(folder, '.vscode/tasks.json', VSCODE_TASKS)) && '.vscode/tasks.json',
    (await writeNew(folder, '.vscode/launch.json', VSCODE_LAUNCH)) && '.vscode/launch.json',
  ];
  return written.filter((name) => name !== false);
}

async function writePackageJson(folder: string, packages: readonly PackageRange[]): Promise<boolean> {
  const file = path.join(folder, 'package.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const before = text === undefined ? { private: true } : parsed(file, text);
  const { scripts = {}, dependencies = {}, devDependencies = {} } = before as Record<string, Record<string, string>>;
  const missing = packages.filter(({ name }) => !(name in dependencies) && !(name in devDependencies));
  const after = {
    ...before,
    scripts: { ...scripts, test: scripts.test ?? 'jest' },
    devDependencies: { ...devDependencies, ...Object.fromEntries(missing.map(({ name, range }) => [name, range])) },
  };
  if (JSON.stringify(after) === JSON.stringify(before)) return false;
  await writeFile(file, `${JSON.stringify(after, null, 2)}\n`);
  return true;
}

function parsed(file: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new SyntaxError('it is no object');
  } catch (error) {
    throw new SphereIotError('PACKAGE_JSON_INVALID', `${file} can't be read as JSON: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

/** Writes a file, unless it is there. */
async function writeNew(folder: string, name: string, content: object): Promise<boolean> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
