import type { Wait } from '../waiting/index.js';

/** Waits for something that an app does, and moves a virtual clock meanwhile; its error describes the app, too. In the end it calls `over`. */
export type AppWait = <T>(promise: Promise<T>, wait: Wait, over?: () => void) => Promise<T>;
