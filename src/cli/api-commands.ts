import { Command, Option } from 'commander';

import {
  diffApi,
  formatApiDiff,
  formatApiSnapshot,
  parseApiSnapshot,
  snapshotApi,
  type ApiDiffFormat,
  type ApiSnapshot,
} from '../regression/index.js';
import { readText } from './given-files.js';
import { examples } from './help.js';
import { writeText, type CliIo, type CommonOptions } from './io.js';

/** By grade. 1 and 2 are left to errors and to wrong commands. */
const EXIT_CODES = { none: 0, compatible: 0, 'source-breaking': 3, 'abi-breaking': 4 } as const;

/** `sphere-iot api …` */
export function apiCommand(io: CliIo): Command {
  return new Command('api')
    .description('the API surface of C headers as data')
    .addCommand(snapshotCommand(io))
    .addCommand(diffCommand(io));
}

function snapshotCommand(io: CliIo): Command {
  return new Command('snapshot')
    .description('every public function, type, enum, struct and constant of the headers, as JSON')
    .option('--sdk <folder>', 'of another C SDK, read with emcc; else of the one that is built in')
    .option('--json', 'errors as JSON; what is printed is JSON anyway')
    .addHelpText('after', examples('api snapshot > api.json', 'api snapshot --sdk ../azure-iot-sdk-c > new.json'))
    .action(async ({ sdk }: { sdk?: string }) => {
      writeText(io.stdout, formatApiSnapshot(await (sdk === undefined ? snapshotApi() : snapshotApi({ sdk }))));
    });
}

interface DiffOptions extends CommonOptions {
  readonly format: ApiDiffFormat;
}

function diffCommand(io: CliIo): Command {
  return new Command('diff')
    .description('what changed between two snapshots, graded')
    .argument('<old>', 'a file that `api snapshot` wrote')
    .argument('<new>', 'a later one')
    .addOption(new Option('--format <format>', 'how it is printed').choices(['text', 'json', 'junit']).default('text'))
    .option('--json', 'the same as --format json')
    .addHelpText(
      'after',
      `${examples('api diff api.json new.json', 'api diff api.json new.json --format junit > api.xml')}

Exit code 0: nothing or compatible, 3: source-breaking, 4: ABI-breaking.`,
    )
    .action(async (before: string, after: string, { format, json }: DiffOptions) => {
      const diff = diffApi(await readSnapshot(before), await readSnapshot(after));
      writeText(io.stdout, formatApiDiff(diff, json === true ? 'json' : format));
      io.exitCode = EXIT_CODES[diff.grade];
    });
}

async function readSnapshot(file: string): Promise<ApiSnapshot> {
  return parseApiSnapshot(await readText(file), file);
}
