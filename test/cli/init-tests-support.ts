// What tests of init-tests share: copies of apps, and what jest says of the suites that are written for them.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { cli, jsonOf } from './support.js';
import { useFolder } from '../support/folder.js';

export const root = path.join(__dirname, '../..');

/** A folder for copies of apps, which is gone after each test. */
export function folderForApps(): { copyOf(app: string): string } {
  const folder = useFolder();
  beforeEach(() => cpSync(path.join(root, 'examples/hardware'), folder.file('hardware'), { recursive: true }));
  return {
    /** A copy of an app, in which sphere-iot is installed. */
    copyOf(app) {
      const copy = folder.file(path.basename(app));
      const filter = (file: string): boolean => !/[\\/](build|[^\\/]*\.test\.ts)$/.test(file);
      cpSync(path.join(root, app), copy, { recursive: true, filter });
      mkdirSync(path.join(copy, 'node_modules'));
      symlinkSync(root, path.join(copy, 'node_modules/sphere-iot'), 'dir');
      return copy;
    },
  };
}

/** Replaces texts in a file, each of which is in it. */
export function edit(file: string, ...replacements: readonly (readonly [string, string])[]): void {
  let text = readFileSync(file, 'utf8');
  for (const [from, to] of replacements) {
    expect(text).toContain(from);
    text = text.replace(from, to);
  }
  writeFileSync(file, text);
}

/** Changes the manifest of an app. */
export function changeManifest(
  app: string,
  capabilities: object,
  CmdArgs: readonly string[] = [],
): { ComponentId: string } {
  const file = path.join(app, 'app_manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { ComponentId: string; Capabilities: object };
  const changed = { ...manifest, CmdArgs, Capabilities: { ...manifest.Capabilities, ...capabilities } };
  writeFileSync(file, JSON.stringify(changed));
  return manifest;
}

export interface Written {
  readonly file: string;
  readonly others: readonly string[];
  readonly warnings: readonly string[];
}

/** The names of tests, with what jest or vitest said of each. */
export type Verdicts = Readonly<Record<string, string>>;

export interface SuiteRun {
  readonly code: number | null;
  readonly verdicts: Verdicts;
  readonly stderr: string;
}

/** Runs the suites of an app, in a process of its own, with what writes a report as jest does. */
export function runSuites(app: string, argv: readonly string[]): Promise<SuiteRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argv, { cwd: app, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
    child.on('error', reject).on('close', (code) => {
      const report = JSON.parse(output.stdout) as {
        testResults: { assertionResults: { title: string; status: string }[] }[];
      };
      const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
      const verdicts = Object.fromEntries(tests.map(({ title, status }) => [title, status]));
      resolve({ code, verdicts, stderr: output.stderr });
    });
  });
}

/** The package is not under node_modules here but through a link, and jest would transform all of it for each copy of an app. */
const UNCHANGED = ['/node_modules/', `${path.join(root, 'dist')}/`].map((each) => `--transformIgnorePatterns=${each}`);

function jest(app: string, file: string): Promise<SuiteRun> {
  return runSuites(app, [path.join(root, 'node_modules/jest/bin/jest.js'), '--ci', '--json', ...UNCHANGED, file]);
}

/** What jest says of a suite without a failure. */
export async function verdictsOf(app: string, file = 'app.test.js'): Promise<Verdicts> {
  const { code, verdicts, stderr } = await jest(app, file);
  if (code !== 0) throw new Error(`jest ended with ${code}:\n${stderr}`);
  return verdicts;
}

/** The names of the tests that fail. */
export async function failuresOf(app: string): Promise<string[]> {
  const { verdicts } = await jest(app, 'app.test.js');
  return Object.keys(verdicts).filter((name) => verdicts[name] === 'failed');
}

/** Has a suite written, and runs it. */
export async function suiteOf(app: string): Promise<{ text: string; verdicts: Verdicts }> {
  const { file } = jsonOf<Written>(await cli(['init-tests', app, '--json']));
  return { text: readFileSync(file, 'utf8'), verdicts: await verdictsOf(app) };
}
