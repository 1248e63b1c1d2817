import { asciiLowerCase } from '../../ascii.js';
import { SphereIotError } from '../../errors.js';
import { instead, nearest } from '../../nearest.js';
import { DPS_ENDPOINT } from '../service-names.js';
import type { FaultAim, FaultKind, FaultOptions } from './fault.js';

/** What a field's value has to be: the words of the error, and the test. */
interface Rule {
  readonly words: string;
  fits(value: unknown): boolean;
  readonly required?: true;
}

interface Shape {
  /** Where it can occur. `tls`: anywhere, but the device is not known. */
  readonly at: 'tls' | 'any' | 'dps' | 'hub';
  readonly fields?: Readonly<Record<string, Rule>>;
}

const PACKETS = ['connect', 'publish', 'puback', 'subscribe', 'unsubscribe', 'pingreq', 'disconnect'];
const packet = oneOf(...PACKETS);
const status = required(whole(400, 599));
// Less has no effect, and would count as struck all the same.
const milliseconds = required({ words: 'milliseconds, 1 or more', fits: (value) => isNumber(value) && value >= 1 });
const dpsRequest = oneOf('register', 'poll');
const twinRequest = oneOf('get', 'report');

const SHAPES: Readonly<Record<FaultKind, Shape>> = {
  refuseTls: { at: 'tls' },
  expiredCertificate: { at: 'tls' },
  connack: { at: 'any', fields: { code: required(whole(1, 5)) } },
  drop: { at: 'any', fields: { packet } },
  takeOver: { at: 'any', fields: { packet } },
  halfOpen: { at: 'any', fields: { packet } },
  delay: { at: 'any', fields: { packet, ms: milliseconds } },
  slowReader: { at: 'any', fields: { packet, bytesPerSecond: required(whole(1)) } },
  dpsError: { at: 'dps', fields: { status, retryAfterSeconds: whole(0), request: dpsRequest } },
  dpsSilence: { at: 'dps', fields: { request: dpsRequest } },
  dpsAssigning: { at: 'dps', fields: { polls: required(whole(0)) } },
  dpsDisabled: { at: 'dps' },
  twinError: { at: 'hub', fields: { status, request: twinRequest } },
  twinSilence: { at: 'hub', fields: { request: twinRequest } },
  lostPuback: { at: 'hub' },
  throttledTelemetry: { at: 'hub', fields: { ms: milliseconds } },
  duplicateC2d: { at: 'hub' },
  refusedMethod: { at: 'hub' },
  lostMethod: { at: 'hub' },
};

const text: Rule = { words: 'a text', fits: (value) => typeof value === 'string' && value !== '' };

const AIM: Readonly<Record<keyof FaultAim | 'kind', Rule>> = {
  kind: text,
  device: text,
  service: text,
  times: { words: 'a whole number from 1, or Infinity', fits: (value) => value === Infinity || whole(1).fits(value) },
  after: whole(0),
  for: { words: 'milliseconds, more than 0', fits: (value) => isNumber(value) && value > 0 },
  probability: { words: 'a number from 0 to 1', fits: (value) => isNumber(value) && value >= 0 && value <= 1 },
};

/**
 * @param isHub Whether a hub has this full name.
 * @throws SphereIotError `FAULT_INVALID`.
 */
export function checkFault(options: FaultOptions, isHub: (name: string) => boolean): void {
  if (typeof options !== 'object' || (options as unknown) === null)
    throw invalid(`A fault is an object with its kind, not ${String(options)}.`);
  if (!Object.hasOwn(SHAPES, options.kind)) throw invalid(kindFault(options));
  const { at, fields = {} } = SHAPES[options.kind];
  const reason = fieldsFault(options, { ...AIM, ...fields }) ?? aimFault(options, at, isHub);
  if (reason !== undefined) throw invalid(`The fault ${options.kind} can't be added: ${reason}.`);
}

/** What is wrong with a kind that there is not. */
function kindFault(options: object): string {
  const { kind } = options as { readonly kind?: unknown };
  const kinds = Object.keys(SHAPES);
  if (kind !== undefined) return `There is no fault of the kind ${String(kind)}${instead(String(kind), kinds)}.`;
  const [typo] = Object.keys(options).filter((key) => nearest(key, ['kind']) !== undefined);
  return `A fault has a kind${typo === undefined ? '' : `, perhaps in the place of ${typo}`}: one of ${kinds.join(', ')}.`;
}

function fieldsFault(options: FaultOptions, rules: Readonly<Record<string, Rule>>): string | undefined {
  for (const [key, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) return `it has no field ${key}${instead(key, Object.keys(rules))}`;
    if (value !== undefined && !rule.fits(value)) return `${key} is ${String(value)}, not ${rule.words}`;
  }
  const missing = Object.keys(rules).find(
    (key) => rules[key]?.required && (options as unknown as Record<string, unknown>)[key] === undefined,
  );
  return missing === undefined ? undefined : `${missing} is missing: ${rules[missing]?.words ?? ''}`;
}

function aimFault(
  { device, service }: FaultAim,
  at: Shape['at'],
  isHub: (name: string) => boolean,
): string | undefined {
  if (at === 'tls' && device !== undefined)
    return 'the device is not known while TLS is being set up, so that it can be aimed at a service only';
  if (service === undefined) return undefined;
  const dps = service === 'dps' || asciiLowerCase(service) === DPS_ENDPOINT;
  if (!dps && service !== 'hub' && !isHub(service))
    return `the service ${service} is none of dps, hub, and the hubs' names`;
  if (at === (dps ? 'hub' : 'dps')) return `it occurs at ${at === 'dps' ? 'DPS' : 'hubs'} only, not at ${service}`;
  return undefined;
}

function invalid(message: string): SphereIotError {
  return new SphereIotError('FAULT_INVALID', message);
}

function required(rule: Rule): Rule {
  return { ...rule, required: true };
}

function oneOf(...values: string[]): Rule {
  return { words: `one of ${values.join(', ')}`, fits: (value) => values.includes(value as string) };
}

function whole(from: number, to = Infinity): Rule {
  const words = to === Infinity ? `a whole number from ${from}` : `a whole number from ${from} to ${to}`;
  return { words, fits: (value) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(value);
}
