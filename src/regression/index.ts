/// <reference types="node" preserve="true" />
export type { ApiChange } from './api-change.js';
export { diffApi, type ApiDiff } from './api-diff.js';
export { formatApiDiff, type ApiDiffFormat } from './api-report.js';
export {
  checkApiSnapshot,
  formatApiSnapshot,
  parseApiSnapshot,
  type ApiBasicType,
  type ApiConstant,
  type ApiEnum,
  type ApiField,
  type ApiFunction,
  type ApiHeader,
  type ApiSnapshot,
  type ApiStruct,
  type ApiToolchain,
  type ApiType,
} from './api-snapshot.js';
export { isWorse, type ApiGrade } from './api-types.js';
export { snapshotApi, type HeaderSource, type ReadApiOptions, type SdkSource } from './read-api.js';
export { compareLines, compareWire, goldenWire, type Wire, type WireOptions } from './wire.js';
export { WIRE_MASKS, type WireMask } from './wire-masks.js';
