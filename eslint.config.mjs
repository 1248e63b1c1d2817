import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** Which folders of src/ a folder may not import: imports go one way (see CONTRIBUTING). */
const forbidden = {
  clock: ['certificates', 'transport', 'diagnosis', 'waiting', 'wasm', 'sdk', 'device', 'emulator', 'app', 'cli'],
  certificates: ['transport', 'diagnosis', 'wasm', 'sdk', 'device', 'emulator', 'app', 'cli'],
  transport: ['diagnosis', 'wasm', 'sdk', 'device', 'emulator', 'app', 'cli'],
  diagnosis: ['wasm', 'sdk', 'device', 'emulator', 'app', 'cli'],
  waiting: ['wasm', 'sdk', 'device', 'emulator', 'app', 'regression', 'jest', 'cli'],
  wasm: ['sdk', 'device', 'emulator', 'app', 'cli'],
  sdk: ['device', 'emulator', 'app', 'cli'],
  device: ['emulator', 'app', 'cli'],
  app: ['emulator', 'cli'],
  emulator: ['wasm', 'sdk', 'device', 'app', 'cli'],
  regression: ['jest', 'cli'],
  jest: ['cli'],
};

/** Only src/cli/io.ts writes to the streams of a process: it escapes what others wrote. */
const printing = 'Write with writeText, writeJson or writePainted of src/cli/io.ts.';
const streams = '/^(#?out|output|stdout|stderr|writer)$/';
const writes = [
  `MemberExpression[object.name='process'][property.name=${streams}]`,
  `MemberExpression[object.name='process'][property.value=${streams}]`,
  `VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name=${streams}]`,
  'ImportDeclaration[source.value=/^(node:)?process$/]',
  `CallExpression[callee.property.name=/^(write|end)$/][callee.object.name=${streams}]`,
  `CallExpression[callee.property.name=/^(write|end)$/][callee.object.property.name=${streams}]`,
];
/** A file may be larger than memory, or have no end. */
const reading = 'Read with readFileWithin or readTextWithin of src/read-file.ts, which say how large a file may be.';

const fixedLimit = 'Name a limit of test/support/limits.ts, or none.';
const calls = 'callee.name=/^(test|it|(before|after)(All|Each))$/';

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'coverage/', 'node_modules/', 'src/sdk/generated/'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // What a peer, a file or a tool's output holds must not take longer than its length allows. Not every such expression is found.
    files: ['src/**/*.ts', 'wasm-build/**'],
    plugins: { regexp },
    rules: { 'regexp/no-super-linear-backtracking': 'error', 'regexp/no-super-linear-move': 'error' },
  },
  ...Object.entries(forbidden).map(([folder, others]) => ({
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: others.map((other) => `**/${other}/**`),
              message: `src/${folder} may not import this: imports go one way.`,
            },
          ],
        },
      ],
    },
  })),
  {
    files: ['test/**/*.ts'],
    ignores: ['test/support/limits.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: `CallExpression[${calls}] > Literal.arguments:last-child`, message: fixedLimit },
        {
          selector: "CallExpression[callee.callee.property.name='each'] > Literal.arguments:last-child",
          message: fixedLimit,
        },
        {
          selector: "CallExpression[callee.property.name='setTimeout'][callee.object.name='jest'] > Literal",
          message: fixedLimit,
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'src/**/*.cts'],
    ignores: ['src/cli/io.ts', 'src/read-file.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...writes.map((selector) => ({ selector, message: printing })),
        { selector: 'ImportSpecifier[imported.name=/^readFile(Sync)?$/]', message: reading },
      ],
    },
  },
  { files: ['wasm-build/**', 'test/**', 'bench/**', 'examples/**'], rules: { 'no-console': 'off' } },
  { files: ['**/*.js', '**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
