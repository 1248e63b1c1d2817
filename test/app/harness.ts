// What the suites share that run an app: the clock of a test, its apps and their end, and what apps/check.h says in their logs.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildApp, SphereApp, type BuiltApp, type LaunchOptions } from '../../src/app/index.js';
import { VirtualClock } from '../../src/clock/index.js';
import { BUILD_TIME, PROGRAM_TIME } from '../support/limits.js';
import { expectNoTimers } from '../support/sphere.js';

/**
 * Builds an app before the tests of a file.
 * @param folder From this one.
 * @returns What gives the app, once it is built.
 */
export function useBuiltApp(folder: string): () => BuiltApp {
  let built: BuiltApp;
  beforeAll(async () => {
    built = await buildApp(path.join(__dirname, folder));
  }, BUILD_TIME);
  return () => built;
}

/** The manifest of an app without capabilities. */
const MANIFEST = {
  SchemaVersion: 1,
  Name: 'app',
  ComponentId: '25025d2c-66da-4448-bae1-ac26fcdd3627',
  EntryPoint: '/bin/app',
  CmdArgs: [],
  Capabilities: {},
  ApplicationType: 'Default',
};

/**
 * Writes an app without capabilities.
 * @param files Its files, by their paths.
 * @param cmake What its CMakeLists.txt has from the fourth line on, after the project `app`.
 * @param languages Of the project: `C`, or `C CXX`.
 */
export function writeApp(
  folder: string,
  files: Readonly<Record<string, string>>,
  cmake: string,
  languages = 'C',
): void {
  const all = {
    ...files,
    'CMakeLists.txt': `cmake_minimum_required(VERSION 3.10)\nproject(app ${languages})\n\n${cmake}\n`,
    'app_manifest.json': JSON.stringify(MANIFEST),
  };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
}

/** What a test of an app holds in its hands. */
export interface AppSuite {
  /** New for each test. One that wants another sets it before it launches. */
  clock: VirtualClock;
  /** The app that was launched last. */
  app: SphereApp;
  /** What is closed when the test ends. */
  readonly open: SphereApp[];
  /** Launches a part of the app; it is closed when the test ends. */
  launch(part: string, options?: LaunchOptions, built?: BuiltApp): Promise<SphereApp>;
  /** Waits for the app's end, and asserts that it has said `done` and that no check of apps/check.h failed. */
  expectNoFailures(): Promise<void>;
  /** What sphere-iot says of the app. */
  notes(): string[];
}

/**
 * Each test gets a clock; its apps are closed after it, and leave no timer.
 * @param built The app, when it is built.
 * @param start Of the clocks.
 */
export function useApp(built: () => BuiltApp, start?: number): AppSuite {
  const suite: AppSuite = {
    clock: new VirtualClock(),
    app: undefined as never,
    open: [],
    async launch(part, options = {}, app = built()) {
      suite.app = await SphereApp.launch(app, {
        ...{ clock: suite.clock, args: part.split(' '), watchdogMs: PROGRAM_TIME },
        ...options,
      });
      suite.open.push(suite.app);
      return suite.app;
    },
    async expectNoFailures() {
      await suite.app.exitCode;
      expect(failuresOf(suite.app)).toEqual([]);
      expect(suite.app.lines.at(-1)).toBe('done');
    },
    notes: () => suite.app.lines.filter((line) => line.startsWith('[sphere-iot]')),
  };
  beforeEach(() => {
    suite.clock = new VirtualClock({ start });
  });
  afterEach(async () => {
    for (const app of suite.open.splice(0)) app.close();
    await expectNoTimers(suite.clock);
  });
  return suite;
}

/** What failed, by the log. */
export function failuresOf(app: SphereApp): string[] {
  return app.lines.filter((line) => line.startsWith('FAILED'));
}
