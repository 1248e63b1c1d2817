// The part of WebAssembly's JavaScript interface that is used here. TypeScript has it in its DOM library only, which
// would let code refer to browser objects that Node does not have.

/** What a module is given, by module and name. */
export type WasmImports = Record<string, Record<string, unknown>>;

/** A compiled module. */
export interface WasmModule {
  readonly brand: 'WebAssembly.Module';
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface WebAssemblyApi {
  /** A trap in the module. */
  readonly RuntimeError: new (message?: string) => Error;
  readonly Module: { imports(module: WasmModule): { readonly module: string; readonly name: string }[] };
  compile(bytes: Uint8Array): Promise<WasmModule>;
  instantiate(module: WasmModule, imports: WasmImports): Promise<{ readonly exports: Record<string, unknown> }>;
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
