/** 0.0.0.0 */
export const ANY = 0;
/** What the device has on its network. */
export const DEVICE = ipOf('192.168.1.2') as number;
/** From where tests connect. */
export const TESTER = ipOf('192.168.1.3') as number;

const LOOPBACK = 127;
const LOOPBACK_ADDRESS = ipOf('127.0.0.1') as number;
/** 198.18.0.0/15 is kept for tests (RFC 2544): 198.18.0.1 is the first name that was asked for, and so on. */
const NAMED = ipOf('198.18.0.0') as number;
/** Host names, each label as RFC 1123 has it. */
const HOST_NAME = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/;

/** The number of a dotted address; undefined for any other text. */
export function ipOf(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((ip, part) => ip * 256 + part, 0);
}

export function ipText(ip: number): string {
  return [24, 16, 8, 0].map((shift) => (ip >>> shift) & 0xff).join('.');
}

export function isLoopback(ip: number): boolean {
  return ip >>> 24 === LOOPBACK;
}

/** Which address stands for which name: there is no DNS here, and connections are made to names. */
export class Names {
  readonly #names: string[] = [];

  /** The address of a name, the same each time; undefined for what can't be one. */
  lookUp(name: string): number | undefined {
    const lower = name.toLowerCase();
    if (!HOST_NAME.test(lower)) return undefined;
    const plain = lower.replace(/\.$/, '');
    if (plain === 'localhost') return LOOPBACK_ADDRESS;
    let index = this.#names.indexOf(plain);
    if (index < 0) index = this.#names.push(plain) - 1;
    return NAMED + index + 1;
  }

  /** The name that an address stands for, or the address as text. */
  of(ip: number): string {
    return this.#names[ip - NAMED - 1] ?? ipText(ip);
  }
}
