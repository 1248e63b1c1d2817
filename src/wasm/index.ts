export { Gate } from './gate.js';
export { HandleTable, type CFunction, type Handle } from './handle-table.js';
export { loadModule } from './load.js';
export { Memory, Scope } from './memory.js';
export { webAssembly, type WasmImports, type WasmMemory } from './webassembly.js';
export { createHost, type Host, type HostOptions } from './host/index.js';
export type { Service } from './host/credentials.js';
export type { Diagnostic } from './host/diagnostics.js';
export type { LogLevel, LogLine, Logger } from './host/log.js';
