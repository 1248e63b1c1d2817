export { Pump, type PumpOptions } from './pump.js';
