import { defined } from '../../defined.js';
import { isObject } from '../../json.js';
import type { JsonObject } from './twin-properties.js';

/** When something was last updated, and with which version of the section where that is told; beside the same for each name in it. */
export type TwinMetadata = JsonObject;

/** What the section of a new device has. */
export function newMetadata(at: number): TwinMetadata {
  return stamp(at);
}

/**
 * The metadata of a section after a patch (protocol.md#twins-and-methods): all that the patch names is of now, and what it deletes is gone.
 * @param at Clock ms.
 * @param version The section's; none for reported properties.
 */
export function patchMetadata(before: unknown, patch: JsonObject, at: number, version?: number): TwinMetadata {
  const entries = new Map(Object.entries(isObject(before) ? before : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) entries.delete(name);
    else if (isObject(value)) entries.set(name, patchMetadata(entries.get(name), value, at, version));
    else entries.set(name, stamp(at, version));
  }
  return { ...Object.fromEntries(entries), ...stamp(at, version) };
}

function stamp(at: number, version?: number): TwinMetadata {
  return {
    $lastUpdated: new Date(at).toISOString(),
    ...defined({ $lastUpdatedVersion: version }),
  };
}
