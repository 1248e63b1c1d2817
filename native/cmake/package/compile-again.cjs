// Compiles a file in another way than clang has refused, where the device's gcc takes it:
// - without the switches that clang does not know;
// - `void* operator new(unsigned int)`: size_t is that on the device. For clang's WebAssembly it is an unsigned long, and such an
//   operator an error: then the file is compiled with the compiler's type there.
// - without the compiler's C++ library: the device has none, and apps bring parts of it along, or define what they need of std.
//   c-headers/ has what the SDK's own headers include of it.
// - with an int main that calls its own, for a main that returns nothing.
//
// Arguments: the object file, beside which OBJECT.txt is what clang said, and the compiler's command line.
const { spawnSync } = require('node:child_process');
const { readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const [object, command, ...given] = process.argv.slice(2);
const REFUSED = /'operator (new|delete)(\[\])?' takes type size_t/;
/** `operator new(unsigned int`, and the size that a delete may take second. */
const NEW = /(operator\s+new(?:\s*\[\s*\])?\s*\(\s*)(?:unsigned(?:\s+int)?|(?:std::)?uint32_t)\b/g;
const DELETE =
  /(operator\s+delete(?:\s*\[\s*\])?\s*\(\s*void\s*\*\s*\w*\s*,\s*)(?:unsigned(?:\s+int)?|(?:std::)?uint32_t)\b/g;
/** What clang says of its command line, and not of a line of the source. */
const OF_SWITCHES = /^(?:\S*(?:clang|emcc|em)\S*: )?error: (.*)$/gm;

const VOID_MAIN = /error: 'main' must return 'int'/;
const WITHOUT_LIBRARY = ['-nostdinc++', '-idirafter', path.join(__dirname, 'c-headers')];

let args = given;
let last = { status: 1, stderr: readFileSync(`${object}.txt`, 'utf8') };
for (let known = withoutRefused(last.stderr); last.status !== 0 && known.length < args.length;) {
  args = known;
  last = run(args);
  known = withoutRefused(last.stderr);
}
if (last.status !== 0 && last.stderr.includes('/include/c++/')) compileWithoutLibrary();
if (last.status !== 0 && VOID_MAIN.test(last.stderr)) last = compileWithIntMain();
if (last.status !== 0 && REFUSED.test(last.stderr)) last = compileWithItsSize();
writeFileSync(`${object}.txt`, last.stderr);
process.stderr.write(last.error ? `error: ${command} can't be run: ${last.error.message}\n` : last.stderr);
process.exitCode = last.status ?? 1;

/** The arguments, less the switches that are said to be none. */
function withoutRefused(said) {
  const quoted = [...said.matchAll(OF_SWITCHES)].flatMap(([, text]) =>
    [...text.matchAll(/'([^']+)'/g)].map(([, name]) => name),
  );
  const isRefused = (argument) =>
    /^-[fmWO]|^--param/.test(argument) &&
    quoted.some(
      (name) =>
        argument === name ||
        argument === `-${name}` ||
        (/[=,]$/.test(name) && (argument.startsWith(name) || argument.startsWith(`-${name}`))),
    );
  return args.filter((argument) => !isRefused(argument));
}

/** What is refused then is not of interest: the library was none of the matter. */
function compileWithoutLibrary() {
  const alone = run([...WITHOUT_LIBRARY, ...args]);
  if (alone.status === 0) last = alone;
}

/** On the device the exit code is then what happens to be in a register; here it is 0. */
function compileWithIntMain() {
  const source = readFileSync(args[args.indexOf('-c') + 1], 'utf8');
  const takesArguments = /\bmain\s*\(\s*(?:const\s+)?int\b/.test(source) ? ['-DSPHERE_IOT_MAIN_TAKES_ARGUMENTS'] : [];
  return run(['-include', path.join(__dirname, 'int-main.h'), ...takesArguments, ...args]);
}

function compileWithItsSize() {
  const output = args.indexOf('-o');
  const source = args[args.indexOf('-c') + 1];
  const isRest = (i) => i !== output && i !== output + 1 && args[i] !== '-c' && args[i] !== source;
  const switches = args.filter((_, i) => isRest(i));
  const preprocessed = run([...switches, '-E', source]);
  if (preprocessed.status !== 0) return preprocessed;
  const file = `${object}.ii`;
  writeFileSync(file, preprocessed.stdout.replace(NEW, '$1__SIZE_TYPE__').replace(DELETE, '$1__SIZE_TYPE__'));
  const rest = switches.filter((each, i) => !/^-M/.test(each) && !/^-M[TFQ]$/.test(switches[i - 1] ?? ''));
  const compiled = run([...rest, '-x', 'c++-cpp-output', '-o', object, '-c', file]);
  rmSync(file);
  return compiled;
}

function run(list) {
  return spawnSync(command, list, { encoding: 'utf8', maxBuffer: 1 << 28 });
}
