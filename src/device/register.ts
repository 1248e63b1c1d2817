import { SphereIotError } from '../errors.js';
import { PROV_DEVICE_RESULT, SECURE_DEVICE_TYPE, type HTTP_PROXY_OPTIONS, type Sdk } from '../sdk/index.js';
import type { CustomChain, DeviceProtocol } from './device-options.js';
import type { Pump } from './pump.js';
import { expectOk, latestDiagnostic, resultError } from './results.js';

/** What DPS assigned. */
export interface Assignment {
  /** Host name of the hub. */
  readonly hub: string;
  readonly deviceId: string;
}

export interface RegistrationOptions {
  readonly sdk: Sdk;
  readonly pump: Pump;
  readonly endpoint: string;
  readonly idScope: string;
  readonly protocol: DeviceProtocol;
  readonly custom?: CustomChain | undefined;
  readonly proxy?: HTTP_PROXY_OPTIONS | undefined;
  /** JSON, sent along with the registration. */
  readonly payload?: string | undefined;
  /** Gives up, with its reason. */
  readonly signal: AbortSignal;
}

/**
 * Registers with DPS, by the sequence of Microsoft's samples.
 * @throws SphereIotError `PROVISIONING_FAILED`, with the PROV_DEVICE_RESULT.
 */
export async function register(options: RegistrationOptions): Promise<Assignment> {
  const { sdk, pump, custom, proxy, payload, signal } = options;
  if (sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_X509) !== 0)
    throw new SphereIotError('PROVISIONING_FAILED', 'The security layer is in use for another kind of credential.');
  const protocol = options.protocol === 'mqtt' ? sdk.Prov_Device_MQTT_Protocol : sdk.Prov_Device_MQTT_WS_Protocol;
  const handle = sdk.Prov_Device_LL_Create(options.endpoint, options.idScope, protocol);
  try {
    if (handle === null)
      throw new SphereIotError('PROVISIONING_FAILED', 'Prov_Device_LL_Create failed: the log of the SDK says why.');
    const check = (result: PROV_DEVICE_RESULT): void =>
      expectOk('PROVISIONING_FAILED', 'PROV_DEVICE_RESULT', result, latestDiagnostic(sdk, handle));
    // Before SetDeviceId, which makes the connection's parts.
    if (proxy) check(sdk.Prov_Device_LL_SetOption(handle, 'proxy_data', proxy));
    check(sdk.Prov_Device_LL_SetOption(handle, 'SetDeviceId', 1));
    if (custom) check(sdk.AzureIoT_OverrideAzureSphereAuthDPS(handle, custom.chain, custom.privateKey));
    if (payload !== undefined) check(sdk.Prov_Device_LL_Set_Provisioning_Payload(handle, payload));
    return await new Promise<Assignment>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      check(
        sdk.Prov_Device_LL_Register_Device(
          handle,
          (result, hub, deviceId) =>
            hub !== null && deviceId !== null
              ? resolve({ hub, deviceId })
              : reject(resultError('PROVISIONING_FAILED', 'PROV_DEVICE_RESULT', result, latestDiagnostic(sdk, handle))),
          null,
        ),
      );
      pump.add(handle);
    });
  } finally {
    if (handle !== null) sdk.Prov_Device_LL_Destroy(handle);
    sdk.prov_dev_security_deinit();
  }
}
