// After all tests: fails the run where faults.cjs has kept something.
const { existsSync, readFileSync, rmSync } = require('node:fs');
const { fileOf } = require('./faults.cjs');

module.exports = (globalConfig) => {
  const file = fileOf(globalConfig, process.pid);
  if (!existsSync(file)) return;
  const faults = readFileSync(file, 'utf8');
  rmSync(file);
  throw new Error(`Not caught by anything, and too late for a test to fail by it:\n${faults}`);
};
