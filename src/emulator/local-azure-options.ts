import type { SecureVersion } from 'node:tls';

import type { Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import type { Rules } from '../options.js';
import { aClock, anything, flag, list, number, oneOf, text, textList, whole } from '../rules.js';
import type { ProvisioningOptions } from './dps/provisioning-options.js';
import type { FaultOptions } from './faults/fault.js';
import type { IotHubOptions } from './hub/iot-hub.js';
import type { StorageOptions } from './storage/storage-account.js';

const DEFAULT_HUB = 'contoso.azure-devices.net';
const DEFAULT_ID_SCOPE = '0ne00000000';
const MAX_CONNECTIONS = 10_000;

export interface LocalAzureOptions {
  /** All of the emulator's time. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Full names of the hubs. Default: `contoso.azure-devices.net`. All are linked to DPS. */
  readonly hubs?: readonly string[] | undefined;
  /** DPS's id scope. Default `0ne00000000`. */
  readonly idScope?: string | undefined;
  readonly dps?: ProvisioningOptions | undefined;
  /** For each hub. */
  readonly hub?: IotHubOptions | undefined;
  /** The storage account that the hubs' devices upload files to. */
  readonly storage?: StorageOptions | undefined;
  /** The highest TLS version. Default `TLSv1.2`; 1.0 and 1.1 are always refused. */
  readonly maxTlsVersion?: SecureVersion | undefined;
  /** Connections that are open at once, of every kind; one more is closed, with the event `handshakeFailed`. Default 10,000. */
  readonly maxConnections?: number | undefined;
  /** Faults that are there from the start; see `LocalAzure.faults`. */
  readonly faults?: readonly FaultOptions[] | undefined;
  /** Of the faults with a probability: the same seed, the same faults. Default 1. */
  readonly faultSeed?: number | undefined;
  /**
   * A folder in which the services' state is kept, and from which it is loaded: see `docs/state.md`. Made where it is not there; else
   * it is empty, or an emulator's; for one emulator at a time. Default: nothing is kept.
   */
  readonly state?: string | undefined;
}

/** @internal The services judge their own. */
export const AZURE_RULES: Rules<LocalAzureOptions> = {
  clock: aClock,
  hubs: textList,
  idScope: text,
  dps: anything,
  hub: anything,
  storage: anything,
  maxTlsVersion: oneOf('TLSv1.2', 'TLSv1.3'),
  faults: list,
  faultSeed: number,
  maxConnections: anything, // judged by settingsOf
  state: text,
};

export interface ListenOptions {
  /** Address or name to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Must be true for an address that other machines can reach. */
  readonly allowNonLoopback?: boolean | undefined;
}

/** @internal */
export const LISTEN_RULES: Rules<ListenOptions> = { host: text, port: whole(0, 0xffff), allowNonLoopback: flag };

/** What an emulator runs with where its options say nothing. */
export function settingsOf({
  hubs = [DEFAULT_HUB],
  idScope = DEFAULT_ID_SCOPE,
  maxConnections = MAX_CONNECTIONS,
  faultSeed = 1,
}: LocalAzureOptions) {
  if (!Number.isSafeInteger(maxConnections) || maxConnections <= 0)
    throw new SphereIotError(
      'MAX_CONNECTIONS_INVALID',
      `maxConnections is ${maxConnections}: give a whole number from 1 on.`,
    );
  return { hubs, idScope, maxConnections, faultSeed };
}
