import { defined } from '../../defined.js';
import { SphereIotError } from '../../errors.js';
import { checkOptions, type Rules } from '../../options.js';
import { callback, duration, object, oneOf, whole } from '../../rules.js';
import type { RefusalCode, UndocumentedTopic } from '../contract/mqtt-service.js';
import type { RefusalCause } from './attestation.js';
import { POLICY_RULES } from './enrollment-policy.js';
import type { AllocationCallback, AllocationPolicy, CredentialMode, ReprovisionPolicy } from './enrollments.js';

export interface ProvisioningOptions {
  /** The service's own name, of which `{name}.azure-devices-provisioning.net` is made, the host that back ends talk to. Default `contoso`. */
  readonly serviceName?: string | undefined;
  /** How many polls are answered with "assigning" before the result. Default 1, as in traces of the real service. */
  readonly assigningPolls?: number | undefined;
  /** Whole seconds that the device is asked to wait before its next poll: 1 to 300. Default 3. */
  readonly retryAfterSeconds?: number | undefined;
  /** What the hub identities are bound to, unless an enrollment says otherwise. Default `thumbprint` (protocol.md#dps-identity). */
  readonly credentialMode?: CredentialMode | undefined;
  /** For enrollments that have none. Default: `custom` where there is `allocate`, else `hashed`. */
  readonly allocationPolicy?: AllocationPolicy | undefined;
  /** For `custom`. */
  readonly allocate?: AllocationCallback | undefined;
  /** How long an allocation callback may take, clock ms. Default 30 000. */
  readonly allocationTimeoutMs?: number | undefined;
  /** For enrollments that have none. Default `migrateData`. */
  readonly reprovisionPolicy?: ReprovisionPolicy | undefined;
  /** The CONNACK code for an id scope that there is not; the sources don't say (protocol.md#refusals). Default 5. */
  readonly unknownIdScopeReturnCode?: RefusalCode | undefined;
  /**
   * How a certificate is refused whose common name is not the registration id (protocol.md#refusals): by CONNACK 5, or by 401002
   * once the device asks to be registered. Default `connack`.
   */
  readonly wrongCommonName?: 'connack' | 'answer' | undefined;
  /**
   * The text that goes with 401002 (`caNotFound`, `invalidCertificate`) and 401000 (`unauthorized`); several are known
   * (protocol.md#dps-answers). Default: `CA certificate not found.`, `Invalid certificate.`, `Unauthorized`.
   */
  readonly refusalMessages?: Readonly<Partial<Record<RefusalCause, string>>> | undefined;
  /** What becomes of a PUBLISH to a topic that is not documented. Default `close`. */
  readonly undocumentedTopic?: UndocumentedTopic | undefined;
}

const RULES: Rules<ProvisioningOptions> = {
  serviceName: { words: 'letters, digits and hyphens', fits: isServiceName },
  assigningPolls: whole(0),
  retryAfterSeconds: whole(1, 300),
  credentialMode: POLICY_RULES.credentialMode,
  allocationPolicy: POLICY_RULES.allocationPolicy,
  allocate: callback,
  allocationTimeoutMs: duration,
  reprovisionPolicy: POLICY_RULES.reprovisionPolicy,
  unknownIdScopeReturnCode: whole(1, 5),
  wrongCommonName: oneOf('connack', 'answer'),
  refusalMessages: object,
  undocumentedTopic: oneOf('close', 'ignore'),
};

/** @internal What counts: the options, or their defaults. */
export type ProvisioningSettings = {
  readonly [K in Exclude<keyof ProvisioningOptions, 'allocate'>]-?: Exclude<ProvisioningOptions[K], undefined>;
} & Pick<ProvisioningOptions, 'allocate'>;

const DEFAULTS: Omit<ProvisioningSettings, 'allocate' | 'allocationPolicy'> = {
  serviceName: 'contoso',
  assigningPolls: 1,
  retryAfterSeconds: 3,
  credentialMode: 'thumbprint',
  allocationTimeoutMs: 30_000,
  reprovisionPolicy: 'migrateData',
  unknownIdScopeReturnCode: 5,
  wrongCommonName: 'connack',
  refusalMessages: {},
  undocumentedTopic: 'close',
};

/** @internal @throws SphereIotError `OPTIONS_INVALID`, `ALLOCATION_POLICY_INVALID`. */
export function provisioningSettings(options: ProvisioningOptions): ProvisioningSettings {
  checkOptions(options, 'dps', '{ assigningPolls: 0 }', RULES);
  const { allocate, allocationPolicy = allocate === undefined ? 'hashed' : 'custom' } = options;
  if (allocationPolicy === 'custom' && allocate === undefined)
    throw new SphereIotError(
      'ALLOCATION_POLICY_INVALID',
      'The service has the allocation policy custom and no `allocate`. Give it one.',
    );
  return { ...DEFAULTS, ...defined(options), allocationPolicy };
}

function isServiceName(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z\d](?:[A-Za-z\d-]{0,62}[A-Za-z\d])?$/.test(value);
}
