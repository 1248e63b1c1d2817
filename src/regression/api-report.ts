import { printable, printableJson, printableXml } from '../printable.js';
import type { ApiChange } from './api-change.js';
import type { ApiDiff } from './api-diff.js';

/** How a diff is written: for people, for programs, for the test reports of CI systems. */
export type ApiDiffFormat = 'text' | 'json' | 'junit';

export function formatApiDiff(diff: ApiDiff, format: ApiDiffFormat): string {
  if (format === 'json') return `${printableJson(diff, 2)}\n`;
  return format === 'junit' ? junitOf(diff) : printable(textOf(diff));
}

/** For example `IOTHUB_CLIENT_RESULT.IOTHUB_CLIENT_OK`, with its kind. */
function titleOf({ kind, name, member }: ApiChange): string {
  return `${kind} ${name}${member ? `.${member}` : ''}`;
}

function detailOf({ change, aspect, before, after }: ApiChange): string {
  if (change === 'added') return `added: ${after}`;
  if (change === 'removed') return `removed: ${before}`;
  return `${aspect ? `${aspect} ` : ''}changed: ${before ?? 'none'} → ${after ?? 'none'}`;
}

// ---- text

const titles = { 'abi-breaking': 'ABI-breaking', 'source-breaking': 'Source-breaking', compatible: 'Compatible' };

function textOf({ grade, changes, toolchain }: ApiDiff): string {
  if (grade === 'none' && toolchain.length === 0) return 'The API is the same.\n';
  const sections = (['abi-breaking', 'source-breaking', 'compatible'] as const).map((wanted) =>
    sectionOf(
      titles[wanted],
      changes.filter((change) => change.grade === wanted),
    ),
  );
  const summary = grade === 'none' ? 'The API is the same but for the toolchain.\n' : `The change is ${grade}.\n`;
  return [...sections, sectionOf('Caused by the toolchain alone', toolchain), summary].filter(Boolean).join('\n');
}

function sectionOf(title: string, changes: readonly ApiChange[]): string {
  if (changes.length === 0) return '';
  const lines = changes.map((change) => {
    const where = change.header && change.kind !== 'header' ? ` (${change.header}${change.ours ? ', ours' : ''})` : '';
    const users = change.usedBy ? `\n    used by ${usersText(change.usedBy)}` : '';
    return `  ${titleOf(change)}${where}\n    ${detailOf(change)}${users}\n`;
  });
  return `${title}: ${changes.length}\n${lines.join('')}`;
}

function usersText(users: readonly string[]): string {
  const shown = users.slice(0, 5).join(', ');
  return users.length > 5 ? `${shown} and ${users.length - 5} more` : shown;
}

// ---- JUnit XML

/** A test case for each change: those that break fail, those of the toolchain are skipped, the others pass. */
function junitOf({ changes, toolchain }: ApiDiff): string {
  const failures = changes.filter((c) => c.grade !== 'compatible').length;
  const cases = [
    ...changes.map((change) => caseOf(change, change.grade === 'compatible' ? '' : failureOf(change))),
    ...toolchain.map((change) =>
      caseOf(change, `<skipped message="${printableXml(`toolchain: ${detailOf(change)}`)}"/>`),
    ),
  ];
  // A report without a test case is an error to some readers.
  if (cases.length === 0) cases.push('    <testcase classname="api" name="The API is the same"/>\n');
  const counts = `tests="${cases.length}" failures="${failures}" skipped="${toolchain.length}" errors="0"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n',
    `  <testsuite name="api" ${counts}>\n`,
    ...cases,
    '  </testsuite>\n</testsuites>\n',
  ].join('');
}

function caseOf(change: ApiChange, inside: string): string {
  const attributes = `classname="${printableXml(change.header ?? change.kind)}" name="${printableXml(`${titleOf(change)} ${change.aspect ?? change.change}`)}"`;
  return inside ? `    <testcase ${attributes}>${inside}</testcase>\n` : `    <testcase ${attributes}/>\n`;
}

function failureOf(change: ApiChange): string {
  return `<failure type="${change.grade}" message="${printableXml(detailOf(change))}"/>`;
}
