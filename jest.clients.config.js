/** Clients that are fixed to port 443. @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  roots: ['<rootDir>/test/clients'],
  testMatch: ['**/*.clients.ts'],
  reporters: ['default', '<rootDir>/test/clients/summary-reporter.cjs'],
};
