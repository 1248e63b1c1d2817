import { SphereIotError } from '../../../errors.js';
import { HostError } from '../../../wasm/index.js';

/**
 * How large an app's heap has become, and may become. On a device it is ended once it takes more than the 256 KiB there are:
 * https://learn.microsoft.com/azure-sphere/app-development/ram-usage-best-practices
 */
export class Heap {
  readonly #limit: number;
  readonly #note: (what: string) => void;
  /** Bytes. */
  peak = 0;

  /** @param limit Bytes. Throws `HEAP_LIMIT_INVALID`. */
  constructor(limit: number | undefined, note: (what: string) => void) {
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
      throw new SphereIotError(
        'HEAP_LIMIT_INVALID',
        `heapLimit is ${limit}: give a whole number of bytes, for example 256 * 1024.`,
      );
    this.#limit = limit ?? Infinity;
    this.#note = note;
  }

  /** The imports of host.h. */
  imports() {
    return {
      app_heap_grow: (size: number): number => {
        const bytes = size >>> 0;
        if (bytes > this.#limit) {
          this.#note(
            `The app's heap would be ${bytes} bytes, and may be ${this.#limit}: the device's operating system ends the app with SIGKILL.`,
          );
          return HostError.noSpace;
        }
        this.peak = Math.max(this.peak, bytes);
        return 0;
      },
    };
  }
}
