import { defined } from '../../../defined.js';
import type {
  AuthenticationMechanism,
  AuthenticationMechanismOptions,
  DeviceChange,
} from '../../hub/device-registry.js';
import type { Fields } from '../fields.js';
import { badRequest } from '../service-error.js';

const TYPES = ['sas', 'selfSigned', 'certificateAuthority', 'none'] as const;
/** SHA-1 or SHA-256, in any notation. */
const THUMBPRINT = /^(?:[\dA-Fa-f]{2}[: ]?){20}$|^(?:[\dA-Fa-f]{2}[: ]?){32}$/;

/** What a back end says of an identity (protocol.md#service-registry), to be created or changed. */
export function identityChange(fields: Fields): DeviceChange {
  const status = fields.oneOf('status', 'enabled', 'disabled');
  const statusReason = fields.text('statusReason');
  const iotEdge = fields.fields('capabilities')?.flag('iotEdge');
  const authentication = authenticationOf(fields.fields('authentication'));
  return {
    ...(status === undefined ? {} : { enabled: status === 'enabled' }),
    ...defined({ statusReason, iotEdge, authentication }),
  };
}

/** Undefined where nothing is said about it. Without a type, thumbprints say which it is (protocol.md#service-registry). */
function authenticationOf(fields: Fields | undefined): AuthenticationMechanismOptions | undefined {
  if (fields === undefined) return undefined;
  const thumbprints = thumbprintsOf(fields.fields('x509Thumbprint'));
  const type = fields.oneOf('type', ...TYPES) ?? (thumbprints === undefined ? 'sas' : 'selfSigned');
  switch (type) {
    case 'certificateAuthority':
      return { type };
    case 'selfSigned':
      if (thumbprints === undefined) throw badRequest('authentication.x509Thumbprint has no primaryThumbprint.');
      return { type, thumbprints };
    case 'none':
      throw badRequest(
        'The emulator has no identities with authentication.type none: give sas, selfSigned or certificateAuthority.',
      );
    case 'sas':
      return { type, symmetricKey: keysOf(fields.fields('symmetricKey')) };
  }
}

/** Keys that are empty are to be made. */
export function keysOf(fields: Fields | undefined): { primaryKey?: string; secondaryKey?: string } {
  const [primaryKey, secondaryKey] = [fields?.text('primaryKey') ?? '', fields?.text('secondaryKey') ?? ''];
  return { ...(primaryKey === '' ? {} : { primaryKey }), ...(secondaryKey === '' ? {} : { secondaryKey }) };
}

/** One alone may be either: each will do. */
function thumbprintsOf(fields: Fields | undefined): { primary: string; secondary?: string } | undefined {
  const given = ['primaryThumbprint', 'secondaryThumbprint'].flatMap((name) => {
    const value = fields?.text(name) ?? '';
    if (value !== '' && !THUMBPRINT.test(value))
      throw badRequest(`authentication.x509Thumbprint.${name} is no thumbprint: 40 or 64 hexadecimal digits.`);
    return value === '' ? [] : [value];
  });
  const [primary, secondary] = given;
  if (primary === undefined) return undefined;
  return secondary === undefined ? { primary } : { primary, secondary };
}

/** What back ends are shown of it; keys included. */
export function authenticationView(authentication: AuthenticationMechanism): object {
  const keys = authentication.type === 'sas' ? authentication.symmetricKey : undefined;
  const thumbprints = authentication.type === 'selfSigned' ? authentication.thumbprints : undefined;
  return {
    symmetricKey: { primaryKey: keys?.primaryKey ?? null, secondaryKey: keys?.secondaryKey ?? null },
    x509Thumbprint: {
      primaryThumbprint: thumbprints?.primary ?? null,
      secondaryThumbprint: thumbprints?.secondary ?? null,
    },
    type: authentication.type,
  };
}
