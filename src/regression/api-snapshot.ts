import { SphereIotError } from '../errors.js';
import { isObject, parseJson } from '../json.js';

/** How a basic type of C or of its library is laid out. Bytes. */
export interface ApiBasicType {
  readonly size: number;
  readonly alignment: number;
  /** Whole numbers only. */
  readonly signed?: boolean;
}

/** What read the headers. */
export interface ApiToolchain {
  /** Version of Emscripten, where that was the compiler. */
  readonly emscripten?: string;
  readonly clang: string;
  /** For example `wasm32-unknown-emscripten`. */
  readonly target: string;
  readonly flags: readonly string[];
  /** By name, such as `time_t`; `pointer` and `enum` stand for all of theirs. */
  readonly types: Readonly<Record<string, ApiBasicType>>;
}

/** A header, by the name by which it is included. */
export interface ApiHeader {
  readonly name: string;
  /** One of this project's: what Azure Sphere adds to the SDK. */
  readonly ours?: true;
  /** Not asked for, but included by one that was. */
  readonly included?: true;
}

interface Declaration {
  readonly name: string;
  readonly header: string;
}

export interface ApiFunction extends Declaration {
  readonly returns: string;
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly variadic?: true;
}

/** A typedef: a handle, a callback, another name. */
export interface ApiType extends Declaration {
  readonly type: string;
}

export interface ApiEnum extends Declaration {
  readonly tag?: string;
  /** In the order of the header. A value that a number can't hold exactly is a text. */
  readonly members: readonly { readonly name: string; readonly value: number | string }[];
}

/** A field with its offset in bytes; a bit field with its first and last bit from there. */
export interface ApiField {
  readonly name: string;
  readonly type: string;
  readonly offset: number;
  readonly bits?: string;
}

/** A struct or union with its layout. Bytes. */
export interface ApiStruct extends Declaration {
  readonly tag?: string;
  readonly kind: 'struct' | 'union';
  readonly size: number;
  readonly alignment: number;
  /** In the order of the header; those of an inner struct without a name as `outer.inner`. */
  readonly fields: readonly ApiField[];
}

/** An option's name, a version, a limit: a macro, a variable, or an enumerator of an enum without a name. */
export interface ApiConstant extends Declaration {
  readonly kind: 'macro' | 'variable' | 'enumerator';
  /** Of a variable. */
  readonly type?: string;
  /** Of a macro: as the header has it, other macros not replaced. */
  readonly text?: string;
  /** Absent for a variable that the header only declares. */
  readonly value?: number | string;
}

/** The API surface of headers as data. Every list is sorted by name. */
export interface ApiSnapshot {
  readonly format: typeof FORMAT;
  readonly toolchain: ApiToolchain;
  readonly headers: readonly ApiHeader[];
  readonly functions: readonly ApiFunction[];
  readonly types: readonly ApiType[];
  readonly enums: readonly ApiEnum[];
  readonly structs: readonly ApiStruct[];
  readonly constants: readonly ApiConstant[];
}

const FORMAT = 1;

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isFlag: Check = (value) => typeof value === 'boolean';
const isValue: Check = (value) => isText(value) || isNumber(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const fits = (value: unknown, shape: Shape): boolean => isObject(value) && wrongField(value, shape) === undefined;
const listOf =
  (shape: Shape): Check =>
  (value) =>
    Array.isArray(value) && value.every((entry) => fits(entry, shape));

const BASIC_TYPE: Shape = {
  size: isNumber,
  alignment: isNumber,
  signed: optional(isFlag),
};

const TOOLCHAIN: Shape = {
  emscripten: optional(isText),
  clang: isText,
  target: isText,
  flags: (value) => Array.isArray(value) && value.every(isText),
  types: (value) => isObject(value) && Object.values(value).every((type) => fits(type, BASIC_TYPE)),
};

const DECLARATION: Shape = { name: isText, header: isText };

/** What an entry of each list has. */
const LISTS: Readonly<Record<string, Shape>> = {
  headers: { name: isText, ours: optional(isFlag), included: optional(isFlag) },
  functions: {
    ...DECLARATION,
    returns: isText,
    parameters: listOf({ name: isText, type: isText }),
    variadic: optional(isFlag),
  },
  types: { ...DECLARATION, type: isText },
  enums: { ...DECLARATION, tag: optional(isText), members: listOf({ name: isText, value: isValue }) },
  structs: {
    ...DECLARATION,
    tag: optional(isText),
    kind: isText,
    size: isNumber,
    alignment: isNumber,
    fields: listOf({ name: isText, type: isText, offset: isNumber, bits: optional(isText) }),
  },
  constants: {
    ...DECLARATION,
    kind: isText,
    type: optional(isText),
    text: optional(isText),
    value: optional(isValue),
  },
};

/**
 * Reads what `formatApiSnapshot` wrote.
 * @param from Names the text in errors, for example a file.
 * @throws SphereIotError `API_SNAPSHOT_INVALID`; `API_SNAPSHOT_TOO_NEW` for the format of a later version.
 */
export function parseApiSnapshot(text: string, from = 'The text'): ApiSnapshot {
  const value = parseJson(text);
  if (value === undefined) throw invalid(from, 'it is no JSON, or is nested too deep');
  return checkApiSnapshot(value, from);
}

/** The text of a snapshot: JSON that is the same for the same headers and toolchain, with one fact a line. */
export function formatApiSnapshot(snapshot: ApiSnapshot): string {
  return `${JSON.stringify(snapshot, null, 2)}\n`;
}

/** Refuses what is no snapshot, or one of a later format. */
export function checkApiSnapshot(value: unknown, from: string): ApiSnapshot {
  if (!isObject(value)) throw invalid(from, 'it is no object');
  const { format } = value;
  if (typeof format !== 'number') throw invalid(from, 'it has no format number');
  if (format > FORMAT)
    throw new SphereIotError(
      'API_SNAPSHOT_TOO_NEW',
      `${from} is an API snapshot of format ${format}; this version of sphere-iot reads up to ${FORMAT}. Use the version that wrote it, or take the snapshot again.`,
    );
  if (format !== FORMAT) throw invalid(from, `no version of sphere-iot wrote format ${format}`);
  const { toolchain } = value;
  if (!isObject(toolchain)) throw invalid(from, 'it has no toolchain');
  const wrong = wrongField(toolchain, TOOLCHAIN);
  if (wrong !== undefined) throw invalid(from, `the toolchain's ${wrong} is missing or wrong`);
  for (const [list, shape] of Object.entries(LISTS)) checkList(value[list], list, shape, from);
  return value as unknown as ApiSnapshot;
}

function checkList(list: unknown, name: string, shape: Shape, from: string): void {
  if (!Array.isArray(list)) throw invalid(from, `it has no list "${name}"`);
  for (const [index, entry] of list.entries()) {
    const wrong = isObject(entry) ? wrongField(entry, shape) : 'content';
    if (wrong !== undefined) throw invalid(from, `${name}[${index}]: its ${wrong} is missing or wrong`);
  }
}

/** The name of the first field that is not as it has to be. */
function wrongField(value: Record<string, unknown>, shape: Shape): string | undefined {
  return Object.keys(shape).find((field) => !(shape[field] as Check)(value[field]));
}

function invalid(from: string, why: string): SphereIotError {
  const text = `${from} is no API snapshot, or damaged: ${why}. Take it again with \`sphere-iot api snapshot\`.`;
  return new SphereIotError('API_SNAPSHOT_INVALID', text);
}
