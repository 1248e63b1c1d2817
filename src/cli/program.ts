import { Command, CommanderError } from 'commander';

import { apiCommand } from './api-commands.js';
import { buildCommand } from './app-commands.js';
import { catalogCommand } from './catalog-commands.js';
import { certCommand } from './cert-commands.js';
import { deviceCommand } from './device-commands.js';
import { emulateCommand } from './emulate-command.js';
import { explainCommand } from './explain-command.js';
import { notes, widthOf } from './help.js';
import { initTestsCommand } from './init-tests-command.js';
import { printError, usageError, writeText, type CliIo, type Surroundings } from './io.js';
import { packageVersion } from './package-version.js';
import { runCommand } from './run-command.js';

/**
 * Runs the command line.
 * @param argv Without the names of node and the script.
 * @returns The exit code: 0 done, 1 it could not be done or was refused, 2 the command was wrong; others where the
 * command's help says so.
 */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const io = { ...surroundings, exitCode: 0 };
  const json = hasJson(argv);
  try {
    await program(io, { json }).parseAsync(argv, { from: 'user' });
    return io.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return printError(io, json, error);
    // Help and version end this way too; without --json commander has told of the rest.
    if (error.exitCode === 0) return 0;
    return json ? printError(io, json, usageError(messageOf(error, argv, io))) : 2;
  }
}

/** Whether errors are to be JSON. */
export function hasJson(argv: readonly string[]): boolean {
  // What comes after -- is of another program.
  return argv.slice(0, argv.indexOf('--') + 1 || undefined).includes('--json');
}

/** Without a command, --json is an option that commander does not know. */
function messageOf({ code, message }: CommanderError, argv: readonly string[], io: CliIo): string {
  const isMissing = code === 'commander.help' || /^error: unknown option '--json'/.test(message);
  const choices = isMissing ? choicesAfter(argv, program(io)) : [];
  return choices.length > 0 ? `Name a command: ${choices.join(', ')}.` : message.replace(/^error: /, '');
}

/** The commands that can follow those at the beginning of a command line. */
function choicesAfter([word, ...rest]: readonly string[], { commands }: Command): string[] {
  const next = commands.find((each) => each.name() === word);
  return next === undefined ? commands.map((each) => each.name()) : choicesAfter(rest, next);
}

/**
 * The commands, to be parsed once.
 * @param json Whether the parser's caller reports wrong commands as JSON: then the parser prints no text.
 */
export function program(io: CliIo, { json }: { readonly json: boolean } = { json: false }): Command {
  const root = new Command('sphere-iot')
    .description(
      'Azure Sphere application logic on a laptop: catalogs, devices, certificates, the emulator, the API surface, apps.',
    )
    .version(packageVersion())
    .addHelpText(
      'after',
      notes(
        io,
        'Exit codes: 0 done, 1 it could not be done or was refused, 2 the command was wrong.\n' +
          "With --json a command's result is JSON on stdout, an error JSON on stderr.",
      ),
    )
    .addCommand(catalogCommand(io))
    .addCommand(deviceCommand(io))
    .addCommand(certCommand(io))
    .addCommand(emulateCommand(io))
    .addCommand(apiCommand(io))
    .addCommand(buildCommand(io))
    .addCommand(runCommand(io))
    .addCommand(initTestsCommand(io))
    .addCommand(explainCommand(io));
  configure(root, io, json);
  return root;
}

/** Columns beside the names of options in which their descriptions are wrapped, and not left as long lines. */
const MIN_WRAPPED = 15;

/** Commander's own output and end go where ours go. */
function configure(command: Command, io: CliIo, json: boolean): void {
  command
    .configureHelp({ minWidthToWrap: MIN_WRAPPED })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => writeText(io.stdout, text),
      writeErr: (text) => void (json || writeText(io.stderr, text)),
      getOutHelpWidth: () => widthOf(io),
      getErrHelpWidth: () => widthOf(io),
    });
  command.showHelpAfterError('(--help shows how)');
  for (const each of command.commands) configure(each, io, json);
}
