/// <reference types="node" preserve="true" />
export { Central, type CentralOptions } from './central/central.js';
export {
  CentralDevice,
  type Acknowledgement,
  type ComponentOption,
  type LongRunning,
  type LongRunningOptions,
} from './central/central-device.js';
export type { Unmodelled } from './central/unmodelled.js';
export {
  CertificateList,
  type CaCertificate,
  type ChainCheck,
  type ChainFault,
  type UploadOptions,
} from './identity/certificate-list.js';
export { describeEvent, type CloudEvent, type EventSource, type NextEventOptions } from './events/cloud-events.js';
export { EnrollmentGroups, type EnrollmentGroupChange, type EnrollmentGroupOptions } from './dps/enrollment-groups.js';
export type { CaAttestation, EnrollmentGroup, GroupKeyAttestation } from './dps/enrollments.js';
export type {
  Allocation,
  AllocationCallback,
  AllocationPolicy,
  AllocationRequest,
  CredentialMode,
  EnrollmentPolicy,
  EnrollmentRecord,
  ReprovisionPolicy,
} from './dps/enrollments.js';
export type { RefusalCause } from './dps/attestation.js';
export type { DpsEvent } from './dps/dps-events.js';
export {
  IndividualEnrollments,
  type IndividualEnrollmentChange,
  type LeafCertificate,
  type IndividualEnrollmentOptions,
} from './dps/individual-enrollments.js';
export type { IndividualEnrollment, KeyAttestation, LeafAttestation } from './dps/enrollments.js';
export { ProvisioningService } from './dps/provisioning-service.js';
export type { ProvisioningOptions } from './dps/provisioning-options.js';
export type { Registration, RegistrationSubstatus } from './dps/registration.js';
export { DeviceRegistrations } from './dps/registrations.js';
export { toEventGridEvent, type EventGridEvent, type EventGridOptions } from './events/event-grid.js';
export type { Fault, FaultAim, FaultKind, FaultOf, FaultOptions, FaultPacket } from './faults/fault.js';
export type { Faults } from './faults/faults.js';
export type { C2dDelivery, C2dOutcome } from './hub/c2d-message.js';
export type { C2dOptions } from './hub/c2d-options.js';
export { AccessPolicies, type AccessPolicy, type Right } from './identity/access-policies.js';
export {
  DeviceRegistry,
  type DeviceChange,
  type AuthenticationMechanism,
  type AuthenticationMechanismOptions,
  type DeviceIdentity,
  type DeviceOptions,
} from './hub/device-registry.js';
export type { HubEvent } from './hub/hub-events.js';
export type { FeedbackRecord } from './hub/feedback.js';
export type { FeedbackRequest } from './hub/c2d-options.js';
export type { FileUploadOptions } from './hub/file-upload-endpoint.js';
export type { FileUpload } from './hub/file-uploads.js';
export { HubDevice, type InvokeOptions } from './hub/hub-device.js';
export { IotHub, type IotHubOptions } from './hub/iot-hub.js';
export type { MethodResult } from './hub/method-calls.js';
export type { SystemProperties } from './codec/property-bag.js';
export type { Telemetry } from './hub/telemetry.js';
export type { TwinChange, TwinSection, TwinSnapshot } from './hub/twin.js';
export type { TwinDocument } from './hub/twin-document.js';
export type { JsonObject } from './hub/twin-properties.js';
export { LocalAzure } from './local-azure.js';
export type { LocalAzureEvent } from './front/front-events.js';
export type { ListenOptions, LocalAzureOptions } from './local-azure-options.js';
export type { RefusalCode, UndocumentedTopic } from './contract/mqtt-service.js';
export type { StorageOptions } from './storage/storage-account.js';
export { deriveDeviceKey, type SymmetricKey } from './identity/symmetric-key.js';
export type { Recording } from './observe/trace/recording.js';
export { formatTraceEntry } from './observe/trace/format.js';
export type { TracedPayload } from './observe/trace/payload.js';
export type {
  ClosedBy,
  TraceDirection,
  TracedFrame,
  TraceEntry,
  TraceFact,
  TraceOrigin,
} from './observe/trace/trace-entry.js';
export type { TracedPacket } from './observe/trace/traced-packet.js';
export type { TraceOptions } from './observe/trace/tracer.js';
