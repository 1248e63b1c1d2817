import { access } from 'node:fs/promises';
import path from 'node:path';

import { Command, InvalidArgumentError, Option } from 'commander';

import { readBuiltApp, type BuiltApp } from '../app/index.js';
import { buildWithProgress, withBuild, type BuildOptions } from './app-commands.js';
import { someDuration } from './arguments.js';
import { examples, notes } from './help.js';
import { printWarnings, usageError, writeJson, writeText, type CliIo } from './io.js';
import { KINDS, type Kind } from './run/happenings.js';
import { runApp } from './run/run.js';

interface RunOptions extends BuildOptions {
  readonly storage?: string | undefined;
  readonly heapLimit?: number | undefined;
  readonly watchdog?: number | undefined;
  readonly clock?: 'real' | 'virtual' | undefined;
  readonly script?: string | undefined;
  readonly junit?: string | undefined;
  readonly show: readonly Kind[];
}

/** What is shown unless told otherwise: packets are many. */
const SHOWN = KINDS.filter((kind) => kind !== 'packets');

/** `sphere-iot run` */
export function runCommand(io: CliIo): Command {
  return withBuild(new Command('run'))
    .description(
      "run a Sphere app against a DPS and a hub on this machine, with a command line to press its buttons, call its methods and more; its exit code is the command's",
    )
    .argument('<folder>', 'of the app, which is built, or the image package of one that was built')
    .argument('[args...]', "in the place of the manifest's CmdArgs; after -- where they begin with -")
    .option('--script <file>', 'carry out the commands of a file; exit code 1 where one fails')
    .option('--junit <file>', 'where to write the result of the script, as JUnit XML')
    .addOption(
      new Option(
        '--clock <clock>',
        "the machine's time, or one that only commands move (default: real; with --script virtual)",
      ).choices(['real', 'virtual']),
    )
    .addOption(
      new Option('--show <kinds>', `what is shown of ${KINDS.join(', ')}; with commas between them`)
        .argParser(kindsOf)
        .default(SHOWN, 'all but packets'),
    )
    .option('--storage <folder>', 'keeps the mutable file across runs')
    .option('--heap-limit <KiB>', 'how large its heap may become: 256 on an MT3620 (default: no limit)', kibibytes)
    .option(
      '--watchdog <duration>',
      'end an app that runs for so long without a wait or a call to the device (default: 10s)',
      someDuration,
    )
    .option('--json', 'print a line of JSON for everything that happens, for each warning, and for the exit')
    .addHelpText(
      'after',
      examples(
        'run my-app',
        'run my-app --script test.txt',
        'run my-app -- --ConnectionType DPS --ScopeID 0ne00000000',
      ),
    )
    .addHelpText(
      'after',
      notes(
        io,
        'Type help for the commands; a pipe takes the same ones. Ctrl-C sends SIGTERM to the app; the second one ends the command. ' +
          "The hubs are those of the manifest's AllowedConnections, the id scope is that of the arguments, and the app's device is " +
          'enrolled, or registered where the manifest does not list DPS.',
      ),
    )
    .action((folder: string, args: readonly string[], options: RunOptions) => run(io, folder, args, options));
}

async function run(io: CliIo, folder: string, args: readonly string[], options: RunOptions): Promise<void> {
  const { storage, heapLimit, watchdog: watchdogMs, script, junit, json = false, show } = options;
  if (junit !== undefined && script === undefined) throw usageError('--junit is of a --script.');
  const built = await builtIn(io, folder, options);
  printWarnings(io, options, built.warnings);
  if (json) for (const warning of built.warnings) writeJson(io.stdout, { type: 'warning', warning });
  const { code, heapPeak } = await runApp(io, built, {
    json,
    virtual: (options.clock ?? (script === undefined ? 'real' : 'virtual')) === 'virtual',
    shown: new Set(show),
    script,
    junit,
    args: args.length === 0 ? undefined : args,
    storage,
    heapLimit: heapLimit && heapLimit * 1024,
    watchdogMs,
  });
  io.exitCode = code;
  if (heapLimit !== undefined && !json)
    writeText(io.stderr, `The heap took ${Math.ceil(heapPeak / 1024)} of ${heapLimit} KiB at most.\n`);
}

/** An app to be built, or one that was. */
async function builtIn(io: CliIo, folder: string, options: BuildOptions): Promise<BuiltApp> {
  const isBuilt = await access(path.join(folder, 'app.wasm')).then(
    () => true,
    () => false,
  );
  return isBuilt ? readBuiltApp(folder) : buildWithProgress(io, folder, options);
}

function kindsOf(text: string): readonly Kind[] {
  const names = text.split(',').map((name) => name.trim());
  const kinds = KINDS.filter((kind) => names.includes(kind));
  if (kinds.length < new Set(names).size) throw new InvalidArgumentError(`Possible are ${KINDS.join(', ')}.`);
  return kinds;
}

function kibibytes(text: string): number {
  const number = Number(text);
  if (!(number > 0) || number === Infinity) throw new InvalidArgumentError('Give a number above 0: 256, for example.');
  return number;
}
