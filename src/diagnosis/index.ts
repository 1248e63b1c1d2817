export type { Registrations } from './refusal.js';
export { RefusalObserver } from './refusal-observer.js';
