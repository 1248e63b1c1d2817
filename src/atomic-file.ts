import { randomBytes } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface AtomicFileOptions {
  /** Permissions, for example 0o600. Default 0o644; the process's umask takes from it. */
  readonly mode?: number | undefined;
}

/**
 * Writes a file so that whoever reads it, also after a crash, finds the old content or the new, never a part: into a
 * file beside it, to the disk, and then under its name.
 * @param content Or parts of it, where it may be longer than a text or a buffer can be.
 * @throws What Node throws; the old file is then as it was.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array | Iterable<string | Uint8Array>,
  { mode = 0o644 }: AtomicFileOptions = {},
): Promise<void> {
  const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await writeFile(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
