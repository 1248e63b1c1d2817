// How long tests may take, in ms. A machine may be loaded: tests wait for events, and a limit ends only what would never end.

/** A test, or a hook, that names no other limit: jest.config.js loads this file for each. */
export const TEST_TIME = 300_000;

/** One that builds apps again and again, or tries thousands of inputs. */
export const BUILD_TIME = 600_000;

/** A program that a test starts: it is ended before the test is. */
export const PROGRAM_TIME = 240_000;

jest.setTimeout(TEST_TIME);
