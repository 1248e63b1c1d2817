import { SphereIotError } from '../errors.js';
import type { Scope } from '../wasm/index.js';
import type { CallbackPlace } from './callbacks.js';
import type { FunctionDescriptor, OutDescriptor, ParameterDescriptor, ReturnDescriptor } from './descriptor.js';
import { callbackDescriptors, functionDescriptors, providers } from './generated/descriptors.js';
import type { SdkFunctions } from './generated/functions.js';
import type { SdkModule } from './module.js';
import { writeOption } from './sdk-options.js';
import { checked, wrong } from './values.js';

/** All functions of the SDK for one module, under their C names. */
export function bindFunctions(module: SdkModule): SdkFunctions {
  const bound: Record<string, unknown> = {};
  for (const descriptor of functionDescriptors)
    if (!descriptor.replaced) bound[descriptor.name] = bind(descriptor, module);
  providers.forEach(({ name }, number) => {
    bound[name] = module.exports.sphere_provider_address(number);
  });
  return bound as unknown as SdkFunctions;
}

const encoder = new TextEncoder();
const callbackNumbers = new Map(callbackDescriptors.map(({ name, number }) => [name, number]));

/** One call under way. */
interface Call {
  readonly scope: Scope;
  readonly raw: number[];
  readonly outs: { readonly name: string; readonly of: OutDescriptor; readonly pointer: number }[];
  /** Contexts of the callbacks that this call hands over. */
  readonly contexts: { readonly context: number; readonly place: CallbackPlace }[];
}

function bind(descriptor: FunctionDescriptor, module: SdkModule): (...args: unknown[]) => unknown {
  if (descriptor.works) return bindDoWork(descriptor, module);
  const expected = descriptor.parameters.filter((p) => p.kind !== 'out').length;
  const call = (...args: unknown[]): unknown => {
    if (args.length !== expected)
      throw new SphereIotError(
        'ARGUMENT_INVALID',
        `${descriptor.name} takes ${expected} arguments, not ${args.length}.`,
      );
    refuseDestroy(descriptor, args, module);
    try {
      return module.memory.inScope((scope) =>
        run(descriptor, args, { scope, raw: [], outs: [], contexts: [] }, module),
      );
    } finally {
      module.pumped?.(args[0] as number);
    }
  };
  Object.defineProperty(call, 'name', { value: descriptor.name });
  return call;
}

function run(descriptor: FunctionDescriptor, args: readonly unknown[], call: Call, module: SdkModule): unknown {
  prepare(descriptor, args, call, module);
  const inC = module.functions[descriptor.name] as (...args: number[]) => number;
  const raw = module.gate.enter(() => {
    const returned = inC(...call.raw);
    settle(descriptor, args, returned, call, module);
    return returned;
  });
  return result(descriptor, args, raw, call, module);
}

/** DoWork is called most, and needs nothing of the above. */
function bindDoWork({ name, parameters }: FunctionDescriptor, { functions, gate, handles }: SdkModule) {
  const { type } = parameters[0] as { type: string };
  const doWork = functions[name] as (handle: number) => number;
  return (handle: unknown): void => {
    const pointer = handles.pointer(type, handle, name);
    if (gate.isWorked(handle as number)) throw busy(name);
    gate.enter(() => doWork(pointer), handle as number);
  };
}

function busy(name: string): SphereIotError {
  return new SphereIotError(
    'HANDLE_BUSY',
    `${name} can't be called from a callback of the handle that is being worked.`,
  );
}

function refuseDestroy(descriptor: FunctionDescriptor, args: readonly unknown[], { gate, handles }: SdkModule): void {
  if (descriptor.destroys === undefined) return;
  const handle = args[descriptor.destroys] as number;
  if (gate.isWorked(handle)) throw busy(descriptor.name);
  if (handles.isBorrowed(handle))
    throw new SphereIotError(
      'HANDLE_BORROWED',
      `${descriptor.name}: this handle was lent to a callback, and is not the app's to destroy.`,
    );
}

function prepare(descriptor: FunctionDescriptor, args: readonly unknown[], call: Call, module: SdkModule): void {
  let next = 0;
  try {
    for (const parameter of descriptor.parameters)
      write(descriptor, parameter, parameter.kind === 'out' ? undefined : args[next++], args, call, module);
  } catch (error) {
    for (const { context } of call.contexts) module.callbacks.release(context);
    throw error;
  }
}

