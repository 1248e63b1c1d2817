import type { HTTP_PROXY_OPTIONS, Sdk } from '../sdk/index.js';
import type { Rules } from '../options.js';
import { anything, flag, like, object, oneOf, required, text, whole } from '../rules.js';
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

/** Of all targets together. */
export const DEVICE_RULES: Rules<SphereDeviceOptions> = {
  sdk: required(like('an SDK instance, as createSdk makes it', 'close', 'IoTHubDeviceClient_LL_Destroy')),
  pump: required(like('a Pump', 'add', 'close')),
  idScope: text,
  endpoint: text,
  provisioningPayload: anything,
  hub: text,
  deviceId: text,
  connectionString: text,
  protocol: oneOf('mqtt', 'mqtt-ws'),
  custom: object,
  proxy: object,
  modelId: text,
  keepAliveSeconds: whole(1, 0xffff),
  reconnect: flag,
};
