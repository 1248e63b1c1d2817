import path from 'node:path';

import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

const source = path.join(import.meta.dirname, 'src');

/** Folders of src/ that all may import, as they may the files right under it. */
const shared = ['error-codes'];

/**
 * What each folder of src/ may import, beside itself, the files right under src/ (but for index.ts) and `shared`. Imports go one way; that
 * nothing goes round in a circle, types included, is dpdm's (`npm run lint`).
 */
const rooms = {
  clock: ['waiting'],
  waiting: ['clock'],
  certificates: ['clock'],
  transport: ['clock', 'certificates', 'waiting'],
  diagnosis: ['clock', 'certificates', 'transport'],
  wasm: ['clock', 'certificates', 'transport', 'diagnosis'],
  sdk: ['wasm', 'clock', 'certificates', 'transport', 'waiting'],
  device: ['sdk', 'wasm', 'clock', 'transport', 'waiting'],
  app: ['wasm', 'clock', 'certificates', 'transport', 'waiting'],
  // Never sdk or wasm: it is a second opinion.
  emulator: ['clock', 'certificates', 'transport', 'waiting'],
  // The wire that it compares is what the emulator recorded.
  regression: ['emulator'],
  jest: ['emulator', 'regression'],
  testbed: ['app', 'emulator', 'device', 'sdk', 'certificates', 'clock', 'waiting'],
  cli: ['app', 'emulator', 'regression', 'device', 'sdk', 'wasm', 'certificates', 'transport', 'clock'],
  'index.ts': ['device', 'sdk', 'wasm', 'certificates', 'transport', 'clock', 'waiting'],
};

/** The same for the folders of src/emulator/, which all may import the files right under it but for those that have a line here. */
const emulatorRooms = {
  codec: [],
  faults: [],
  state: [],
  observe: ['state'],
  identity: ['codec', 'state'],
  // What the front and the services ask of each other.
  contract: ['identity'],
  front: ['contract', 'codec', 'faults', 'identity', 'observe', 'state'],
  storage: ['contract', 'codec', 'state'],
  hub: ['storage', 'contract', 'codec', 'faults', 'identity', 'observe', 'state'],
  dps: ['hub', 'contract', 'codec', 'faults', 'identity', 'observe', 'state'],
  service: ['dps', 'hub', 'contract', 'codec', 'identity', 'state'],
  events: ['front', 'dps', 'hub', 'observe'],
  'local-azure-options.ts': ['dps', 'hub', 'storage', 'faults'],
  'local-azure.ts': [
    ...['local-azure-options.ts', 'events', 'front', 'service', 'dps', 'hub', 'storage'],
    ...['identity', 'faults', 'observe', 'state'],
  ],
  // It talks to the services as a user's test does.
  central: ['local-azure.ts', 'local-azure-options.ts', 'dps', 'hub'],
  'index.ts': [
    ...['central', 'local-azure.ts', 'local-azure-options.ts', 'events', 'front', 'dps', 'hub', 'storage'],
    ...['contract', 'identity', 'codec', 'faults', 'observe'],
  ],
};

/** The same for the folders of src/app/: the files right under it that have no line here stand below all folders. */
const appRooms = {
  build: [],
  program: [],
  host: [],
  // What a test holds in its hands acts on the host.
  board: ['host'],
  'launch-options.ts': ['board', 'host'],
  'app-life.ts': ['launch-options.ts', 'program'],
  'launch.ts': ['launch-options.ts', 'host', 'program', 'build'],
  'sphere-app.ts': ['launch.ts', 'app-life.ts', 'launch-options.ts', 'board', 'host', 'program', 'build'],
  'index.ts': ['sphere-app.ts', 'launch-options.ts', 'board', 'host', 'build'],
};

/** Each house, and what its rooms may import. */
const houses = [
  { house: source, rooms, name: 'src' },
  { house: path.join(source, 'emulator'), rooms: emulatorRooms, name: 'src/emulator' },
  { house: path.join(source, 'app'), rooms: appRooms, name: 'src/app' },
];

/** The folder of a house in which a file is, or the file where it is a room of its own; '' for any other file right under the house, undefined outside. */
function roomOf(file, { house, rooms }) {
  const [room, ...inside] = path.relative(house, file).split(path.sep);
  if (room === '..') return undefined;
  return inside.length > 0 || room in rooms ? room : '';
}

const oneWay = {
  create(context) {
    const check = ({ source: name }) => {
      if (typeof name?.value !== 'string' || !name.value.startsWith('.')) return;
      const imported = path.resolve(path.dirname(context.filename), name.value.replace(/js$/, 'ts'));
      for (const house of houses) {
        const [room, other] = [context.filename, imported].map((file) => roomOf(file, house));
        if (room === undefined || other === undefined) continue;
        if ([room, '', ...shared, ...(house.rooms[room] ?? [])].includes(other)) continue;
        const message = `${house.name}/${room} may not import ${house.name}/${other}: see eslint.config.mjs.`;
        context.report({ node: name, message });
      }
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      TSImportType: check,
    };
  },
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

const making =
  'Make folders with makeFolder of src/make-folder.ts: in some places, `recursive` tries again without end.';

const fixedLimit = 'Name a limit of test/support/limits.ts, or none.';
const calls = 'callee.name=/^(test|it|(before|after)(All|Each))$/';

export default tseslint.config(
  { ignores: ['build/', 'dist/', 'coverage/', 'node_modules/'] },
  ...tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { project: 'tsconfig.test.json', tsconfigRootDir: import.meta.dirname } } },
  {
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `return this.#refuse(…)` ends a function, and `() => void (a && b())` is short.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Interfaces declare functions as methods, and callers take them apart: `const { saved, closed } = options`.
      '@typescript-eslint/unbound-method': 'off',
      // What was thrown, by whomever, is passed on.
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingUnknown: true, allowThrowingAny: true },
      ],
      // These unwind C, and are nobody's errors.
      '@typescript-eslint/only-throw-error': ['error', { allow: ['EndOfC', 'AppExit'], allowThrowingUnknown: true }],
      // What callers in JavaScript gave is shown as a text, whatever it is.
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
      // C's results are numbers, and the enums of the SDK name them.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      // Node's types say class where a function makes the object.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `parse<T>` says what its caller reads.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
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
  {
    files: ['src/**/*.ts', 'src/**/*.cts'],
    plugins: { rooms: { rules: { 'one-way': oneWay } } },
    rules: { 'rooms/one-way': 'error' },
  },
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
    ignores: ['src/cli/io.ts', 'src/read-file.ts', 'src/make-folder.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...writes.map((selector) => ({ selector, message: printing })),
        { selector: 'ImportSpecifier[imported.name=/^readFile(Sync)?$/]', message: reading },
        { selector: 'CallExpression[callee.name=/^mkdir(Sync)?$/] Property[key.name="recursive"]', message: making },
      ],
    },
  },
  { files: ['wasm-build/**', 'test/**', 'bench/**', 'examples/**'], rules: { 'no-console': 'off' } },
  {
    // Tests read from any what they expect to be there; but none may pass since nobody waited for it.
    files: ['test/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts'],
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  // What TypeScript does not read has no types.
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs', '**/*.cts'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.js', '**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
