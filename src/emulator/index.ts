export {
  CertificateList,
  type CaCertificate,
  type ChainCheck,
  type ChainFault,
  type UploadOptions,
} from './certificate-list.js';
export {
  EnrollmentGroups,
  type CaAttestation,
  type EnrollmentGroup,
  type EnrollmentGroupOptions,
  type GroupKeyAttestation,
} from './dps/enrollment-groups.js';
export type {
  Allocation,
  AllocationCallback,
  AllocationRequest,
  CredentialMode,
  EnrollmentPolicy,
} from './dps/enrollment-policy.js';
export type { RefusalCause } from './dps/attestation.js';
export type { DpsEvent } from './dps/events.js';
export {
  IndividualEnrollments,
  type CertificateInput,
  type IndividualEnrollment,
  type IndividualEnrollmentOptions,
  type KeyAttestation,
  type LeafAttestation,
} from './dps/individual-enrollments.js';
export { ProvisioningService, type ProvisioningOptions } from './dps/provisioning-service.js';
export type { Registration } from './dps/registration.js';
export type { C2dDelivery, C2dOptions, C2dOutcome } from './hub/c2d-message.js';
export {
  DeviceRegistry,
  type DeviceAuthentication,
  type DeviceAuthenticationOptions,
  type DeviceIdentity,
  type DeviceOptions,
} from './hub/device-registry.js';
export type { HubEvent } from './hub/events.js';
export type { FeedbackRecord, FeedbackRequest } from './hub/feedback.js';
export { HubDevice, type InvokeOptions } from './hub/hub-device.js';
export { IotHub, type IotHubOptions } from './hub/iot-hub.js';
export type { MethodResult } from './hub/method-calls.js';
export type { SystemProperties } from './hub/property-bag.js';
export type { Telemetry } from './hub/telemetry.js';
export type { TwinSnapshot } from './hub/twin.js';
export type { JsonObject } from './hub/twin-properties.js';
export { LocalAzure, type ListenOptions, type LocalAzureEvent, type LocalAzureOptions } from './local-azure.js';
export type { RefusalCode, UndocumentedTopic } from './mqtt/service.js';
export { deriveDeviceKey, type SymmetricKey } from './symmetric-key.js';
