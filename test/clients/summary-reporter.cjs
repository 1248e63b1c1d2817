/** Ends with one line of counts; in CI a client that was skipped is a failure. */
module.exports = class SummaryReporter {
  #skipped = 0;

  onRunComplete(_contexts, { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites }) {
    this.#skipped = numPendingTests;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    // After what jest itself says on the same stream.
    setImmediate(() =>
      process.stderr.write(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped\n`),
    );
  }

  getLastError() {
    if (this.#skipped > 0 && process.env.CI === 'true')
      return new Error(`${this.#skipped} clients were skipped, which is a failure with CI=true.`);
    return undefined;
  }
};
