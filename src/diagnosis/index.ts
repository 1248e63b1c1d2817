export type { Registrations } from './refusal.js';
export { RefusalObserver, type ObserverOptions } from './refusal-observer.js';
