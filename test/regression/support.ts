import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { snapshotApi, type ApiSnapshot } from '../../src/regression/index.js';

export const root = path.resolve(__dirname, '../..');
const { sdk } = JSON.parse(readFileSync(path.join(root, 'wasm-build/crates.json'), 'utf8')) as {
  sdk: { sha256: string; folder: string };
};

/** The SDK that the module is built from. */
export const sdkFolder = path.join(root, 'build/crates', sdk.sha256.slice(0, 16), sdk.folder);

/** A version of the fixtures. */
export function snapshotLamp(version: 'before' | 'after', flags: readonly string[] = []): Promise<ApiSnapshot> {
  return snapshotApi({ headers: ['lamp.h'], includes: [path.join(__dirname, 'fixtures', version)], flags });
}

/** One header of one's own text. */
export function snapshotText(text: string): Promise<ApiSnapshot> {
  return withFolder((folder) => {
    writeFileSync(path.join(folder, 'own.h'), text);
    return snapshotApi({ headers: ['own.h'], includes: [folder] });
  });
}

/** The SDK with one of its headers edited. */
export function snapshotEditedSdk(header: string, edit: (text: string) => string): Promise<ApiSnapshot> {
  return withFolder((folder) => {
    const parts = ['c-utility/inc', 'c-utility/pal/generic', 'umqtt/inc', 'iothub_client/inc', 'provisioning_client'];
    for (const part of [...parts, 'deps/azure-macro-utils-c/inc', 'deps/umock-c/inc'])
      cpSync(path.join(sdkFolder, part), path.join(folder, part), { recursive: true });
    const file = path.join(folder, header);
    const text = readFileSync(file, 'utf8');
    const edited = edit(text);
    expect(edited).not.toBe(text);
    writeFileSync(file, edited);
    return snapshotApi({ sdk: folder });
  });
}

/** A folder that is gone afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-api-test-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
