import type { Clock } from '../../clock/index.js';
import { flag } from '../../rules.js';
import { WAIT_RULES, Watch, within, type WaitOptions, waitOf } from '../../waiting/index.js';
import type { DpsEvent } from '../dps/dps-events.js';
import { asItIs, EventLog } from '../observe/event-log.js';
import { emulatorClosed } from '../observe/emulator-closed.js';
import type { HubEvent } from '../hub/hub-events.js';
import type { LocalAzureEvent } from '../front/front-events.js';
import { counted } from '../../counted.js';
import type { Lifetime } from '../lifetime.js';
import { forWhich, holds, shortened } from '../observe/shortened.js';

/** How many events the error of a wait lists, at most. */
const LISTED = 10;

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

export interface NextEventOptions extends WaitOptions {
  /** Whether only what happens after the call counts. Default false. */
  readonly onlyNew?: boolean | undefined;
}

/** What all services of an emulator saw, in one order, and waits for it. */
export class CloudEvents {
  readonly #clock: Clock;
  readonly #lifetime: Lifetime;
  readonly #log: EventLog<CloudEvent>;
  readonly #taken = new Set<number>();
  /** Told of every event. */
  readonly watch = new Watch();

  constructor(clock: Clock, lifetime: Lifetime) {
    this.#clock = clock;
    this.#lifetime = lifetime;
    this.#log = new EventLog(lifetime, asItIs);
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
    const wait = waitOf(options, `an event${forWhich(predicate)}`, () => this.last(), { ...WAIT_RULES, onlyNew: flag });
    let position = options.onlyNew === true ? this.#log.next : 0;
    const take = (): CloudEvent | undefined => {
      for (let found = this.#log.from(position); found !== undefined; found = this.#log.from(position)) {
        position = found.number + 1;
        if (this.#taken.has(found.number) || !holds(predicate, found.entry)) continue;
        this.#taken.add(found.number);
        return found.entry;
      }
      return undefined;
    };
    if (this.#lifetime.isOver) return Promise.reject(emulatorClosed());
    const came = within(this.#clock, wait, (signal) => this.watch.until(take, signal));
    return this.#lifetime.unseen.wait(wait.what, came, wait.signal);
  }

  /** What happened last, in whole sentences: the events of a device, or all where it has none. */
  last(deviceId?: string): string {
    const all = this.#log.entries();
    if (all.length === 0) return 'The services have seen nothing at all.';
    const own = deviceId === undefined ? [] : all.filter((event) => isAbout(deviceId, event));
    const [whose, events] = own.length > 0 ? [`the services saw of it`, own] : ['happened at the services', all];
    const lines = events.slice(-LISTED).map((event) => `\n  ${describeEvent(event)}`);
    return `The last that ${whose}, of ${counted(events.length, 'event')}:${lines.join('')}`;
  }

  close(): void {
    this.watch.close(emulatorClosed());
    this.#log.close();
  }
}

/** Whether an event names a device, as each service calls it. */
function isAbout(deviceId: string, event: CloudEvent): boolean {
  const { deviceId: id, registrationId, clientId, device } = event as unknown as Record<string, unknown>;
  return [id, registrationId, clientId, device].includes(deviceId);
}

/** Characters of a reason: it names a device, whose id may have 128, and then says what is wrong. */
const MAX_REASON = 500;

/** An event in one line: when, where, what, and its fields. */
export function describeEvent(event: CloudEvent): string {
  const { at, service, type, sequence: _, ...fields } = event;
  const { hub, twin: __, ...rest } = fields as Record<string, unknown>;
  const values = Object.entries(rest).map(
    ([key, value]) =>
      `${key}=${shortened((JSON.stringify(value) as string | undefined) ?? '', key === 'reason' ? MAX_REASON : undefined)}`,
  );
  const where = typeof hub === 'string' ? hub : service;
  return [new Date(at).toISOString(), where, type, ...values].join(' ');
}
