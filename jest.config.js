/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/support/faults.cjs',
  globalTeardown: '<rootDir>/test/support/late-faults.cjs',
  // A turn of the event loop after each test and hook: a rejection fails the test that it is of.
  waitForUnhandledRejections: true,
  setupFilesAfterEnv: ['<rootDir>/test/support/limits.ts'],
  // Jest would leave one of two processors idle, while suites wait for compilers and other programs anyway.
  maxWorkers: '100%',
  roots: ['<rootDir>/test', '<rootDir>/examples'],
  testMatch: ['**/*.test.ts'],
  transform: { '\\.c?ts$': ['ts-jest', { tsconfig: 'tsconfig.test.json' }] },
  // Sources name their imports as ES modules must, with .js; jest reads the TypeScript.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^(\\.{1,2}/.*)\\.cjs$': '$1.cts' },
  moduleFileExtensions: ['ts', 'cts', 'js', 'json'],
};
