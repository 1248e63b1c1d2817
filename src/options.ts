import { SphereIotError } from './errors.js';
import { instead } from './nearest.js';
import { callback, isPlain, timeLimit, type Rule } from './rules.js';

type KeysOf<T> = T extends unknown ? Extract<keyof T, string> : never;

/** The rule of each option. */
export type Rules<T> = { readonly [K in KeysOf<T>]: Rule };

/**
 * Refuses options that would be ignored, or would lead to nonsense: what is no object, as 5000 in the place of `{ timeout: 5000 }`; names
 * that are not known, as `timout`; values that are not what they have to be.
 * @param of What they are of, for the error.
 * @param example As they are written.
 * @param names Those that there are. Default: any.
 * @throws SphereIotError `OPTIONS_INVALID`.
 */
export function checkOptions<T>(options: T | undefined, of: string, example: string, rules: NoInfer<Rules<T>>): void {
  if (options !== undefined && !isPlain(options))
    throw invalid(
      `The options of ${of} are an object, and not ${kindOf(options)}. Write them as in ${example}, or leave them out.`,
    );
  const fault = optionFault(options ?? {}, rules);
  if (fault !== undefined) throw invalid(`The options of ${of} are wrong: ${fault}.`);
}

/** What is wrong in an object with options, in words; undefined: nothing. An option that is undefined has been left out. */
export function optionFault(options: object, rules: Readonly<Record<string, Rule>>): string | undefined {
  const names = Object.keys(rules);
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) return `there is no ${name}${instead(name, names)}`;
    if (value !== undefined && !rule.fits(value)) return `${name} has to be ${rule.words}, and is ${kindOf(value)}`;
  }
  const missing = names.find(
    (name) => rules[name]?.required && (options as Readonly<Record<string, unknown>>)[name] === undefined,
  );
  return missing === undefined ? undefined : `${missing} is missing, ${rules[missing]?.words ?? ''}`;
}

/**
 * Judges how long a wait lasts at most.
 * @throws SphereIotError `TIMEOUT_INVALID`.
 */
export function checkTimeout(timeout: unknown): void {
  if (timeout === undefined || timeLimit.fits(timeout)) return;
  throw new SphereIotError('TIMEOUT_INVALID', `The timeout of a wait is ${timeLimit.words}; not ${kindOf(timeout)}.`);
}

/**
 * Refuses what is no function in the place of one that is called later, if ever: until then nobody would know.
 * @param what It is, for the error: the listener of a pin.
 * @throws SphereIotError `ARGUMENT_INVALID`.
 */
export function checkFunction(what: string, given: unknown): void {
  checkArgument(what, given, callback);
}

/** @throws SphereIotError `ARGUMENT_INVALID`. */
export function checkArgument(what: string, given: unknown, rule: Rule): void {
  if (!rule.fits(given))
    throw new SphereIotError('ARGUMENT_INVALID', `${what} has to be ${rule.words}, and is ${kindOf(given)}.`);
}

function invalid(message: string): SphereIotError {
  return new SphereIotError('OPTIONS_INVALID', message);
}

/** What a value is, for an error. A text may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return value === '' ? 'an empty text' : 'a text';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
