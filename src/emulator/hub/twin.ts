import { SphereIotError } from '../../errors.js';
import { newMetadata, patchMetadata, type TwinMetadata } from './twin-metadata.js';
import {
  MAX_PROPERTIES_BYTES,
  MAX_TAGS_BYTES,
  mergePatch,
  patchFault,
  sectionFault,
  type JsonObject,
} from './twin-properties.js';

/** A device twin at one moment. The version of a section is not in it, but beside it. */
export interface TwinSnapshot {
  readonly desired: JsonObject;
  readonly desiredVersion: number;
  readonly reported: JsonObject;
  readonly reportedVersion: number;
  readonly tags: JsonObject;
  /**
   * When each of the desired properties was updated last, and with which version. Undefined in states that were kept before there was any.
   */
  readonly desiredMetadata?: TwinMetadata;
  /** When each of the reported ones was. */
  readonly reportedMetadata?: TwinMetadata;
  /** Of the twin as a whole: grows with each change. */
  readonly version: number;
}

export type TwinSection = 'desired' | 'reported' | 'tags';

/** One change of a twin. */
export interface TwinChange {
  readonly section: TwinSection;
  /** The names that the service gives them (protocol.md#event-shapes). */
  readonly operation: 'updateTwin' | 'replaceTwin';
  /** The patch, nulls included; for `replaceTwin` the section's new content. */
  readonly patch: JsonObject;
  /** The section's new version; tags have none. */
  readonly sectionVersion?: number;
  /** Of the twin as a whole. */
  readonly version: number;
}

/** The twin of one device (protocol.md#twins-and-methods). */
export class Twin {
  readonly #now: () => number;
  readonly #changed: (change: TwinChange) => void;
  #desiredMetadata: TwinMetadata;
  #reportedMetadata: TwinMetadata;
  #desired: JsonObject = {};
  #desiredVersion = 1;
  #reported: JsonObject = {};
  #reportedVersion = 1;
  #tags: JsonObject = {};
  #version = 1;

  /** @param now The clock's time, ms. */
  constructor(now: () => number, changed: (change: TwinChange) => void = () => undefined) {
    this.#now = now;
    this.#changed = changed;
    this.#desiredMetadata = newMetadata(now());
    this.#reportedMetadata = newMetadata(now());
  }

  snapshot(): TwinSnapshot {
    return structuredClone({
      desired: this.#desired,
      desiredVersion: this.#desiredVersion,
      reported: this.#reported,
      reportedVersion: this.#reportedVersion,
      tags: this.#tags,
      desiredMetadata: this.#desiredMetadata,
      reportedMetadata: this.#reportedMetadata,
      version: this.#version,
    });
  }

  /** Takes over another twin's content and versions, as DPS does when a device moves to another hub. */
  restore(snapshot: TwinSnapshot): void {
    const { desired, desiredVersion, reported, reportedVersion, tags, version } = structuredClone(snapshot);
    [this.#desired, this.#reported, this.#tags] = [desired, reported, tags];
    this.#desiredMetadata = structuredClone(snapshot.desiredMetadata) ?? newMetadata(this.#now());
    this.#reportedMetadata = structuredClone(snapshot.reportedMetadata) ?? newMetadata(this.#now());
    [this.#desiredVersion, this.#reportedVersion, this.#version] = [desiredVersion, reportedVersion, version];
  }

  /** What the device gets for a GET (protocol.md#hub-topics). */
  document(): string {
    return JSON.stringify({
      desired: { ...this.#desired, $version: this.#desiredVersion },
      reported: { ...this.#reported, $version: this.#reportedVersion },
    });
  }

  /** Returns the section's new version. @throws SphereIotError `TWIN_PATCH_INVALID`. */
  patchDesired(patch: JsonObject): number {
    this.#desired = merged(this.#desired, patch, 'desired properties', MAX_PROPERTIES_BYTES);
    const version = ++this.#desiredVersion;
    this.#desiredMetadata = patchMetadata(this.#desiredMetadata, patch, this.#now(), version);
    return this.#tell('desired', 'updateTwin', patch, version);
  }

  /** Replaces the section as a whole. Returns its new version. @throws SphereIotError `TWIN_PATCH_INVALID`. */
  replaceDesired(content: JsonObject): number {
    this.#desired = merged({}, content, 'desired properties', MAX_PROPERTIES_BYTES);
    const version = ++this.#desiredVersion;
    this.#desiredMetadata = patchMetadata({}, this.#desired, this.#now(), version);
    return this.#tell('desired', 'replaceTwin', this.#desired, version);
  }

  /** Returns the section's new version. @throws SphereIotError `TWIN_PATCH_INVALID`. */
  patchReported(patch: unknown): number {
    this.#reported = merged(this.#reported, patch, 'reported properties', MAX_PROPERTIES_BYTES);
    this.#reportedMetadata = patchMetadata(this.#reportedMetadata, patch as JsonObject, this.#now());
    return this.#tell('reported', 'updateTwin', patch as JsonObject, ++this.#reportedVersion);
  }

  /** @throws SphereIotError `TWIN_PATCH_INVALID`. */
  patchTags(patch: JsonObject): void {
    this.#tags = merged(this.#tags, patch, 'tags', MAX_TAGS_BYTES);
    this.#tell('tags', 'updateTwin', patch);
  }

  /** Replaces the section as a whole. @throws SphereIotError `TWIN_PATCH_INVALID`. */
  replaceTags(content: JsonObject): void {
    this.#tags = merged({}, content, 'tags', MAX_TAGS_BYTES);
    this.#tell('tags', 'replaceTwin', this.#tags);
  }

  /** Returns the section's version, as it was given: a listener may change the twin again. */
  #tell(section: TwinSection, operation: TwinChange['operation'], patch: JsonObject, sectionVersion = 0): number {
    const version = ++this.#version;
    const numbers = sectionVersion === 0 ? { version } : { sectionVersion, version };
    this.#changed({ section, operation, patch: structuredClone(patch), ...numbers });
    return sectionVersion;
  }
}

function merged(section: JsonObject, patch: unknown, name: string, largest: number): JsonObject {
  const fault = patchFault(patch);
  const result = fault === undefined ? mergePatch(section, structuredClone(patch as JsonObject)) : section;
  const reason = fault ?? sectionFault(result, largest);
  if (reason !== undefined)
    throw new SphereIotError('TWIN_PATCH_INVALID', `The patch of the ${name} is refused: ${reason}.`);
  return result;
}
