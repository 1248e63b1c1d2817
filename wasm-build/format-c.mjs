// Formats the C of native/ by native/.clang-format; with --check it only says which files differ, and fails. Where clang-format 14
// is missing nothing happens but a word: others break lines otherwise.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fail } from './terminal.mjs';

const VERSION = 14;

const native = path.resolve(import.meta.dirname, '../native');
const check = process.argv.includes('--check');
const formatter = [`clang-format-${VERSION}`, 'clang-format'].find((command) =>
  spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.includes(`version ${VERSION}.`),
);

if (formatter === undefined) {
  console.log(
    `The C of native/ is not formatted, nor checked: there is no clang-format ${VERSION}. On Debian 12: apt-get install clang-format-${VERSION}`,
  );
} else {
  const files = readdirSync(native, { recursive: true }).filter((name) => /\.[ch]$/.test(name));
  const { status } = spawnSync(formatter, check ? ['--dry-run', '-Werror', ...files] : ['-i', ...files], {
    cwd: native,
    stdio: 'inherit',
  });
  if (status !== 0) fail('The C of native/ is not as native/.clang-format has it.', 'Type: npm run format');
}
