// The device provisions itself: the sequence of Microsoft's samples, call by call.
import { CertificateAuthority } from '../../src/certificates/index.js';
import { IOTHUB_CLIENT_RESULT, PROV_DEVICE_REG_STATUS, PROV_DEVICE_RESULT } from '../../src/sdk/index.js';
import {
  connect,
  createHub,
  createProv,
  currentDaa,
  DPS,
  enroll,
  HUB,
  issuePem,
  made,
  register,
  rootAuthority,
  send,
  startSphere,
  textMessage,
} from '../support/sphere.js';

describe('DPS', () => {
  test('registers the device by its DAA certificate', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, cloud, deviceId, pump } = sphere;
    const prov = createProv(sphere);
    expect(sdk.Prov_Device_LL_SetOption(prov, 'SetDeviceId', 1)).toBe(PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK);
    const statuses: string[] = [];
    const registered = new Promise<unknown[]>((resolve) => {
      const result = sdk.Prov_Device_LL_Register_Device(
        prov,
        (...outcome) => resolve(outcome),
        (status) => void statuses.push(PROV_DEVICE_REG_STATUS[status] as string),
      );
      expect(result).toBe(PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK);
    });
    pump.add(prov);
    expect(await clock.runUntil(registered)).toEqual([PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK, HUB, deviceId]);
    expect(statuses[0]).toBe('PROV_DEVICE_REG_STATUS_CONNECTED');
    expect(statuses).toContain('PROV_DEVICE_REG_STATUS_ASSIGNING');
    expect(cloud.dps.registration(deviceId)).toMatchObject({
      status: 'assigned',
      enrollmentGroupId: 'catalog-devices',
      assignedHub: HUB,
      deviceId,
      thumbprint: currentDaa(sphere).leaf.fingerprint.replaceAll(':', ''),
    });
    expect(cloud.hub().devices.has(deviceId)).toBe(true);
    sdk.Prov_Device_LL_Destroy(prov);
    sdk.prov_dev_security_deinit();
  });

  test('carries a payload to DPS', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, cloud, deviceId } = sphere;
    const prov = createProv(sphere);
    expect(sdk.Prov_Device_LL_Set_Provisioning_Payload(prov, '{"modelId":"dtmi:contoso:kettle;1"}')).toBe(0);
    expect((await register(sphere, prov)).result).toBe(PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK);
    expect(cloud.dps.registration(deviceId)?.requestPayload).toEqual({ modelId: 'dtmi:contoso:kettle;1' });
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('the registration fails in C where no group takes the device', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, cloud, deviceId } = sphere;
    cloud.dps.enrollmentGroups.delete('catalog-devices');
    const prov = createProv(sphere);
    const { result, uri, deviceId: id } = await register(sphere, prov);
    expect(PROV_DEVICE_RESULT[result]).toMatch(/DEV_AUTH_ERROR|UNAUTHORIZED|TRANSPORT/);
    expect([uri, id]).toEqual([null, null]);
    expect(cloud.dps.registration(deviceId)).toBeUndefined();
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('Create returns NULL before prov_dev_security_init', async () => {
    const { sdk, cloud } = await startSphere();
    expect(sdk.Prov_Device_LL_Create(DPS, cloud.dps.idScope, sdk.Prov_Device_MQTT_Protocol)).toBeNull();
  });
});

describe('from DPS to the hub', () => {
  test('IoTHubDeviceClient_LL_CreateFromDeviceAuth with what DPS assigned', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, cloud, deviceId } = sphere;
    const prov = createProv(sphere);
    const { uri } = await register(sphere, prov);
    sdk.Prov_Device_LL_Destroy(prov);
    sdk.prov_dev_security_deinit();
    // As the samples do it: nobody calls iothub_security_init.
    const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(uri, deviceId, sdk.MQTT_Protocol));
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1)).toBe(IOTHUB_CLIENT_RESULT.IOTHUB_CLIENT_OK);
    await connect(sphere, hub);
    expect(cloud.hub().device(deviceId).isConnected).toBe(true);
    expect(cloud.hub().events()).toMatchObject([{ type: 'deviceCreated' }, { type: 'connected', deviceId }]);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
    await sphere.clock.advance(0);
    expect(cloud.hub().device(deviceId).isConnected).toBe(false);
  });

  test('IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth takes the device id from the certificate', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, cloud, deviceId } = sphere;
    const prov = createProv(sphere);
    const { uri } = await register(sphere, prov);
    sdk.Prov_Device_LL_Destroy(prov);
    const hub = made(sdk.IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth(uri, sdk.MQTT_Protocol));
    await connect(sphere, hub);
    expect(cloud.hub().events()).toMatchObject([{ type: 'deviceCreated' }, { type: 'connected', deviceId }]);
    expect(await send(sphere, hub, textMessage(sphere, '1'))).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('…WithAzureSphereFromDeviceAuth works with no DPS and no init before it', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, cloud, deviceId } = sphere;
    const thumbprints = { primary: currentDaa(sphere).leaf.fingerprint256 };
    cloud.hub().devices.create({ deviceId, authentication: { type: 'selfSigned', thumbprints } });
    const hub = made(sdk.IoTHubDeviceClient_LL_CreateWithAzureSphereFromDeviceAuth(HUB, sdk.MQTT_Protocol));
    await connect(sphere, hub);
    expect(cloud.hub().device(deviceId).isConnected).toBe(true);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });
});

