import { CertificateStore, DAA_ID } from '../certificates/index.js';
import type { AppDevice } from './app-device.js';
import { NIL_GUID } from './guid.js';
import type { AppManifest } from './manifest.js';

/** The device authentication that an app gets: its device's, where the manifest allows it. */
export interface AppAuthentication {
  /** Has the credentials of C's handles. */
  readonly store: CertificateStore;
  /** The catalog id for which the manifest asks; undefined: for none. */
  catalogId(): string | undefined;
  /** The DAA certificate (PEM) while there is one that is valid. */
  certificate(): string | undefined;
}

/** A manifest with the catalog of the device in the place of a placeholder. */
export function claimed(manifest: AppManifest, device: AppDevice | undefined): AppManifest {
  if (manifest.deviceAuthentication !== NIL_GUID || device === undefined) return manifest;
  return { ...manifest, deviceAuthentication: device.catalogId };
}

/** @param refuse Called with the reason why the app gets no certificate, once it asks for one. */
export function authenticationOf(
  manifest: AppManifest,
  device: AppDevice | undefined,
  refuse: (why: string) => void,
): AppAuthentication {
  const { deviceAuthentication } = manifest;
  const why = refusal(deviceAuthentication, device?.catalogId);
  let isRefused = false;
  const ask = (): void => {
    if (why !== undefined && !isRefused) refuse(why);
    isRefused = true;
  };
  const store = why === undefined ? (device?.store ?? new CertificateStore()) : new RefusingStore(ask);
  return {
    store,
    catalogId: () => {
      if (deviceAuthentication === undefined) ask();
      return deviceAuthentication;
    },
    certificate: () => {
      const reference = store.current(DAA_ID);
      if (reference === undefined || device?.authentication.ready !== true) return undefined;
      return store.resolve(reference).leaf.toString();
    },
  };
}

/** Why a device's certificate is not the app's; undefined: it is, or there is no device. */
function refusal(wanted: string | undefined, catalogId: string | undefined): string | undefined {
  if (catalogId === undefined || wanted === catalogId) return undefined;
  return wanted === undefined
    ? 'The manifest has no capability DeviceAuthentication: the app gets no DAA certificate.'
    : `The manifest's DeviceAuthentication is ${wanted}, but the device belongs to the catalog ${catalogId}: the app gets no DAA certificate.`;
}

/** A store without the DAA certificate, which calls `asked` when somebody looks for it. */
class RefusingStore extends CertificateStore {
  readonly #asked: () => void;

  constructor(asked: () => void) {
    super();
    this.#asked = asked;
  }

  override current(id: string): string | undefined {
    if (id === DAA_ID) this.#asked();
    return super.current(id);
  }
}
