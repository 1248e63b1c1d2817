export { toHaveSameApiAs, type SameApiOptions } from './api.js';
export { toMatchWire } from './wire.js';