function write(
  descriptor: FunctionDescriptor,
  parameter: ParameterDescriptor,
  value: unknown,
  args: readonly unknown[],
  call: Call,
  module: SdkModule,
): void {
  const { scope, raw } = call;
  const what = `${descriptor.name}: ${parameter.name}`;
  switch (parameter.kind) {
    case 'handle':
      raw.push(module.handles.pointer(parameter.type, value, descriptor.name));
      break;
    case 'text':
      if (typeof value !== 'string' && value !== null) throw wrong(what, 'a text or null', value);
      raw.push(scope.text(value));
      break;
    case 'bytes': {
      const bytes = typeof value === 'string' ? encoder.encode(value) : value;
      if (bytes !== null && !(bytes instanceof Uint8Array)) throw wrong(what, 'bytes, a text or null', value);
      raw.push(bytes === null ? 0 : scope.bytes(bytes), bytes?.length ?? 0);
      break;
    }
    case 'provider':
      raw.push(providerAddress(parameter.type, value, what, module));
      break;
    case 'callback':
      writeCallback(parameter, value, what, args[0] as number, call, module);
      break;
    case 'option':
      raw.push(writeOption(descriptor, args[1], value, module.memory, scope));
      break;
    case 'out': {
      const pointer = scope.space(8);
      call.outs.push({ name: parameter.name, of: parameter.of, pointer });
      raw.push(pointer);
      if (parameter.of.kind === 'borrowed-bytes') raw.push(pointer + 4);
      break;
    }
    default:
      raw.push(checked(parameter, value, what));
  }
}

function providerAddress(type: string, value: unknown, what: string, { exports }: SdkModule): number {
  const fitting = providers
    .map((provider, number) => ({ ...provider, number }))
    .filter((provider) => provider.type === type);
  if (fitting.some(({ number }) => exports.sphere_provider_address(number) === value)) return value as number;
  throw wrong(what, `${fitting.map(({ name }) => name).join(' or ')} of this SDK instance`, value);
}

function writeCallback(
  parameter: ParameterDescriptor & { kind: 'callback' },
  value: unknown,
  what: string,
  owner: number,
  call: Call,
  module: SdkModule,
): void {
  const place = { owner, name: what, lifetime: parameter.lifetime };
  if (value === null) {
    call.raw.push(0, 0);
    call.contexts.push({ context: 0, place });
    return;
  }
  if (typeof value !== 'function') throw wrong(what, 'a function or null', value);
  const context = module.callbacks.register(value as (...args: unknown[]) => unknown, place);
  call.contexts.push({ context, place });
  call.raw.push(module.exports.sphere_callback_address(callbackNumbers.get(parameter.type) as number), context);
}

/** Keeps or drops what the call handed over, as soon as C has returned. */
function settle(
  descriptor: FunctionDescriptor,
  args: readonly unknown[],
  result: number,
  call: Call,
  module: SdkModule,
): void {
  const { handles, callbacks } = module;
  const refused = result !== 0;
  if (descriptor.destroys !== undefined) handles.drop(args[descriptor.destroys] as number);
  if (descriptor.takes !== undefined && !refused) handles.drop(args[descriptor.takes] as number);
  for (const { context, place } of call.contexts)
    if (refused) callbacks.release(context);
    else callbacks.accept(context, place);
}

function result(
  descriptor: FunctionDescriptor,
  args: readonly unknown[],
  raw: number,
  call: Call,
  module: SdkModule,
): unknown {
  const parent = descriptor.borrowedFrom === undefined ? undefined : (args[descriptor.borrowedFrom] as number);
  const plain = value(descriptor.returns, raw, module, parent);
  if (call.outs.length === 0) return plain;
  return {
    result: plain,
    ...Object.fromEntries(call.outs.map(({ name, of, pointer }) => [name, readOut(of, pointer, module)])),
  };
}

function value(descriptor: ReturnDescriptor, raw: number, module: SdkModule, parent?: number): unknown {
  switch (descriptor.kind) {
    case 'void':
      return undefined;
    case 'text':
      return module.memory.textAt(raw);
    case 'boolean':
      return raw !== 0;
    case 'handle': {
      const handle = module.handles.adopt(descriptor.type, raw, parent === undefined ? {} : { parent });
      return handle === 0 ? null : handle;
    }
    case 'number':
      return descriptor.min < 0 ? raw : raw >>> 0;
    default:
      return raw;
  }
}

function readOut(of: OutDescriptor, pointer: number, module: SdkModule): unknown {
  const { view } = module.memory;
  if (of.kind === 'borrowed-bytes') {
    const bytes = view.getUint32(pointer, true);
    return bytes === 0 ? null : module.memory.copyAt(bytes, view.getUint32(pointer + 4, true));
  }
  if (of.size === 1) return value(of, view.getUint8(pointer), module);
  if (of.size === 8) return Number(view.getBigInt64(pointer, true));
  return value(of, view.getInt32(pointer, true), module);
}
