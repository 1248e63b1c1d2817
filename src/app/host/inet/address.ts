// IPv4 addresses: as numbers in the order of the machine, as texts, and as struct in_addr has them in memory.

/** 0.0.0.0 */
export const ANY = 0;
const IN_ADDR_SHIFTS = [0, 8, 16, 24];

/** The device's on its network. */
export const DEVICE = ipOf('192.168.1.2') as number;
/** The address from which tests connect. */
export const TESTER = ipOf('192.168.1.3') as number;

const LOOPBACK = 127;
const LOOPBACK_ADDRESS = ipOf('127.0.0.1') as number;
/** 198.18.0.0/15 is kept for tests (RFC 2544): 198.18.0.1 is the first name that was asked for, and so on. */
const NAMED = ipOf('198.18.0.0') as number;
/** Host names, each label as RFC 1123 has it. */
const HOST_NAME = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.?$/;

/** The number of a dotted address; undefined for any other text. */
function ipOf(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((ip, part) => ip * 256 + part, 0);
}

export function ipText(ip: number): string {
  return [24, 16, 8, 0].map((shift) => (ip >>> shift) & 0xff).join('.');
}

/** The text of a struct in_addr, whose first byte is the lowest of its number. */
export function inAddrText(address: number): string {
  return IN_ADDR_SHIFTS.map((shift) => (address >>> shift) & 0xff).join('.');
}

/** The struct in_addr of a dotted address. */
export function inAddrOf(text: string): number {
  const bytes = text.split('.').map(Number);
  return IN_ADDR_SHIFTS.reduce((number, shift, i) => number + (bytes[i] ?? 0) * 2 ** shift, 0);
}

export function isLoopback(ip: number): boolean {
  return ip >>> 24 === LOOPBACK;
}

/** The addresses that stand for names: there is no DNS here, and connections are made to names. */
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
