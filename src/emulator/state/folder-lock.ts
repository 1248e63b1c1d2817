import { lstatSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { inUse } from './state-error.js';

// LevelDB locks its file `LOCK`, which keeps other processes out, of other containers too. That lock does not know threads, and is
// gone with the name of the file, or once this process opens and closes the file elsewhere. So there are two things more: a name in
// the kernel, for which only the folder itself counts, and a look whether the file is there still.

/**
 * Takes a database for this emulator, until the returned function is called or its thread ends: by whatever path, mount or thread another
 * one comes. Only where the system has such names, which is Linux, and for those with the same network namespace.
 * @param folder Of the state, for errors. @param store The database's own.
 * @throws SphereIotError `STATE_FOLDER_IN_USE`; what Node throws.
 */
export async function holdFolder(folder: string, store: string): Promise<() => void> {
  if (process.platform !== 'linux') return () => undefined;
  const { dev, ino } = await stat(store, { bigint: true });
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? inUse(folder, error) : error),
    );
    // The zero byte makes it a name that is no file. Exclusive: a worker of a cluster would share it.
    server.listen({ path: `\0sphere-iot-state-${dev}-${ino}`, exclusive: true }, resolve);
  });
  server.on('error', () => undefined);
  server.unref();
  return () => void server.close();
}

/** Which file LevelDB's lock is at present; as long as somebody has it open, no other gets the same number. */
export function lockFileOf(store: string): string | undefined {
  const status = lstatSync(join(store, 'LOCK'), { bigint: true, throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.dev}:${status.ino}`;
}
