// Compares what the suites did with what test/upstream/expected.json says of them.

/**
 * @param {{ suites: Record<string, number>, known: { side: string, suite: string, test: string, reason: string }[] }} expected
 * @param {{ side: string, name: string, ran: number, failed: string[], broken?: string }[]} results
 * @returns {string[]} What is not as expected, a line each.
 */
export function differences(expected, results) {
  const found = results.flatMap((result) => differencesOf(expected, result));
  const missing = Object.keys(expected.suites).flatMap((name) =>
    ['native', 'wasm']
      .filter((side) => !results.some((result) => result.name === name && result.side === side))
      .map((side) => `${side} ${name}: did not run`),
  );
  const healed = expected.known
    .filter(({ side, suite, test }) =>
      results.some((result) => result.side === side && result.name === suite && !result.failed.includes(test)),
    )
    .map(({ side, suite, test }) => `${side} ${suite}: ${test} passes, and is in the list of known failures`);
  return [...found, ...missing, ...healed];
}

function differencesOf({ suites, known }, { side, name, ran, failed, broken }) {
  const where = `${side} ${name}`;
  if (broken !== undefined) return [`${where}: ${broken}`];
  const isKnown = (test) => known.some((each) => each.side === side && each.suite === name && each.test === test);
  const lines = failed.filter((test) => !isKnown(test)).map((test) => `${where}: ${test} failed`);
  if (suites[name] === undefined) lines.push(`${where}: is not in expected.json; it has ${ran} tests`);
  else if (suites[name] !== ran) lines.push(`${where}: ${ran} tests ran, ${suites[name]} were expected`);
  return lines;
}
