// Rejections that nobody handles and exceptions that nobody catches fail every suite. jest-circus counts them while a file's tests run.
// It loses those that come after its last look, and a worker of jest that ends by one between two files ends unnoticed. These are kept in a
// file, which late-faults.cjs reads when all is run.
const { appendFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { TestEnvironment } = require('jest-environment-node');

/** Where late faults of this run are kept: one name for the workers and their parent. */
const fileOf = ({ seed }, runner) => path.join(tmpdir(), `sphere-iot-late-faults-${runner}-${seed}`);

/** jest runs files in workers, or in its own process, which an exception ends with an exit code other than 0. */
const isWorker = process.send !== undefined && process.env.JEST_WORKER_ID !== undefined;

/** Of this process: jest loads this module once, and an environment for each file. */
const state = { isWatched: false, file: '', kept: '' };

process.on('uncaughtExceptionMonitor', (error) => {
  if (isWorker && !state.isWatched) keep(error);
});

function keep(error) {
  appendFileSync(state.kept, `After ${state.file}: ${error instanceof Error ? error.stack : String(error)}\n`);
}

module.exports = class FaultsEnvironment extends TestEnvironment {
  #isOver = false;

  constructor(config, context) {
    super(config, context);
    state.file = path.relative(config.projectConfig.rootDir, context.testPath);
    state.kept = fileOf(config.globalConfig, isWorker ? process.ppid : process.pid);
  }

  /** jest-circus tells of what it does: `error` is a fault that no test caught. */
  handleTestEvent({ name, error }) {
    if (name === 'setup') state.isWatched = true;
    if (name === 'run_finish') this.#isOver = true;
    if (name === 'error' && this.#isOver) keep(error);
    if (name === 'teardown') state.isWatched = false;
  }
};
module.exports.fileOf = fileOf;
