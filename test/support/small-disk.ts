import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of 4 MB, in memory, for each test of a file. */
export function useSmallDisk() {
  let folder: string;
  let mounted = false;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sphere-iot-full-'));
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], {
      encoding: 'utf8',
    });
    mounted = status === 0;
    if (!mounted) console.warn(`Not tested, as nothing can be mounted here: ${stderr}`);
  });
  afterEach(() => {
    if (mounted) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return {
    /** False where the machine lets nobody mount one. */
    get isThere(): boolean {
      return mounted;
    },
    file: (name: string): string => join(folder, name),
    /** Takes all the room that there is. */
    fill(): void {
      for (let size = 1 << 20; size >= 512; size /= 2)
        for (let number = 0; ; number++)
          try {
            writeFileSync(join(folder, `filler-${size}-${number}`), Buffer.alloc(size), { flag: 'wx' });
          } catch {
            break;
          }
    },
    /** Gives it back. */
    makeRoom(): void {
      for (const name of readdirSync(folder)) if (name.startsWith('filler-')) rmSync(join(folder, name));
    },
  };
}
