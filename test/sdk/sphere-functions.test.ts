// What public Azure Sphere apps call and pass: all of it has to be there, and to work in the orders in which they do it.
import {
  IOTHUB_CLIENT_RETRY_POLICY,
  IOTHUB_SECURITY_TYPE,
  OPTION_AUTO_URL_ENCODE_DECODE,
  OPTION_HTTP_PROXY,
  OPTION_KEEP_ALIVE,
  OPTION_LOG_TRACE,
  OPTION_MODEL_ID,
  OPTION_TRUSTED_CERT,
  SECURE_DEVICE_TYPE,
} from '../../src/sdk/index.js';
import { addToHub, connect, createHub, currentDaa, HUB, made, startSphere, type Sphere } from '../support/sphere.js';

const functions = [
  'IoTHub_Init',
  'IoTHub_Deinit',
  'IoTHubDeviceClient_LL_CreateFromConnectionString',
  'IoTHubDeviceClient_LL_CreateFromDeviceAuth',
  'IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning',
  'IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth',
  'IoTHubDeviceClient_LL_Destroy',
  'IoTHubDeviceClient_LL_DoWork',
  'IoTHubDeviceClient_LL_SendEventAsync',
  'IoTHubDeviceClient_LL_SendReportedState',
  'IoTHubDeviceClient_LL_SetConnectionStatusCallback',
  'IoTHubDeviceClient_LL_SetDeviceMethodCallback',
  'IoTHubDeviceClient_LL_SetDeviceTwinCallback',
  'IoTHubDeviceClient_LL_SetMessageCallback',
  'IoTHubDeviceClient_LL_SetOption',
  'IoTHubDeviceClient_LL_SetRetryPolicy',
  'IoTHubMessage_CreateFromByteArray',
  'IoTHubMessage_CreateFromString',
  'IoTHubMessage_Destroy',
  'IoTHubMessage_GetByteArray',
  'IoTHubMessage_GetContentEncodingSystemProperty',
  'IoTHubMessage_GetContentType',
  'IoTHubMessage_GetCorrelationId',
  'IoTHubMessage_GetMessageId',
  'IoTHubMessage_GetProperty',
  'IoTHubMessage_GetString',
  'IoTHubMessage_SetContentEncodingSystemProperty',
  'IoTHubMessage_SetContentTypeSystemProperty',
  'IoTHubMessage_SetMessageId',
  'IoTHubMessage_SetProperty',
  'Prov_Device_LL_Create',
  'Prov_Device_LL_Destroy',
  'Prov_Device_LL_DoWork',
  'Prov_Device_LL_Register_Device',
  'Prov_Device_LL_SetOption',
  'Prov_Device_LL_Set_Provisioning_Payload',
  'iothub_security_deinit',
  'iothub_security_init',
  'prov_dev_security_deinit',
  'prov_dev_security_init',
  'AzureIoT_OverrideAzureSphereAuthDPS',
  'AzureIoT_OverrideAzureSphereAuthIoTHub',
] as const;

test.each(functions)('%s is there', async (name) => {
  const { sdk } = await startSphere();
  expect(typeof sdk[name]).toBe('function');
});

/** In the order of the sample app's connection by DPS, less DPS. */
function setSampleOptions({ sdk }: Sphere, hub: ReturnType<typeof createHub>): void {
  expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1)).toBe(0);
  expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, OPTION_AUTO_URL_ENCODE_DECODE, true)).toBe(0);
  expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, OPTION_MODEL_ID, 'dtmi:com:example:thermometer;1')).toBe(0);
}

describe('orders', () => {
  let sphere: Sphere;
  beforeEach(async () => {
    sphere = await startSphere({ pump: true });
    addToHub(sphere, currentDaa(sphere));
  });

  test('iothub_security_deinit before the first DoWork', async () => {
    const { sdk } = sphere;
    const hub = createHub(sphere);
    setSampleOptions(sphere, hub);
    sdk.iothub_security_deinit();
    await connect(sphere, hub);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('no iothub_security_init at all, after prov_dev_security_init', async () => {
    const { sdk, deviceId } = sphere;
    expect(sdk.prov_dev_security_init(SECURE_DEVICE_TYPE.SECURE_DEVICE_TYPE_X509)).toBe(0);
    const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, deviceId, sdk.MQTT_Protocol));
    sdk.prov_dev_security_deinit();
    setSampleOptions(sphere, hub);
    await connect(sphere, hub);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('the options of older apps, and the retry policy, before and after it connects', async () => {
    const { sdk, cloud } = sphere;
    expect(sdk.IoTHub_Init()).toBe(0);
    const hub = createHub(sphere);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, OPTION_KEEP_ALIVE, 20)).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, OPTION_TRUSTED_CERT, cloud.trustRoots)).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, OPTION_LOG_TRACE, true)).toBe(0);
    const policy = IOTHUB_CLIENT_RETRY_POLICY.IOTHUB_CLIENT_RETRY_INTERVAL;
    expect(sdk.IoTHubDeviceClient_LL_SetRetryPolicy(hub, policy, 0)).toBe(0);
    await connect(sphere, hub);
    expect(sphere.log.map(({ message }) => message).join('\n')).toContain('KEEPALIVE: 20');
    expect(sdk.IoTHubDeviceClient_LL_SetRetryPolicy(hub, policy, 100)).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    sdk.IoTHub_Deinit();
  });

  test('the proxy before an option that makes the connection’s parts is taken, after it is refused', () => {
    const { sdk } = sphere;
    const proxy = { host_address: 'proxy', port: 3128 };
    sdk.iothub_security_init(IOTHUB_SECURITY_TYPE.IOTHUB_SECURITY_TYPE_X509);
    const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, 'x', sdk.MQTT_WebSocket_Protocol));
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, OPTION_HTTP_PROXY, proxy)).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1)).toBe(0);
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, OPTION_HTTP_PROXY, proxy)).not.toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('SetDeviceId and the certificate survive the SDK’s own reconnect', async () => {
    const { sdk, clock, cloud, deviceId } = sphere;
    const hub = createHub(sphere);
    setSampleOptions(sphere, hub);
    await connect(sphere, hub);
    for (let loss = 0; loss < 3; loss++) {
      cloud.hub().device(deviceId).disconnect();
      await clock.advance(60_000);
      expect(cloud.hub().device(deviceId).isConnected).toBe(true);
    }
    expect(sphere.log.filter(({ message }) => /option/i.test(message))).toEqual([]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});
