import type { Recording } from '../emulator/index.js';
import { printable } from '../printable.js';
import { compareWire, type Wire, type WireOptions } from '../regression/index.js';

/**
 * `expect(recording).toMatchWire(golden)`: for `expect.extend`. Passes where the device and the services have said the same,
 * but for what the masks name: packet ids, random ids, times. A golden text or recording that is empty fits nothing: `[]` is a wire without connections.
 * @param golden A recording, or JSON lines (`goldenWire(recording.entries)`, `String(recording)`).
 * @throws SphereIotError `WIRE_INVALID` for what is not a recording; `OPTIONS_INVALID`.
 */
export function toMatchWire(
  received: Recording | Wire,
  golden: Recording | Wire,
  options: WireOptions = {},
): { pass: boolean; message: () => string } {
  const expected = wireOf(golden);
  if (isEmpty(golden)) return { pass: false, message: () => EMPTY };
  const difference = compareWire(expected, wireOf(received), options);
  return {
    pass: difference === undefined,
    message: () =>
      difference === undefined
        ? 'Expected another wire than the golden one.'
        : `Expected the wire to be as the golden one. They first differ here:\n\n${printable(difference)}`,
  };
}

const EMPTY =
  'What is golden is empty, and fits every device that says nothing. Record it while something is said; that nothing is said is toMatchWire([]).';

function isEmpty(golden: Recording | Wire): boolean {
  if (typeof golden === 'string') return golden.trim() === '';
  return isRecording(golden) && golden.entries.length === 0;
}

function isRecording(wire: unknown): wire is Recording {
  return typeof wire === 'object' && wire !== null && Array.isArray((wire as Recording).entries);
}

function wireOf(wire: Recording | Wire): Wire {
  return isRecording(wire) ? wire.entries : wire;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- so is the way of @types/jest
  namespace jest {
    interface Matchers<R> {
      toMatchWire(golden: Recording | Wire, options?: WireOptions): R;
    }
  }
}
