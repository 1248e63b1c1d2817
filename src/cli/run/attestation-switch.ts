import type { AppDevice } from '../../app/index.js';
import type { AttestationRefusal, Catalog } from '../../certificates/index.js';
import { SphereIotError } from '../../errors.js';

/** The device that an app runs on, and the catalog that attests it. */
export interface AttestedDevice {
  readonly catalog: Catalog;
  readonly device: AppDevice;
}

/** Has a device refused its DAA certificates, and knows whether it has asked for one meanwhile. */
export class AttestationSwitch {
  /** Whether nothing was refused since it was told to; undefined: nothing is to be refused. */
  #refusesInVain: (() => boolean) | undefined;
  #wasVain = false;

  refuse({ catalog, device: { deviceId } }: AttestedDevice, refusal: AttestationRefusal | undefined): void {
    this.#wasVain = this.#isVain;
    const before = catalog.refusals(deviceId);
    this.#refusesInVain = () => catalog.refusals(deviceId) === before;
    catalog.refuseAttestation(deviceId, refusal);
  }

  accept({ catalog, device: { deviceId } }: AttestedDevice): void {
    this.#wasVain = this.#isVain;
    this.#refusesInVain = undefined;
    catalog.acceptAttestation(deviceId);
  }

  /** Whether it is to be refused now. */
  get isOn(): boolean {
    return this.#refusesInVain !== undefined;
  }

  /** Throws SphereIotError `ATTESTATION_NEVER_REFUSED` where a refusal struck nothing: one that is over, or the one that lasts. */
  checkStruck(): void {
    if (this.#isVain)
      throw new SphereIotError(
        'ATTESTATION_NEVER_REFUSED',
        'Attestation was to be refused, and the device asked for no certificate meanwhile: add "attest renew", or let a day pass.',
      );
  }

  get #isVain(): boolean {
    return this.#wasVain || (this.#refusesInVain?.() ?? false);
  }
}
