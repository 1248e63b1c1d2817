import { SphereIotError } from '../../../errors.js';
import { isObject } from '../../../json.js';
import { WifiConfigSecurity } from '../../../wasm/index.js';
import type { WifiSecurity } from '../../device-settings.js';

/** The kinds of security, by the numbers that C has for them. */
export const SECURITY: Readonly<Record<WifiSecurity, WifiConfigSecurity>> = {
  open: WifiConfigSecurity.open,
  'wpa2-psk': WifiConfigSecurity.wpa2Psk,
  'wpa2-eap-tls': WifiConfigSecurity.wpa2EapTls,
};

/** A Wi-Fi network in the air. */
export interface AccessPoint {
  readonly ssid: string;
  /** Its WPA2 key. */
  readonly psk?: string;
  /** Default: wpa2-psk with a key, open without. */
  readonly security?: WifiSecurity;
  /** Default: 02:00:00:00:00:01, and so on in their order. */
  readonly bssid?: string;
  /** Default 2412. */
  readonly frequencyMHz?: number;
  /** Signal strength in dBm. The device takes the strongest that it can connect to. Default -50. */
  readonly rssi?: number;
  /** Whether it hides its name: scans do not find it, and only networks with targeted scanning connect. */
  readonly hidden?: boolean;
}

/** The network that is in the air, stored and connected to, where a test says nothing of Wi-Fi. */
export const DEFAULT_ACCESS_POINT: AccessPoint = Object.freeze({ ssid: 'sphere-iot' });

/** What each field of a network may be, where it is there. Programs in JavaScript give what they like. */
const RULES: Readonly<Record<keyof AccessPoint, { words: string; fits: (value: unknown) => boolean }>> = {
  ssid: { words: 'an SSID has 1 to 32 bytes', fits: (value) => hasBytes(value, 32) },
  psk: { words: 'a key has 1 to 64 bytes', fits: (value) => hasBytes(value, 64) },
  security: {
    words: 'its security is open, wpa2-psk or wpa2-eap-tls',
    fits: (value) => typeof value === 'string' && Object.hasOwn(SECURITY, value),
  },
  bssid: {
    words: 'a BSSID is like 02:00:00:00:00:01',
    fits: (value) => typeof value === 'string' && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value),
  },
  frequencyMHz: { words: 'a frequency is from 0 to 4294967295 MHz', fits: (value) => isIn(value, 0, 0xffffffff) },
  rssi: { words: 'an RSSI is from -128 to 127', fits: (value) => isIn(value, -128, 127) },
  hidden: { words: 'it is hidden or not, true or false', fits: (value) => typeof value === 'boolean' },
};

function hasBytes(value: unknown, most: number): boolean {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= most;
}

function isIn(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && value >= least && value <= most;
}

/** Throws `WIFI_INVALID` where one of them can be no network. */
export function checkAccessPoints(networks: readonly AccessPoint[]): void {
  if (!Array.isArray(networks))
    throw new SphereIotError('WIFI_INVALID', 'Networks are a list of objects with an ssid.');
  for (const network of networks as readonly AccessPoint[]) checkAccessPoint(network);
}

/** Throws `WIFI_INVALID` for what no network can be. */
function checkAccessPoint(network: AccessPoint): void {
  if (!isObject(network)) throw new SphereIotError('WIFI_INVALID', 'A network can only be an object with an ssid.');
  const { ssid } = network;
  const rules = Object.entries(RULES) as [keyof AccessPoint, (typeof RULES)['ssid']][];
  const wrong = rules.find(
    ([name, { fits }]) => (name === 'ssid' || network[name] !== undefined) && !fits(network[name]),
  );
  if (wrong !== undefined)
    throw new SphereIotError('WIFI_INVALID', `The network ${JSON.stringify(ssid)} can't be: ${wrong[1].words}.`);
}

/** What a device stores of it, in the bytes of the air. */
export function attributesOf({ ssid, psk, security, hidden }: AccessPoint) {
  return {
    ssid: Buffer.from(ssid),
    key: Buffer.from(psk ?? ''),
    security: security ?? (psk === undefined ? 'open' : 'wpa2-psk'),
    targetedScan: hidden === true,
  };
}

/** Its signal strength in dBm. */
export function rssiOf({ rssi = -50 }: AccessPoint): number {
  return rssi;
}
