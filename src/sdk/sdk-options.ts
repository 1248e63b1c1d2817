import { SphereIotError } from '../errors.js';
import type { Memory } from '../wasm/index.js';
import { options, structs } from './generated/option-tables.js';
import { integer, wrong } from './values.js';

/**
 * The pointer to an option's value, of the type that the SDK reads there: a temporary value.
 * @param setter The function that sets it.
 * @throws SphereIotError `OPTION_UNKNOWN`, `ARGUMENT_INVALID`.
 */
export function writeOption(setter: keyof typeof options, name: unknown, value: unknown, memory: Memory): number {
  const types: Readonly<Record<string, string>> = options[setter];
  const type = Object.hasOwn(types, String(name)) ? types[String(name)] : undefined;
  if (type === undefined)
    throw new SphereIotError(
      'OPTION_UNKNOWN',
      `${setter} has no option ${String(name)}. It has: ${Object.keys(types).join(', ')}.`,
    );
  const what = `The option ${String(name)}`;
  if (type === 'text') {
    if (typeof value !== 'string' && value !== null) throw wrong(what, 'a text', value);
    return memory.text(value);
  }
  const struct = structs.find((known) => known.name === type);
  return struct === undefined ? writeNumber(type, value, what, memory) : writeStruct(struct, value, what, memory);
}

function writeNumber(type: string, value: unknown, what: string, memory: Memory): number {
  const pointer = memory.space(8);
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

function writeStruct(struct: (typeof structs)[number], value: unknown, what: string, memory: Memory): number {
  if (typeof value !== 'object' || value === null) throw wrong(what, `a ${struct.name}`, value);
  const pointer = memory.space(struct.size);
  for (const field of struct.fields) {
    const given = (value as Record<string, unknown>)[field.name];
    const name = `${what}, ${field.name},`;
    if (field.kind === 'text' && typeof given !== 'string' && given != null) throw wrong(name, 'a text', given);
    const raw =
      field.kind === 'text' ? memory.text(given as string | null) : integer(given, -0x80000000, 0x7fffffff, name);
    memory.view.setInt32(pointer + field.offset, raw, true);
  }
  return pointer;
}
