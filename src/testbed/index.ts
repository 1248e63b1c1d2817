/// <reference types="node" preserve="true" />
export { Testbed, type BedDeviceOptions, type BedLaunchOptions, type TestbedOptions } from './testbed.js';
