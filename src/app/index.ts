export { buildApp, type BuildOptions } from './build/build-app.js';
export { readBuiltApp, type BuiltApp } from './built-app.js';
export { AppDevice, type AppDeviceOptions } from './device.js';
export type { PinDirection, PinValue } from './host/gpio.js';
export { readManifest, type AppManifest, type Peripherals } from './manifest.js';
export type { AppCloud, LaunchOptions } from './options.js';
export type { Pin } from './pin.js';
export { SphereApp, type AppSignal } from './sphere-app.js';
