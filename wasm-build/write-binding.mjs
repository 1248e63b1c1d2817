// Writes the functions of the binding themselves, src/sdk/generated/binding.ts, and those that C calls, callback-imports.ts. Each does what its call needs, one thing after the other,
// since it is the first thing that a debugger shows. What is rare (options) is left to src/sdk/.

/** Names of the generated functions' surroundings, which no parameter may have. */
const RESERVED = 'module c gate memory handles callbacks timeSize raw mark run error context'.split(' ');

/** The text of binding.ts. */
export function bindingOf({ functions, callbacks, annotations, received, providerType }) {
  const bound = functions.filter((f) => !annotations.isReplaced(f.name));
  for (const { name, parameters } of [...bound, ...callbacks])
    for (const parameter of parameters)
      if (RESERVED.includes(parameter.name))
        throw new Error(`${name} has a parameter ${parameter.name}: wasm-build/write-binding.mjs uses that name.`);
  /** Handles that have a DoWork: a pump wants to know of each call for one. */
  const worked = new Set(bound.filter((f) => f.works).map((f) => f.parameters[0].type));
  const context = { received, worked, providers: annotations.providers, providerType };
  const replaced = functions.filter((f) => annotations.isReplaced(f.name)).map((f) => `'${f.name}'`);
  const omitted = replaced.length > 0 ? `Omit<SdkFunctions, ${replaced.join(' | ')}>` : 'SdkFunctions';
  const body = lines(
    `export function bindFunctions(module: SdkModule): ${omitted} {`,
    '  const { functions: c, gate, memory, handles, callbacks } = module;',
    '  const { sphere_callback_address, sphere_provider_address, sphere_time_size } = module.exports;',
    '  const timeSize = sphere_time_size();',
    ...callbacks.map(({ name }, number) => `  const ${name} = sphere_callback_address(${number});`),
    ...annotations.providers.map(
      (name, number) => `  const ${name} = sphere_provider_address(${number}) as T.${providerType(name)};`,
    ),
    '  return {',
    ...annotations.providers.map((name) => `    ${name},`),
    ...bound.map((f) => indent(functionOf(f, context), 4)),
    '  };',
    '}',
  );
  return lines(
    "import type { CallbackFunction } from '../callbacks.js';",
    "import type { SdkModule } from '../module.js';",
    "import { writeOption } from '../sdk-options.js';",
    valueImports(body),
    "import * as E from './enums.js';",
    "import type { SdkFunctions } from './functions.js';",
    "import type * as T from './types.js';",
    '',
    '/** All functions of the SDK for one module, under their C names. */',
    body,
  );
}

/** The text of callback-imports.ts. */
export function callbackImportsOf({ callbacks }) {
  const body = lines(
    'export function callbackImports({ gate, memory, handles, callbacks }: Surroundings) {',
    '  return {',
    ...callbacks.map((callback) => indent(callbackOf(callback), 4)),
    '  };',
    '}',
  );
  return lines(
    "import type { Callbacks } from '../callbacks.js';",
    valueImports(body),
    "import type { Gate, HandleTable, Memory } from '../../wasm/index.js';",
    "import * as E from './enums.js';",
    '',
    'interface Surroundings {',
    '  readonly gate: Gate;',
    '  readonly memory: Memory;',
    '  readonly handles: HandleTable;',
    '  readonly callbacks: Callbacks;',
    '}',
    '',
    '/** The other side of the callbacks in binding.c. */',
    body,
  );
}

/** What src/sdk/values.ts exports. */
const VALUES = 'busy bytesOf enumerator integer lent lentBytes objectOf providerOf timeAt wrong wrongCount'.split(' ');

