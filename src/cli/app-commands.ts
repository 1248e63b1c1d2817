import { Command } from 'commander';

import { buildApp, readManifest, type BuildStep, type BuiltApp } from '../app/index.js';
import { printableLine } from '../printable.js';
import { cmakeOption, collect } from './arguments.js';
import { examples } from './help.js';
import { pairs, print, printWarnings, writePainted, type CliIo, type CommonOptions } from './io.js';

export interface BuildOptions extends CommonOptions {
  readonly hardwareDefinitions?: readonly string[] | undefined;
  readonly cmakeOption?: Readonly<Record<string, string>> | undefined;
  readonly debug?: boolean | undefined;
  readonly target?: string | undefined;
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
  const { cmakeOption: cmakeOptions, hardwareDefinitions, debug, target } = options;
  return buildApp(folder, { hardwareDefinitions, debug, target, cmakeOptions, onProgress });
}

/** On a terminal a line of stderr that shows the step at work, and is gone at the end; elsewhere nothing. */
export async function buildWithProgress(io: CliIo, folder: string, options: BuildOptions): Promise<BuiltApp> {
  if (io.stderr.isTTY !== true || options.json === true) return build(folder, options);
  const show = (text: string): void => writePainted(io.stderr, `\r${printableLine(text, PROGRESS_WIDTH)}\x1b[K`);
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
