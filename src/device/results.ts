import type { ErrorCode } from '../error-codes/index.js';
import { SphereIotError } from '../errors.js';
import type { Diagnostic } from '../wasm/index.js';
import * as sdk from '../sdk/index.js';

type ResultEnum =
  | 'PROV_DEVICE_RESULT'
  | 'IOTHUB_CLIENT_RESULT'
  | 'IOTHUB_MESSAGE_RESULT'
  | 'IOTHUB_CLIENT_CONFIRMATION_RESULT'
  | 'IOTHUB_CLIENT_CONNECTION_STATUS_REASON';

/** An error for a result of C, with what is known beyond it. */
export function resultError(code: ErrorCode, type: ResultEnum, value: number, diagnostic?: Diagnostic): SphereIotError {
  const name = (sdk[type] as unknown as Record<number, string>)[value] ?? String(value);
  const why = diagnostic === undefined ? '' : ` ${diagnostic.message}`;
  const cause = diagnostic && new SphereIotError(diagnostic.code, diagnostic.message);
  return new SphereIotError(code, `The SDK says ${name}.${why}`, { c: { type, name, value }, cause });
}

/** 0 is OK in every result enum of the SDK. */
export function expectOk(code: ErrorCode, type: ResultEnum, value: number, diagnostic?: Diagnostic): void {
  if (value !== 0) throw resultError(code, type, value, diagnostic);
}

/** What is known of the newest failure of a handle. */
export function latestDiagnostic(instance: sdk.Sdk, handle: number): Diagnostic | undefined {
  return instance.diagnostics.findLast((diagnostic) => diagnostic.handle === handle);
}
