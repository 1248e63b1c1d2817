import { SphereIotError } from '../errors.js';
import { webAssembly } from './webassembly.js';

/** Thrown in a function that C called, it ends C at that instant; the caller of C gets `why`. */
export class EndOfC {
  readonly why: unknown;

  constructor(why: unknown) {
    this.why = why;
  }
}

interface Frame {
  /** The handle that DoWork or an override was called for; 0: another function. */
  readonly worked: number;
  /** What was thrown while C was on the stack. */
  thrown: { readonly value: unknown } | undefined;
}

/**
 * The one way into C. It keeps an exception of a JavaScript callback out of C's stack and throws it where C was called;
 * it knows which handle is being worked, and refuses all calls once C has crashed.
 */
export class Gate {
  readonly #frames: Frame[] = [];
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
    for (let i = this.#frames.length - 1; i >= 0; i--) {
      const { worked } = this.#frames[i] as Frame;
      if (worked !== 0) return worked;
    }
    return 0;
  }

  isWorked(handle: number): boolean {
    return this.#frames.some((frame) => frame.worked === handle);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Refuses every call from now on. */
  close(): void {
    this.#closed = true;
  }

  /**
   * Runs `call`, which calls C.
   * @throws what a callback threw meanwhile, and SphereIotError `SDK_CRASHED` after a trap in the module, `SDK_CLOSED`.
   */
  enter<T>(call: () => T, worked = 0): T {
    if (this.#closed) throw new SphereIotError('SDK_CLOSED', 'This SDK instance is closed; make a new one.');
    if (this.#crash !== undefined)
      throw new SphereIotError('SDK_CRASHED', 'The C code crashed earlier; close this instance and make a new one.', {
        cause: this.#crash,
      });
    const frame: Frame = { worked, thrown: undefined };
    if (this.#frames.length === 0) this.#turns++;
    this.#frames.push(frame);
    let result: T;
    try {
      result = call();
    } catch (error) {
      if (error instanceof webAssembly.RuntimeError) {
        this.#crash = error;
        throw new SphereIotError('SDK_CRASHED', `The C code crashed: ${error.message}.`, { cause: error });
      }
      // What ends C on purpose does not hide what a callback threw before.
      if (frame.thrown !== undefined) throw frame.thrown.value;
      throw error instanceof EndOfC ? error.why : error;
    } finally {
      this.#frames.pop();
    }
    if (frame.thrown !== undefined) throw frame.thrown.value;
    return result;
  }

  /** Runs a function that C called. What it throws is kept for the caller of C, and C gets `failure`; but for an EndOfC. */
  guard<T>(run: () => T, failure: T): T {
    try {
      return run();
    } catch (error) {
      if (error instanceof EndOfC) throw error;
      const frame = this.#frames.at(-1);
      if (frame !== undefined) frame.thrown ??= { value: error };
      return failure;
    }
  }
}
