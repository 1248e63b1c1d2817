import type { UpdateState, UpdateStatus } from './host/system-events.js';

/** Virtual milliseconds that `becomes` waits at most: two days, an update can be put off for one. */
const LIMIT = 2 * 24 * 3_600_000;

/** A software update of the device, and what the app makes of it. */
export class Update {
  readonly #state: UpdateState;
  readonly #wait: <T>(promise: Promise<T>, what: string, limitMs: number) => Promise<T>;

  /** @internal */
  constructor(state: UpdateState, wait: <T>(promise: Promise<T>, what: string, limitMs: number) => Promise<T>) {
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
   * @throws SphereIotError `APP_WAITED_IN_VAIN` after two days of a virtual clock.
   */
  async becomes(status: UpdateStatus): Promise<void> {
    const { listeners, reached } = this.#state;
    if (reached.has(status)) return;
    let listener: (now: UpdateStatus) => void = () => undefined;
    const became = new Promise<void>((resolve) => {
      listener = (now) => {
        if (now === status) resolve();
      };
      listeners.add(listener);
    });
    await this.#wait(became, `an update to become ${status}`, LIMIT).finally(() => listeners.delete(listener));
  }
}
