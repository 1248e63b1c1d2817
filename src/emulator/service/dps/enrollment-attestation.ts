import { Fields } from '../fields.js';
import { keysOf } from '../hub/identity-fields.js';
import { badRequest } from '../service-error.js';

/**
 * The attestation that a back end gives an enrollment or a group.
 * @param before Whether the enrollment has symmetric keys already: what was read comes back without them, and they stay as they are.
 * @param x509 Reads the certificates. Returns undefined if they stay as they are.
 * @returns Undefined if the attestation stays as it is.
 * @throws ServiceError 400.
 */
export function attestationOf<X509>(
  fields: Fields,
  before: boolean,
  x509: (given: Fields | undefined) => X509 | undefined,
): { symmetricKey: ReturnType<typeof keysOf> } | { x509: X509 } | undefined {
  const given = Fields.of(fields.object('attestation'), 'attestation');
  const type = given.oneOf('type', 'symmetricKey', 'x509', 'tpm');
  if (type === 'tpm') throw badRequest('The emulator has no TPM attestation: give symmetricKey or x509.');
  if (type === undefined) throw badRequest('attestation.type is missing: symmetricKey or x509.');
  if (type === 'symmetricKey') {
    const symmetricKey = keysOf(given.fields('symmetricKey'));
    return before && Object.keys(symmetricKey).length === 0 ? undefined : { symmetricKey };
  }
  const read = x509(given.fields('x509'));
  return read && { x509: read };
}
