import type { Clock } from '../../clock/index.js';
import { SphereIotError } from '../../errors.js';
import { decoded } from '../codec/query.js';
import { asciiLowerCase } from '../../ascii.js';
import { isLocalName } from '../service-names.js';
import { expiryFault, isSignedBy, isSignedByText, parseSasToken } from './sas-token.js';
import { listOf, oneOf, shape, text } from '../state/shape.js';
import type { Codec, Namespace, Collection } from '../state/store.js';
import { completeKey, type SymmetricKey } from './symmetric-key.js';

/** What a back end may do; the names are Azure's (protocol.md#service-access). */
export const RIGHTS = [
  'RegistryRead',
  'RegistryWrite',
  'ServiceConnect',
  'DeviceConnect',
  'EnrollmentRead',
  'EnrollmentWrite',
  'RegistrationStatusRead',
  'RegistrationStatusWrite',
] as const;
export type Right = (typeof RIGHTS)[number];

/** A shared access policy: a client that knows one of its keys has its rights. A secret. */
export interface AccessPolicy {
  readonly keyName: string;
  readonly rights: readonly Right[];
  readonly keys: SymmetricKey;
}

/** The policies that every hub has (protocol.md#service-access). */
export const HUB_POLICIES: Readonly<Record<string, readonly Right[]>> = {
  iothubowner: ['RegistryRead', 'RegistryWrite', 'ServiceConnect', 'DeviceConnect'],
  service: ['ServiceConnect'],
  device: ['DeviceConnect'],
  registryRead: ['RegistryRead'],
  registryReadWrite: ['RegistryRead', 'RegistryWrite'],
};

/** The policy that every DPS has. */
export const DPS_POLICIES: Readonly<Record<string, readonly Right[]>> = {
  provisioningserviceowner: ['EnrollmentRead', 'EnrollmentWrite', 'RegistrationStatusRead', 'RegistrationStatusWrite'],
};

/** The shared access policies of a hub or of a DPS, with keys that are made at random and kept with the state. */
export class AccessPolicies {
  readonly #host: string;
  /** All names under which tokens may be made for the service. */
  readonly #hosts: readonly string[];
  readonly #clock: Clock;
  readonly #policies: Map<string, AccessPolicy>;
  readonly #kept: Collection<AccessPolicy>;

  /**
   * @internal
   * @param host Full name of the service, in lower case.
   * @param policies Those that are there from the start.
   * @param aliases Other names of it, in lower case.
   */
  constructor(
    host: string,
    clock: Clock,
    policies: Readonly<Record<string, readonly Right[]>>,
    namespace: Namespace,
    aliases: readonly string[] = [],
  ) {
    this.#host = host;
    this.#hosts = [host, ...aliases];
    this.#clock = clock;
    this.#kept = namespace.collection('policies', codec);
    this.#policies = new Map(this.#kept.entries());
    for (const [keyName, rights] of Object.entries(policies))
      if (!this.#policies.has(keyName)) this.#set({ keyName, rights, keys: completeKey({}, `the policy ${keyName}`) });
  }

  /** In the order in which the service lists them. */
  list(): readonly AccessPolicy[] {
    return [...this.#policies.values()];
  }

  /** @throws SphereIotError `POLICY_NOT_FOUND`. */
  get(keyName: string): AccessPolicy {
    const policy = this.#policies.get(keyName);
    if (policy === undefined)
      throw new SphereIotError(
        'POLICY_NOT_FOUND',
        `${this.#host} has no shared access policy ${keyName}, but ${[...this.#policies.keys()].join(', ')}.`,
      );
    return policy;
  }

  /**
   * What a back end is given to connect with: `HostName=…;SharedAccessKeyName=…;SharedAccessKey=…`. A secret.
   * @throws SphereIotError `POLICY_NOT_FOUND`.
   */
  connectionString(keyName: string): string {
    const { keys } = this.get(keyName);
    return `HostName=${this.#host};SharedAccessKeyName=${keyName};SharedAccessKey=${keys.primaryKey}`;
  }

  /**
   * Why a request has not the right, in words; undefined where it has.
   * @param authorization The request's header.
   * @param path What is asked for, without a slash before it: the token's `sr` is a prefix of it, segment by segment.
   */
  fault(authorization: string | undefined, right: Right, path: string): string | undefined {
    const admitted = this.admit(authorization, path);
    if (typeof admitted === 'string') return admitted;
    const { keyName, rights } = admitted.policy;
    return rights.includes(right) ? undefined : `the policy ${keyName} has no right ${right}`;
  }

  /**
   * The policy of a token, and when it expires, in clock ms; or why it lets nobody in, in words.
   * @param authorization See `fault`.
   * @param path See `fault`.
   */
  admit(authorization: string | undefined, path: string): { policy: AccessPolicy; expiresAt: number } | string {
    if (authorization === undefined || authorization === '') return 'the request has no Authorization header';
    if (/^bearer /i.test(authorization))
      return 'a Bearer token was sent, and the emulator takes SharedAccessSignature only';
    const token = parseSasToken(Buffer.from(authorization));
    if (token === undefined) return 'the Authorization header is no SharedAccessSignature sr=…&sig=…&se=…&skn=…';
    const policy = this.#policies.get(token.keyName);
    if (policy === undefined) return `there is no policy ${token.keyName || '(skn is missing)'}`;
    if (!this.#covers(decoded(token.resource), path))
      return `the token is for ${decoded(token.resource)}, not for ${this.#host}`;
    const isSigned = isSignedBy(token, policy.keys) || (this.#hosts.length > 1 && isSignedByText(token, policy.keys));
    if (!isSigned) return `the token is not signed with a key of the policy ${policy.keyName}`;
    const expired = expiryFault(token, this.#clock.now());
    return expired ?? { policy, expiresAt: token.expiresAt };
  }

  #covers(resource: string, path: string): boolean {
    const [host = '', ...below] = asciiLowerCase(resource)
      .replace(/^[a-z]+:\/\//, '')
      .split('/')
      .filter(Boolean);
    const segments = asciiLowerCase(path).split('/');
    return (this.#hosts.includes(host) || isLocalName(host)) && below.every((part, index) => part === segments[index]);
  }

  #set(policy: AccessPolicy): void {
    this.#policies.set(policy.keyName, policy);
    this.#kept.put(policy.keyName, policy);
  }
}

const keptPolicy = shape({
  keyName: text,
  rights: listOf(oneOf(...RIGHTS)),
  keys: shape({ primaryKey: text, secondaryKey: text }),
});

const codec: Codec<AccessPolicy> = {
  encode: (policy) => policy,
  decode: (value) => {
    const policy = keptPolicy(value) as unknown as AccessPolicy;
    return { ...policy, keys: completeKey(policy.keys, `the policy ${policy.keyName}`) };
  },
  fits: (id, { keyName }) => id === keyName,
};
