export { askAtEnd, errorsAtEnd } from './at-end.js';
export type { Clock, Timer, TimerCallback } from './clock.js';
export { forgottenWalks, isMovable, type MovableClock } from './movable.js';
export { realClock } from './real-clock.js';
export { VirtualClock, type VirtualClockOptions } from './virtual-clock.js';
