/** What a hostile peer, file or second process may try, and what it may cost. @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  roots: ['<rootDir>/test/attack'],
  testMatch: ['**/*.attack.ts'],
};
