import { SphereIotError } from '../errors.js';
import { Unseen } from '../waiting/index.js';

/** From an emulator's start to its `close`, for all its parts. */
export class Lifetime {
  /** Told of at the end. */
  readonly unseen = new Unseen();
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
    this.unseen.end();
  }

  /**
   * Whoever would do something to the services, or would listen to them, asks. What was there can be read after the end.
   * @throws SphereIotError `EMULATOR_CLOSED`.
   */
  check(): void {
    if (this.#isOver) throw new SphereIotError('EMULATOR_CLOSED', 'The emulator is closed: start a new one.');
  }
}
