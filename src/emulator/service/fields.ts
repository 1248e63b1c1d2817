import { isObject } from '../../json.js';
import { kindOf } from '../../options.js';
import type { JsonObject } from '../hub/twin-properties.js';
import { badRequest } from './service-error.js';

/**
 * The fields of a JSON object that a back end sent. A field that is null counts as left out, since the Java client sends every field of its
 * models (protocol.md#service-registry). A field of another type is refused, and so that the client finds it, by its name.
 */
export class Fields {
  readonly #object: JsonObject;
  /** Where the object stands, for errors: `authentication.`. */
  readonly #path: string;

  private constructor(object: JsonObject, path: string) {
    this.#object = object;
    this.#path = path;
  }

  /** @throws ServiceError 400 unless the value is a JSON object. */
  static of(value: unknown, what = 'the body'): Fields {
    if (!isObject(value)) throw badRequest(`${what} has to be a JSON object, and is ${jsonKind(value)}.`);
    return new Fields(value, '');
  }

  /** @throws ServiceError 400, as every other method here. */
  text(name: string): string | undefined {
    return this.#typed(name, 'a text', (value): value is string => typeof value === 'string');
  }

  /** The text, where it has to be there and not empty. */
  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw badRequest(`${this.#path}${name} is missing.`);
    return value;
  }

  flag(name: string): boolean | undefined {
    return this.#typed(name, 'true or false', (value): value is boolean => typeof value === 'boolean');
  }

  whole(name: string, from: number, to: number): number | undefined {
    const words = `a whole number from ${from} to ${to}`;
    const fits = (value: unknown): value is number =>
      Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
    return this.#typed(name, words, fits);
  }

  /** One of the names, without regard to case: Java writes `Enabled` (protocol.md#service-registry). */
  oneOf<T extends string>(name: string, ...names: readonly T[]): T | undefined {
    const given = this.text(name);
    if (given === undefined || given === '') return undefined;
    const found = names.find((each) => each.toLowerCase() === given.toLowerCase());
    if (found === undefined) throw badRequest(`${this.#path}${name} has to be one of ${names.join(', ')}.`);
    return found;
  }

  object(name: string): JsonObject | undefined {
    return this.#typed(name, 'a JSON object', isObject);
  }

  list(name: string): readonly unknown[] | undefined {
    return this.#typed(name, 'a list', (value): value is readonly unknown[] => Array.isArray(value));
  }

  /** The object under this name, to be read in the same way. */
  fields(name: string): Fields | undefined {
    const object = this.object(name);
    return object === undefined ? undefined : new Fields(object, `${this.#path}${name}.`);
  }

  /** JSON of any kind; undefined where it is left out. */
  json(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }

  #typed<T>(name: string, words: string, fits: (value: unknown) => value is T): T | undefined {
    const value = this.json(name) ?? undefined;
    if (value === undefined || fits(value)) return value;
    throw badRequest(`${this.#path}${name} has to be ${words}, and is ${jsonKind(value)}.`);
  }
}

function jsonKind(value: unknown): string {
  return value === undefined ? 'empty, or no JSON' : kindOf(value);
}
