/// <reference types="node" preserve="true" />
export * from './certificates/index.js';
export * from './clock/index.js';
export * from './device/index.js';
export type { ErrorCode } from './error-codes/index.js';
export { SphereIotError, type CResult, type SphereIotErrorOptions } from './errors.js';
export * from './sdk/index.js';
export type { Endpoint, EndpointResolver, Network, Outage, OutageKind, OutageOptions } from './transport/index.js';
export { closeAll, type Closeable, type WaitOptions } from './waiting/index.js';
export type { Diagnostic, LogLevel, LogLine, Logger } from './wasm/index.js';
