/// <reference types="node" preserve="true" />
export { toHaveSameApiAs, type SameApiOptions } from './api-matcher.js';
export { toMatchWire } from './wire-matcher.js';
