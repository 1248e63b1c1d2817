import { access } from 'node:fs/promises';
import path from 'node:path';

import { Command } from 'commander';

import { buildApp, readBuiltApp, readManifest, type BuildStep, type BuiltApp } from '../app/index.js';
import { cmakeOption, collect, duration } from './arguments.js';
import { examples } from './help.js';
import { pairs, print, printWarnings, type CliIo, type CommonOptions } from './io.js';
import { runApp } from './run-app.js';

export interface BuildOptions extends CommonOptions {
  readonly hardwareDefinitions?: readonly string[];
  readonly cmakeOption?: Readonly<Record<string, string>>;
  readonly debug?: boolean;
  readonly target?: string;
}

interface RunOptions extends BuildOptions {
  readonly storage?: string;
  readonly heapLimit?: number;
  readonly watchdog?: number;
}

/** A line of a terminal takes as many characters for sure. */
const PROGRESS_WIDTH = 79;

/** The options of what builds an app. */
export function withBuild(command: Command): Command {
  return command
    .option('--hardware-definitions <folder>', 'of a board, beside those that the app names; more than once', collect)
    .option('--cmake-option <NAME=VALUE>', 'a variable for its CMakeLists.txt; more than once', cmakeOption)
    .option('--target <name>', 'the app, where the CMakeLists.txt makes several image packages')
    .option('--debug', 'not optimised; a crash is told with C file and line');
}

/** Builds an app as the options say. Throws what buildApp throws. */
function build(folder: string, options: BuildOptions, onProgress?: (step: BuildStep) => void): Promise<BuiltApp> {
  const { cmakeOption: cmakeOptions = {}, ...others } = options;
  return buildApp(folder, { ...others, cmakeOptions, onProgress });
}

/** On a terminal a line of stderr that shows the step at work, and is gone at the end; elsewhere nothing. */
export async function buildWithProgress(io: CliIo, folder: string, options: BuildOptions): Promise<BuiltApp> {
  if (io.stderr.isTTY !== true || options.json === true) return build(folder, options);
  const show = (text: string): unknown => io.stderr.write(`\r${text.slice(0, PROGRESS_WIDTH)}\x1b[K`);
  show('Configuring');
  return build(folder, options, ({ number, count, what }) => show(`[${number}/${count}] ${what}`)).finally(() =>
    show(''),
  );
}

/** `sphere-iot build` */
export function buildCommand(io: CliIo): Command {
  return withBuild(new Command('build'))
    .description('build a Sphere app for WebAssembly by its own CMakeLists.txt; takes emcc, cmake and ninja')
    .argument('<app-folder>', 'has the CMakeLists.txt and the manifest')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples('build my-app', 'build my-app --hardware-definitions boards --cmake-option BOARD=rev2 --debug'),
    )
    .action(async (folder: string, options: BuildOptions) => {
      const built = await buildWithProgress(io, folder, options);
      const { name, componentId } = readManifest(built.manifest, built.peripherals);
      const { wasm, warnings, compilerWarnings } = built;
      printWarnings(io, options, warnings);
      print(io, options, {
        text: `${name}\n${pairs([
          ['Image package', built.folder],
          ['Program', `${Math.ceil(wasm.length / 1024)} KiB`],
        ])}`,
        json: { name, componentId, folder: built.folder, bytes: wasm.length, warnings, compilerWarnings },
      });
    });
}

/** `sphere-iot run` */
export function runCommand(io: CliIo): Command {
  return withBuild(new Command('run'))
    .description(
      "run a Sphere app against a DPS and a hub on this machine, in real time; its exit code is the command's",
    )
    .argument('<folder>', 'of the app, which is built, or the image package of one that was built')
    .argument('[args...]', "in the place of the manifest's CmdArgs; after -- where they begin with -")
    .option('--storage <folder>', 'keeps the mutable file across runs')
    .option('--heap-limit <KiB>', 'how large its heap may become: 256 on an MT3620 (default: no limit)', Number)
    .option(
      '--watchdog <duration>',
      'end an app that runs for so long without a wait or a call to the device (default: 10s)',
      duration,
    )
    .option('--json', 'print a line of JSON for each line of the log, for each warning, and for the exit')
    .addHelpText(
      'after',
      `${examples('run my-app', 'run my-app -- --ConnectionType DPS --ScopeID 0ne00000000')}

Ctrl-C sends SIGTERM to the app; the second one ends the command. The hubs are those of the manifest's AllowedConnections, the
id scope is that of the arguments, and the app's device is enrolled, or registered where the manifest does not list DPS.`,
    )
    .action(async (folder: string, args: readonly string[], options: RunOptions) => {
      const built = await builtIn(folder, options);
      const { storage, heapLimit, watchdog: watchdogMs, json = false } = options;
      const tell = (value: object): void => void (json && io.stdout.write(`${JSON.stringify(value)}\n`));
      printWarnings(io, options, built.warnings);
      for (const warning of built.warnings) tell({ type: 'warning', warning });
      const { code, heapPeak } = await runApp(built, io.interrupted, {
        ...(args.length === 0 ? {} : { args }),
        ...(storage === undefined ? {} : { storage }),
        ...(heapLimit === undefined ? {} : { heapLimit: heapLimit * 1024 }),
        ...(watchdogMs === undefined ? {} : { watchdogMs }),
        onLog: (line) => tell({ type: 'log', at: new Date().toISOString(), line }),
        onLogText: (text) => void (json || io.stdout.write(text)),
      });
      io.exitCode = code;
      tell({ type: 'exit', code, heapPeak });
      if (heapLimit !== undefined && !json)
        io.stderr.write(`The heap took ${Math.ceil(heapPeak / 1024)} of ${heapLimit} KiB at most.\n`);
    });
}

/** An app to be built, or one that was. */
async function builtIn(folder: string, options: BuildOptions): Promise<BuiltApp> {
  const isBuilt = await access(path.join(folder, 'app.wasm')).then(
    () => true,
    () => false,
  );
  return isBuilt ? readBuiltApp(folder) : build(folder, options);
}
