import type { AppDevice } from '../../app/index.js';
import type { AttestationRefusal, Catalog } from '../../certificates/index.js';
import { SphereIotError } from '../../errors.js';

/** The device that an app runs on, and the catalog that attests it. */
export interface AttestedDevice {
  readonly catalog: Catalog;
  readonly device: AppDevice;
}

/** A refusal that somebody asked for. */
interface Refusal {
  /** The line of a script that asked for it. */
  readonly line: string;
  readonly isVain: () => boolean;
}

/** Has a device refused its DAA certificates, and knows whether it has asked for one meanwhile. */
export class AttestationSwitch {
  /** Undefined: nothing is to be refused. */
  #refusal: Refusal | undefined;
  /** The first of those that are over, and struck nothing. */
  #vain: Refusal | undefined;

  /** @param line Of the script that asks for it. */
  refuse(
    { catalog, device: { deviceId } }: AttestedDevice,
    refusal: AttestationRefusal | undefined,
    line: string,
  ): void {
    this.#end();
    const before = catalog.refusals(deviceId);
    this.#refusal = { line, isVain: () => catalog.refusals(deviceId) === before };
    catalog.refuseAttestation(deviceId, refusal);
  }

  accept({ catalog, device: { deviceId } }: AttestedDevice): void {
    this.#end();
    catalog.acceptAttestation(deviceId);
  }

  /** Whether it is to be refused now. */
  get isOn(): boolean {
    return this.#refusal !== undefined;
  }

  /** Throws SphereIotError `ATTESTATION_NEVER_REFUSED` where a refusal struck nothing: one that is over, or the one that lasts. */
  checkStruck(): void {
    const vain = this.#vain ?? (this.#refusal?.isVain() === true ? this.#refusal : undefined);
    if (vain !== undefined)
      throw new SphereIotError(
        'ATTESTATION_NEVER_REFUSED',
        'Attestation was to be refused, and the device asked for no certificate meanwhile: add "attest renew", or let a day pass. ' +
          `The line that asked for it: ${vain.line}`,
      );
  }

  #end(): void {
    if (this.#refusal?.isVain() === true) this.#vain ??= this.#refusal;
    this.#refusal = undefined;
  }
}
