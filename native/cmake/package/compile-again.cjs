// Compiles a file in another way than clang has refused, where the device's gcc takes it:
// - without the switches that clang does not know;
// - `void* operator new(unsigned int)`: size_t is that on the device. For clang's WebAssembly it is an unsigned long, and such an
//   operator an error: then the file is compiled with the compiler's type there.
// - without the compiler's C++ library: the device has none, and apps bring parts of it along, or define what they need of std.
//   c-headers/ has what the SDK's own headers include of it.
// - with an int main that calls its own, for a main that returns something else, or takes one parameter or three.
//
// Arguments: whether clang has `compiled` it (what it made of main may be of no use), or has `failed`; the object file, beside which
// OBJECT.txt is what clang said; and the compiler's command line.
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const [outcome, object, command, ...given] = process.argv.slice(2);
const REFUSED = /'operator (new|delete)(\[\])?' takes type size_t/;
/** `operator new(unsigned int`, and the size that a delete may take second. */
const NEW = /(operator\s+new(?:\s*\[\s*\])?\s*\(\s*)(?:unsigned(?:\s+int)?|(?:std::)?uint32_t)\b/g;
const DELETE =
  /(operator\s+delete(?:\s*\[\s*\])?\s*\(\s*void\s*\*\s*\w*\s*,\s*)(?:unsigned(?:\s+int)?|(?:std::)?uint32_t)\b/g;
/** What clang says of its command line, and not of a line of the source. */
const OF_SWITCHES = /^(?:\S*(?:clang|emcc|em)\S*: )?error: (.*)$/gm;

const ODD_MAIN = /'main' must return 'int'|return type of 'main' is not 'int'|only one parameter on 'main'/;
/** The arguments that main may be called with. */
const MAIN_ARGUMENTS = ['argc', 'argv', 'environ'];
const WITHOUT_LIBRARY = ['-nostdinc++', '-idirafter', path.join(__dirname, 'c-headers')];

let args = given;
let last = { status: outcome === 'compiled' ? 0 : 1, stderr: readFileSync(`${object}.txt`, 'utf8') };
for (let known = withoutRefused(last.stderr); last.status !== 0 && known.length < args.length;) {
  args = known;
  last = run(args);
  known = withoutRefused(last.stderr);
}
if (last.status !== 0 && last.stderr.includes('/include/c++/')) compileWithoutLibrary();
const source = args[args.indexOf('-c') + 1];
const main = existsSync(source) ? mainOf(readFileSync(source, 'utf8')) : undefined;
if (main && (ODD_MAIN.test(last.stderr) || main.count === 3)) last = compileWithIntMain(main);
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

/** What main returns and takes, as the source has it; undefined: it defines none. */
function mainOf(source) {
  const code = source.replace(/\/\/.*|\/\*[^]*?\*\//g, ' ');
  const found = /\bmain\s*\(([^()]*)\)\s*\{/.exec(code);
  // Of the words before it, on one line.
  const result = found && /(?:\w+[ \t]+){0,8}\w+$/.exec(code.slice(0, found.index).trimEnd().slice(-200))?.[0];
  if (!result) return undefined;
  const [, parameters] = found;
  const count = /^\s*(void\s*)?$/.test(parameters) ? 0 : parameters.split(',').length;
  return count > MAIN_ARGUMENTS.length ? undefined : { result, count };
}

/**
 * The source in a file of ours, under another name for its main, and an int main after it, where its types are known. That file
 * stays, as ninja compares it with the object. Where main returns nothing, the exit code on the device is what happens to be in a
 * register; here it is 0.
 */
function compileWithIntMain({ result, count }) {
  const wrapper = `${object}.main${path.extname(source)}`;
  const call = `sphere_iot_main(${MAIN_ARGUMENTS.slice(0, count).join(', ')})`;
  const lines = [
    '#define main sphere_iot_main',
    `#include ${JSON.stringify(path.resolve(source))}`,
    '#undef main',
    'extern char** environ;',
    'int main(int argc, char** argv)',
    `{ (void)argc; (void)argv; ${result === 'void' ? `${call}; return 0` : `return (int)${call}`}; }`,
    '',
  ];
  writeFileSync(wrapper, lines.join('\n'));
  const compiled = run(args.map((argument) => (argument === source ? wrapper : argument)));
  if (compiled.status !== 0) return run(args);
  const ofWrapper = compiled.stderr.split('\n').filter((line) => !line.startsWith(`In file included from ${wrapper}`));
  return { ...compiled, stderr: ofWrapper.join('\n') };
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
