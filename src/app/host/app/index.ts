import { maskedBytes } from '../../../masked.js';
import { HostError, type AppImports, type Memory } from '../../../wasm/index.js';
import type { AppAuthentication } from '../../app-authentication.js';
import type { AppLog } from '../../app-log.js';
import type { AppManifest } from '../../manifest.js';
import type { Heap } from './heap.js';
import type { Partners } from './partners.js';

export interface AppSectionOptions {
  readonly memory: Memory;
  readonly manifest: AppManifest;
  readonly authentication: AppAuthentication;
  readonly osVersion: string;
  readonly log: AppLog;
  readonly heap: Heap;
  readonly partners: Partners;
}

/** What has to do with waiting is done where the program is: src/app/program/. */
type Waiting = 'app_wait' | 'app_system_call' | 'app_spun' | 'app_watch' | 'app_long_jump' | 'app_next_signal';

export type AppSectionImports = Omit<AppImports, Waiting>;

/** The imports of app.h, but what has to do with waiting: log, identity, heap, and messages to the real-time cores. */
export function appSectionImports(options: AppSectionOptions): AppSectionImports {
  const { memory, log, manifest, authentication, osVersion, heap, partners } = options;
  return {
    ...heap.imports(),
    ...partners.imports(),
    app_log: (text, length) => log.write(memory.bytesAt(text, length)),
    app_masked: (text, length, place, size) => {
      const shown = maskedBytes(Buffer.from(memory.bytesAt(text, length)));
      memory.bytesAt(place, size).set(shown.subarray(0, size));
      return shown.length;
    },
    app_component_id: (id) => writeGuid(memory, id, manifest.componentId),
    app_catalog_id: (id) => {
      const catalogId = authentication.catalogId();
      if (catalogId === undefined) return HostError.noEntry;
      writeGuid(memory, id, catalogId);
      return 0;
    },
    app_os_version: (version, size) => memory.setTextWithin(version, size, osVersion),
    app_device_auth_ready: () => Number(authentication.certificate() !== undefined),
  };
}

/** To HOST_GUID_SIZE bytes. */
function writeGuid(memory: Memory, pointer: number, guid: string): void {
  memory.setTextWithin(pointer, guid.length + 1, guid);
}
