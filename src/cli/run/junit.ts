import { printableXml } from '../../printable.js';

/** One line of a script, as a test case. */
export interface ScriptCase {
  readonly name: string;
  /** s of real time. */
  readonly seconds: number;
  /** Why it failed; undefined: it did not. */
  readonly failure?: string;
  /** It was not reached. */
  readonly skipped?: boolean;
}

/** JUnit XML of one test suite. */
export function junitOf(suite: string, cases: readonly ScriptCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((each) => each.skipped === true).length;
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0);
  const counts = `tests="${cases.length}" failures="${failures}" skipped="${skipped}" errors="0" time="${seconds.toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n',
    `  <testsuite name="${printableXml(suite)}" ${counts}>\n`,
    ...cases.map((each) => caseOf(suite, each)),
    '  </testsuite>\n</testsuites>\n',
  ].join('');
}

function caseOf(suite: string, { name, seconds, failure, skipped }: ScriptCase): string {
  const attributes = `classname="${printableXml(suite)}" name="${printableXml(name)}" time="${seconds.toFixed(3)}"`;
  if (failure !== undefined) {
    const [firstLine = ''] = failure.split('\n');
    return `    <testcase ${attributes}><failure message="${printableXml(firstLine)}">${printableXml(failure)}</failure></testcase>\n`;
  }
  return `    <testcase ${attributes}${skipped === true ? '><skipped/></testcase>' : '/>'}\n`;
}
