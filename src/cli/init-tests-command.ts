import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Command } from 'commander';

import { readManifest, type BuiltApp } from '../app/index.js';
import { SphereIotError } from '../errors.js';
import { masked } from '../masked.js';
import { buildWithProgress, withBuild, type BuildOptions } from './app-commands.js';
import { examples, notes } from './help.js';
import { observe, type Observation } from './init-tests/observe.js';
import type { Named } from './init-tests/probes.js';
import { packagesOf, writeSideFiles } from './init-tests/side-files.js';
import { suiteOf } from './init-tests/suite.js';
import { endedTooSoon } from './init-tests/tests.js';
import { print, printWarnings, writeText, type CliIo } from './io.js';

/** `sphere-iot init-tests` */
export function initTestsCommand(io: CliIo): Command {
  return withBuild(new Command('init-tests'))
    .description(
      'try an app, and write a jest suite that holds what it did: cloud, pins, UARTs, outage, power loss, its end',
    )
    .argument('<app-folder>', 'has the CMakeLists.txt and the manifest')
    .argument('[args...]', "in the place of the manifest's CmdArgs; after -- where they begin with -")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('init-tests my-app', 'init-tests my-app -- --ConnectionType DPS --ScopeID 0ne00000000'),
    )
    .addHelpText(
      'after',
      notes(
        io,
        'The suite is app.test.js, with --target NAME it is NAME.test.js. Beside it the command writes package.json (or adds the script ' +
          'test to it) and tasks for Visual Studio Code (or adds them). Nothing that is there is written over.',
      ),
    )
    .action(async (folder: string, args: readonly string[], options: BuildOptions) => {
      const file = path.join(folder, `${options.target ?? 'app'}.test.js`);
      await refuseExisting(file);
      const built = await buildWithProgress(io, folder, options);
      const { suite, warning } = await suiteFor(io, folder, built, { ...options, args });
      const warnings = [...built.warnings, ...(warning === undefined ? [] : [warning])];
      printWarnings(io, options, warnings);
      const build = { target: options.target, options: buildArguments(folder, options) };
      const others = await writeSideFiles(folder, packagesOf(folder), build); // first: it may refuse
      await writeFile(file, suite, { flag: 'wx' });
      print(io, options, {
        text: `Written: ${[file, ...others.map((name) => path.join(folder, name))].join(', ')}\nRun it: npx jest --runTestsByPath ${shellWord(file)}\n`,
        json: { file, others, warnings },
      });
    });
}

/** The options of a build, for a command in the app's folder. */
function buildArguments(
  folder: string,
  { hardwareDefinitions = [], cmakeOption = {}, target }: BuildOptions,
): string[] {
  return [
    ...hardwareDefinitions.flatMap((each) => ['--hardware-definitions', path.relative(folder, each)]),
    ...Object.entries(cmakeOption).flatMap(([name, value]) => ['--cmake-option', `${name}=${value}`]),
    ...(target === undefined ? [] : ['--target', target]),
  ];
}

async function refuseExisting(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new SphereIotError('FILE_EXISTS', `${file} is there already: move it away, or add to it.`);
}

interface InitOptions extends BuildOptions {
  readonly args: readonly string[];
}

/** A suite, and what is to be said of an app that crashes, or ends by itself. */
async function suiteFor(
  io: CliIo,
  folder: string,
  built: BuiltApp,
  options: InitOptions,
): Promise<{ suite: string; warning: string | undefined }> {
  const ownArgs = options.args.length === 0 ? {} : { args: options.args };
  const said = readManifest(built.manifest, built.peripherals);
  const manifest = { ...said, cmdArgs: ownArgs.args ?? said.cmdArgs };
  const names = { gpio: namedIn(built, 'Gpio'), uart: namedIn(built, 'Uart') };
  const observation = await observe(built, manifest, names, (what) => {
    if (io.stderr.isTTY === true && options.json !== true) writeText(io.stderr, `Tries the app: ${what}\n`);
  });
  const suite = suiteOf(manifest, observation, {
    hardwareDefinitions: (options.hardwareDefinitions ?? []).map((each) => path.relative(folder, each)),
    cmakeOptions: options.cmakeOption ?? {},
    target: options.target,
    ...(ownArgs.args && { args: ownArgs.args.map((each) => masked(each)) }),
  });
  return { suite, warning: warningOf(observation) };
}

/** How many of its last log lines a warning shows. */
const LAST_LINES = 5;

/** What is to be said of an app that crashes, or ends by itself. */
function warningOf(observation: Observation): string | undefined {
  const { ending } = observation;
  if (ending === undefined) return undefined;
  if ('crash' in ending) return ending.crash;
  if (!endedTooSoon(observation)) return undefined;
  const lines = ending.lines.slice(-LAST_LINES).map((line) => masked(line));
  const log = lines.length === 0 ? 'It logged nothing.' : `Its log ends:\n${lines.join('\n')}`;
  return `The app ended by itself, with exit code ${ending.exitCode}: there is little to test. Arguments that it needs: sphere-iot init-tests FOLDER -- ARGS. ${log}`;
}

/** What a capability of the manifest lists, by the names that it uses. The manifest has been checked. */
function namedIn({ manifest }: BuiltApp, capability: 'Gpio' | 'Uart'): Named[] {
  const { Capabilities: capabilities = {} } = manifest as { Capabilities?: Record<string, readonly Named[]> };
  return (capabilities[capability] ?? []).map((name) => (typeof name === 'string' ? name.replace(/^\$/, '') : name));
}

/** A text as a word of a shell's command line. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
