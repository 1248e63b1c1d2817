import { randomUUID } from 'node:crypto';

import type { Clock } from '../../../clock/index.js';
import { SphereIotError } from '../../../errors.js';
import type { AuthenticationMechanism, AuthenticationMechanismOptions } from '../../hub/device-registry.js';
import { generation, Generations } from '../../hub/generations.js';
import { Twin, type TwinSnapshot } from '../../hub/twin.js';
import { completeKey } from '../../identity/symmetric-key.js';
import { count, headerText, jsonObject, optional, shape, text } from '../../state/shape.js';
import type { Codec, Namespace, Collection } from '../../state/store.js';

/** The identity of a module of a device, which back ends can keep; the emulator lets no module connect (protocol.md#service-modules). */
export interface ModuleIdentity {
  readonly deviceId: string;
  readonly moduleId: string;
  readonly authentication: AuthenticationMechanism;
  readonly managedBy: string;
  readonly generationId: string;
  readonly etag: string;
}

/** What of it can be changed. */
export interface ModuleChange {
  readonly authentication?: AuthenticationMechanismOptions | undefined;
  readonly managedBy?: string | undefined;
}

interface Entry {
  readonly identity: ModuleIdentity;
  readonly twin: TwinSnapshot;
}

const MODULE_ID = /^[A-Za-z0-9\-.+%_#*?!(),:=@$']{1,128}$/;
/** Modules of a device: Azure's limit. */
const MAX_MODULES = 50;

/** The modules of a hub's devices, by device and module id. */
export class ModuleRegistry {
  readonly #clock: Clock;
  readonly #kept: Collection<Entry>;
  readonly #entries: Map<string, Entry>;
  readonly #generations: Generations;

  constructor(clock: Clock, namespace: Namespace) {
    this.#clock = clock;
    this.#kept = namespace.collection('modules', codec);
    this.#entries = new Map(this.#kept.entries());
    const known = [...this.#entries.values()].map(({ identity }) => identity.generationId);
    this.#generations = new Generations(clock, namespace, 'moduleGeneration', known);
  }

  /** @throws SphereIotError `MODULE_ALREADY_EXISTS`, `MODULE_ID_INVALID`, `TOO_MANY_MODULES`, `SYMMETRIC_KEY_INVALID`. */
  create(deviceId: string, moduleId: string, { authentication, managedBy = '' }: ModuleChange): ModuleIdentity {
    if (!MODULE_ID.test(moduleId))
      throw new SphereIotError('MODULE_ID_INVALID', `${JSON.stringify(moduleId)} is no module id.`);
    if (this.#entries.has(keyOf(deviceId, moduleId)))
      throw new SphereIotError('MODULE_ALREADY_EXISTS', `The module ${moduleId} of ${deviceId} is there already.`);
    if (this.list(deviceId).length >= MAX_MODULES)
      throw new SphereIotError(
        'TOO_MANY_MODULES',
        `${deviceId} has ${MAX_MODULES} modules already, as many as a device may have.`,
      );
    const identity = {
      ...{ deviceId, moduleId, managedBy, generationId: this.#generations.next(), etag: newEtag() },
      authentication: completed(authentication ?? { type: 'sas' }, moduleId),
    };
    this.#set({ identity, twin: new Twin(() => this.#clock.now()).snapshot() });
    return identity;
  }

  /** @throws SphereIotError `MODULE_NOT_FOUND`. */
  get(deviceId: string, moduleId: string): Entry {
    const entry = this.#entries.get(keyOf(deviceId, moduleId));
    if (entry === undefined)
      throw new SphereIotError('MODULE_NOT_FOUND', `The device ${deviceId} has no module ${moduleId}.`);
    return entry;
  }

  /** @throws SphereIotError `MODULE_NOT_FOUND`, `SYMMETRIC_KEY_INVALID`. */
  update(deviceId: string, moduleId: string, { authentication, managedBy }: ModuleChange): ModuleIdentity {
    const { identity: before, twin } = this.get(deviceId, moduleId);
    const identity = {
      ...before,
      etag: newEtag(),
      managedBy: managedBy ?? before.managedBy,
      authentication: authentication === undefined ? before.authentication : completed(authentication, moduleId),
    };
    this.#set({ identity, twin });
    return identity;
  }

  /** Changes its twin, as a whole or not at all. @throws SphereIotError `MODULE_NOT_FOUND`; what `change` throws. */
  changeTwin(deviceId: string, moduleId: string, change: (twin: Twin) => void): void {
    const { identity, twin: before } = this.get(deviceId, moduleId);
    const twin = new Twin(() => this.#clock.now());
    twin.restore(before);
    change(twin);
    this.#set({ identity, twin: twin.snapshot() });
  }

  /** @throws SphereIotError `MODULE_NOT_FOUND`. */
  delete(deviceId: string, moduleId: string): void {
    this.get(deviceId, moduleId);
    this.#entries.delete(keyOf(deviceId, moduleId));
    this.#kept.delete(keyOf(deviceId, moduleId));
  }

  /** A device goes with its modules. */
  deleteAll(deviceId: string): void {
    for (const { identity } of this.list(deviceId)) this.delete(deviceId, identity.moduleId);
  }

  /** In the order of their creation; those of all devices where none is named. */
  list(deviceId?: string): readonly Entry[] {
    const all = [...this.#entries.values()];
    return deviceId === undefined ? all : all.filter(({ identity }) => identity.deviceId === deviceId);
  }

  #set(entry: Entry): void {
    const key = keyOf(entry.identity.deviceId, entry.identity.moduleId);
    this.#entries.set(key, entry);
    this.#kept.put(key, entry);
  }
}

/** No slash is in either. */
function keyOf(deviceId: string, moduleId: string): string {
  return `${deviceId}/${moduleId}`;
}

function newEtag(): string {
  return Buffer.from(randomUUID()).toString('base64');
}

function completed(authentication: AuthenticationMechanismOptions, moduleId: string): AuthenticationMechanism {
  if (authentication.type !== 'sas') return authentication;
  return { type: 'sas', symmetricKey: completeKey(authentication.symmetricKey, `the module ${moduleId}`) };
}

const keptEntry = shape({
  identity: shape({
    ...{ deviceId: text, moduleId: text, managedBy: text, generationId: generation, etag: headerText },
    authentication: shape({ type: text }),
  }),
  twin: shape({
    ...{ desired: jsonObject, desiredVersion: count, reported: jsonObject, reportedVersion: count },
    ...{ tags: jsonObject, version: count },
    ...{ desiredMetadata: optional(jsonObject), reportedMetadata: optional(jsonObject) },
  }),
});
const keptKeys = shape({ primaryKey: text, secondaryKey: text });
const keptThumbprints = shape({ primary: text, secondary: optional(text) });

const codec: Codec<Entry> = {
  encode: (entry) => entry,
  decode: (value) => {
    const entry = keptEntry(value) as unknown as Entry;
    const { authentication } = entry.identity;
    if (authentication.type === 'sas') keptKeys(authentication.symmetricKey);
    if (authentication.type === 'selfSigned') keptThumbprints(authentication.thumbprints);
    return entry;
  },
  fits: (id, { identity: { deviceId, moduleId } }) => id === keyOf(deviceId, moduleId),
};
