import type { ErrorTexts } from './error-text.js';

export const CERTIFICATES = {
  ATTESTATION_NEVER_REFUSED: {
    meaning: 'A test had attestation refused, and the device asked for no certificate meanwhile.',
    whatToDo:
      'Call `renew()` of its `DeviceAuthentication` or let a day pass; in a script of `run`, write `attest renew`. If the device is not to ask, call `acceptAttestation` at the end.',
  },
  CATALOG_CA_EXPIRED: {
    meaning: 'The CA certificate of the catalog has expired, so no service trusts what it signs.',
    whatToDo:
      'Call `rollAuthority()` and let the services trust the new CA certificate. Or make the catalog with a longer `caValidityMs`.',
  },
  CATALOG_CHANGED: {
    meaning: 'Somebody else gave the catalog in the folder a new CA certificate after this one was loaded.',
    whatToDo: 'Load the catalog again, and repeat the change.',
  },
  CATALOG_EXISTS: {
    meaning: 'The folder holds another catalog already.',
    whatToDo: 'Choose another folder.',
  },
  CATALOG_FOLDER_DAMAGED: {
    meaning: "A file of the catalog's folder is missing or can't be read.",
    whatToDo: 'Bring back the file that the message names, or create a new catalog elsewhere.',
  },
  CATALOG_FOLDER_NEWER: {
    meaning: "A newer version of sphere-iot wrote the catalog's folder.",
    whatToDo: 'Update sphere-iot.',
  },
  CATALOG_FOLDER_NOT_EMPTY: {
    meaning: 'The folder for a new catalog holds other files.',
    whatToDo: 'Choose a folder that is empty or not there yet.',
  },
  CATALOG_FOLDER_NOT_FOUND: {
    meaning: 'The folder holds no catalog.',
    whatToDo: 'Create the catalog first, or name its folder.',
  },
  CATALOG_ID_INVALID: {
    meaning: 'The id for a catalog is not a GUID.',
    whatToDo: 'Give a GUID, or leave the id out.',
  },
  CERTIFICATE_CHAIN_BROKEN: {
    meaning: 'A certificate of the chain is not signed by the next one, or an issuer in between is missing.',
    whatToDo: 'Give every issuer between the leaf and the CA, and no certificate that is not part of the chain.',
  },
  CERTIFICATE_CHAIN_TOO_LONG: {
    meaning: 'The chain has more than 10 certificates.',
    whatToDo: 'Give the leaf and its own issuers only.',
  },
  CERTIFICATE_COMMON_NAME_INVALID: {
    meaning: "DPS or IoT Hub does not take the certificate's common name as an id.",
    whatToDo: 'Issue the certificate with a common name of the characters that the message lists.',
  },
  CERTIFICATE_COMMON_NAME_MISSING: {
    meaning: 'The certificate has no common name.',
    whatToDo:
      "Issue it with the device's id, the host name or the verification code as the common name (CN) of its subject.",
  },
  CERTIFICATE_EXPIRED: {
    meaning: "The certificate's validity ended before the time of the clock.",
    whatToDo: 'Issue a new certificate, or set the clock.',
  },
  CERTIFICATE_KEY_MISMATCH: {
    meaning: 'The private key does not belong to the leaf of the chain.',
    whatToDo: 'Give the key that the leaf was requested with.',
  },
  CERTIFICATE_KEY_MISSING: {
    meaning: 'The private key is missing.',
    whatToDo: 'Give it as PEM text, or as DER bytes.',
  },
  CERTIFICATE_KEY_NOT_PEM: {
    meaning: "What was given as private key can't be read as one.",
    whatToDo: 'Give a PKCS#8, SEC1 or PKCS#1 key, as PEM text or as DER bytes.',
  },
  CERTIFICATE_KEY_TRUNCATED: {
    meaning: 'The PEM text of the private key is cut off.',
    whatToDo: 'Give the text up to its last line.',
  },
  CERTIFICATE_KEY_UNSUPPORTED: {
    meaning: 'The certificate has a key of a kind that is not supported.',
    whatToDo: 'Use RSA with 2048 to 4096 bits, P-256, P-384 or Ed25519.',
  },
  CERTIFICATE_KEY_WEAK: {
    meaning: 'The certificate has an RSA key of fewer than 2048 bits.',
    whatToDo: 'Use RSA with 2048 bits or more, or P-256.',
  },
  CERTIFICATE_NAME_INVALID: {
    meaning: 'The name for a certificate has half of a surrogate pair, which is no Unicode character.',
    whatToDo: 'Give a name of whole characters.',
  },
  CERTIFICATE_NOT_A_CA: {
    meaning: 'A certificate of the chain signed another one, and is no CA certificate.',
    whatToDo: 'Issue it again with `basicConstraints=critical,CA:TRUE` and `keyUsage=critical,keyCertSign`.',
  },
  CERTIFICATE_NOT_PEM: {
    meaning: 'What was given holds no certificate, or something else beside the certificates.',
    whatToDo: 'Give certificates only, as PEM text or as DER bytes.',
  },
  CERTIFICATE_NOT_YET_VALID: {
    meaning: "The certificate's validity begins after the time of the clock.",
    whatToDo: 'Wait until then, or set the clock.',
  },
  CERTIFICATE_TRUNCATED: {
    meaning: 'A certificate is cut off.',
    whatToDo: 'Export or copy all of it again, up to its last line.',
  },
  CERTIFICATE_VALIDITY_INVALID: {
    meaning: 'A certificate would end before it begins, begin before the year 1, or end after the year 9999.',
    whatToDo: 'Give other values for `validityMs` and `skewMs`.',
  },
  CREDENTIAL_ID_INVALID: {
    meaning: 'The id for a credential is empty or has a colon.',
    whatToDo: 'Give an id that is not empty and has no colon.',
  },
  CREDENTIAL_NOT_FOUND: {
    meaning: 'The certificate store has no credential for the reference, or the device has no certificate yet.',
    whatToDo: 'Wait until device authentication is ready, or install the credential first.',
  },
  DEVICE_ALREADY_CLAIMED: {
    meaning: 'The catalog has claimed the device already.',
    whatToDo: 'Use the device as it is, or claim one with another id.',
  },
  DEVICE_AUTHENTICATION_CLOSED: {
    meaning: 'The device authentication is closed and renews no certificate any more.',
    whatToDo: 'Start a new one.',
  },
  DEVICE_NOT_ATTESTED: {
    meaning:
      'The security service gives the device no DAA certificate: `refuseAttestation` or `device refuse` has it refuse attestation.',
    whatToDo: 'To end that, call `acceptAttestation`, or `device refuse ID --reason none` on the command line.',
  },
  DEVICE_NOT_CLAIMED: {
    meaning: 'The catalog has not claimed the device.',
    whatToDo: 'Claim the device first.',
  },
  DEVICE_OS_TOO_OLD: {
    meaning:
      'The security service gives the device no DAA certificate: `refuseAttestation` or `device refuse` has it say that its OS is too old.',
    whatToDo: 'To end that, call `acceptAttestation`, or `device refuse ID --reason none` on the command line.',
  },
  KEY_PASSPHRASE_EMPTY: {
    meaning: 'The passphrase of the private keys is empty or blank.',
    whatToDo: 'Give a passphrase, or none for keys that are not encrypted.',
  },
  KEY_PASSPHRASE_MISSING: {
    meaning: 'The private key is encrypted, and no passphrase was given.',
    whatToDo: 'Give the passphrase, or decrypt the key first with `openssl pkey -in key.pem -out plain.pem`.',
  },
  KEY_PASSPHRASE_NOT_UNICODE: {
    meaning: 'The passphrase of the private keys is not UTF-8, or has half of a surrogate pair.',
    whatToDo: 'Save it in UTF-8. Of random bytes, take their base64.',
  },
  KEY_PASSPHRASE_TOO_LONG: {
    meaning: 'The passphrase of the private keys has more bytes than are taken.',
    whatToDo: 'Give a shorter passphrase.',
  },
  KEY_PASSPHRASE_WRONG: {
    meaning: "The private key can't be decrypted with the passphrase.",
    whatToDo: 'Give the right passphrase. If `openssl pkey` refuses it too, the key is damaged.',
  },
  PKCS7_NOT_READABLE: {
    meaning: "The PKCS#7 file can't be read.",
    whatToDo: 'Download or export it again.',
  },
  RENEWAL_INTERVAL_INVALID: {
    meaning: '`renewEveryMs` is not above 0.',
    whatToDo: 'Give milliseconds above 0, or leave it out.',
  },
} as const satisfies ErrorTexts;
