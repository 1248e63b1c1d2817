/** What Binaryen's Asyncify and native/posix/stack.c add to an app's module. */
export interface AsyncifyExports {
  _start(): void;
  sphere_app_suspended_stack(): number;
  asyncify_start_unwind(stack: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(stack: number): void;
  asyncify_stop_rewind(): void;
}

/**
 * C's stack, which can be taken away and put back: `main` blocks in C, Node does not. While C is suspended nothing enters it. C calls
 * `app_wait` once more when it is put back: `resumed` tells that call from a new one.
 */
export class AsyncifyStack {
  readonly #exports: () => AsyncifyExports;
  #state: 'new' | 'running' | 'suspending' | 'suspended' | 'resuming' = 'new';
  /** Where the stack is kept: an address, which C empties anew each time that it is asked for it. */
  #stack = 0;

  /** @param exports Of a module that is linked, once C runs. */
  constructor(exports: () => AsyncifyExports) {
    this.#exports = exports;
  }

  /** C waits, and its stack is kept. */
  get isSuspended(): boolean {
    return this.#state === 'suspended';
  }

  /** The stack is being put back: C is on its way to where it waited. */
  get isResuming(): boolean {
    return this.#state === 'resuming';
  }

  /** C calls app_wait: true where this is the call in which it was suspended, whose wait is over. */
  resumed(): boolean {
    if (this.#state !== 'resuming') return false;
    this.#exports().asyncify_stop_rewind();
    this.#state = 'running';
    return true;
  }

  /** C waits: takes its stack away, once the import that calls this returns. */
  suspend(): void {
    this.#state = 'suspending';
    this.#stack = this.#exports().sphere_app_suspended_stack();
    this.#exports().asyncify_start_unwind(this.#stack);
  }

  /** Runs C from its start, or on from where it is suspended. False: it has returned; else it is suspended. Throws what C throws. */
  run(): boolean {
    const exports = this.#exports();
    if (this.#state === 'suspended') {
      this.#state = 'resuming';
      exports.asyncify_start_rewind(this.#stack);
    } else this.#state = 'running';
    exports._start();
    if (!this.#isSuspending) return false;
    exports.asyncify_stop_unwind();
    this.#state = 'suspended';
    return true;
  }

  /** C may have changed it. */
  get #isSuspending(): boolean {
    return this.#state === 'suspending';
  }
}