/** The import of those that a text calls. */
function valueImports(text) {
  return `import { ${VALUES.filter((name) => text.includes(`${name}(`)).join(', ')} } from '../values.js';`;
}

// ---- functions

function functionOf(f, context) {
  const { name, parameters } = f;
  const given = parameters.filter((p) => p.kind !== 'out');
  const parts = parameters.map((p) => parameterOf(p, f, context));
  const temporary = parts.flatMap(({ temporary }) => temporary ?? []);
  const call = callOf(f, parts, context);
  const wipes = parameters.some((p) => p.kind === 'text' || p.kind === 'option');
  return lines(
    ...headOf(f, given, context),
    ...indented(
      ...refuse(`arguments.length !== ${given.length}`, `wrongCount('${name}', ${given.length}, arguments.length)`),
      ...refusalsOf(f),
      ...parts.flatMap(({ check }) => check ?? []),
      ...(temporary.length === 0
        ? call
        : [
            'const mark = memory.mark();',
            'try {',
            ...indented(...temporary, ...call),
            '} finally {',
            `  memory.${wipes ? 'wipe' : 'release'}(mark);`,
            '}',
          ]),
    ),
    '},',
  );
}

function headOf(f, given, context) {
  const list = given.map((p) => `${p.name}: unknown`);
  const result = `): ${resultType(f, context)} {`;
  if (list.length < 2) return [`${f.name}(${list.join('')}${result}`];
  return [`${f.name}(`, ...indented(...list.map((each) => `${each},`)), result];
}

function refuse(condition, error) {
  return [`if (${condition})`, `  throw ${error};`];
}

/** What a handle must not be that a function works on or destroys. */
function refusalsOf({ name, parameters, works, destroys }) {
  const number = works ? 0 : destroys;
  if (number === undefined) return [];
  const handle = parameters[number].name;
  return [
    ...refuse(`gate.isWorked(${handle})`, `busy('${name}')`),
    ...(works ? [] : refuse(`handles.entry(${handle})?.borrowed`, `lent('${name}')`)),
  ];
}

/**
 * What becomes of a parameter: statements that check it, those that make a temporary value of it, those that hand over a callback, and
 * what C is passed.
 */
function parameterOf(p, f, { providers, providerType }) {
  const { name } = p;
  const what = `'${f.name}: ${name}'`;
  switch (p.kind) {
    case 'handle':
      return {
        check: [`const ${name}Pointer = handles.pointer('${p.type}', ${name}, '${f.name}');`],
        passed: [`${name}Pointer`],
      };
    case 'text':
      return {
        check: refuse(`typeof ${name} !== 'string' && ${name} !== null`, `wrong(${what}, 'a text or null', ${name})`),
        temporary: [`const ${name}At = memory.text(${name});`],
        passed: [`${name}At`],
      };
    case 'bytes':
      return {
        check: [`const ${name}Bytes = bytesOf(${name}, ${what});`],
        temporary: [`const ${name}At = ${name}Bytes === null ? 0 : memory.temporary(${name}Bytes);`],
        passed: [`${name}At`, `${name}Bytes === null ? 0 : ${name}Bytes.length`],
      };
    case 'provider': {
      const fitting = providers.filter((provider) => providerType(provider) === p.type).join(', ');
      return { check: [`const ${name}At = providerOf(${name}, { ${fitting} }, ${what});`], passed: [`${name}At`] };
    }
    case 'option': {
      const option = f.parameters.find((other) => other.kind === 'text').name;
      return {
        temporary: [`const ${name}At = writeOption('${f.name}', ${option}, ${name}, memory);`],
        passed: [`${name}At`],
      };
    }
    case 'out':
      return {
        temporary: [`const ${name}At = memory.space(8);`],
        passed: p.of.kind === 'borrowed-bytes' ? [`${name}At`, `${name}At + 4`] : [`${name}At`],
      };
    case 'callback':
      return callbackParameterOf(p, f, what);
    case 'boolean':
      return {
        check: refuse(`typeof ${name} !== 'boolean'`, `wrong(${what}, 'true or false', ${name})`),
        passed: [`${name} ? 1 : 0`],
      };
    case 'enum':
      return {
        check: [`const ${name}Value = enumerator(E.${p.type}, '${p.type}', ${name}, ${what});`],
        passed: [`${name}Value`],
      };
    default:
      return {
        check: [`const ${name}Value = integer(${name}, ${p.min}, ${p.max}, ${what});`],
        passed: [`${name}Value`],
      };
  }
}

function callbackParameterOf({ name, type, lifetime }, f, what) {
  if (f.returns.kind !== 'enum') throw new Error(`${f.name}: does its result say whether C took ${name}?`);
  const owner = f.parameters[0].name;
  const run = `${name} as CallbackFunction | null`;
  const [register, settle] =
    lifetime === 'once'
      ? [`registerOnce(${run}, ${owner})`, [`if (raw !== 0) callbacks.release(${name}Context);`]]
      : [
          `registerKept(${run}, ${owner}, ${what})`,
          [
            `if (raw !== 0) callbacks.release(${name}Context);`,
            `else callbacks.replace(${name}Context, ${owner}, ${what});`,
          ],
        ];
  return {
    check: refuse(`typeof ${name} !== 'function' && ${name} !== null`, `wrong(${what}, 'a function or null', ${name})`),
    register: [`const ${name}Context = callbacks.${register};`],
    passed: [`${name} === null ? 0 : ${type}`, `${name}Context`],
    settle,
  };
}

/** The call itself, what comes of it for handles and callbacks, and the result. */
function callOf(f, parts, { worked }) {
  const { name, parameters, returns, works, destroys, takes } = f;
  const passed = parts.flatMap((part) => part.passed);
  const [begin, ...rest] =
    passed.length < 2
      ? [`c.${name}(${passed.join('')});`]
      : [`c.${name}(`, ...indented(...passed.map((each) => `${each},`)), ');'];
  const isVoid = returns.kind === 'void';
  const first = parameters[0];
  return [
    ...(isVoid ? [] : ['let raw: number;']),
    works ? `gate.begin(${first.name}Pointer === 0 ? 0 : (${first.name} as number));` : 'gate.begin(0);',
    ...parts.flatMap(({ register }) => register ?? []),
    'try {',
    ...indented(`${isVoid ? '' : 'raw = '}${begin}`, ...rest),
    '} catch (error) {',
    '  throw gate.failed(error);',
    '}',
    ...(destroys === undefined ? [] : [`handles.drop(${parameters[destroys].name} as number);`]),
    ...(takes === undefined ? [] : [`if (raw === 0) handles.drop(${parameters[takes].name} as number);`]),
    ...parts.flatMap(({ settle }) => settle ?? []),
    ...(worked.has(first?.type) && !works ? [`module.pump.wake(${first.name} as number);`] : []),
    'gate.end();',
    ...resultOf(f),
  ];
}

function resultType({ parameters, returns }, { received }) {
  const plain = received(returns, 'T.', 'E.');
  const outs = parameters.filter((p) => p.kind === 'out');
  const outType = ({ of }) => (of.kind === 'borrowed-bytes' ? 'Uint8Array | null' : received(of, 'T.', 'E.'));
  return outs.length === 0 ? plain : `{ result: ${plain}; ${outs.map((p) => `${p.name}: ${outType(p)}`).join('; ')} }`;
}

function resultOf(f) {
  const { parameters, returns } = f;
  if (returns.kind === 'void') return [];
  const outs = parameters.filter((p) => p.kind === 'out');
  if (outs.length === 0) return [`return ${plainResult(f)};`];
  return [`return { result: ${plainResult(f)}, ${outs.map((p) => `${p.name}: ${outOf(p, f)}`).join(', ')} };`];
}

function plainResult({ parameters, returns, borrowedFrom }) {
  switch (returns.kind) {
    case 'text':
      return 'memory.textAt(raw)';
    case 'boolean':
      return 'raw !== 0';
    case 'handle': {
      const { type } = returns;
      const handle =
        borrowedFrom === undefined
          ? `handles.adopt('${type}', raw)`
          : `handles.part('${type}', raw, ${parameters[borrowedFrom].name} as number)`;
      return `(${handle} || null) as T.${type} | null`;
    }
    case 'number':
      return returns.min < 0 ? 'raw' : 'raw >>> 0';
    default:
      return 'raw';
  }
}

function outOf({ name, of }, f) {
  const at = `${name}At`;
  if (of.kind === 'borrowed-bytes') return `lentBytes(memory, ${at})`;
  if (of.kind === 'time') return `timeAt(memory, ${at}, timeSize)`;
  if (of.kind === 'boolean') return `memory.view.getUint8(${at}) !== 0`;
  if (of.kind === 'enum' || (of.kind === 'number' && of.min < 0)) return `memory.view.getInt32(${at}, true)`;
  if (of.kind === 'number') return `memory.uint32At(${at})`;
  throw new Error(`${f.name}: don't know how to read ${name}, a ${of.kind}.`);
}

// ---- callbacks

function callbackOf(callback) {
  const { name, parameters, returns, failure, keeps } = callback;
  const isVoid = returns.kind === 'void';
  const answer = parameters.find((p) => p.kind === 'answer');
  const lent = parameters.filter((p) => p.kind === 'handle');
  const raw = parameters.flatMap((p) => (p.kind === 'bytes' || p.kind === 'answer' ? [p.name, sizeName(p)] : [p.name]));
  const failed = isVoid ? '' : ` ${failure}`;
  const passed = parameters.filter((p) => p.kind !== 'answer').map(receivedOf);
  const call = `run(${passed.join(', ')})`;
  return lines(
    `${name}(${[...raw, 'context'].map((each) => `${each}: number`).join(', ')}): ${isVoid ? 'void' : 'number'} {`,
    ...indented(
      'const run = callbacks.called(context);',
      `if (run === undefined) return${failed};`,
      ...lent.map((p) => `const ${p.name}Lent = handles.lend('${p.type}', ${p.name});`),
      ...(isVoid || lent.length === 0 ? [] : [`let reply = ${failure};`]),
      'try {',
      ...indented(...(isVoid ? [`${call};`] : replyOf(callback, call, answer, lent))),
      '} catch (error) {',
      answer ? `  callbacks.answerNothing(${answer.name}, ${sizeName(answer)}, error);` : '  gate.keep(error);',
      ...(isVoid || lent.length > 0 ? [] : [`  return ${failure};`]),
      '}',
      // What C lent for the call is C's again, unless the answer says that the app goes on with it.
      ...lent.map((p) => `${keeps === undefined ? '' : `if (reply !== ${keeps}) `}handles.drop(${p.name}Lent);`),
      ...(isVoid || lent.length === 0 ? [] : ['return reply;']),
    ),
    '},',
  );
}

function replyOf({ name, returns, returnName }, call, answer, lent) {
  if (!answer) {
    const value = checkedReply(returns, call, `'what the ${name} returns'`);
    return [lent.length > 0 ? `reply = ${value};` : `return ${value};`];
  }
  const status = checkedReply(returns, `reply.${returnName}`, `'the ${returnName} that the ${name} returns'`);
  return [
    `const reply = objectOf(${call}, '${name}', '${returnName}');`,
    `const ${returnName} = ${status};`,
    `callbacks.answer(reply.response, ${answer.name}, ${sizeName(answer)}, '${name}');`,
    `return ${returnName};`,
  ];
}

function checkedReply(returns, value, what) {
  if (returns.kind === 'enum') return `enumerator(E.${returns.type}, '${returns.type}', ${value}, ${what})`;
  if (returns.kind === 'number') return `integer(${value}, ${returns.min}, ${returns.max}, ${what})`;
  throw new Error(
    `A callback that returns a ${returns.kind}: wasm-build/write-binding.mjs does not know how to check that.`,
  );
}

/** What the function of the app gets. */
function receivedOf(p) {
  switch (p.kind) {
    case 'text':
      return `memory.textAt(${p.name})`;
    case 'boolean':
      return `${p.name} !== 0`;
    case 'bytes':
      return `memory.copyAt(${p.name}, ${sizeName(p)})`;
    case 'handle':
      return `${p.name}Lent`;
    default:
      return p.name;
  }
}

function sizeName({ name }) {
  return `${name}Size`;
}

// ---- text

function lines(...all) {
  return `${all.join('\n')}\n`;
}

function indented(...all) {
  return all.map((line) => `  ${line}`);
}

function indent(text, columns) {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${' '.repeat(columns)}${line}`)
    .join('\n');
}
