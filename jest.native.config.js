/** Native against WebAssembly. @type {import('jest').Config} */
module.exports = {
  ...require('./jest.config.js'),
  roots: ['<rootDir>/test/native-reference'],
  testMatch: ['**/*.native.ts'],
};
