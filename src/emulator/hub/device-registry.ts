import { defined } from '../../defined.js';
import { checkOptions, kindOf, type Rules } from '../../options.js';
import * as rules from '../../rules.js';
import { randomUUID } from 'node:crypto';

import { counted } from '../../counted.js';
import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { isObject } from '../../json.js';
import { Lifetime } from '../lifetime.js';
import { plain } from '../identity/client-certificate.js';
import { flag, headerText, oneOf, optional, shape, text, time } from '../state/shape.js';
import { NO_NAMESPACE, type Codec, type Namespace, type Collection } from '../state/store.js';
import { generation, Generations } from './generations.js';
import { completeKey, type SymmetricKey } from '../identity/symmetric-key.js';

/** Of a device's certificates: hex, with or without colons. */
export interface Thumbprints {
  readonly primary: string;
  readonly secondary?: string;
}

/** How a device proves its identity. */
export type AuthenticationMechanism =
  /** By the leaf certificate itself: SHA-1 or SHA-256 thumbprints, in any notation; either of the two will do. */
  | { readonly type: 'selfSigned'; readonly thumbprints: Thumbprints }
  /** By a chain up to a verified CA of the hub. */
  | { readonly type: 'certificateAuthority' }
  /** By a SAS token that one of the keys signed. */
  | { readonly type: 'sas'; readonly symmetricKey: SymmetricKey };

/** The same, to be completed: keys that are left out are made at random. */
export type AuthenticationMechanismOptions =
  | Exclude<AuthenticationMechanism, { readonly type: 'sas' }>
  | { readonly type: 'sas'; readonly symmetricKey?: Partial<SymmetricKey> | undefined };

/** A device identity, as IoT Hub's registry holds it. */
export interface DeviceIdentity {
  /** Case-sensitive. */
  readonly deviceId: string;
  readonly authentication: AuthenticationMechanism;
  readonly enabled: boolean;
  /** Changes when the device is deleted and created again. */
  readonly generationId: string;
  readonly etag: string;
  /** Clock ms. */
  readonly createdAt: number;
  /** Why it is disabled or enabled, in the words of its operator. */
  readonly statusReason?: string;
  /** When it was last enabled or disabled, clock ms; undefined where that never changed. */
  readonly statusUpdatedAt?: number;
  /** Whether it was created as a device of IoT Edge, of which the emulator keeps this flag only. */
  readonly iotEdge?: boolean;
}

export interface DeviceOptions {
  readonly deviceId: string;
  readonly authentication: AuthenticationMechanismOptions;
  /** Default true. */
  readonly enabled?: boolean | undefined;
  readonly statusReason?: string | undefined;
  /** Default false. */
  readonly iotEdge?: boolean | undefined;
}

/** What of an identity can be changed. */
export type DeviceChange = Partial<Omit<DeviceOptions, 'deviceId'>>;

const CHANGE_RULES: Rules<DeviceChange> = {
  authentication: rules.object,
  enabled: rules.flag,
  statusReason: rules.text,
  iotEdge: rules.flag,
};
const RULES: Rules<DeviceOptions> = {
  ...CHANGE_RULES,
  deviceId: rules.anything, // judged by create
  authentication: rules.required(rules.object),
};
const AUTHENTICATION_RULES: Rules<AuthenticationMechanismOptions> = {
  type: rules.required(rules.oneOf('selfSigned', 'certificateAuthority', 'sas')),
  thumbprints: rules.object,
  symmetricKey: rules.object,
};

/** @internal What the hub does when an identity changes. */
export interface RegistryListener {
  created(identity: DeviceIdentity): void;
  disabled(deviceId: string): void;
  deleted(identity: DeviceIdentity): void;
}

const NO_TYPE = 'has another type than selfSigned, certificateAuthority or sas';

