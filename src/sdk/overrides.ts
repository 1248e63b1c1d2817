import { SphereIotError } from '../errors.js';
import type { Service } from '../wasm/index.js';
import type { SdkFunctions } from './generated/functions.js';
import type { SdkModule } from './module.js';

type Overrides = Pick<SdkFunctions, 'AzureIoT_OverrideAzureSphereAuthDPS' | 'AzureIoT_OverrideAzureSphereAuthIoTHub'>;

/**
 * Both overrides for callers in TypeScript: the key goes into the certificate store, and C gets the number of what was
 * installed, so that the key never passes through C. A chain or a key that can't be used is thrown as the SphereIotError
 * that says what is wrong with it; everything else is the C function's result. Both are in the diagnostics.
 */
export function bindOverrides({ exports, gate, handles, host }: SdkModule): Overrides {
  const bind =
    (name: keyof Overrides, type: string, service: Service, override: (handle: number, installed: number) => number) =>
    (handle: unknown, chain: unknown, privateKey: unknown): number => {
      const pointer = handles.pointer(type, handle, name);
      const texts = [text(chain, name), text(privateKey, name)] as const;
      return gate.enter(
        () => override(pointer, host.credentials.install(service, ...texts)),
        pointer && (handle as number),
      );
    };
  return {
    AzureIoT_OverrideAzureSphereAuthDPS: bind(
      'AzureIoT_OverrideAzureSphereAuthDPS',
      'PROV_DEVICE_LL_HANDLE',
      'dps',
      exports.sphere_override_dps,
    ),
    AzureIoT_OverrideAzureSphereAuthIoTHub: bind(
      'AzureIoT_OverrideAzureSphereAuthIoTHub',
      'IOTHUB_DEVICE_CLIENT_LL_HANDLE',
      'hub',
      exports.sphere_override_iothub,
    ),
  };
}

/** Null and the empty text are C's to refuse. */
function text(value: unknown, name: string): string | null {
  if (typeof value === 'string' || value === null) return value;
  throw new SphereIotError('ARGUMENT_INVALID', `${name} takes the chain and the private key as PEM texts.`);
}
