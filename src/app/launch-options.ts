import { checkOptions, checkTimeout, type Rules } from '../options.js';
import {
  aCatalog,
  aClock,
  anything,
  callback,
  flag,
  isPlain,
  like,
  list,
  object,
  text,
  textList,
  type Rule,
} from '../rules.js';
import { SphereIotError } from '../errors.js';
import type { Catalog } from '../certificates/index.js';
import type { Clock } from '../clock/index.js';
import type { EndpointResolver } from '../transport/index.js';
import type { Logger } from '../wasm/index.js';
import type { AppDevice } from './app-device.js';
import type { BoardOptions, WifiOptions } from './board/set-up.js';
import type { RealTimeApp } from './host/app/partners.js';

/** Where connections lead: a LocalAzure, or anything else with a map of names and the root to trust. */
export interface AppCloud {
  readonly resolve: EndpointResolver;
  /** PEM. */
  readonly trustRoots: string;
}

/** How an app came to its end. */
export type AppEnd = { readonly code: number } | { readonly error: unknown };

export interface LaunchOptions {
  /** Default: the machine's. With a VirtualClock, what waits for the app moves the clock. */
  readonly clock?: Clock | undefined;
  /**
   * The limit of each wait for the app that has none of its own, in ms of the clock; Infinity: no limit. Default: 60 000 on the
   * machine's clock, 3 600 000 (an hour) on a virtual one.
   */
  readonly timeout?: number | undefined;
  /** Default: nothing is reachable. */
  readonly cloud?: AppCloud | undefined;
  /** Whether names that the cloud does not know may be reached over the internet. Default false. */
  readonly allowInternet?: boolean | undefined;
  /** The device that the app runs on; for several runs on one. Its owner closes it. `catalog` and `deviceId` beside it have to be its own. */
  readonly device?: AppDevice | undefined;
  /**
   * Without `device`: the catalog that claims a new one. Without either, device authentication is never ready. Any catalog will
   * do where the manifest's DeviceAuthentication is a placeholder.
   */
  readonly catalog?: Catalog | undefined;
  /** With `catalog`: the id of the device, 128 hex digits, for runs that are to be the same. Default: random ones, others each time. */
  readonly deviceId?: string | undefined;
  /** In the place of the app's own app_manifest.json: its content, parsed. */
  readonly manifest?: unknown;
  /** In the place of the manifest's CmdArgs. */
  readonly args?: readonly string[] | undefined;
  /** What is on the board when the app starts. */
  readonly peripherals?: BoardOptions | undefined;
  /** The players of the applications of the real-time cores, by component id. */
  readonly realTimeApps?: Readonly<Record<string, RealTimeApp>> | undefined;
  readonly wifi?: WifiOptions | undefined;
  /**
   * Whether the device can have a network: with false it is connected to none, and open connections are silent. Asked each time, and
   * answers at once: for another answer than true or false, the app ends with `NETWORK_READY_INVALID`. Default: always.
   */
  readonly networkReady?: (() => boolean) | undefined;
  /** A folder that keeps the mutable file across runs. Default: the device keeps it, for as long as there is its AppDevice. */
  readonly storage?: string | undefined;
  /** The version of the operating system, of which an app sees 15 characters. Default 24.06. */
  readonly osVersion?: string | undefined;
  /** How large the app's heap may become, in bytes: 256 * 1024 for that of an MT3620. One that takes more is ended. Default: no limit. */
  readonly heapLimit?: number | undefined;
  /** Runs the app in a thread of its own, with a watchdog. Slower: every call of C to the host goes to the other thread. */
  readonly isolate?: boolean | undefined;
  /**
   * For how long an app may run without a wait or a call to the device (writing a log is not one), in ms of real time; isolated and with a virtual clock:
   * without a wait. On a virtual clock half an hour of its time without either is too long, too. Infinity: no limit of real
   * time; a wait for an app in a loop then fails at its own limit, with `APP_UNRESPONSIVE`. Default 10,000.
   */
  readonly watchdogMs?: number | undefined;
  /** Gets every line of the app's log, once it has its end. */
  readonly onLog?: ((line: string) => void) | undefined;
  /** Gets what the app writes to its log as it comes, with the ends of lines: parts of lines, too. */
  readonly onLogText?: ((text: string) => void) | undefined;
  /** Gets the lines of the SDK's own log, which are compiled out on a device. */
  readonly logger?: Logger | undefined;
  /** Called once when the app has come to its end, with its exit code or with what `exitCode` throws. `close` does not call it. */
  readonly onEnd?: ((end: AppEnd) => void) | undefined;
}

const RULES: Rules<LaunchOptions> = {
  clock: aClock,
  timeout: anything, // judged as that of a wait
  cloud: like('a LocalAzure, or { resolve, trustRoots }', 'resolve'),
  allowInternet: flag,
  device: like('an AppDevice', 'close'),
  catalog: aCatalog,
  deviceId: text,
  manifest: object,
  args: textList,
  peripherals: object,
  realTimeApps: {
    words: 'an object with a function for each component id',
    fits: (value) => object.fits(value) && Object.values(value as object).every(callback.fits),
  },
  wifi: object,
  networkReady: callback,
  storage: text,
  osVersion: text,
  heapLimit: anything, // judged by the heap
  isolate: flag,
  watchdogMs: { words: 'ms, more than 0, or Infinity', fits: (value) => typeof value === 'number' && value > 0 },
  onLog: callback,
  onLogText: callback,
  logger: callback,
  onEnd: callback,
};
const BOARD_RULES: Rules<BoardOptions> = { gpio: object, i2c: object, spi: object, adc: object };
const WIFI_RULES: Rules<WifiOptions> = { accessPoints: list, stored: list };

/** A built app, and not the promise of one. */
export const A_BUILT_APP: Rule = {
  words: 'what buildApp or readBuiltApp gives, after await',
  fits: (value) => isPlain(value) && ['wasm', 'manifest', 'peripherals', 'files'].every((name) => name in value),
};

/** @throws SphereIotError `OPTIONS_INVALID`, `TIMEOUT_INVALID`. */
export function checkLaunch(options: LaunchOptions): void {
  checkOptions(options, 'launch', '{ clock, cloud }', RULES);
  checkOptions(options.peripherals, 'peripherals', "{ gpio: { '12': 0 } }", BOARD_RULES);
  checkOptions(options.wifi, 'wifi', '{ accessPoints: [] }', WIFI_RULES);
  checkTimeout(options.timeout);
  checkDevice(options);
}

/** Where the device is given twice, both have to be the same: else one would be ignored. */
function checkDevice({ device, catalog, deviceId }: LaunchOptions): void {
  if (device !== undefined && catalog !== undefined && catalog.id !== device.catalogId)
    throw differs('a catalog', catalog.id, 'its catalog', device.catalogId);
  if (device !== undefined && deviceId !== undefined && deviceId.toLowerCase() !== device.deviceId.toLowerCase())
    throw differs('a deviceId', deviceId, 'its id', device.deviceId);
  if (deviceId !== undefined && device === undefined && catalog === undefined)
    throw new SphereIotError(
      'OPTIONS_INVALID',
      'launch got a deviceId without the catalog that claims it: give it a catalog, or a device in the place of both.',
    );
}

function differs(what: string, given: string, whose: string, own: string): SphereIotError {
  return new SphereIotError(
    'OPTIONS_INVALID',
    `launch got ${what}, ${given}, and a device beside it, but ${whose} is ${own}. Leave one of the two out.`,
  );
}
