// What instrument.cjs adds to the app's own functions to find reads and writes through NULL: before each access to memory, before
// calls of the C library's functions that would go through a pointer, and after each call of a library.
const { signed, unsigned } = require('./wasm-code.cjs');

/** As src/app/program/host-calls.ts has it, which fills the page and reads the places. Below `size`, GLOBAL_BASE, is nothing of the app. */
const NULL_PAGE = { size: 4096, untouched: 0xf5f5f5f5 | 0, readPlace: 4088, writePlace: 4092 };

const Op = {
  unreachable: 0x00,
  if: 0x04,
  end: 0x0b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  i32Load: 0x28,
  i32Store: 0x36,
  i32Const: 0x41,
  i32IsZero: 0x45,
  i32NotEqual: 0x47,
  i32Below: 0x49,
  i32Add: 0x6a,
  i32And: 0x71,
};
const [I32, I64, F32, F64] = [0x7f, 0x7e, 0x7d, 0x7c];
const NO_RESULT = 0x40;
/** To 4 bytes. */
const ALIGNED = 2;

/** The codes of the loads and of the stores. What each store stores, by its code. */
const FIRST_ACCESS = 0x28;
const FIRST_STORE = 0x36;
const LAST_ACCESS = 0x3e;
const STORED = new Map([
  ...[0x36, 0x3a, 0x3b].map((code) => [code, I32]),
  ...[0x37, 0x3c, 0x3d, 0x3e].map((code) => [code, I64]),
  [0x38, F32],
  [0x39, F64],
]);

/** The locals that a function gets: an address, which is the first of the arguments as well, the others, and a value of each type. */
const ARGUMENTS = 4;
const LOCAL_TYPES = [...Array(ARGUMENTS).fill(I32), I32, I64, F32, F64];
const ADDRESS = 0;
const valueLocal = (type) => LOCAL_TYPES.indexOf(type, ARGUMENTS);

/**
 * Functions of the C library, and what they do with each of their parameters: r reads there, w writes, n is how much: with 0 it
 * does neither; f frees it, which it may do with NULL; - is none of these. After the format of printf come the values.
 */
const CHECKED = new Map(
  Object.entries({
    r: 'strlen atoi atol atof strdup puts',
    'r-': 'strchr strrchr strndup strnlen printf',
    'r--': 'strtol strtoul memchr',
    rr: 'strcmp strstr strcasecmp strspn strcspn strpbrk strcoll',
    'rr-': 'sscanf',
    'rr n': 'strncmp strncasecmp memcmp bcmp',
    wr: 'strcpy strcat stpcpy',
    'wr n': 'strncpy memcpy memmove',
    'wr-': 'sprintf strncat',
    'w-n': 'memset',
    'w n': 'bzero',
    f: 'free emmalloc_free', // newer versions of Emscripten have the second name for both
  }).flatMap(([parameters, names]) => names.split(' ').map((name) => [name, parameters.replace(' ', '')])),
);

/** Leaves an address and ends the app. */
function trap(place, address) {
  return [Op.i32Const, ...signed(place), ...address, Op.i32Store, ALIGNED, 0, Op.unreachable];
}

/**
 * What looks at the address before each access. One whose offset alone is beyond NULL's page is to a variable, or to the end of a
 * very large struct.
 */
function accessChecks(accesses, firstLocal) {
  const address = unsigned(firstLocal + ADDRESS);
  return accesses
    .filter(({ offset }) => offset < NULL_PAGE.size)
    .map(({ at, code, offset }) => {
      const writes = code >= FIRST_STORE;
      const value = writes ? unsigned(firstLocal + valueLocal(STORED.get(code))) : [];
      const accessed = [Op.localGet, ...address, Op.i32Const, ...signed(offset), Op.i32Add];
      return {
        at,
        next: at,
        snippet: [
          ...(writes ? [Op.localSet, ...value] : []),
          ...[Op.localTee, ...address, Op.i32Const, ...signed(NULL_PAGE.size - offset), Op.i32Below],
          // No call: one that may come back makes all of a loop slower.
          ...[Op.if, NO_RESULT, ...trap(writes ? NULL_PAGE.writePlace : NULL_PAGE.readPlace, accessed), Op.end],
          ...[Op.localGet, ...address],
          ...(writes ? [Op.localGet, ...value] : []),
        ],
      };
    });
}

/** What looks at the arguments of a call before it, in the form of CHECKED. */
function argumentChecks(parameters, firstLocal) {
  const locals = Array.from(parameters, (_, i) => unsigned(firstLocal + i));
  const get = (i) => [Op.localGet, ...locals[i]];
  const size = parameters.indexOf('n');
  // != 0 as 0 or 1: twice "is it zero"
  const matters = (i) => [...get(i), Op.i32IsZero, Op.i32IsZero, Op.i32And];
  const checks = Array.from(parameters, (kind, i) => {
    if (!/[rwf]/.test(kind)) return [];
    return [
      ...[...get(i), Op.i32Const, ...signed(NULL_PAGE.size), Op.i32Below],
      ...(kind === 'f' ? matters(i) : size < 0 ? [] : matters(size)),
      ...[Op.if, NO_RESULT, ...trap(kind === 'r' ? NULL_PAGE.readPlace : NULL_PAGE.writePlace, get(i)), Op.end],
    ];
  });
  return [
    ...locals.toReversed().flatMap((local) => [Op.localSet, ...local]),
    ...checks.flat(),
    ...locals.flatMap((local) => [Op.localGet, ...local]),
  ];
}

/** What looks after a call whether a library has written to where NULL leads. */
const WRITTEN_CHECK = [
  ...[Op.i32Const, 0, Op.i32Load, ALIGNED, 0, Op.i32Const, ...signed(NULL_PAGE.untouched), Op.i32NotEqual],
  ...[Op.if, NO_RESULT, ...trap(NULL_PAGE.writePlace, [Op.i32Const, 0]), Op.end],
];

/** @param nameOf The name of a library's function by its number, and how many parameters it has; undefined: it is the app's own. */
function callChecks(calls, firstLocal, nameOf) {
  return calls.flatMap(({ at, index, next }) => {
    const callee = nameOf(index);
    if (callee === undefined) return [];
    const parameters = CHECKED.get(callee.name);
    const before =
      parameters?.length === callee.parameters
        ? [{ at, next: at, snippet: argumentChecks(parameters, firstLocal) }]
        : [];
    return [...before, { at: next, next, snippet: WRITTEN_CHECK }];
  });
}

module.exports = { FIRST_ACCESS, LAST_ACCESS, LOCAL_TYPES, NULL_PAGE, accessChecks, callChecks };
