import { APPS } from './apps.js';
import { CERTIFICATES } from './certificates.js';
import { COMMAND_LINE } from './command-line.js';
import { CONNECTIONS } from './connections.js';
import { DEVICE } from './device.js';
import { EMULATOR } from './emulator.js';
import { GENERAL } from './general.js';
import type { ErrorTexts } from './error-text.js';

// What throws imports the type alone: no text is loaded until somebody reads it.

/** Every code that a SphereIotError of this version can have. */
export const ERROR_CODES = {
  ...CERTIFICATES,
  ...CONNECTIONS,
  ...DEVICE,
  ...EMULATOR,
  ...APPS,
  ...COMMAND_LINE,
  ...GENERAL,
} as const satisfies ErrorTexts;

/** A code of SphereIotError: stable, in capitals. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** The same in the order of docs/errors.md. */
export const ERROR_AREAS: readonly { readonly title: string; readonly texts: ErrorTexts }[] = [
  { title: 'Certificates, catalogs and device authentication', texts: CERTIFICATES },
  { title: 'Connections and what the services answer', texts: CONNECTIONS },
  { title: 'The SDK and devices', texts: DEVICE },
  { title: 'The emulator of DPS, IoT Hub and IoT Central', texts: EMULATOR },
  { title: 'Apps', texts: APPS },
  { title: 'The command line and regression', texts: COMMAND_LINE },
  { title: 'Arguments, waits, clocks, files and ports', texts: GENERAL },
];
