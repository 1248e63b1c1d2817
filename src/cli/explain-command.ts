import { Command } from 'commander';

import { nearest } from '../nearest.js';
import { printableLine } from '../printable.js';
import { examples, widthOf, wrapped } from './help.js';
import { print, usageError, type CliIo, type CommonOptions } from './io.js';

/** Characters that are shown of a code that there is not. */
const SHOWN = 100;

/** `sphere-iot explain` */
export function explainCommand(io: CliIo): Command {
  return new Command('explain')
    .description('what the code of an error means, and what to do')
    .argument('<code>', 'as an error shows it; lower case will do')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('explain ENDPOINT_NOT_MAPPED', 'explain timed_out --json'))
    .action(async (given: string, options: CommonOptions) => {
      // Only here: no other command needs the texts.
      const { ERROR_CODES } = await import('../error-codes/index.js');
      const codes = Object.keys(ERROR_CODES) as (keyof typeof ERROR_CODES)[];
      const code = codes.find((each) => each === given.toUpperCase());
      if (code === undefined) throw unknown(given, codes);
      const { meaning, whatToDo } = ERROR_CODES[code];
      const text = `${code}\n\n${wrapped(`${meaning}\n\nWhat to do: ${whatToDo}`, widthOf(io))}\n`;
      print(io, options, { text, json: { code, meaning, whatToDo } });
    });
}

function unknown(given: string, codes: readonly string[]): Error {
  const meant = nearest(given, codes);
  const advice = meant === undefined ? 'docs/errors.md lists all' : `${meant} is meant, perhaps`;
  return usageError(`There is no error code ${printableLine(given, SHOWN)}: ${advice}.`);
}
