import { checkArgument } from '../../options.js';
import { oneOf } from '../../rules.js';
import { beginWait, type WaitOptions, waitOf } from '../../waiting/index.js';
import type { AppWait } from '../app-wait.js';
import { UPDATE_STATUSES, type UpdateState, type UpdateStatus } from '../host/system/system-events.js';

/** A software update of the device, and what the app makes of it. */
export class Update {
  readonly #state: UpdateState;
  readonly #wait: AppWait;
  readonly #checkOpen: () => void;

  /** @internal */
  constructor(state: UpdateState, wait: AppWait, checkOpen: () => void) {
    this.#checkOpen = checkOpen;
    this.#state = state;
    this.#wait = wait;
  }

  /**
   * Pending for 10 s, then final for 10 s, then installed; deferred for as long as the app has put it off, then pending again, or
   * final if it can't be put off any more.
   */
  get status(): UpdateStatus {
    return this.#state.status;
  }

  /** For how long it can still be put off, in minutes. */
  get deferralMinutesLeft(): number {
    return this.#state.minutesLeft;
  }

  /**
   * Waits, while the clock runs, until it has come to this: resolves at once where it has been there, though it may be past it.
   * `status` says what it is now.
   * An update can be put off for a day: where the app does so, give it the time.
   * @throws SphereIotError `ARGUMENT_INVALID`, `OPTIONS_INVALID`; `APP_CLOSED`; `TIMED_OUT`, as `SphereApp.log` does.
   */
  becomes(status: UpdateStatus, options?: WaitOptions): Promise<void> {
    return beginWait(() => this.#becomes(status, options));
  }

  #becomes(status: UpdateStatus, options?: WaitOptions): Promise<void> {
    checkArgument('The status of an update', status, oneOf(...UPDATE_STATUSES));
    const wait = waitOf(options, `an update to become ${status}`, () => `It is ${this.status}.`);
    const { listeners, reached } = this.#state;
    this.#checkOpen();
    if (reached.has(status)) return Promise.resolve();
    let listener: (now: UpdateStatus) => void = () => undefined;
    const became = new Promise<void>((resolve) => {
      listener = (now) => {
        if (now === status) resolve();
      };
      listeners.add(listener);
    });
    return this.#wait(became, wait, () => listeners.delete(listener));
  }
}
