import { SphereIotError } from '../errors.js';
import { webAssembly } from './webassembly.js';

/** Thrown in a function that C called, it ends C at that instant; the caller of C gets `why`. */
export class EndOfC {
  readonly why: unknown;

  constructor(why: unknown) {
    this.why = why;
  }
}

/**
 * The one way into C. It keeps an exception of a JavaScript callback out of C's stack and throws it where C was called;
 * it knows which handle is being worked, and refuses all calls once C has crashed.
 */
export class Gate {
  /** Calls of C that have not returned. */
  #depth = 0;
  /** By depth: the handle that DoWork or an override was called for; 0: another function. */
  readonly #worked: number[] = [];
  /** By depth: what was thrown while C was on the stack. */
  readonly #thrown: ({ readonly value: unknown } | undefined)[] = [];
  #crash: unknown;
  #closed = false;
  #turns = 0;
  /** Counts what C sent, received or called back: a pump goes round again after a round that changed it. */
  activity = 0;

  /** Calls that began while no other was on the stack. */
  get turns(): number {
    return this.#turns;
  }

  /** The handle that the innermost DoWork or override works on; 0 if there is none. */
  get worked(): number {
    for (let i = this.#depth - 1; i >= 0; i--) {
      const worked = this.#worked[i] as number;
      if (worked !== 0) return worked;
    }
    return 0;
  }

  /** Whether a DoWork or an override of this handle is under way. */
  isWorked(handle: unknown): boolean {
    if (handle === 0) return false;
    for (let i = this.#depth - 1; i >= 0; i--) if (this.#worked[i] === handle) return true;
    return false;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether the module has trapped: every call is refused. */
  get crashed(): boolean {
    return this.#crash !== undefined;
  }

  /** Refuses every call from now on. */
  close(): void {
    this.#closed = true;
  }

  /**
   * A call of C begins. If C returns, `end` follows; if it throws, `failed`.
   * @param worked The handle that C works on; 0: none.
   * @throws SphereIotError `SDK_CRASHED` after a trap in the module, `SDK_CLOSED`.
   */
  begin(worked: number): void {
    if (this.#closed || this.#crash !== undefined) this.#refuse();
    const depth = this.#depth++;
    if (depth === 0) this.#turns++;
    this.#worked[depth] = worked;
    this.#thrown[depth] = undefined;
  }

  #refuse(): never {
    if (this.#closed) throw new SphereIotError('SDK_CLOSED', 'This SDK instance is closed; make a new one.');
    throw new SphereIotError('SDK_CRASHED', 'The C code crashed earlier; close this instance and make a new one.', {
      cause: this.#crash,
    });
  }

  /** C has returned. Throws what a callback threw meanwhile. */
  end(): void {
    const thrown = this.#thrown[--this.#depth];
    if (thrown !== undefined) throw thrown.value;
  }

  /** C has thrown `error` and is not on the stack any more; what its caller is to throw. */
  failed(error: unknown): unknown {
    const thrown = this.#thrown[--this.#depth];
    if (error instanceof webAssembly.RuntimeError || isStackOverflow(error)) {
      this.#crash = error;
      return new SphereIotError('SDK_CRASHED', `The C code crashed: ${error.message}.`, { cause: error });
    }
    // What ends C on purpose does not hide what a callback threw before.
    if (thrown !== undefined) return thrown.value;
    return error instanceof EndOfC ? error.why : error;
  }

  /**
   * Runs `call`, which calls C.
   * @throws what `begin` and `end` throw.
   */
  enter<T>(call: () => T, worked = 0): T {
    this.begin(worked);
    let result: T;
    try {
      result = call();
    } catch (error) {
      throw this.failed(error);
    }
    this.end();
    return result;
  }

  /** A function that C called has thrown `error`: it is kept for the caller of C. An EndOfC is thrown again. */
  keep(error: unknown): void {
    if (error instanceof EndOfC) throw error;
    if (this.#depth > 0) this.#thrown[this.#depth - 1] ??= { value: error };
  }

  /** Runs a function that C called. What it throws is kept for the caller of C, and C gets `failure`; but for an EndOfC. */
  guard<T>(run: () => T, failure: T): T {
    try {
      return run();
    } catch (error) {
      this.keep(error);
      return failure;
    }
  }
}

/** Functions of C that call each other too deep, but keep nothing on C's own stack, come to the end of the engine's. */
export function isStackOverflow(error: unknown): error is Error {
  return (error as Partial<Error> | undefined)?.message === 'Maximum call stack size exceeded';
}
