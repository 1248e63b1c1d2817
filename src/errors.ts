import { inspect, types } from 'node:util';

import type { ErrorCode } from './error-codes/index.js';
import { masked } from './masked.js';
import { printable } from './printable.js';
import { systemReason } from './system-error.js';

/** Where an error comes from a C function: the result enum and its value. */
export interface CResult {
  /** The enum, for example `PROV_DEVICE_RESULT`. */
  readonly type: string;
  /** The enumerator, for example `PROV_DEVICE_RESULT_TIMEOUT`. */
  readonly name: string;
  readonly value: number;
}

export interface SphereIotErrorOptions {
  readonly cause?: unknown;
  readonly c?: CResult | undefined;
}

const brand = Symbol.for('sphere-iot.error');

/**
 * The base of every error that sphere-iot throws. `code` is stable and meant for programs; `message` says to a person
 * what happened, to what, and what to do. Keys and passwords in it are masked (`(masked)`), and it has no character that a terminal obeys,
 * but for line feeds and tabs.
 *
 * `instanceof` works across the CommonJS and the ES module copy of the package, and across jest's realms.
 */
export class SphereIotError extends Error {
  /** Stable, in capitals, for example `ENDPOINT_NOT_MAPPED`: docs/errors.md says of each what it means, and what to do. */
  readonly code: ErrorCode;
  /** The C result behind the error, where there is one. */
  readonly c?: CResult;

  constructor(code: ErrorCode, message: string, options: SphereIotErrorOptions = {}) {
    super(printable(masked(message)), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SphereIotError';
    this.code = code;
    if (options.c !== undefined) this.c = options.c;
    Object.defineProperty(this, brand, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

/** The message of anything that was thrown, for the text of another error; in words of ours where Node could not use a file or a port. */
export function messageOf(thrown: unknown): string {
  const reason = systemReason(thrown);
  if (reason !== undefined) return reason.text;
  if (thrown instanceof Error || types.isNativeError(thrown)) return thrown.message;
  // An object may have no text, or one that throws.
  return typeof thrown === 'object' ? inspect(thrown) : String(thrown);
}
