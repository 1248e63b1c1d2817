export { Catalog, type CatalogOptions } from './catalog.js';
export { CertificateAuthority, type CertificateAuthorityOptions, type IssueOptions } from './certificate-authority.js';
export type { Curve, SubjectName } from './certificate-builder.js';
export { CertificateStore } from './certificate-store.js';
export { commonNameOf, readCredential, splitPem, validityOf, type Credential, type Validity } from './credential.js';
export { DAA_ID, DeviceAuthentication, type DeviceAuthenticationOptions } from './daa.js';
