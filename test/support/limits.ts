// How long tests may take, in ms. A machine may be loaded, and a limit is only for what would never end: tests wait for events.

/** A test, or a hook, that builds nothing: jest.config.js makes it the limit of all that name no other. */
export const TEST_LIMIT = 120_000;

/** One that builds apps, starts other programs, or plays many devices. */
export const LONG_LIMIT = 600_000;

jest.setTimeout(TEST_LIMIT);
