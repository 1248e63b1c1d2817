import { SphereIotError } from '../errors.js';
import type { Memory, Scope } from '../wasm/index.js';
import type { FunctionDescriptor } from './descriptor.js';
import { structDescriptors } from './generated/descriptors.js';
import { integer, wrong } from './values.js';

/**
 * The pointer to an option's value, of the type that the SDK reads there.
 * @throws SphereIotError `OPTION_UNKNOWN`, `ARGUMENT_INVALID`.
 */
export function writeOption(
  descriptor: FunctionDescriptor,
  name: unknown,
  value: unknown,
  memory: Memory,
  scope: Scope,
): number {
  const options = descriptor.options ?? {};
  const type = Object.hasOwn(options, String(name)) ? options[String(name)] : undefined;
  if (type === undefined)
    throw new SphereIotError(
      'OPTION_UNKNOWN',
      `${descriptor.name} has no option ${String(name)}. It has: ${Object.keys(options).join(', ')}.`,
    );
  const what = `The option ${String(name)}`;
  if (type === 'text') {
    if (typeof value !== 'string' && value !== null) throw wrong(what, 'a text', value);
    return scope.text(value);
  }
  if (structDescriptors.some((struct) => struct.name === type)) return writeStruct(type, value, what, memory, scope);
  return writeNumber(type, value, what, memory, scope);
}

function writeNumber(type: string, value: unknown, what: string, memory: Memory, scope: Scope): number {
  const pointer = scope.space(8);
  const { view } = memory;
  switch (type) {
    case 'bool':
      if (typeof value !== 'boolean') throw wrong(what, 'true or false', value);
      view.setUint8(pointer, value ? 1 : 0);
      break;
    case 'int':
      view.setInt32(pointer, integer(value, -0x80000000, 0x7fffffff, what), true);
      break;
    case 'uint8':
      view.setUint8(pointer, integer(value, 0, 0xff, what));
      break;
    case 'uint32':
      view.setUint32(pointer, integer(value, 0, 0xffffffff, what), true);
      break;
    case 'uint64':
      view.setBigUint64(pointer, BigInt(integer(value, 0, Number.MAX_SAFE_INTEGER, what)), true);
      break;
    default:
      throw new Error(`No way to write an option of type ${type}.`);
  }
  return pointer;
}

function writeStruct(type: string, value: unknown, what: string, memory: Memory, scope: Scope): number {
  if (typeof value !== 'object' || value === null) throw wrong(what, `a ${type}`, value);
  const struct = structDescriptors.find((s) => s.name === type)!;
  const pointer = scope.space(struct.size);
  for (const field of struct.fields) {
    const given = (value as Record<string, unknown>)[field.name];
    const name = `${what}, ${field.name},`;
    if (field.kind === 'text' && typeof given !== 'string' && given != null) throw wrong(name, 'a text', given);
    const raw =
      field.kind === 'text' ? scope.text(given as string | null) : integer(given, -0x80000000, 0x7fffffff, name);
    memory.view.setInt32(pointer + field.offset, raw, true);
  }
  return pointer;
}
