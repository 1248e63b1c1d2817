import type { BuiltApp } from '../../app/index.js';
import { readManifest } from '../../app/manifest.js';
import { PeripheralNames, type PeripheralKind } from '../../app/peripherals.js';
import { SphereIotError } from '../../errors.js';
import { shown } from './words.js';

/** A pin or a UART of the app. */
export interface Peripheral {
  /** The number that C has for it. */
  readonly id: number;
  /** As the manifest calls it, without the `$`. */
  readonly name: string;
}

/** What the commands of `run` can name: what the manifest lists, and what the hardware definition calls it. */
export class Names {
  readonly pins: readonly Peripheral[];
  readonly uarts: readonly Peripheral[];
  readonly #built: BuiltApp;
  readonly #names: PeripheralNames;

  constructor(built: BuiltApp) {
    const manifest = readManifest(built.manifest, built.peripherals);
    this.#built = built;
    this.#names = new PeripheralNames(built.peripherals);
    this.pins = this.#listed('gpio', 'Gpio', manifest.gpio);
    this.uarts = this.#listed('uart', 'Uart', manifest.uart);
  }

  /**
   * By its name or number. What a name ends with will do where it is one pin's: `LED` for `DEMO_LED`.
   * @throws SphereIotError `PERIPHERAL_UNKNOWN`, with those that there are.
   */
  pin(text: string): Peripheral {
    return this.#find('pin', 'gpio', this.pins, text, /^\d+$/.test(text) ? Number(text) : text);
  }

  /** The same; the numbers 0 to 4 are ISU0 to ISU4. */
  uart(text: string): Peripheral {
    return this.#find('UART', 'uart', this.uarts, text, /^[0-4]$/.test(text) ? `ISU${text}` : text);
  }

  /** What completion offers. */
  choices(kind: 'pins' | 'uarts'): readonly string[] {
    const names = kind === 'pins' ? this.#allNames('gpio', this.pins) : this.#allNames('uart', this.uarts);
    return names.map(([name]) => name);
  }

  #listed(kind: PeripheralKind, capability: string, ids: readonly number[]): Peripheral[] {
    const { Capabilities: capabilities } = this.#built.manifest as { Capabilities?: Record<string, unknown> | null };
    const listed = capabilities?.[capability] as readonly (string | number)[] | undefined;
    // Of several names of one, the first counts.
    const names = (listed ?? []).map((name) => String(name).replace(/^\$/, '')).reverse();
    const byId = new Map(names.map((name) => [this.#idOf(kind, name), name]));
    return ids.map((id) => ({ id, name: byId.get(id) ?? String(id) }));
  }

  #idOf(kind: PeripheralKind, name: string): number | undefined {
    const isNumber = kind === 'gpio' && /^\d+$/.test(name);
    return this.#names.idOf(kind, isNumber ? Number(name) : name);
  }

  #find(
    what: string,
    kind: PeripheralKind,
    listed: readonly Peripheral[],
    text: string,
    name: string | number,
  ): Peripheral {
    const names = this.#allNames(kind, listed);
    const exact = this.#names.idOf(kind, name);
    const same = (test: (each: string) => boolean): number[] => [
      ...new Set(names.filter(([each]) => test(each.toLowerCase())).map(([, { id }]) => id)),
    ];
    const wanted = text.toLowerCase();
    const ids = [
      exact === undefined ? [] : [exact],
      same((each) => each === wanted),
      same((each) => each.endsWith(`_${wanted}`)),
    ].find(({ length }) => length > 0);
    const found = ids?.length === 1 ? listed.find(({ id }) => id === ids[0]) : undefined;
    if (found !== undefined) return found;
    const possible = listed.map((each) => each.name).join(', ');
    throw new SphereIotError(
      'PERIPHERAL_UNKNOWN',
      `${misses(what, shown(text), ids?.length ?? 0, typeof name === 'number')}. It lists ${possible === '' ? 'none' : possible}.`,
    );
  }

  /** The names of the hardware definition, too. */
  #allNames(kind: PeripheralKind, listed: readonly Peripheral[]): (readonly [string, Peripheral])[] {
    const names = new Map(listed.map((each) => [each.name, each]));
    const byId = new Map(listed.map((each) => [each.id, each]));
    for (const name of this.#built.peripherals.keys()) {
      const id = this.#names.idOf(kind, name);
      const peripheral = id === undefined ? undefined : byId.get(id);
      if (peripheral !== undefined && !names.has(name)) names.set(name, peripheral);
    }
    return [...names];
  }
}

/** What is wrong with a name that leads to so many numbers; one that is a number itself need not be the board's. */
function misses(what: string, text: string, count: number, isNumber: boolean): string {
  if (count > 1) return `The app's manifest lists more than one ${what} that ${text} can mean`;
  return `The app's manifest lists no ${what} ${text}${count === 1 && !isNumber ? ', though the board has it' : ''}`;
}
