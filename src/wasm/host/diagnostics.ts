import type { Clock } from '../../clock/index.js';
import type { ErrorCode } from '../../error-codes/index.js';
import type { SphereIotError } from '../../errors.js';
import { masked } from '../../masked.js';
import type { Gate } from '../gate.js';
import type { Memory } from '../memory.js';
import { runtimeLine, type Logger } from './log.js';

/** Why something failed, where the SDK has no more than a result code for it. */
export interface Diagnostic {
  /** Clock milliseconds. */
  readonly at: number;
  /** The client handle that it happened to; 0 if that is not known. */
  readonly handle: number;
  /** Stable, for example `SERVER_NOT_TRUSTED` or `DPS_REGISTRATION_REFUSED`. */
  readonly code: ErrorCode;
  /** What happened, to what, and what to do. */
  readonly message: string;
}

/** The codes of native/sphere/installed_override.c. */
const CODES_OF_C = [
  'OVERRIDE_COMMON_NAME_MISMATCH',
  'OVERRIDE_HANDLE_INVALID',
  'OVERRIDE_TOO_LATE',
  'OVERRIDE_WITHOUT_EFFECT',
] as const;

/** Another code is that of another module. */
function codeOfC(text: string | null): ErrorCode {
  return CODES_OF_C.find((code) => code === text) ?? 'WASM_MISMATCH';
}

/** The newest that are kept. */
const KEPT = 100;

/** Why calls and connections of an SDK instance failed, beyond C's results; each is a line of the log, too. */
export class Diagnostics {
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #list: Diagnostic[] = [];

  constructor(clock: Clock, logger: Logger | undefined) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The oldest first. */
  get list(): readonly Diagnostic[] {
    return this.#list;
  }

  /** The import of host.h. */
  imports(memory: Memory, gate: Gate) {
    return {
      diagnostic: (code: number, text: number): void =>
        this.add(gate.worked, { code: codeOfC(memory.textAt(code)), message: memory.textAt(text) ?? '' }),
    };
  }

  add(handle: number, { code, message }: Pick<SphereIotError, 'code' | 'message'>): void {
    this.#list.push({ at: this.#clock.now(), handle, code, message: masked(message) });
    if (this.#list.length > KEPT) this.#list.shift();
    this.#logger?.(runtimeLine('error', `${code}: ${message}`));
  }
}
