import type { Fault, FaultTarget, Strike } from './fault.js';
import type { Faults } from './faults.js';

/** What can be done to a connection. */
export interface Victim {
  /** Closes it as a service does. */
  close(reason: string): void;
  /** Breaks it off. */
  abort(reason: string): void;
  /** Neither reads nor sends any more. */
  mute(strike: Strike<'halfOpen'>): void;
  /** Sends everything late from now on. */
  delay(strike: Strike<'delay'>): void;
  readSlowly(strike: Strike<'slowReader'>): void;
}

/** The faults that strike one connection as a whole, once it is known whose it is. */
export class ConnectionFaults {
  readonly #faults: Faults;
  readonly #target: FaultTarget;
  readonly #victim: Victim;
  #delay: Strike<'delay'> | undefined;
  #slow: Strike<'slowReader'> | undefined;

  constructor(faults: Faults, target: FaultTarget, victim: Victim) {
    this.#faults = faults;
    this.#target = target;
    this.#victim = victim;
  }

  /** A packet came. Returns whether it is lost by a fault. */
  packet(packet: string): boolean {
    return !this.#faults.isEmpty && this.#strikes({ ...this.#target, packet });
  }

  /** A fault was added while the connection is open: it strikes at once, unless it waits for something. */
  added(fault: Fault): void {
    const { options } = fault;
    const waits = (options.after ?? 0) > 0 || ('packet' in options && options.packet !== undefined);
    if (!waits) this.#strikes(this.#target, fault);
  }

  #strikes(target: FaultTarget, only?: Fault): boolean {
    this.#slowDown(target, only);
    if (this.#faults.take('takeOver', target, only)) {
      this.#victim.close('taken over by a newer connection of the same device (400027)');
      return true;
    }
    if (this.#faults.take('drop', target, only)) {
      this.#victim.abort('dropped by a fault');
      return true;
    }
    const halfOpen = this.#faults.take('halfOpen', target, only);
    if (halfOpen === undefined) return false;
    if (target.packet !== undefined) halfOpen.felt();
    this.#victim.mute(halfOpen);
    return true;
  }

  /** What lasts strikes a connection once. */
  #slowDown(target: FaultTarget, only?: Fault): void {
    if (this.#delay?.isOver !== false) {
      this.#delay = this.#faults.take('delay', target, only);
      if (this.#delay !== undefined) this.#victim.delay(this.#delay);
    }
    if (this.#slow?.isOver !== false) {
      this.#slow = this.#faults.take('slowReader', target, only);
      if (this.#slow !== undefined) this.#victim.readSlowly(this.#slow);
    }
  }
}
