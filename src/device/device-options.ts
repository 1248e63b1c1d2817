import type { HTTP_PROXY_OPTIONS, Sdk } from '../sdk/index.js';
import { SphereIotError } from '../errors.js';
import { checkOptions, type Rules } from '../options.js';
import { anything, flag, like, object, oneOf, required, text, whole, type Rule } from '../rules.js';
import type { Pump } from './pump.js';

export type DeviceProtocol = 'mqtt' | 'mqtt-ws';

/** A certificate chain of one's own, in the place of the DAA certificate. Both overrides are called with it. */
export interface CustomChain {
  /** PEM, leaf first. */
  readonly chain: string;
  /** PEM. */
  readonly privateKey: string;
}

/** Where a device finds its hub: by DPS, by name, or by a connection string. */
export type DeviceTarget =
  | {
      readonly idScope: string;
      /** Default `global.azure-devices-provisioning.net`. */
      readonly endpoint?: string;
      /** Sent along with the registration, as JSON. */
      readonly provisioningPayload?: unknown;
    }
  | { readonly hub: string; readonly deviceId: string }
  | { readonly connectionString: string };

export type SphereDeviceOptions = DeviceTarget & {
  readonly sdk: Sdk;
  /** The pump of the SDK instance, which may serve many devices. */
  readonly pump: Pump;
  /** Default `mqtt`. */
  readonly protocol?: DeviceProtocol | undefined;
  readonly custom?: CustomChain | undefined;
  /**
   * An HTTP proxy, for DPS and hub. Take `mqtt-ws` with it: the SDK's MQTT transport of the hub does not look at the proxy.
   */
  readonly proxy?: HTTP_PROXY_OPTIONS | undefined;
  /** PnP model id, `dtmi:…`. */
  readonly modelId?: string | undefined;
  /** MQTT keepalive in seconds. Default: the SDK's, 240. */
  readonly keepAliveSeconds?: number | undefined;
  /** Whether a lost connection is made again. Default true. */
  readonly reconnect?: boolean | undefined;
};

const aConnectionString: Rule = {
  words: 'a connection string of a device, as in HostName=…;DeviceId=…;SharedAccessKey=…',
  fits: (value) => typeof value === 'string' && ['HostName', 'DeviceId'].every((name) => hasField(value, name)),
};

function hasField(text: string, name: string): boolean {
  return text.split(';').some((field) => field.startsWith(`${name}=`) && field.length > name.length + 1);
}

/** Of all targets together. */
const DEVICE_RULES: Rules<SphereDeviceOptions> = {
  sdk: required(like('an SDK instance, as createSdk makes it', 'close', 'IoTHubDeviceClient_LL_Destroy')),
  pump: required(like('a Pump', 'add', 'close')),
  idScope: text,
  endpoint: text,
  provisioningPayload: anything,
  hub: text,
  deviceId: text,
  connectionString: aConnectionString,
  protocol: oneOf('mqtt', 'mqtt-ws'),
  custom: object,
  proxy: object,
  modelId: text,
  keepAliveSeconds: whole(1, 0xffff),
  reconnect: flag,
};

/** The options of each target: what it can't do without, and what it may have. */
const TARGETS = [
  { needs: ['idScope'], takes: ['endpoint', 'provisioningPayload'] },
  { needs: ['hub', 'deviceId'], takes: [] },
  { needs: ['connectionString'], takes: [] },
] as const;

/** @throws SphereIotError `OPTIONS_INVALID`: also where there are no or several targets. */
export function checkDevice(options: SphereDeviceOptions): void {
  checkOptions(options, 'a SphereDevice', '{ sdk, pump, idScope }', DEVICE_RULES);
  const isGiven = (name: string): boolean => (options as Readonly<Record<string, unknown>>)[name] !== undefined;
  const given = TARGETS.filter(({ needs, takes }) => [...needs, ...takes].some(isGiven));
  if (given.length === 1 && given[0]?.needs.every(isGiven) === true) return;
  const names = TARGETS.flatMap(({ needs, takes }) => [...needs, ...takes]).filter(isGiven);
  throw new SphereIotError(
    'OPTIONS_INVALID',
    'A SphereDevice finds its hub by idScope, by hub and deviceId, or by connectionString, and takes one of these. ' +
      `It was given ${names.length === 0 ? 'none of them' : names.join(', ')}.`,
  );
}
