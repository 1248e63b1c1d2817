export {
  Catalog,
  type AttestationRefusal,
  type CatalogOptions,
  type CatalogPolicy,
  type ClaimedDevice,
} from './catalog.js';
export { loadCatalog, saveCatalog, type LoadCatalogOptions, type SaveCatalogOptions } from './catalog-folder.js';
export { caCertificateFile, caChainFile, proofOfPossessionFile } from './certificate-files.js';
export { CertificateAuthority, type CertificateAuthorityOptions, type IssueOptions } from './certificate-authority.js';
export type { Curve, SubjectName } from './certificate-builder.js';
export { findPath, validityFault, type PathFault, type PathFaultKind, type PathOptions } from './chain-path.js';
export { keyFault, signatureFault } from './strength.js';
export { sentCertificates, type SentCertificates } from './sent-certificates.js';
export { CertificateStore } from './certificate-store.js';
export {
  commonNameOf,
  readCredential,
  validityOf,
  type Credential,
  type ReadCredentialOptions,
  type Validity,
} from './credential.js';
export {
  describeCertificate,
  isIssuer,
  issuerKeyFault,
  readCertificateFile,
  type CertificateDescription,
  type CertificateFile,
  type CertificateFormat,
} from './inspect.js';
export { loadCredential, saveCredential } from './credential-files.js';
export { splitPem, type CertificateInput } from './credential-input.js';
export { DAA_ID, DeviceAuthentication, type DeviceAuthenticationOptions } from './daa.js';
