import type { Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import type { AZURE_SPHERE_PROV_RESULT, IOTHUB_CLIENT_RESULT, PROV_DEVICE_RESULT } from './generated/enums.js';
import type { IOTHUB_DEVICE_CLIENT_LL_HANDLE } from './generated/types.js';
import type { SdkModule } from './module.js';
import { integer, wrong } from './values.js';

/** AZURE_SPHERE_PROV_RETURN_VALUE, and the handle that C returns by pointer. */
export interface AzureSphereProvReturnValue {
  readonly result: AZURE_SPHERE_PROV_RESULT;
  /** Means something only with AZURE_SPHERE_PROV_RESULT_PROV_DEVICE_ERROR. */
  readonly prov_device_error: PROV_DEVICE_RESULT;
  /** Means something only with AZURE_SPHERE_PROV_RESULT_IOTHUB_CLIENT_ERROR. */
  readonly iothub_client_error: IOTHUB_CLIENT_RESULT;
  /** Null unless the result is OK; IoTHubDeviceClient_LL_Destroy frees it. */
  readonly handle: IOTHUB_DEVICE_CLIENT_LL_HANDLE | null;
}

export interface SphereProvisioning {
  /**
   * Registers with DPS by the DAA certificate and creates a client for the hub that it assigned. On a device this blocks
   * for up to `timeout` milliseconds, and old apps call it; here it is a promise, that of the same steps in C.
   * (azure_sphere_provisioning.h)
   */
  IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning(
    idScope: string | null,
    timeout: number,
  ): Promise<AzureSphereProvReturnValue>;
}

/** Milliseconds between two steps, as on a device. */
const POLL = 100;

export function bindProvisioning(module: SdkModule, clock: Clock): SphereProvisioning {
  const name = 'IoTHubDeviceClient_LL_CreateWithAzureSphereDeviceAuthProvisioning';
  const { exports, gate } = module;
  return {
    async [name](idScope: unknown, timeout) {
      if (typeof idScope !== 'string' && idScope !== null) throw wrong(`${name}: idScope`, 'a text or null', idScope);
      integer(timeout, 0, 0xffffffff, `${name}: timeout`);
      const provisioning = begin(module, idScope, timeout);
      try {
        while (gate.enter(() => exports.sphere_provisioning_poll(provisioning)) === 0)
          await new Promise<void>((resolve) => clock.setTimer(POLL, resolve));
      } catch (error) {
        if (!gate.closed) finish(module, provisioning);
        throw error;
      }
      return finish(module, provisioning);
    },
  };
}

function begin({ memory, gate, exports }: SdkModule, idScope: string | null, timeout: number): number {
  const mark = memory.mark();
  try {
    const text = memory.text(idScope);
    const pointer = gate.enter(() => exports.sphere_provisioning_begin(text, timeout));
    if (pointer === 0) throw new SphereIotError('OUT_OF_MEMORY', 'C has no memory left.');
    return pointer;
  } finally {
    memory.wipe(mark);
  }
}

function finish({ memory, gate, exports, handles }: SdkModule, provisioning: number): AzureSphereProvReturnValue {
  const mark = memory.mark();
  try {
    const [result, provDeviceError, clientError] = [memory.space(4), memory.space(4), memory.space(4)];
    const hub = gate.enter(() =>
      exports.sphere_provisioning_finish(provisioning, result, provDeviceError, clientError),
    );
    return {
      result: memory.uint32At(result),
      prov_device_error: memory.uint32At(provDeviceError),
      iothub_client_error: memory.uint32At(clientError),
      handle: (handles.adopt('IOTHUB_DEVICE_CLIENT_LL_HANDLE', hub) || null) as IOTHUB_DEVICE_CLIENT_LL_HANDLE | null,
    };
  } finally {
    memory.release(mark);
  }
}
