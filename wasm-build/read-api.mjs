// Reads headers for src/regression/read-api.ts, in a process of its own: the request as JSON on standard input, the
// snapshot or { error: { code, message } } as JSON on standard output.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { apiSurface } from './api-surface.mjs';
import { parseHeaders } from './parse-headers.mjs';
import { sdkHeaders, sphereFolder } from './sdk-headers.mjs';

const root = path.resolve(import.meta.dirname, '..');

/** `{ sdk }`, or `{ includes, headers }`; with both `flags` and `compiler`. */
function read({ sdk, includes, headers, flags, compiler }) {
  const input = sdk === undefined ? { includes, headers, flags: [] } : ofSdk(sdk);
  const folder = mkdtempSync(path.join(tmpdir(), 'sphere-iot-api-'));
  try {
    const source = path.join(folder, 'headers.h');
    const parsed = parseHeaders({ ...input, flags: [...input.flags, ...flags], compiler, source });
    return apiSurface(parsed, { headers: input.headers, ours: sdk === undefined ? undefined : sphereFolder(root) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ofSdk(sdk) {
  if (!existsSync(path.join(sdk, 'iothub_client/inc/iothub_client_version.h')))
    throw Object.assign(
      new Error(
        `${sdk} does not hold the Azure IoT C SDK: it has no iothub_client/inc/iothub_client_version.h. Name the folder that holds iothub_client, provisioning_client and c-utility.`,
      ),
      { code: 'SDK_NOT_FOUND' },
    );
  return sdkHeaders({ root, sdk });
}

function answer(request) {
  try {
    return read(request);
  } catch (error) {
    if (error.code === undefined) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}

process.stdout.write(JSON.stringify(answer(JSON.parse(readFileSync(0, 'utf8')))));
