import { SphereIotError } from '../../errors.js';

/** What every wait for the emulator rejects with once it is closed. */
export function emulatorClosed(): SphereIotError {
  return new SphereIotError('EMULATOR_CLOSED', 'The emulator was closed while something waited for it.');
}
