export type { MessageOptions, ReceivedMessage } from './messages.js';
export type { CustomChain, DeviceProtocol, DeviceTarget, SphereDeviceOptions } from './device-options.js';
export { Pump, type PumpOptions } from './pump.js';
export type { Assignment } from './register.js';
export {
  SphereDevice,
  type DeviceStatus,
  type Disposition,
  type MethodAnswer,
  type MethodHandler,
  type TwinProperties,
} from './sphere-device.js';
