// The end of CI's output: every test that failed, by name, and a line with the numbers. Usage: node .ci/summary.mjs
// Reads jest's JSON files and the output of test:upstream in build/, and the results of other checks from the environment:
// `passed` and `skipped`, numbers, and `failed`, a line for each check that failed.
import { readFileSync } from 'node:fs';

const SUITES = ['clients', 'load', 'attack', 'native', 'jest'];
const LINES_OF_A_FAILURE = 12;

const lines = (text) => text.split('\n').filter((line) => line.trim() !== '');

/** A suite that wrote no results counts as one failure. */
function resultsOf(suite) {
  try {
    return JSON.parse(readFileSync(`build/${suite}.json`, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, testResults: [], missing: true };
  }
}

function failuresOf(suite, { testResults, missing }) {
  if (missing) return [`${suite}: it wrote no results`];
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = name.slice(name.indexOf('/test/') + 1);
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    // A file that could not be run has no test that failed.
    if (failed.length === 0)
      return message === ''
        ? []
        : [[`${suite}: ${file}`, ...lines(message).slice(0, LINES_OF_A_FAILURE)].join('\n    ')];
    return failed.map(({ fullName, failureMessages }) =>
      [`${suite}: ${file}: ${fullName}`, ...lines(failureMessages.join('\n')).slice(0, LINES_OF_A_FAILURE)].join(
        '\n    ',
      ),
    );
  });
}

function upstream() {
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(readFileSync('build/upstream.log', 'utf8')) ?? [
    0, 0, 1,
  ];
  return { passed: Number(passed), failed: Number(failed) };
}

const others = lines(process.env.failed ?? '');
const sum = { passed: Number(process.env.passed), failed: others.length, skipped: Number(process.env.skipped) };
const failures = others.map((check) => `check: ${check}`);
const sdk = upstream();
sum.passed += sdk.passed;
sum.failed += sdk.failed;
if (sdk.failed > 0) failures.push('upstream: see the output of test:upstream');
for (const suite of SUITES) {
  const results = resultsOf(suite);
  sum.passed += results.numPassedTests;
  sum.failed += results.numFailedTests + (results.numRuntimeErrorTestSuites ?? 0);
  sum.skipped += results.numPendingTests;
  failures.push(...failuresOf(suite, results));
}
for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}\n`);
