export { closeAll, type Closeable } from './close-all.js';
export { Cursor, type NumberedEntries } from './cursor.js';
export { runWithin } from './run-within.js';
export { beginWait, throwAll, Unseen } from './unseen.js';
export { WAIT_RULES, waitOf, within, type Wait, type WaitOptions } from './time-limit.js';
export { Watch } from './watch.js';
