// What an app calls and nobody defines is an error of its build, not of its run: emcc would leave it as an import.
const { readFileSync } = require('node:fs');

const runtime = new Set([
  'env.emscripten_notify_memory_growth',
  'env.__sanitizer_cov_trace_pc', // until instrument.cjs has taken it out
  ...['args_get', 'args_sizes_get', 'environ_get', 'environ_sizes_get', 'proc_exit'].map(
    (name) => `wasi_snapshot_preview1.${name}`,
  ),
]);
const absent = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(process.argv[2])))
  .filter(({ module, name }) => module !== 'host' && !runtime.has(`${module}.${name}`))
  .map(({ name }) => name);
for (const name of absent) process.stderr.write(`error: undefined symbol: ${name}\n`);
if (absent.length > 0)
  process.stderr.write('Neither the app nor the libraries of sphere-iot define it: see docs/apps.md.\n');
process.exitCode = absent.length > 0 ? 1 : 0;
