// Compiles a C++ file, and again where the device's gcc takes what clang has refused:
// - On the device size_t is an unsigned int, and apps write `void* operator new(unsigned int)`; for clang's WebAssembly it is an
//   unsigned long, and such an operator an error. Then the file is compiled with the compiler's type there.
// - The device has no C++ library: apps bring parts of it along, or define what they need of std. Where this collides with the
//   compiler's library, the file is compiled without it: c-headers/ has what the SDK's own headers include of it.
//
// Arguments: the compiler's command line.
const { spawnSync } = require('node:child_process');
const { rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const [command, ...args] = process.argv.slice(2);
const REFUSED = /'operator (new|delete)(\[\])?' takes type size_t/;
/** `operator new(unsigned int`, and the size that a delete may take second. */
const NEW = /(operator\s+new(?:\s*\[\s*\])?\s*\(\s*)(?:unsigned(?:\s+int)?|(?:std::)?uint32_t)\b/g;
const DELETE =
  /(operator\s+delete(?:\s*\[\s*\])?\s*\(\s*void\s*\*\s*\w*\s*,\s*)(?:unsigned(?:\s+int)?|(?:std::)?uint32_t)\b/g;

const WITHOUT_LIBRARY = ['-nostdinc++', '-idirafter', path.join(__dirname, 'c-headers')];
let first = run(args);
if (first.status !== 0 && first.stderr.includes('/include/c++/')) {
  const alone = run([...WITHOUT_LIBRARY, ...args]);
  if (alone.status === 0) first = alone;
}
if (first.status !== 0 && REFUSED.test(first.stderr)) process.exitCode = compileWithItsSize();
else finish(first);

function compileWithItsSize() {
  const output = args.indexOf('-o');
  const object = args[output + 1];
  const source = args.at(-1);
  const switches = args.slice(0, -1).filter((each, i) => each !== '-c' && i !== output && i !== output + 1);
  const preprocessed = run([...switches, '-E', source]);
  if (preprocessed.status !== 0) return finish(preprocessed);
  const file = `${object}.ii`;
  writeFileSync(file, preprocessed.stdout.replace(NEW, '$1__SIZE_TYPE__').replace(DELETE, '$1__SIZE_TYPE__'));
  const rest = switches.filter((each, i) => !/^-M/.test(each) && !/^-M[TFQ]$/.test(switches[i - 1] ?? ''));
  const compiled = run([...rest, '-x', 'c++-cpp-output', '-o', object, '-c', file]);
  rmSync(file);
  return finish(compiled);
}

function run(list) {
  return spawnSync(command, list, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

function finish({ status, stderr, error }) {
  process.stderr.write(error ? `error: ${command} can't be run: ${error.message}\n` : stderr);
  return (process.exitCode = status ?? 1);
}
