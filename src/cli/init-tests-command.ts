import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Command } from 'commander';

import { readManifest, type BuiltApp } from '../app/index.js';
import { SphereIotError } from '../errors.js';
import { buildWithProgress, withBuild, type BuildOptions } from './app-commands.js';
import { examples } from './help.js';
import { observe } from './init-tests/observe.js';
import type { Named } from './init-tests/probes.js';
import { packagesOf, writeSideFiles } from './init-tests/side-files.js';
import { suiteOf } from './init-tests/suite.js';
import { print, printWarnings, writeText, type CliIo } from './io.js';

/** `sphere-iot init-tests` */
export function initTestsCommand(io: CliIo): Command {
  return withBuild(new Command('init-tests'))
    .description(
      'try an app, and write a jest suite that holds what it did: cloud, pins, UARTs, outage, power loss, its end',
    )
    .argument('<app-folder>', 'has the CMakeLists.txt and the manifest')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `${examples('init-tests my-app')}
Beside app.test.js it writes package.json (or adds the script test to it) and tasks for Visual Studio Code. A file that is
there is left alone.`,
    )
    .action(async (folder: string, options: BuildOptions) => {
      const file = path.join(folder, 'app.test.js');
      await refuseExisting(file);
      const built = await buildWithProgress(io, folder, options);
      const { suite, crash } = await suiteFor(io, folder, built, options);
      const warnings = [...built.warnings, ...(crash === undefined ? [] : [crash])];
      printWarnings(io, options, warnings);
      const others = await writeSideFiles(folder, packagesOf(folder)); // first: it may refuse
      await writeFile(file, suite, { flag: 'wx' });
      print(io, options, {
        text: `Written: ${[file, ...others.map((name) => path.join(folder, name))].join(', ')}\nRun it: npx jest --runTestsByPath ${shellWord(file)}\n`,
        json: { file, others, warnings },
      });
    });
}

async function refuseExisting(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new SphereIotError('FILE_EXISTS', `${file} is there already: move it away, or add to it.`);
}

/** A suite, and what an app that crashes says of it. */
async function suiteFor(
  io: CliIo,
  folder: string,
  built: BuiltApp,
  options: BuildOptions,
): Promise<{ suite: string; crash: string | undefined }> {
  const manifest = readManifest(built.manifest, built.peripherals);
  const names = { gpio: namedIn(built, 'Gpio'), uart: namedIn(built, 'Uart') };
  const observation = await observe(built, manifest, names, (what) => {
    if (io.stderr.isTTY === true && options.json !== true) writeText(io.stderr, `Tries the app: ${what}\n`);
  });
  const { ending } = observation;
  const suite = suiteOf(manifest, observation, {
    hardwareDefinitions: (options.hardwareDefinitions ?? []).map((each) => path.relative(folder, each)),
    cmakeOptions: options.cmakeOption ?? {},
  });
  return { suite, crash: ending !== undefined && 'crash' in ending ? ending.crash : undefined };
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
