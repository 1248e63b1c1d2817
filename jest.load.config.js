/** Many devices at once. @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  roots: ['<rootDir>/test/load'],
  testMatch: ['**/*.load.ts'],
};
