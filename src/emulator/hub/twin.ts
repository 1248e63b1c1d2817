import { SphereIotError } from '../../errors.js';
import {
  LARGEST_PROPERTIES,
  LARGEST_TAGS,
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
  /** Of the twin as a whole: grows with each change. */
  readonly version: number;
}

/** The twin of one device (section B5). */
export class Twin {
  #desired: JsonObject = {};
  #desiredVersion = 1;
  #reported: JsonObject = {};
  #reportedVersion = 1;
  #tags: JsonObject = {};
  #version = 1;

  snapshot(): TwinSnapshot {
    return structuredClone({
      desired: this.#desired,
      desiredVersion: this.#desiredVersion,
      reported: this.#reported,
      reportedVersion: this.#reportedVersion,
      tags: this.#tags,
      version: this.#version,
    });
  }

  /** What the device gets for a GET (B2). */
  document(): string {
    return JSON.stringify({
      desired: { ...this.#desired, $version: this.#desiredVersion },
      reported: { ...this.#reported, $version: this.#reportedVersion },
    });
  }

  /** Returns the section's new version. @throws SphereIotError `TWIN_PATCH_INVALID`. */
  patchDesired(patch: JsonObject): number {
    this.#desired = merged(this.#desired, patch, 'desired properties', LARGEST_PROPERTIES);
    this.#version++;
    return ++this.#desiredVersion;
  }

  /** Returns the section's new version. @throws SphereIotError `TWIN_PATCH_INVALID`. */
  patchReported(patch: unknown): number {
    this.#reported = merged(this.#reported, patch, 'reported properties', LARGEST_PROPERTIES);
    this.#version++;
    return ++this.#reportedVersion;
  }

  /** @throws SphereIotError `TWIN_PATCH_INVALID`. */
  patchTags(patch: JsonObject): void {
    this.#tags = merged(this.#tags, patch, 'tags', LARGEST_TAGS);
    this.#version++;
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
