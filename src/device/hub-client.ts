import { SphereIotError } from '../errors.js';
import { IOTHUB_SECURITY_TYPE, type IOTHUB_DEVICE_CLIENT_LL_HANDLE } from '../sdk/index.js';
import type { SphereDeviceOptions } from './device-options.js';
import type { Assignment } from './register.js';
import { expectOk, latestDiagnostic } from './results.js';

/**
 * A hub client with the options of a device, not connected yet. Whoever called destroys it.
 * @throws SphereIotError `CONNECT_FAILED`.
 */
export function createHubClient(
  options: SphereDeviceOptions,
  assignment: Assignment | undefined,
): IOTHUB_DEVICE_CLIENT_LL_HANDLE {
  const { sdk, custom, proxy, modelId, keepAliveSeconds } = options;
  const handle = 'connectionString' in options ? fromConnectionString(options) : fromDeviceAuth(options, assignment);
  const check = (result: number): void =>
    expectOk('CONNECT_FAILED', 'IOTHUB_CLIENT_RESULT', result, latestDiagnostic(sdk, handle));
  try {
    if (proxy) check(sdk.IoTHubDeviceClient_LL_SetOption(handle, 'proxy_data', proxy));
    // Before SetDeviceId, which asks for the certificate: there may be no DAA certificate.
    if (custom) check(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(handle, custom.chain, custom.privateKey));
    if (!('connectionString' in options)) check(sdk.IoTHubDeviceClient_LL_SetOption(handle, 'SetDeviceId', 1));
    if (modelId !== undefined) check(sdk.IoTHubDeviceClient_LL_SetOption(handle, 'model_id', modelId));
    if (keepAliveSeconds !== undefined)
      check(sdk.IoTHubDeviceClient_LL_SetOption(handle, 'keepalive', keepAliveSeconds));
    check(sdk.IoTHubDeviceClient_LL_SetOption(handle, 'auto_url_encode_decode', true));
  } catch (error) {
    sdk.IoTHubDeviceClient_LL_Destroy(handle);
    throw error;
  }
  return handle;
}

function fromConnectionString(
  options: SphereDeviceOptions & { connectionString: string },
): IOTHUB_DEVICE_CLIENT_LL_HANDLE {
  const { sdk, connectionString } = options;
  return created(sdk.IoTHubDeviceClient_LL_CreateFromConnectionString(connectionString, providerOf(options)));
}

function fromDeviceAuth(
  options: SphereDeviceOptions,
  assignment: Assignment | undefined,
): IOTHUB_DEVICE_CLIENT_LL_HANDLE {
  const { sdk } = options;
  if (assignment === undefined) throw new SphereIotError('CONNECT_FAILED', 'The device is not assigned to a hub.');
  if (sdk.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509) !== 0)
    throw new SphereIotError('CONNECT_FAILED', 'The security layer is in use for another kind of credential.');
  const { hub, deviceId } = assignment;
  const handle = sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(hub, deviceId, providerOf(options));
  sdk.iothub_security_deinit();
  return created(handle);
}

function providerOf({ sdk, protocol }: SphereDeviceOptions) {
  return protocol === 'mqtt-ws' ? sdk.MQTT_WebSocket_Protocol : sdk.MQTT_Protocol;
}

function created(handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE | null): IOTHUB_DEVICE_CLIENT_LL_HANDLE {
  if (handle === null)
    throw new SphereIotError(
      'CONNECT_FAILED',
      'The SDK could not create a hub client: its log says why. Give createSdk a logger to see it, as in createSdk({ logger: console.error }).',
    );
  return handle;
}
