// Which of the SDK's unit tests apply: those of the source files that sphere-iot is made of.
import path from 'node:path';

/**
 * @param {{ file: string, output: string }[]} commands Of compilation, as ninja lists them.
 * @param {Set<string>} shipped Names of source files, for example `map.c`.
 * @returns {{ applies: { name: string, target: string, folder: string }[], skipped: { name: string, reason: string }[] }}
 */
export function suitesOf(commands, shipped) {
  const suites = new Map();
  for (const { file, output } of commands) {
    const [, folder, target] = /^(.*)\/CMakeFiles\/([^/]+_exe)\.dir\//.exec(output) ?? [];
    if (target === undefined) continue;
    const name = `${folder.split('/tests/')[0]}/${target.replace(/_exe$/, '')}`;
    const suite = suites.get(name) ?? { name, target, folder, tested: [] };
    suites.set(name, suite);
    if (!isHelp(file)) suite.tested.push(file);
  }
  const applies = [];
  const skipped = [];
  for (const { name, target, folder, tested } of [...suites.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const foreign = tested.find((file) => !shipped.has(path.basename(file)));
    if (tested.length === 0) skipped.push({ name, reason: 'tests no source file of its own' });
    else if (foreign === undefined) applies.push({ name, target, folder });
    else skipped.push({ name, reason: `tests ${path.basename(foreign)}, which is no part of sphere-iot` });
  }
  return { applies, skipped };
}

/** What a suite needs beside what it tests: itself, the test framework, the log. */
function isHelp(file) {
  return /\/(tests|testtools)\//.test(file) || /\/(xlogging|consolelogger)\.c$/.test(file);
}
