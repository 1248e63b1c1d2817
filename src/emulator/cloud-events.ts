import type { Clock } from '../clock/index.js';
import { SphereIotError } from '../errors.js';
import type { DpsEvent } from './dps/events.js';
import { EventLog } from './event-log.js';
import type { HubEvent } from './hub/events.js';
import type { LocalAzureEvent } from './local-azure.js';
import { within } from './time-limit.js';
import { Watch } from './watch.js';

const DEFAULT_TIMEOUT = 60_000;
/** How many events the error of a wait lists. */
const LISTED = 10;
/** Longest value in a description. */
const LONGEST_VALUE = 120;

/** Where an event comes from: DPS, a hub (by its full name), or the servers in front of them. */
export type EventSource =
  | ({ readonly service: 'dps' } & DpsEvent)
  | ({ readonly service: 'hub'; readonly hub: string } & HubEvent)
  | ({ readonly service: 'front' } & LocalAzureEvent);

/** An event of any service, numbered in the order in which they happened. */
export type CloudEvent = EventSource & {
  /** From 0. */
  readonly sequence: number;
};

export interface NextEventOptions {
  /** How long to wait, clock ms. Default 60 000. */
  readonly timeoutMs?: number;
  /** Whether only what happens after the call counts. Default false. */
  readonly onlyNew?: boolean;
}

/** What all services of an emulator saw, in one order, and waits for it. */
export class CloudEvents {
  readonly #clock: Clock;
  readonly #log = new EventLog<CloudEvent>();
  readonly #taken = new Set<number>();
  /** Told of every event. */
  readonly watch = new Watch();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(event: EventSource): void {
    this.#log.add({ ...event, sequence: this.#log.next });
    this.watch.changed();
  }

  entries(): readonly CloudEvent[] {
    return this.#log.entries();
  }

  listen(listener: (event: CloudEvent) => void): () => void {
    return this.#log.listen(listener);
  }

  next(predicate: (event: CloudEvent) => boolean, options: NextEventOptions = {}): Promise<CloudEvent> {
    const { timeoutMs = DEFAULT_TIMEOUT, onlyNew = false } = options;
    let position = onlyNew ? this.#log.next : 0;
    const take = (): CloudEvent | undefined => {
      for (let found = this.#log.from(position); found !== undefined; found = this.#log.from(position)) {
        position = found.number + 1;
        if (this.#taken.has(found.number) || !predicate(found.entry)) continue;
        this.#taken.add(found.number);
        return found.entry;
      }
      return undefined;
    };
    return within(
      this.#clock,
      timeoutMs,
      () => this.#timeout(timeoutMs),
      (signal) => this.watch.until(take, signal),
    );
  }

  close(): void {
    this.watch.close();
    this.#log.close();
  }

  #timeout(timeoutMs: number): SphereIotError {
    const all = this.#log.entries();
    const last = all.slice(-LISTED).map((event) => `\n  ${describeEvent(event)}`);
    const seen =
      all.length === 0 ? 'nothing happened at all' : `the last of ${all.length} events were:${last.join('')}`;
    return new SphereIotError('EVENT_TIMEOUT', `The event did not come in ${timeoutMs} ms; ${seen}`);
  }
}

/** An event in one line: when, where, what, and its fields. */
export function describeEvent(event: CloudEvent): string {
  const { at, service, type, sequence: _, ...fields } = event;
  const { hub, twin: __, ...rest } = fields as Record<string, unknown>;
  const values = Object.entries(rest).map(([key, value]) => `${key}=${shortened(JSON.stringify(value) ?? '')}`);
  const where = typeof hub === 'string' ? hub : service;
  return [new Date(at).toISOString(), where, type, ...values].join(' ');
}

function shortened(text: string): string {
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}
