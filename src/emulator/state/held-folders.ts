import { stat } from 'node:fs/promises';

import { inUse } from './state-error.js';

// LevelDB's lock is the operating system's, which knows processes: of the one that has it already, it refuses none. So a process
// itself knows which folders it has, whatever path leads there, and whichever copy of this module asks.

const KEY = Symbol.for('sphere-iot.stateFolders');
const shared = globalThis as { [KEY]?: Set<string> };
const held = (shared[KEY] ??= new Set());

/**
 * Takes a folder for this emulator, until the returned function is called.
 * @throws SphereIotError `STATE_FOLDER_IN_USE`.
 */
export async function holdFolder(folder: string): Promise<() => void> {
  const { dev, ino } = await stat(folder, { bigint: true });
  const id = `${dev}:${ino}`;
  if (held.has(id)) throw inUse(folder);
  held.add(id);
  return () => void held.delete(id);
}
