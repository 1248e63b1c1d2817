import type { Wait } from '../waiting/index.js';

/** Waits for something that an app does, and moves a virtual clock meanwhile; the error tells of the app, too. */
export type AppWait = <T>(promise: Promise<T>, wait: Wait) => Promise<T>;
