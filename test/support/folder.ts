import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder for each test, which is removed after it. */
export function useFolder(): { readonly path: string; file(name: string): string } {
  let path = '';
  beforeEach(() => void (path = mkdtempSync(join(tmpdir(), 'sphere-iot-'))));
  afterEach(() => rmSync(path, { recursive: true }));
  return {
    get path() {
      return path;
    },
    file: (name) => join(path, name),
  };
}
