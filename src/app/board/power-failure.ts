import { counted } from '../../counted.js';
import { type WaitOptions, waitOf } from '../../waiting/index.js';
import type { AppWait } from '../app-wait.js';
import type { ArmedFailure } from '../host/system/power.js';
import type { TornOutcome } from '../host/files/torn-write.js';

/** A failure of the power that waits for a write to the mutable file. */
export class PowerFailure {
  readonly #armed: ArmedFailure;
  readonly #wait: AppWait;

  /** @internal */
  constructor(armed: ArmedFailure, wait: AppWait) {
    this.#armed = armed;
    this.#wait = wait;
  }

  /** What the write has left; undefined: the power has not failed yet. */
  get outcome(): TornOutcome | undefined {
    return this.#armed.torn?.outcome;
  }

  /** How many bytes the mutable file has now; undefined: the power has not failed yet. */
  get size(): number | undefined {
    return this.#armed.torn?.content.length;
  }

  /**
   * Waits, while the clock runs, until the app writes and the power fails; gives what the write has left. A test that asks for a
   * failure waits for it: without a write it never comes, and where nobody has waited `SphereApp.close` throws `FAULT_NEVER_STRUCK`.
   * @throws SphereIotError `TIMED_OUT`, and `APP_ENDED` and the like where the app ends without a write, as `SphereApp.log` does.
   */
  struck(options?: WaitOptions): Promise<TornOutcome> {
    this.#armed.isAsked = true;
    const last = (): string => `The app has written ${counted(this.#armed.writes, 'time')} since.`;
    const wait = waitOf(options, 'the power to fail during a write', last);
    return this.#wait(
      this.#armed.struck.then(({ outcome }) => outcome),
      wait,
    );
  }
}