describe('the overrides', () => {
  test('DPS and hub see the custom certificate; the registration id follows its common name', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, cloud, deviceId } = sphere;
    const authority = await rootAuthority(clock);
    await enroll(cloud, 'contoso', authority);
    // Not the device's own name, so that it can't be the DAA certificate's.
    const custom = await issuePem(authority, 'kettle-0042');
    const thumbprint = custom.credential.leaf.fingerprint.replaceAll(':', '');

    const prov = createProv(sphere);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(
      PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK,
    );
    expect(await register(sphere, prov)).toEqual({ result: 0, uri: HUB, deviceId: 'kettle-0042' });
    sdk.Prov_Device_LL_Destroy(prov);
    expect(cloud.dps.registration('kettle-0042')).toMatchObject({ enrollmentGroupId: 'contoso-devices', thumbprint });
    expect(cloud.dps.registration(deviceId)).toBeUndefined();

    const hub = made(sdk.IoTHubDeviceClient_LL_CreateFromDeviceAuth(HUB, 'kettle-0042', sdk.MQTT_Protocol));
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(hub, custom.chain, custom.privateKey)).toBe(
      IOTHUB_CLIENT_RESULT.IOTHUB_CLIENT_OK,
    );
    // Options that come after the override do not undo it.
    expect(sdk.IoTHubDeviceClient_LL_SetOption(hub, 'SetDeviceId', 1)).toBe(0);
    await connect(sphere, hub);
    expect(cloud.hub().devices.get('kettle-0042').authentication).toMatchObject({
      type: 'selfSigned',
      thumbprints: { primary: custom.credential.leaf.fingerprint256.replaceAll(':', '') },
    });
    expect(cloud.hub().events()).toMatchObject([
      { type: 'deviceCreated' },
      { type: 'connected', deviceId: 'kettle-0042' },
    ]);
    expect(await send(sphere, hub, textMessage(sphere, 'custom'))).toBe(0);
    sdk.IoTHubDeviceClient_LL_Destroy(hub);
  });

  test('a chain with an intermediate is sent whole', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, cloud } = sphere;
    const root = await rootAuthority(clock);
    const line = await CertificateAuthority.create({ subject: { commonName: 'Line 7' }, clock, issuer: root });
    await enroll(cloud, 'contoso', root);
    const custom = await issuePem(line, 'kettle-0043');
    const prov = createProv(sphere);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthDPS(prov, custom.chain, custom.privateKey)).toBe(0);
    expect(await register(sphere, prov)).toMatchObject({ result: 0, deviceId: 'kettle-0043' });
    sdk.Prov_Device_LL_Destroy(prov);
  });

  test('are per handle: another handle keeps the DAA certificate', async () => {
    const sphere = await startSphere({ pump: true });
    const { sdk, clock, cloud, deviceId } = sphere;
    const authority = await rootAuthority(clock);
    const custom = await issuePem(authority, deviceId);
    const thumbprints = { primary: currentDaa(sphere).leaf.fingerprint };
    cloud.hub().devices.create({ deviceId, authentication: { type: 'selfSigned', thumbprints } });
    const overridden = createHub(sphere);
    const plain = createHub(sphere);
    expect(sdk.AzureIoT_OverrideAzureSphereAuthIoTHub(overridden, custom.chain, custom.privateKey)).toBe(0);
    // The hub knows the thumbprint of the DAA certificate only.
    await connect(sphere, plain);
    await expect(connect(sphere, overridden)).rejects.toThrow(
      /BAD_CREDENTIAL|NO_NETWORK|COMMUNICATION|DEVICE_DISABLED/,
    );
    expect(
      cloud
        .hub()
        .events()
        .map(({ type }) => type),
    ).toContain('authenticationFailed');
    sdk.IoTHubDeviceClient_LL_Destroy(overridden);
    sdk.IoTHubDeviceClient_LL_Destroy(plain);
  });
});
