/**
 * How a device came to its hub (protocol.md#dps-answers). `deviceDataMigrated` and `deviceDataReset`: it was moved there, with its
 * twin or with the initial one. `reprovisionedToInitialAssignment`: it stayed, and its twin was reset. A device that
 * stays with its twin keeps the substatus that it had.
 */
export type RegistrationSubstatus =
  'initialAssignment' | 'deviceDataMigrated' | 'deviceDataReset' | 'reprovisionedToInitialAssignment';

/** What DPS keeps of a device that registered. */
export interface Registration {
  readonly registrationId: string;
  readonly status: 'assigned' | 'failed';
  /** The enrollment group by which it was let in; none where it has an individual enrollment. */
  readonly enrollmentGroupId?: string;
  /** What the device proved its identity by. */
  readonly attestation: 'x509' | 'symmetricKey';
  /** Full name of the hub, where it is assigned. */
  readonly assignedHub?: string;
  readonly deviceId?: string;
  readonly substatus?: RegistrationSubstatus;
  /** Where it failed (protocol.md#dps-clients): 400208 no hub, 400209 unauthorized, 400207 custom allocation. */
  readonly errorCode?: number;
  readonly errorMessage?: string;
  /** What the device sent along, parsed. */
  readonly requestPayload?: unknown;
  /** What an allocation callback sent back to the device. */
  readonly payload?: unknown;
  /** SHA-1 of the leaf certificate, upper-case hex, where there is one. */
  readonly thumbprint?: string;
  /** Clock ms. */
  readonly createdAt: number;
  readonly lastUpdatedAt: number;
  readonly etag: string;
}
