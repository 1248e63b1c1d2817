import type { Clock, Timer } from '../../../clock/index.js';
import {
  HostError,
  SysEventEvents,
  SysEventStatus,
  SysEventUpdateType,
  writeHostSystemEvent,
  type HostSystemEvent,
  type Memory,
} from '../../../wasm/index.js';
import type { Permits } from '../permissions.js';

/** Of an event that is of no update. */
const NO_UPDATE = { status: SysEventStatus.invalid, type: SysEventUpdateType.invalid, maxMinutes: 0 };

/** How long an update is pending, and final: milliseconds. */
const NOTICE = 10_000;
const MINUTE = 60_000;
/** For how long updates can be put off in all: a day. */
const MAX_DEFERRAL_MINUTES = 24 * 60;

export interface UpdateOptions {
  /** Of an app, or of the operating system. Default: app. */
  readonly type?: 'app' | 'system' | undefined;
  /** Whether the update is of another app on the device: then this one gets an event when it is complete. Default false. */
  readonly anotherApp?: boolean | undefined;
  /** For how long it can be put off in all. Default: a day. */
  readonly maxDeferralMinutes?: number | undefined;
}

export const UPDATE_STATUSES = ['pending', 'deferred', 'final', 'installed'] as const;
export type UpdateStatus = (typeof UPDATE_STATUSES)[number];

/** @internal An update, and the waits for its statuses. */
export interface UpdateState {
  readonly options: UpdateOptions;
  status: UpdateStatus;
  minutesLeft: number;
  /** The statuses that it has had, the present one among them. */
  readonly reached: Set<UpdateStatus>;
  readonly listeners: Set<(status: UpdateStatus) => void>;
}

export interface SystemEventsOptions {
  readonly clock: Clock;
  readonly memory: Memory;
  readonly permits: Permits;
  /** Something came for the app. */
  readonly wake: () => void;
  /** Ends the app, for its update or for the restart of the device. */
  readonly endApp: () => void;
}

/** The notifications of the operating system (host.h), and the updates that they are of. */
export class SystemEvents {
  readonly #options: SystemEventsOptions;
  /** The events that the app wants. */
  #wanted = 0;
  #queue: HostSystemEvent[] = [];
  #update: UpdateState | undefined;
  #timer: Timer | undefined;

  constructor(options: SystemEventsOptions) {
    this.#options = options;
  }

  /** The update that is under way. */
  get update(): UpdateState | undefined {
    return this.#update?.status === 'installed' ? undefined : this.#update;
  }

  /** Nothing is to be updated. */
  nothingAvailable(): void {
    this.#notify({ event: SysEventEvents.noUpdateAvailable, ...NO_UPDATE });
  }

  /** An update, downloaded. */
  start(options: UpdateOptions): UpdateState {
    const { maxDeferralMinutes = MAX_DEFERRAL_MINUTES } = options;
    const state = { status: 'pending', minutesLeft: maxDeferralMinutes } as const;
    this.#update = { options, ...state, reached: new Set(), listeners: new Set() };
    this.#notify({ event: SysEventEvents.updateStarted, ...NO_UPDATE });
    this.#announce(this.#update);
    return this.#update;
  }

  /** The app has ended; what is final can be installed. */
  close(): void {
    this.#timer?.cancel();
    if (this.#update?.status === 'final') this.#become(this.#update, 'installed');
  }

  /** The imports of host.h. */
  imports() {
    return {
      system_events_register: (wanted: number): number => {
        if (!this.#options.permits('SystemEventNotifications')) return HostError.access;
        this.#wanted = wanted;
        return 0;
      },
      system_events_unregister: (): void => {
        this.#wanted = 0;
        this.#queue = [];
      },
      system_events_waiting: (): number => this.#queue.length,
      system_events_next: (pointer: number): number => {
        const next = this.#queue.shift();
        if (next === undefined) return HostError.noData;
        writeHostSystemEvent(this.#options.memory, pointer, next);
        return 0;
      },
      system_events_defer: (event: number, minutes: number): number =>
        this.#change(event, 'pending', (update) => this.#defer(update, minutes >>> 0)),
      system_events_resume: (event: number): number =>
        this.#change(event, 'deferred', (update) => this.#finish(update)),
    };
  }

  #change(event: number, status: UpdateStatus, change: (update: UpdateState) => number): number {
    if (!this.#options.permits('SoftwareUpdateDeferral')) return HostError.access;
    const { update } = this;
    if (event !== SysEventEvents.updateReadyForInstall || update?.status !== status) return HostError.invalid;
    return change(update);
  }

  /** Pending, where it can still be put off. */
  #announce(update: UpdateState): void {
    if (update.minutesLeft <= 0) {
      this.#finish(update);
      return;
    }
    this.#become(update, 'pending', update.minutesLeft);
    this.#after(NOTICE, () => this.#finish(update));
  }

  #defer(update: UpdateState, wanted: number): number {
    const minutes = Math.min(wanted, update.minutesLeft);
    if (minutes === 0) return HostError.invalid;
    update.minutesLeft -= minutes;
    this.#become(update, 'deferred');
    this.#after(minutes * MINUTE, () => this.#announce(update));
    return 0;
  }

  #finish(update: UpdateState): 0 {
    this.#become(update, 'final');
    this.#after(NOTICE, () => this.#install(update));
    return 0;
  }

  #install(update: UpdateState): void {
    this.#become(update, 'installed');
    if (update.options.anotherApp !== true || update.options.type === 'system') this.#options.endApp();
  }

  #become(update: UpdateState, status: UpdateStatus, minutes = 0): void {
    update.status = status;
    update.reached.add(status);
    const { type = 'app', anotherApp = false } = update.options;
    const event = status === 'installed' ? 'complete' : status;
    if (event !== 'complete' || (anotherApp && type === 'app'))
      this.#notify({
        event: SysEventEvents.updateReadyForInstall,
        status: SysEventStatus[event],
        type: SysEventUpdateType[type],
        maxMinutes: minutes,
      });
    // A wait for it goes on before the clock does.
    if (update.listeners.size > 0) setImmediate(this.#options.clock.hold('an update'));
    for (const listener of [...update.listeners]) listener(status);
  }

  #notify(event: HostSystemEvent): void {
    if ((this.#wanted & event.event) === 0) return;
    this.#queue.push(event);
    this.#options.wake();
  }

  #after(ms: number, run: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(ms, run);
  }
}
