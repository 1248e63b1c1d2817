export { createSdk, type Sdk, type SdkOptions } from './create-sdk.js';
export type { AzureSphereProvReturnValue, SphereProvisioning } from './provisioning.js';
export * from './generated/constants.js';
export * from './generated/enums.js';
export type { SdkFunctions } from './generated/functions.js';
export type * from './generated/types.js';
