import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

// All folders are made here. Node's own `recursive` tries without end where the parent exists and the folder can't be made, as in /proc; it
// does so in C++, where no signal ends it. It is safe for a folder that exists: there it only tells a folder from a file.

/**
 * Makes a folder, and those that it is in, where they are not there.
 * @param mode Permissions of those that are made; the process's umask takes from it.
 * @throws What Node throws: `ENOENT` for a link to nowhere, and where no folders can be made; `EEXIST` for what is no folder.
 */
export async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await makeOne(folder, mode);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    await makeFolder(dirname(folder), mode);
    await makeOne(folder, mode);
  }
}

/** As `makeFolder`, for code that can't wait. */
export function makeFolderSync(folder: string, mode: number): void {
  try {
    makeOneSync(folder, mode);
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    makeFolderSync(dirname(folder), mode);
    makeOneSync(folder, mode);
  }
}

async function makeOne(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    await mkdir(folder, { recursive: true });
  }
}

function makeOneSync(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    mkdirSync(folder, { recursive: true });
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}
