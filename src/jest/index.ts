export { toHaveSameApiAs, type SameApiOptions } from './api.js';
