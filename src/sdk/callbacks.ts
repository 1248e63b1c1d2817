import { SphereIotError } from '../errors.js';
import type { Gate, HandleTable, Memory } from '../wasm/index.js';
import type { CallbackDescriptor, ValueDescriptor } from './descriptor.js';
import { callbackDescriptors } from './generated/descriptors.js';
import { checked } from './values.js';

type CallbackFunction = (...args: unknown[]) => unknown;

/** Where a function was handed over. */
export interface CallbackPlace {
  /** The handle that calls it; the registration ends with it. */
  readonly owner: number;
  /** Function and parameter: a kept callback replaces the one before in the same place. */
  readonly name: string;
  readonly lifetime: 'once' | 'kept';
}

/** A JavaScript function that C knows by a number, its context. */
interface Registration extends CallbackPlace {
  readonly run: CallbackFunction;
}

const encoder = new TextEncoder();
/** JSON, which the service wants. */
const NO_RESPONSE = encoder.encode('null');

/**
 * The JavaScript functions that C can call. Every C callback type is one imported function; which JavaScript function is
 * meant, the context says, a number that is never used twice.
 */
export class Callbacks {
  readonly #memory: Memory;
  readonly #gate: Gate;
  readonly #handles: HandleTable;
  readonly #registered = new Map<number, Registration>();
  /** Contexts of kept callbacks, by owner and place. */
  readonly #kept = new Map<string, number>();
  #next = 1;

  constructor(memory: Memory, gate: Gate, handles: HandleTable) {
    this.#memory = memory;
    this.#gate = gate;
    this.#handles = handles;
    handles.onDropped = (handle) => this.#releaseAllOf(handle);
  }

  /** Functions that C may still call. */
  get count(): number {
    return this.#registered.size;
  }

  /** The context for a function that is about to be handed to C. */
  register(run: CallbackFunction, place: CallbackPlace): number {
    const context = this.#next++;
    this.#registered.set(context, { run, ...place });
    return context;
  }

  /** C refused it. */
  release(context: number): void {
    this.#registered.delete(context);
  }

  /** C took it, or took NULL (context 0): what it had in the same place before is gone. */
  accept(context: number, place: CallbackPlace): void {
    if (place.lifetime === 'once') return;
    const key = `${place.owner} ${place.name}`;
    this.release(this.#kept.get(key) ?? 0);
    if (context === 0) this.#kept.delete(key);
    else this.#kept.set(key, context);
  }

  #releaseAllOf(owner: number): void {
    for (const [context, registration] of this.#registered) {
      if (registration.owner !== owner) continue;
      this.#registered.delete(context);
      this.#kept.delete(`${owner} ${registration.name}`);
    }
  }

  /** The imports of the generated C. */
  imports(): Record<string, unknown> {
    return Object.fromEntries(
      callbackDescriptors.map((descriptor) => [
        descriptor.name,
        (...args: number[]) => this.#gate.guard(() => this.#run(descriptor, args), descriptor.failure),
      ]),
    );
  }

  #run(descriptor: CallbackDescriptor, args: number[]): number {
    this.#gate.activity++;
    const context = args.at(-1) as number;
    const registration = this.#registered.get(context);
    if (registration === undefined) return descriptor.failure;
    if (registration.lifetime === 'once') this.#registered.delete(context);
    const { values, borrowed, answer } = this.#receive(descriptor, args);
    let reply = descriptor.failure;
    try {
      reply = this.#reply(descriptor, registration.run(...values), answer);
      return reply;
    } catch (error) {
      // Without a response C leaves the service without an answer, and keeps the memory of the call.
      if (answer !== undefined) this.#giveAnswer(answer, NO_RESPONSE);
      throw error;
    } finally {
      // What C lent for the call is C's again, unless the answer says that the app goes on with it.
      if (reply !== descriptor.keeps) for (const handle of borrowed) this.#handles.drop(handle);
    }
  }

  #receive(descriptor: CallbackDescriptor, args: number[]) {
    const values: unknown[] = [];
    const borrowed: number[] = [];
    let answer = 0;
    let next = 0;
    for (const parameter of descriptor.parameters) {
      const raw = args[next++] as number;
      if (parameter.kind === 'bytes') values.push(this.#memory.copyAt(raw, args[next++] as number));
      else if (parameter.kind === 'answer') answer = next++;
      else values.push(this.#value(parameter, raw, borrowed));
    }
    return {
      values,
      borrowed,
      answer: answer === 0 ? undefined : ([args[answer - 1] as number, args[answer] as number] as const),
    };
  }

  #value(parameter: ValueDescriptor, raw: number, borrowed: number[]): unknown {
    if (parameter.kind === 'text') return this.#memory.textAt(raw);
    if (parameter.kind === 'boolean') return raw !== 0;
    if (parameter.kind !== 'handle') return raw;
    const handle = this.#handles.adopt(parameter.type, raw, { borrowed: true });
    borrowed.push(handle);
    return handle;
  }

  #reply(descriptor: CallbackDescriptor, result: unknown, answer: readonly [number, number] | undefined): number {
    const { name, returns, returnName } = descriptor;
    if (returns.kind === 'void') return 0;
    if (answer === undefined) return checked(returns, result, `what the ${name} returns`);
    if (typeof result !== 'object' || result === null)
      throw new SphereIotError('ARGUMENT_INVALID', `The ${name} has to return { ${returnName}, response }.`);
    const { response, [returnName ?? '']: status } = result as Record<string, unknown>;
    const number = checked(returns, status, `the ${returnName} that the ${name} returns`);
    const bytes = typeof response === 'string' ? encoder.encode(response) : (response ?? NO_RESPONSE);
    if (!(bytes instanceof Uint8Array))
      throw new SphereIotError(
        'ARGUMENT_INVALID',
        `The response that the ${name} returns is neither a text nor bytes.`,
      );
    this.#giveAnswer(answer, bytes);
    return number;
  }

  /** Bytes on the heap, which C frees. */
  #giveAnswer([pointer, size]: readonly [number, number], bytes: Uint8Array): void {
    const copy = this.#memory.allocate(bytes);
    this.#memory.view.setUint32(pointer, copy, true);
    this.#memory.view.setUint32(size, bytes.length, true);
  }
}
