/// <reference types="node" preserve="true" />
export { toHaveSameApiAs, type SameApiOptions } from './api.js';
export { toMatchWire } from './wire.js';
