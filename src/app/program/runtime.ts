import type { Memory, WasmImports } from '../../wasm/index.js';

/** Thrown through C to end it: the app called exit, or main returned. */
export class AppExit {
  constructor(readonly code: number) {}
}

/** What the C library asks for beside host.h: arguments, an empty environment, the exit. `args` begins with argv[0]. */
export function runtimeImports(memory: Memory, args: readonly string[]): WasmImports {
  const nothing = (): number => 0;
  const texts = args.map((argument) => Buffer.from(`${argument}\0`));
  return {
    env: { emscripten_notify_memory_growth: () => memory.renew() },
    wasi_snapshot_preview1: {
      environ_sizes_get: nothing,
      environ_get: nothing,
      args_sizes_get: (count: number, size: number): number => {
        memory.view.setUint32(count, texts.length, true);
        memory.view.setUint32(
          size,
          texts.reduce((sum, text) => sum + text.length, 0),
          true,
        );
        return 0;
      },
      args_get: (pointers: number, buffer: number): number => {
        let at = buffer;
        for (const [i, text] of texts.entries()) {
          memory.view.setUint32(pointers + 4 * i, at, true);
          memory.bytes.set(text, at);
          at += text.length;
        }
        return 0;
      },
      proc_exit: (code: number): never => {
        throw new AppExit(code & 0xff);
      },
    },
  };
}
