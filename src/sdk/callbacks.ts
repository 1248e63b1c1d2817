import { SphereIotError } from '../errors.js';
import {
  NumberedRecords,
  type Gate,
  type HandleEntry,
  type HandleTable,
  type Memory,
  type Numbered,
} from '../wasm/index.js';
import { encoder } from './values.js';

/** A function of the app that C can call, with what C hands over. */
export type CallbackFunction = (...args: unknown[]) => unknown;

/** A JavaScript function that C knows by a number, its context. */
interface Registration extends Numbered {
  run: CallbackFunction;
  /** The handle that calls it; the registration ends with it. */
  owner: HandleEntry | undefined;
  /** Where it was handed over: it replaces the one before in the same place. '': it is called once, and then it is gone. */
  place: string;
  /** Numbers of the registrations of the same owner that came before and after it; 0: none. */
  older: number;
  newer: number;
}

/** C passes the number in 32 bits. */
const MAX_CONTEXT = 0x7fff_ffff;

/** JSON, which the service wants. */
const NO_RESPONSE = encoder.encode('null');

const nothing = (): undefined => undefined;

/**
 * The JavaScript functions that C can call. Every C callback type is one imported function (generated); which JavaScript function is
 * meant, the context says: a number that is not used again before two thousand million others.
 */
export class Callbacks {
  readonly #memory: Memory;
  readonly #gate: Gate;
  readonly #handles: HandleTable;
  readonly #registered = new NumberedRecords<Registration>(
    () => ({ number: 0, run: nothing, owner: undefined, place: '', older: 0, newer: 0 }),
    MAX_CONTEXT,
  );

  constructor(memory: Memory, gate: Gate, handles: HandleTable) {
    this.#memory = memory;
    this.#gate = gate;
    this.#handles = handles;
    handles.onDropped = (owner) => this.#releaseAllOf(owner);
  }

  /** Functions that C may still call. */
  get count(): number {
    return this.#registered.count;
  }

  /** Whether C has a function of this owner that it calls once, and has not yet. */
  isAwaited(owner: unknown): boolean {
    for (let number = this.#handles.entry(owner)?.newestCallback ?? 0; number !== 0;) {
      const { place, older } = this.#registered.get(number) as Registration;
      if (place === '') return true;
      number = older;
    }
    return false;
  }

  /** The context for a function that is about to be handed to C, which calls it once; 0 for null. */
  registerOnce(run: CallbackFunction | null, owner: unknown): number {
    return run === null ? 0 : this.#register(run, owner, '');
  }

  /** The context for one that C calls until another one takes its place; 0 for null. */
  registerKept(run: CallbackFunction | null, owner: unknown, place: string): number {
    return run === null ? 0 : this.#register(run, owner, place);
  }

  #register(run: CallbackFunction, owner: unknown, place: string): number {
    const registration = this.#registered.take();
    const { number } = registration;
    const entry = this.#handles.entry(owner);
    registration.run = run;
    registration.owner = entry;
    registration.place = place;
    registration.newer = 0;
    registration.older = 0;
    if (entry === undefined) return number;
    registration.older = entry.newestCallback;
    const older = this.#registered.get(entry.newestCallback);
    if (older !== undefined) older.newer = number;
    entry.newestCallback = number;
    return number;
  }

  /** C took the kept callback `context`, or took NULL (0): what it had in the same place before is gone. */
  replace(context: number, owner: unknown, place: string): void {
    const newest = this.#handles.entry(owner)?.newestCallback ?? 0;
    for (let number = newest; number !== 0;) {
      const { place: other, older } = this.#registered.get(number) as Registration;
      if (other === place && number !== context) this.release(number);
      number = older;
    }
  }

  /** C refused it, or will not call it any more. */
  release(context: number): void {
    const registration = this.#registered.get(context);
    if (registration !== undefined) this.#release(registration);
  }

  #release(registration: Registration): void {
    const { owner, older, newer } = registration;
    const before = this.#registered.get(older);
    const after = this.#registered.get(newer);
    if (before !== undefined) before.newer = newer;
    if (after !== undefined) after.older = older;
    else if (owner !== undefined) owner.newestCallback = older;
    registration.run = nothing;
    registration.owner = undefined;
    this.#registered.free(registration);
  }

  #releaseAllOf(owner: HandleEntry): void {
    while (owner.newestCallback !== 0) this.release(owner.newestCallback);
  }

  /** C calls back. The function that it means; undefined if it is gone. One that is called once is gone with this. */
  called(context: number): CallbackFunction | undefined {
    this.#gate.activity++;
    const registration = this.#registered.get(context);
    if (registration === undefined) return undefined;
    const { run } = registration;
    if (registration.place === '') this.#release(registration);
    return run;
  }

  /**
   * What a callback answers, as bytes on the heap, which C frees.
   * @param type The callback, for the text of the error.
   * @throws SphereIotError `ARGUMENT_INVALID`, `OUT_OF_MEMORY`.
   */
  answer(response: unknown, pointer: number, size: number, type: string): void {
    const bytes = typeof response === 'string' ? encoder.encode(response) : (response ?? NO_RESPONSE);
    if (!(bytes instanceof Uint8Array))
      throw new SphereIotError(
        'ARGUMENT_INVALID',
        `The response that the ${type} returns is neither a text nor bytes.`,
      );
    const copy = this.#memory.allocate(bytes);
    this.#memory.view.setUint32(pointer, copy, true);
    this.#memory.view.setUint32(size, bytes.length, true);
  }

  /** The callback has thrown `error`. Without a response C would leave the service without an answer, and keep the memory of the call. */
  answerNothing(pointer: number, size: number, error: unknown): void {
    this.#gate.keep(error);
    try {
      this.answer(NO_RESPONSE, pointer, size, '');
    } catch {
      // C has no memory left: it says so itself.
    }
  }
}
