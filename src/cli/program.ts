import { Command, CommanderError } from 'commander';

import { apiCommand } from './api-commands.js';
import { buildCommand, runCommand } from './app-commands.js';
import { catalogCommand } from './catalog-commands.js';
import { certCommand } from './cert-commands.js';
import { deviceCommand } from './device-commands.js';
import { emulateCommand } from './emulate-command.js';
import { initTestsCommand } from './init-tests-command.js';
import { printError, type CliIo, type Surroundings } from './io.js';
import { packageVersion } from './package-version.js';

/**
 * Runs the command line.
 * @param argv Without the names of node and the script.
 * @returns The exit code: 0 done, 1 it could not be done or was refused, 2 the command was wrong; others where the
 * command's help says so.
 */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const io = { ...surroundings, exitCode: 0 };
  const json = argv.includes('--json');
  try {
    await program(io).parseAsync(argv, { from: 'user' });
    return io.exitCode;
  } catch (error) {
    // Help and version end this way too; commander has told of the rest.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    return printError(io, json, error);
  }
}

/** The commands, to be parsed once. */
export function program(io: CliIo): Command {
  const root = new Command('sphere-iot')
    .description(
      'Azure Sphere application logic on a laptop: catalogs, devices, certificates, the emulator, the API surface, apps.',
    )
    .version(packageVersion())
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 it could not be done or was refused, 2 the command was wrong.
With --json a command's result is JSON on stdout, an error JSON on stderr.`,
    )
    .addCommand(catalogCommand(io))
    .addCommand(deviceCommand(io))
    .addCommand(certCommand(io))
    .addCommand(emulateCommand(io))
    .addCommand(apiCommand(io))
    .addCommand(buildCommand(io))
    .addCommand(runCommand(io))
    .addCommand(initTestsCommand(io));
  configure(root, io);
  return root;
}

/** Commander's own output and end go where ours go. */
function configure(command: Command, io: CliIo): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
  });
  command.showHelpAfterError('(--help shows how)');
  for (const each of command.commands) configure(each, io);
}
