import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `test` where something can be mounted, as root can; elsewhere the test is counted as skipped. */
export const testWithMount = canMount() ? test : test.skip;

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'sphere-iot-mount-'));
  const mounted = mountDisk(folder);
  if (mounted) spawnSync('umount', [folder]);
  rmdirSync(folder);
  return mounted;
}

function mountDisk(folder: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder]).status === 0;
}

/** A file system of 4 MB, in memory, for each test of a file: for those that are `testWithMount`. */
export function useSmallDisk() {
  let folder: string;
  let mounted = false;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sphere-iot-full-'));
    mounted = mountDisk(folder);
  });
  afterEach(() => {
    if (mounted) spawnSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return {
    file: (name: string): string => join(folder, name),
    /** Takes all the room that there is. */
    fill(): void {
      if (!mounted) throw new Error('no disk is mounted: the test has to be one of testWithMount');
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