const DEVICE_ID = /^[A-Za-z0-9\-.+%_#*?!(),:=@$']{1,128}$/;

/** @throws SphereIotError `DEVICE_ID_INVALID`. */
export function checkDeviceId(deviceId: unknown): void {
  if (typeof deviceId === 'string' && DEVICE_ID.test(deviceId)) return;
  const given = typeof deviceId === 'string' ? JSON.stringify(deviceId) : kindOf(deviceId);
  throw new SphereIotError(
    'DEVICE_ID_INVALID',
    `${given} is no device id: 1 to 128 letters, digits or - . + % _ # * ? ! ( ) , : = @ $ '.`,
  );
}

/** The device identities of a hub. */
export class DeviceRegistry {
  readonly #clock: Clock;
  readonly #hub: string;
  readonly #maxDevices: number;
  readonly #listener: RegistryListener;
  readonly #devices: Map<string, DeviceIdentity>;
  readonly #kept: Collection<DeviceIdentity>;
  readonly #lifetime: Lifetime;
  readonly #generations: Generations;

  /** @internal */
  constructor(
    clock: Clock,
    hub: string,
    maxDevices: number,
    listener: RegistryListener,
    namespace: Namespace = NO_NAMESPACE,
    lifetime = new Lifetime(),
  ) {
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#hub = hub;
    this.#maxDevices = maxDevices;
    this.#listener = listener;
    this.#kept = namespace.collection('devices', deviceCodec);
    this.#devices = new Map(this.#kept.entries());
    const known = [...this.#devices.values()].map(({ generationId }) => generationId);
    this.#generations = new Generations(clock, namespace, 'deviceGeneration', known);
  }

  /**
   * @throws SphereIotError `DEVICE_ID_INVALID`, `DEVICE_ALREADY_EXISTS`, `DEVICE_AUTHENTICATION_INVALID`, `SYMMETRIC_KEY_INVALID`,
   * `TOO_MANY_DEVICES` (`maxDevices` of the hub), `EMULATOR_CLOSED`.
   */
  create(options: DeviceOptions): DeviceIdentity {
    checkOptions(options, 'devices.create', '{ deviceId, authentication }', RULES);
    checkOptions(options.authentication, 'authentication', "{ type: 'sas' }", AUTHENTICATION_RULES);
    const { deviceId } = options;
    checkDeviceId(deviceId);
    this.#lifetime.check();
    if (this.#devices.has(deviceId))
      throw new SphereIotError('DEVICE_ALREADY_EXISTS', `The device ${deviceId} is already in ${this.#hub}.`);
    if (this.#devices.size >= this.#maxDevices)
      throw new SphereIotError(
        'TOO_MANY_DEVICES',
        `${this.#hub} has ${counted(this.#devices.size, 'device')} already, as many as it takes.`,
      );
    const identity = this.#set({
      deviceId,
      authentication: completed(options.authentication, deviceId),
      enabled: options.enabled ?? true,
      generationId: this.#generations.next(),
      createdAt: this.#clock.now(),
      ...defined({ statusReason: options.statusReason, iotEdge: options.iotEdge }),
    });
    this.#listener.created(identity);
    return identity;
  }

  /** @throws SphereIotError `DEVICE_NOT_FOUND`. */
  get(deviceId: string): DeviceIdentity {
    const identity = this.#devices.get(deviceId);
    if (identity === undefined)
      throw new SphereIotError(
        'DEVICE_NOT_FOUND',
        `The device ${deviceId} is not in ${this.#hub} (ids are case-sensitive). Create it, or let DPS do it.`,
      );
    return identity;
  }

  has(deviceId: string): boolean {
    return this.#devices.has(deviceId);
  }

  /**
   * Changes the credential or disables it. A connected device that is disabled loses its connection (protocol.md#refusals); one
   * whose credential changed keeps it, until it connects again.
   * @throws SphereIotError `DEVICE_NOT_FOUND`, `DEVICE_AUTHENTICATION_INVALID`, `SYMMETRIC_KEY_INVALID`, `EMULATOR_CLOSED`.
   */
  update(deviceId: string, change: DeviceChange): DeviceIdentity {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- callers in JavaScript may leave it out
    checkOptions(change ?? null, 'devices.update', '{ enabled: false }', CHANGE_RULES);
    if (change.authentication !== undefined)
      checkOptions(change.authentication, 'authentication', "{ type: 'sas' }", AUTHENTICATION_RULES);
    this.#lifetime.check();
    const { etag: _, ...before } = this.get(deviceId);
    const { authentication = before.authentication, enabled = before.enabled, statusReason, iotEdge } = change;
    const identity = this.#set({
      ...before,
      enabled,
      ...(enabled === before.enabled ? {} : { statusUpdatedAt: this.#clock.now() }),
      ...defined({ statusReason, iotEdge }),
      authentication: completed(authentication, deviceId),
    });
    if (!identity.enabled) this.#listener.disabled(deviceId);
    return identity;
  }

  /** Removes it, its twin too, and closes its connection. @throws SphereIotError `DEVICE_NOT_FOUND`, `EMULATOR_CLOSED`. */
  delete(deviceId: string): void {
    this.#lifetime.check();
    const identity = this.get(deviceId);
    this.#devices.delete(deviceId);
    this.#kept.delete(deviceId);
    this.#listener.deleted(identity);
  }

  /**
   * What a device client is given to connect with: `HostName=…;DeviceId=…;SharedAccessKey=…`, with the primary key; for
   * certificates `x509=true` instead. A secret, with a key in it.
   * @throws SphereIotError `DEVICE_NOT_FOUND`.
   */
  connectionString(deviceId: string): string {
    const { authentication } = this.get(deviceId);
    const proof =
      authentication.type === 'sas' ? `SharedAccessKey=${authentication.symmetricKey.primaryKey}` : 'x509=true';
    return `HostName=${this.#hub};DeviceId=${deviceId};${proof}`;
  }

  /** In the order of their creation. */
  list(): readonly DeviceIdentity[] {
    return [...this.#devices.values()];
  }

  #set(identity: Omit<DeviceIdentity, 'etag'>): DeviceIdentity {
    const whole = { ...identity, etag: Buffer.from(randomUUID()).toString('base64') };
    this.#devices.set(whole.deviceId, whole);
    this.#kept.put(whole.deviceId, whole);
    return whole;
  }
}

const keptIdentity = shape({
  ...{ deviceId: text, enabled: flag, generationId: generation, etag: headerText, createdAt: time },
  ...{ statusReason: optional(text), statusUpdatedAt: optional(time), iotEdge: optional(flag) },
  authentication: shape({ type: oneOf('selfSigned', 'certificateAuthority', 'sas') }),
});
const keptKeys = shape({ primaryKey: text, secondaryKey: text });
const keptThumbprints = shape({ primary: text, secondary: optional(text) });

const deviceCodec: Codec<DeviceIdentity> = {
  encode: (identity) => identity,
  decode: (value) => {
    const identity = keptIdentity(value) as unknown as DeviceIdentity;
    const { authentication, deviceId } = identity;
    if (!DEVICE_ID.test(deviceId)) throw new Error(`${JSON.stringify(deviceId)} is not the id of a device`);
    if (authentication.type === 'sas') keptKeys(authentication.symmetricKey);
    if (authentication.type === 'selfSigned') keptThumbprints(authentication.thumbprints);
    return { ...identity, authentication: completed(authentication, deviceId) };
  },
  fits: (id, { deviceId }) => id === deviceId,
};

function completed(authentication: AuthenticationMechanismOptions, deviceId: string): AuthenticationMechanism {
  const fault = authenticationFault(authentication);
  if (fault !== undefined)
    throw new SphereIotError('DEVICE_AUTHENTICATION_INVALID', `The authentication of the device ${deviceId} ${fault}.`);
  if (authentication.type !== 'sas') return authentication;
  return { type: 'sas', symmetricKey: completeKey(authentication.symmetricKey, `the device ${deviceId}`) };
}

/** What is wrong about it, as the end of a sentence: a program in JavaScript may give anything. */
function authenticationFault(authentication: unknown): string | undefined {
  if (!isObject(authentication)) return "is no object, as { type: 'sas' } is one";
  const { type, thumbprints } = authentication;
  if (type !== 'selfSigned') return type === 'sas' || type === 'certificateAuthority' ? undefined : NO_TYPE;
  const { primary, secondary = '' } = isObject(thumbprints) ? thumbprints : {};
  return typeof primary === 'string' && typeof secondary === 'string' ? undefined : 'has no thumbprints that are texts';
}

/** @internal Whether one of an identity's thumbprints is one of a certificate's. */
export function matchesThumbprint(
  thumbprints: Thumbprints,
  certificate: { readonly sha1: string; readonly sha256: string },
): boolean {
  return [thumbprints.primary, thumbprints.secondary ?? '']
    .map(plain)
    .some((thumbprint) => thumbprint === certificate.sha1 || thumbprint === certificate.sha256);
}
