export type { MessageOptions, ReceivedMessage } from './messages.js';
export type { CustomChain, DeviceProtocol, DeviceTarget, SphereDeviceOptions } from './device-options.js';
export { Pump, type PumpOptions } from './pump.js';
export type { Assignment } from './register.js';
export type { MethodAnswer, MethodHandler } from './methods.js';
export { SphereDevice, type DeviceStatus, type Disposition } from './sphere-device.js';
export type { TwinProperties } from './twin.js';
