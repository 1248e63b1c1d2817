import { CertificateStore } from '../../src/certificates/index.js';
import { AZURE_SPHERE_PROV_RESULT, IOTHUB_CLIENT_RESULT, PROV_DEVICE_RESULT } from '../../src/sdk/index.js';
import { connect, startSphere, type Sphere } from '../support/sphere.js';

function provision({ sdk, clock }: Sphere, idScope: string | null, timeout = 10_000) {
  return clock.runUntil(sdk.IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning(idScope, timeout));
}

describe('IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning', () => {
  test('returns a hub client that connects', async () => {
    const sphere = await startSphere({ pump: true });
    const returned = await provision(sphere, sphere.cloud.dps.idScope);
    expect(AZURE_SPHERE_PROV_RESULT[returned.result]).toBe('AZURE_SPHERE_PROV_RESULT_OK');
    await connect(sphere, returned.handle!);
    expect(sphere.cloud.hub().device(sphere.deviceId).isConnected).toBe(true);
    sphere.sdk.IoTHubDeviceClient_LL_Destroy(returned.handle!);
  });

  test.each([null, ''])('the id scope %p is an invalid parameter', async (idScope) => {
    const sphere = await startSphere();
    expect(await provision(sphere, idScope)).toEqual({
      result: AZURE_SPHERE_PROV_RESULT.AZURE_SPHERE_PROV_RESULT_INVALID_PARAM,
      prov_device_error: PROV_DEVICE_RESULT.PROV_DEVICE_RESULT_OK,
      iothub_client_error: IOTHUB_CLIENT_RESULT.IOTHUB_CLIENT_OK,
      handle: null,
    });
  });

  test('without a network', async () => {
    const sphere = await startSphere({ sdk: { networkReady: () => false } });
    const { result } = await provision(sphere, sphere.cloud.dps.idScope);
    expect(AZURE_SPHERE_PROV_RESULT[result]).toBe('AZURE_SPHERE_PROV_RESULT_NETWORK_NOT_READY');
  });

  test('without a DAA certificate', async () => {
    const sphere = await startSphere({ sdk: { store: new CertificateStore() } });
    const { result } = await provision(sphere, sphere.cloud.dps.idScope);
    expect(AZURE_SPHERE_PROV_RESULT[result]).toBe('AZURE_SPHERE_PROV_RESULT_DEVICEAUTH_NOT_READY');
  });

  test('refused by DPS', async () => {
    const sphere = await startSphere();
    sphere.cloud.dps.enrollmentGroups.update('catalog-devices', { enabled: false });
    const { result, prov_device_error, handle } = await provision(sphere, sphere.cloud.dps.idScope);
    expect(AZURE_SPHERE_PROV_RESULT[result]).toBe('AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR');
    expect(PROV_DEVICE_RESULT[prov_device_error]).toBe('PROV_DEVICE_RESULT_DISABLED');
    expect(handle).toBeNull();
  });

  test('times out after as many milliseconds as it was given', async () => {
    const sphere = await startSphere();
    const start = sphere.clock.now();
    const { result, prov_device_error } = await provision(sphere, sphere.cloud.dps.idScope, 2000);
    expect(AZURE_SPHERE_PROV_RESULT[result]).toBe('AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR');
    expect(PROV_DEVICE_RESULT[prov_device_error]).toBe('PROV_DEVICE_RESULT_TIMEOUT');
    expect(sphere.clock.now() - start).toBe(2000);
  });

  test('closing the SDK meanwhile rejects the promise', async () => {
    const sphere = await startSphere();
    const { sdk, clock, cloud } = sphere;
    const promise = sdk.IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning(cloud.dps.idScope, 10_000);
    clock.setTimer(500, () => sdk.close());
    await expect(clock.runUntil(promise)).rejects.toMatchObject({ code: 'SDK_CLOSED' });
  });
});
